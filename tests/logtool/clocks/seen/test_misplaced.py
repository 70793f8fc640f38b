"""Rotated files that stand youngest first are told, or read in the order of their times."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logtool.__main__ import run

BEGIN = datetime(2026, 6, 5, 8, tzinfo=UTC)


def _write(path: Path, begin: datetime, pids: tuple[int, ...] = (7, 8)) -> None:
    """A file of some hours, in which all processes write by turns."""
    with path.open("w") as file:
        for number in range(40):
            stamp = begin + timedelta(minutes=15 * number)
            told = stamp.strftime("%a %b %d %H:%M:%S.%f %Y")
            pid = pids[number % len(pids)]
            file.write(f"[{told}] [core:notice] [pid {pid}:tid 1] AH00094: m{number}\n")


def _told(folder: Path, capfd: pytest.CaptureFixture[str]) -> tuple[bool, set[str]]:
    """Whether it is said that the files run backwards, and how sure the clocks are."""
    words = ["clocks", "--json", "--no-neighbours", "--server-tz", "UTC"]
    assert run([*words, str(folder)]) == 0
    said = capfd.readouterr()
    clocks = [json.loads(line) for line in said.out.splitlines()]
    return "run backwards" in said.err, {one["confidence"] for one in clocks}


def test_days_that_fall_with_time(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It is said, with the files, and nothing is more than assumed."""
    for number in (1, 2, 3, 4):
        path = tmp_path / f"error.log-2026062{9 - number}"
        _write(path, BEGIN + timedelta(hours=13 * number))
    assert _told(tmp_path, capfd) == (True, {"assumed"})
    assert run(["normalize", str(tmp_path), "-o", str(tmp_path / "out")]) == 0
    first, last = tmp_path / "error.log-20260625", tmp_path / "error.log-20260628"
    assert f"the 4 files from {first} to {last} run backwards" in capfd.readouterr().err


def test_numbers_that_rise_with_processes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The same processes wrote all files: these are read in the order of their times."""
    for number in (1, 2, 3, 4):
        _write(tmp_path / f"error.log.{number}", BEGIN + timedelta(hours=13 * number))
    assert _told(tmp_path, capfd) == (False, {"certain"})


def test_numbers_that_rise_with_days(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Files further apart than any two clocks are read in the order of their times."""
    for number in (1, 2, 3):
        _write(tmp_path / f"error.log.{number}", BEGIN + timedelta(days=number))
    assert _told(tmp_path, capfd) == (False, {"certain"})


def test_numbers_that_are_ages(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is said of them."""
    for number in (1, 2, 3):
        _write(tmp_path / f"error.log.{number}", BEGIN - timedelta(days=number))
    told, sure = _told(tmp_path, capfd)
    assert not told
    assert "assumed" not in sure


def test_one_that_speaks_against_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Where one file follows on the one before, whose pids may be others', nothing is said."""
    for number, days in ((3, 3), (2, 0), (1, 1)):
        _write(tmp_path / f"error.log.{number}", BEGIN + timedelta(days=days))
    assert not _told(tmp_path, capfd)[0]


@pytest.mark.parametrize("hours", [10, 25])
def test_another_zone(hours: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A server that was started anew in a zone further west goes back by some hours."""
    _write(tmp_path / "error.log.1", BEGIN)
    _write(tmp_path / "error.log", BEGIN - timedelta(hours=hours))
    assert not _told(tmp_path, capfd)[0]


def test_files_of_which_nothing_is_known(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Where no process wrote into two of them, nothing is said."""
    for number in (1, 2, 3):
        _write(tmp_path / f"error.log.{number}", BEGIN + timedelta(days=number), (number,))
    assert not _told(tmp_path, capfd)[0]


def test_a_clock_that_was_set_back(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Where the pid of a container is used anew, its next process may be earlier."""
    _write(tmp_path / "error.log.1", BEGIN + timedelta(days=2), (1,))
    _write(tmp_path / "error.log", BEGIN, (1,))
    for name, number, words in (
        ("error.log.1", 39, "AH00169: caught SIGTERM, shutting down"),
        (
            "error.log",
            0,
            "AH00163: Apache/2.4.62 (Debian) configured -- resuming normal operations",
        ),
    ):
        log = tmp_path / name
        log.write_text(log.read_text().replace(f"AH00094: m{number}\n", f"{words}\n"))
    assert not _told(tmp_path, capfd)[0]


def test_an_empty_member(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Of a log that has just been rotated nothing is said."""
    _write(tmp_path / "error.log.1", BEGIN)
    (tmp_path / "error.log").touch()
    assert not _told(tmp_path, capfd)[0]
