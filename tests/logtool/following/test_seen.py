"""What a run has seen of when a log was written counts for the runs after it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from logtool.__main__ import run
from tests.logtool.following.cursor_runs import copy, rename

#: The clock of the process that writes, and an hour that is as long as another.
OFFSET_S, HOUR_S = 19_800, 3_600
BEGIN_S = int(datetime(2026, 11, 23, 10, tzinfo=UTC).timestamp())


def _write(log: Path, first: int, last: int, *, late_s: int = 0) -> None:
    """Append a line for each of some seconds, and perhaps one without a stamp much later."""
    with log.open("a") as file:
        for second in range(first, last):
            stamp = datetime.fromtimestamp(BEGIN_S + second + OFFSET_S, UTC)
            told = stamp.strftime("%a %b %d %H:%M:%S.000000 %Y")
            file.write(f"[{told}] [core:notice] [pid 7:tid 7] m{second}\n")
        if late_s:
            file.write("Killed\n")
    os.utime(log, (0, BEGIN_S + last - 1 + late_s))


def _new(tmp_path: Path) -> list[str]:
    """The stamps of the lines that a run gives, to the second."""
    output = tmp_path / "out"
    output.unlink(missing_ok=True)
    words = ["normalize", "-q", "--no-neighbours", "--cursor-file", str(tmp_path / "cursor")]
    assert run([*words, "-o", str(output), str(tmp_path / "error.log")]) == 0
    return [line[12:20] for line in output.read_text().splitlines() if line.startswith("[")]


def _seen(tmp_path: Path) -> list[dict[str, int]]:
    seen: list[dict[str, int]] = json.loads((tmp_path / "cursor").read_bytes())["seen"]
    return seen


def test_a_log_that_was_written_to_later(tmp_path: Path) -> None:
    """A log whose end tells nothing of its clock keeps the one that its end told before."""
    log = tmp_path / "error.log"
    _write(log, 0, 3)
    assert _new(tmp_path) == ["10:00:00", "10:00:01", "10:00:02"]
    _write(log, 60, 62, late_s=HOUR_S // 2 + 100)
    assert _new(tmp_path) == ["10:01:00", "10:01:01"]
    _write(log, 120, 122, late_s=HOUR_S // 2 + 100)
    assert _new(tmp_path) == ["10:02:00", "10:02:01"]
    assert [one["line"] for one in _seen(tmp_path)] == [3]


def test_the_end_that_was_seen_last(tmp_path: Path) -> None:
    """What is remembered is the line that was the last one when it told its clock last."""
    log = tmp_path / "error.log"
    for run_s in (0, 60, 120):
        _write(log, run_s, run_s + 2)
        _new(tmp_path)
    assert [(one["line"], one["pid"], one["offset_s"]) for one in _seen(tmp_path)] == [
        (6, 7, OFFSET_S)
    ]


def test_what_was_seen_of_a_file_that_begins_anew(tmp_path: Path) -> None:
    """It is forgotten: what has its name and inode now are other lines."""
    log = tmp_path / "error.log"
    _write(log, 0, 3)
    _new(tmp_path)
    copy(log)
    _write(log, 60, 70, late_s=HOUR_S // 2 + 100)
    _new(tmp_path)
    assert _seen(tmp_path) == []


def test_what_was_seen_of_a_log_that_is_renamed(tmp_path: Path) -> None:
    """It counts for the rest that is read there."""
    log = tmp_path / "error.log"
    _write(log, 0, 3)
    _new(tmp_path)
    _write(log, 60, 62, late_s=HOUR_S // 2 + 100)
    rename(log)
    _write(log, 120, 121, late_s=HOUR_S // 2 + 100)
    assert _new(tmp_path) == ["10:01:00", "10:01:01", "10:02:00"]


def test_a_cursor_of_before(tmp_path: Path) -> None:
    """One that was saved when nothing was remembered is read on."""
    _write(tmp_path / "error.log", 0, 3)
    _new(tmp_path)
    cursor = json.loads((tmp_path / "cursor").read_bytes())
    del cursor["seen"]
    (tmp_path / "cursor").write_text(json.dumps(cursor))
    _write(tmp_path / "error.log", 60, 61)
    assert _new(tmp_path) == ["10:01:00"]


def test_an_end_that_speaks_against_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What was seen, and is not followed, is told."""
    log = tmp_path / "error.log"
    _write(log, 0, 3)
    _new(tmp_path)
    _write(log, 60, 70, late_s=HOUR_S)
    words = ["normalize", "--no-neighbours", "--cursor-file", str(tmp_path / "cursor")]
    assert run([*words, "-o", str(tmp_path / "out"), str(log)]) == 0
    told = " ".join(capfd.readouterr().err.split())
    assert "against the answer" in told
