"""A run with a cursor during which a log is cut short tells what is lost, and that alone."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from logtool.commands import live_files, live_opening
from logtool.passes.first import open_logs
from logtool.sources.opening import open_sources
from tests.logtool.following.cursor_runs import append, compress, copy, new


@pytest.mark.parametrize("moment", ["find_clocks", "chooser"])
@pytest.mark.parametrize(
    ("copied", "packed", "status"), [(1, False, 0), (1, True, 0), (0.5, False, 3), (0, False, 3)]
)
def test_only_what_is_lost_is_a_fault(
    log: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    moment: str,
    copied: float,
    packed: bool,
    status: int,
) -> None:
    """A log is cut short in a run: 3 unless a copy holds all of it, which the next run reads."""
    came = new(tmp_path)
    append(log, 3, 20)
    text, work = log.read_bytes(), getattr(live_files, moment)

    def rotated(*given: object, **named: object) -> object:
        if part := text[: text.rfind(b"\n", 0, int(len(text) * copied)) + 1]:
            path = tmp_path / ("error.log.1.gz" if packed else "error.log.1")
            path.write_bytes(gzip.compress(part) if packed else part)
        os.truncate(log, 0)
        return work(*given, **named)

    with monkeypatch.context() as rotating:
        rotating.setattr(live_files, moment, rotated)
        came += new(tmp_path, status=status)
    told = capfd.readouterr().err
    append(log, 20, 22)
    came += new(tmp_path, status=None if status else 0)

    assert ("cut short while being read" in told) == (status == 3)
    assert status or (came, told) == ([*range(22)], "")


@pytest.mark.parametrize("moment", ["find_clocks", "chooser"])
def test_a_member_that_is_begun_anew(
    log: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    moment: str,
) -> None:
    """The oldest of a circle may be written over in a run: it gives no line whose clock is unknown.

    That lines are gone is told; the next run gives the new ones in UTC.
    """
    local = "[Mon Nov 23 13:00:00.000000 2026] [core:notice] [pid 7:tid 1] m99\n"
    work = getattr(live_files, moment)
    log.rename(oldest := tmp_path / "error.log.1")
    append(log, 20, 40)

    def begun_anew(*given: object, **named: object) -> object:
        done = work(*given, **named)
        oldest.write_text(local)
        return done

    with monkeypatch.context() as rotating:
        rotating.setattr(live_files, moment, begun_anew)
        assert new(tmp_path, "error.log*", status=3) == [*range(20, 40)]
    assert "cut short while being read" in capfd.readouterr().err
    append(log, 40, 41)
    assert sorted(new(tmp_path, "error.log*")) == [40, 99]


@pytest.mark.parametrize("size", [1, 3, 30])
def test_a_member_that_is_written_over_before_it_is_read(
    log: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    size: int,
) -> None:
    """However long it is again when it is first read: what is gone is told, what came comes."""
    log.rename(oldest := tmp_path / "error.log.1")
    append(log, 3, 5)

    def written_over(*given: object, **named: object) -> object:
        oldest.write_bytes(b"")
        append(oldest, 10, 10 + size)
        return open_logs(*given, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as rotating:
        rotating.setattr(live_opening, "open_logs", written_over)
        assert new(tmp_path, "error.log*", status=3) == [3, 4]
    assert "while being read, " in capfd.readouterr().err
    assert sorted(new(tmp_path, "error.log*")) == [*range(10, 10 + size)]


@pytest.mark.parametrize("size", [1, 30])
def test_a_member_that_is_written_over_before_it_is_opened(
    log: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    size: int,
) -> None:
    """What it held when it was found is told to be missing; what it holds then comes once."""
    log.rename(oldest := tmp_path / "error.log.1")
    append(log, 3, 5)
    opened: list[object] = []

    def written_over(*given: object, **named: object) -> object:
        if not opened:
            oldest.write_bytes(b"")
            append(oldest, 10, 10 + size)
        opened.append(given)
        return open_sources(*given, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as rotating:
        rotating.setattr(live_opening, "open_sources", written_over)
        assert sorted(new(tmp_path, "error.log*", status=3)) == [3, 4, *range(10, 10 + size)]
    told = capfd.readouterr().err
    assert told.count(f"{oldest}: was written over before it was read; lines may be missing") == 1
    assert new(tmp_path, "error.log*") == []


@pytest.mark.parametrize(("rotate", "known"), [(copy, True), (compress, True), (copy, False)])
def test_a_log_that_is_rotated_before_it_is_opened(
    log: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    rotate: Callable[[Path], None],
    known: bool,
) -> None:
    """What was found is read in the copy that rotation left, without an alarm.

    But not by a first run that was to read the log alone: that is told.
    """
    if known:
        assert new(tmp_path) == [0, 1, 2]
        log.rename(tmp_path / "error.log.2")
        append(log, 3, 5)
    opened: list[object] = []

    def rotated(*given: object, **named: object) -> object:
        if not opened:
            rotate(log)
            append(log, 10, 12)
        opened.append(given)
        return open_sources(*given, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as rotating:
        rotating.setattr(live_opening, "open_sources", rotated)
        expected = [3, 4, 10, 11] if known else [10, 11]
        assert new(tmp_path, status=0 if known else 3) == expected
    assert len(opened) > 1
    assert ("lines may be missing" in capfd.readouterr().err) == (not known)
    assert new(tmp_path) == []
