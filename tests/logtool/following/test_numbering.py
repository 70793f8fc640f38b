"""A cursor goes on in sets whose numbers rise, as `rotatelogs -n` and some scripts write them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.__main__ import run
from tests.logtool.following.cursor_runs import LINE, append, copy, new, words

#: What rotation does to a set: before it, the log's member of the highest number is this one.
KINDS = ["falling", "rising", "circle"]


def _rotated(folder: Path, kind: str, times: int) -> Path:
    """Rotate a set once more; the file to which lines are written from now on."""
    log = folder / "error.log"
    names = [log, *(folder / f"error.log.{number}" for number in range(1, 20))]
    if kind == "circle":
        live = names[times % 6]
        live.write_bytes(b"")
        return live
    if kind == "rising":
        log.rename(names[times])
    else:
        for older, younger in reversed([*zip(names[1:], names, strict=False)]):
            if younger.exists():
                younger.rename(older)
    return log


def _came(
    kind: str, history: list[list[int]], write: Callable[[Path, int, int], None]
) -> list[int]:
    """What runs give out, each after some writing, with a rotation between any two."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "logs"
        folder.mkdir()
        live, written, came, times = folder / "error.log", 0, list[int](), 0
        for run in history:
            for at, size in enumerate(run):
                if at:
                    times += 1
                    live = _rotated(folder, kind, times)
                write(live, written, written + size)
                written += size
            came += sorted(new(Path(name), "logs"))
        return came


@given(
    kind=st.sampled_from(KINDS),
    history=st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=4), max_size=5),
)
def test_each_line_once(kind: str, history: list[list[int]]) -> None:
    """Whatever is written and rotated between two runs, each line comes once.

    No run is so late that its place was written over.
    """
    came = _came(kind, history, append)
    assert came == [*range(sum(map(sum, history)))]


def _write(live: Path, first: int, last: int, times: list[int]) -> None:
    """Write lines whose hours jump about, and make the file seem as old as its last line."""
    with live.open("a") as file:
        for number in range(first, last):
            hour = times[number % len(times)]
            file.write(LINE.format(number, number).replace(" 10:", f" {hour:02}:"))
    os.utime(live, (1_700_000_000 + last,) * 2)


@given(
    kind=st.sampled_from(KINDS),
    hours=st.lists(st.integers(0, 13), min_size=1, max_size=5),
    history=st.lists(st.lists(st.integers(1, 3), min_size=1, max_size=4), max_size=5),
)
def test_neither_files_times_nor_clocks_are_needed(
    kind: str, hours: list[int], history: list[list[int]]
) -> None:
    """Each line comes once where files seem old (`rsync -t`) and clocks contradict each other.

    Nor is anything told to be missing.
    """
    came = _came(kind, history, lambda live, first, last: _write(live, first, last, hours))
    assert came == [*range(sum(map(sum, history)))]


@settings(max_examples=30)
@given(
    first=st.integers(0, 1),
    history=st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=15), min_size=1, max_size=4),
)
def test_a_circle_that_comes_round_between_two_runs(first: int, history: list[list[int]]) -> None:
    """No line comes twice; and a run ends with 3 if some were written over before it.

    Unless no more than two members hold lines by then: that shows no order clearly enough.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "logs"
        folder.mkdir()
        live, written, times, gone = folder / "error.log", 0, 0, set[int]()
        came: list[int] = []
        for number, run in enumerate([[first], *history]):
            for at, size in enumerate(run):
                if at or number:
                    times += 1
                    live = _rotated(folder, "circle", times)
                append(live, written, written + size)
                written += size
            there = "".join(path.read_text() for path in folder.iterdir())
            held = {int(line.rpartition("m")[2]) for line in there.splitlines()}
            lost = {*range(written)} - held - {*came} - gone
            several = sum(path.stat().st_size > 0 for path in folder.iterdir()) > 2
            came += new(Path(name), "logs", status=3 if lost and several else None)
            gone |= lost
        assert sorted(came) == sorted({*range(written)} - gone)


def test_a_place_that_was_written_over(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Where a whole circle was written since the last run, that is told, with status 3."""
    folder = tmp_path / "logs"
    folder.mkdir()
    append(folder / "error.log", 0, 2)
    assert new(tmp_path, "logs") == [0, 1]
    for times in range(1, 8):
        append(_rotated(folder, "circle", times), 2 * times, 2 * times + 2)
    assert sorted(new(tmp_path, "logs", status=3)) == [*range(4, 16)]
    assert "lines may be missing" in capfd.readouterr().err


def test_what_was_read_before_is_no_gap(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Where the file is gone in which the last run ended, members that it had read are not missed.

    Once it is so, a member of a circle that was empty, and is no news, stands between others.
    """
    append(tmp_path / "error.log", 0, 2)
    (tmp_path / "error.log.1").touch()
    command = [word for word in words(tmp_path, "error.log*") if word != "-q"]
    assert run(command) == 0
    append(tmp_path / "error.log.2", 2, 4)
    (tmp_path / "error.log").write_text(LINE.format(4, 4))
    capfd.readouterr()

    assert run(command) == 3
    told = capfd.readouterr().err
    assert "lines may be missing" in told
    assert "not among" not in told


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_empty_at_the_last_run(kind: str, tmp_path: Path) -> None:
    """That a circle may have come round is told where it is one, and nothing else is left of it."""
    folder = tmp_path / "logs"
    folder.mkdir()
    live = folder / "error.log"
    live.touch()
    assert new(tmp_path, "logs") == []
    for times in range(1, 4):
        append(live, 2 * times, 2 * times + 2)
        live = _rotated(folder, kind, times)
    live.touch()
    came = new(tmp_path, "logs", status=3 if kind == "circle" else 0)
    assert came == [*range(2, 8)]
    append(live, 8, 9)
    assert new(tmp_path, "logs") == [8]
    append(_rotated(folder, kind, 4), 9, 10)
    assert new(tmp_path, "logs") == [9]


def test_copies_of_what_was_empty_at_the_last_run(tmp_path: Path) -> None:
    """Those that rotation made since (copytruncate) show no circle."""
    log = tmp_path / "error.log"
    log.touch()
    assert new(tmp_path) == []
    for number in range(3):
        append(log, number, number + 1)
        for older in (2, 1):
            if (path := tmp_path / f"error.log.{older}").exists():
                path.rename(tmp_path / f"error.log.{older + 1}")
        copy(log)
    append(log, 3, 4)
    assert new(tmp_path) == [0, 1, 2, 3]


def test_a_backup_is_no_news(tmp_path: Path) -> None:
    """A member that comes later, but was written before all that was read, is left out."""
    folder = tmp_path / "logs"
    folder.mkdir()
    append(folder / "error.log", 0, 2)
    assert new(tmp_path, "logs") == [0, 1]
    backup = folder / "error.log.1"
    backup.write_text(LINE.format(9, 9).replace("11-23", "11-21"))
    os.utime(backup, (1_700_000_000,) * 2)
    assert new(tmp_path, "logs") == []
