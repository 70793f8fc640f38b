"""In which order lines of several logs are written by runs that go on where the last one ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from logtool.__main__ import run
from tests.logtool.following.cursor_runs import append
from tests.logtool.following.started import PATIENCE, ROOT, Start, await_lines, line


def _written(output: Path) -> list[int]:
    return [int(line.rpartition("m")[2]) for line in output.read_text().splitlines()]


def _append(folder: Path, one: tuple[int, ...], other: tuple[int, ...]) -> list[str]:
    """Write numbered lines to two logs, the later log's first; gives the logs' names."""
    names = ["one.log", "other.log"]
    for name, numbers in reversed([*zip(names, (one, other), strict=True)]):
        for number in numbers:
            append(folder / name, number, number + 1)
    return names


@pytest.mark.parametrize(
    ("how", "first", "second"),
    [([], [0, 3, 4, 1, 2, 5], [6, 9, 7, 8]), (["--sort"], [0, 1, 2, 3, 4, 5], [6, 7, 8, 9])],
)
def test_runs(
    how: list[str], first: list[int], second: list[int], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Each run writes what is new of one log after the other; with --sort all of it by UTC."""
    monkeypatch.chdir(tmp_path)
    call = ["normalize", "-q", *how, "--cursor-file", "cursor", "-o", "out"]

    assert run([*call, *_append(tmp_path, (0, 3, 4), (1, 2, 5))]) == 0
    assert _written(tmp_path / "out") == first
    assert run([*call, *_append(tmp_path, (6, 9), (7, 8))]) == 0
    assert _written(tmp_path / "out") == first + second


def test_followed(start: Start, tmp_path: Path) -> None:
    """Who follows writes all by UTC: what was there, what comes, and what came between two runs."""
    out, call = tmp_path / "out", ("-qf", "--cursor-file", "cursor", "-o", "out")
    logs = _append(tmp_path, (0, 3, 4), (1, 2, 5))
    for one, other in (((7,), (6,)), ((11,), (10,))):
        running = start(*call, *logs)
        await_lines(out, min(one[0], other[0]))
        _append(tmp_path, one, other)
        await_lines(out, max(one[0], other[0]) + 1)
        running.terminate()
        assert running.wait(PATIENCE) == 0
        _append(tmp_path, (one[0] + 2,), (other[0] + 2,))

    assert _written(out) == [*range(12)]


def test_killed_as_it_follows(start: Start, tmp_path: Path) -> None:
    """The next run writes only what the killed one had not, for both write all by UTC."""
    out, call = tmp_path / "out", ("-qf", "--cursor-file", "cursor", "-o", "out")
    logs = _append(tmp_path, (0, 2), (1, 3))
    running = start(*call, *logs)
    await_lines(out, 4)
    _append(tmp_path, (5,), (4,))
    await_lines(out, 6)
    running.kill()
    running.wait(PATIENCE)
    _append(tmp_path, (7,), (6,))
    running = start(*call, *logs)
    await_lines(out, 8)
    _append(tmp_path, (9,), (8,))
    await_lines(out, 10)
    running.terminate()

    assert running.wait(PATIENCE) == 0
    assert _written(out) == [*range(10)]


#: Follows, and saves its cursor whenever it can.
_SAVING = """
from logtool.__main__ import main
from logtool.commands import live_files

live_files._SAVING, live_files._LONG = 0.0, 1e9
main()
"""


@pytest.mark.parametrize("later", [None, "renamed", "compressed"])
def test_killed_while_several_logs_are_busy(later: str | None, tmp_path: Path) -> None:
    """The cursor is saved though lines wait; nothing is lost, and no line it knows comes again.

    Also where they wait in a renamed log, to which an old child writes; it may be compressed then.
    """
    names, out, cursor = ("one.log", "other.log"), tmp_path / "out", tmp_path / "cursor"
    for name in names:
        (tmp_path / name).touch()
    words = ["normalize", "-qf", "--server-tz", "UTC", "--no-neighbours", "--cursor-file", "cursor"]
    where = {"cwd": tmp_path, "env": {**os.environ, "PYTHONPATH": str(ROOT)}}
    call = [sys.executable, "-c", _SAVING, *words, "-o", "out", *names]
    written = [*names]
    with subprocess.Popen(call, **where) as running:  # type: ignore[call-overload]
        number, deadline = 0, time.monotonic() + PATIENCE
        while not _saved(cursor) and time.monotonic() < deadline:
            time.sleep(0.02)
        if later:
            written[0] = _renamed(tmp_path / names[0])
        files = [(tmp_path / name).stat().st_ino for name in written]
        while 0 in _places(cursor, files) and time.monotonic() < deadline:
            with (tmp_path / written[number % 2]).open("ab", 0) as file:
                file.write(line(number))
            number += 1
            time.sleep(0.02)
        running.kill()
    known = [
        text
        for name, place in zip(written, _places(cursor, files), strict=True)
        for text in (tmp_path / name).read_bytes()[:place].splitlines()
    ]
    numbers = [int(text.rpartition(b"m")[2]) for text in known]
    came = _written(out)
    if later == "compressed":
        subprocess.run(["gzip", written[0]], cwd=tmp_path, check=True)

    assert 0 < len(numbers) < number  # there are always such as wait
    assert {*numbers} <= {*came}
    call = [*call[:1], "-m", "logtool", *words, "--until", "now", "-o", "out", *names]
    assert subprocess.run(call, check=False, **where).returncode == 0  # type: ignore[call-overload]
    assert {*_written(out)} == {*range(number)}
    assert not {*numbers} & {*_written(out)[len(came) :]}


def _renamed(log: Path) -> str:
    """The new name of a log that is rotated; there is a new one."""
    log.rename(old := log.with_name(f"{log.name}.1"))
    log.touch()
    return old.name


def _saved(cursor: Path) -> dict[str, Any]:
    """What a cursor says; nothing before it was saved."""
    said = json.loads(cursor.read_text() if cursor.exists() else "{}")
    return said if said.get("saved") else {}


def _places(cursor: Path, files: list[int]) -> list[int]:
    """How far a cursor says that files were read, by their inodes."""
    said = _saved(cursor)
    marks = [*said["logs"].values(), *(one for many in said["passed"].values() for one in many)]
    places = {mark["inode"]: mark["place"] for mark in marks}
    return [places.get(file, 0) for file in files]
