"""A log that breaks while it is read: each word tells it in one line, and uses what it has read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from parsers.blocks import BLOCK_SIZE
from tests.logtool.tui.pilots import Flight, fly
from tests.trust.running import ROOT, SAMPLE_LOGS, errlog

SAMPLE = SAMPLE_LOGS / "berlin_utc_django" / "error.log"
#: Words that read logs; `{}` is the folder of the log.
WORDS = (
    ["normalize"], ["normalize", "--sort"], ["normalize", "-l", "info"], ["clocks"],
    ["clocks", "--explain", "3"], ["flags"], ["pairs"], ["report"], ["report", "-o", "{}/x.html"],
    ["query", "SELECT count(*), max(pid) FROM log"], ["query", "SELECT * FROM log LIMIT 3"],
    ["export", "-o", "{}/x.csv"], ["export", "-o", "{}/x.parquet"],
    ["export", "--partition", "-o", "{}/days.csv"],
)  # fmt: skip
#: Those that need the lines again when clocks are known.
READ_TWICE = [words for words in WORDS if words[0] != "clocks" and "count(*)" not in words[-1]]
#: Runs errlog over a log that breaks when its second block is read for the nth time.
_BREAKING = """
import errno, os, sys
from logtool.__main__ import run
from logtool.sources.raw import StoredFile
from parsers.blocks import BLOCK_SIZE
log, what, nth = sys.argv[1], sys.argv[2], int(sys.argv[3])
peek, times = StoredFile.peek, 0
def then_break(self, view, place):
    global times
    if self.name == log and BLOCK_SIZE <= place < self.size:
        times += 1
        if times == nth and what == "shrink":
            os.truncate(log, place)
        if times == nth and what == "empty":
            os.truncate(log, 0)
        if times == nth and what == "vanish":
            os.unlink(log)
        if times >= nth and what == "fail":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
    return peek(self, view, place)
StoredFile.peek = then_break
sys.exit(run([*sys.argv[4:], log]))
"""


def _log(folder: Path, blocks: float) -> Path:
    """A log of so many blocks; few lines, most of them long and of nobody."""
    log, sample = folder / "error.log", SAMPLE.read_bytes()
    filler = b"x" * 20_000 + b"\n"
    log.write_bytes(sample + filler * int(BLOCK_SIZE * blocks / len(filler)) + sample)
    return log


def _broken(words: list[str], log: Path, what: str, nth: int) -> subprocess.CompletedProcess[bytes]:
    """Run a word over a log that breaks."""
    given = [str(log), what, str(nth), *(word.format(log.parent) for word in words)]
    return subprocess.run(
        [sys.executable, "-c", _BREAKING, *given], cwd=ROOT, check=False, capture_output=True
    )


def _told(ran: subprocess.CompletedProcess[bytes], text: bytes) -> int:
    return sum(line.startswith(b"errlog: ") and text in line for line in ran.stderr.splitlines())


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_a_read_fails(words: list[str], tmp_path: Path) -> None:
    """A disk that fails in the first reading: what was read before, the place, and 3."""
    _assert_failed(words, _broken(words, _log(tmp_path, 1.5), "fail", 1), tmp_path)


@pytest.mark.parametrize("words", READ_TWICE, ids=" ".join)
def test_a_second_read_fails(words: list[str], tmp_path: Path) -> None:
    """The same in the second reading, when clocks are known."""
    _assert_failed(words, _broken(words, _log(tmp_path, 1.5), "fail", 2), tmp_path)


def _assert_failed(words: list[str], ran: subprocess.CompletedProcess[bytes], folder: Path) -> None:
    assert ran.returncode == 3, ran.stderr
    assert b"Traceback" not in ran.stderr
    assert _told(ran, b"cannot be read: Input/output error") in (1, 2), ran.stderr
    if "-o" in words:
        assert len(list(folder.iterdir())) == 2  # what could be read is written
    else:
        assert ran.stdout


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_a_log_shrinks(words: list[str], tmp_path: Path) -> None:
    """A log that is cut off while it is read is told with its place, and is 3."""
    ran = _broken(words, _log(tmp_path, 1.5), "shrink", 1)

    assert ran.returncode == 3, ran.stderr
    assert b"Traceback" not in ran.stderr
    assert _told(ran, b"cut short while being read") == 1, ran.stderr


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_a_log_is_emptied(words: list[str], tmp_path: Path) -> None:
    """One that is emptied, as by copytruncate, is told with the place of each reading, and is 3."""
    ran = _broken(words, _log(tmp_path, 1.5), "empty", 1)

    assert ran.returncode == 3, ran.stderr
    assert b"Traceback" not in ran.stderr
    places = [f"byte {place}: cut short while being read".encode() for place in (BLOCK_SIZE, 0)]
    twice = words in READ_TWICE
    assert [_told(ran, place) for place in places] == [1, int(twice)], ran.stderr


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_a_log_vanishes(words: list[str], tmp_path: Path) -> None:
    """A log that is removed while it is read is read to its end, as it was."""
    whole = _log(tmp_path, 1.5)
    before = errlog(*(word.format(tmp_path) for word in words), whole)

    ran = _broken(words, whole, "vanish", 1)

    assert not whole.exists()
    assert ran.returncode == 0, ran.stderr
    # The first line of a report tells when it was made.
    shown, made = ran.stdout.split(b"\n"), before.stdout.split(b"\n")
    assert shown[words == ["report"] :] == made[words == ["report"] :]


@pytest.mark.parametrize(("what", "text"), [("fail", b"cannot be read"), ("shrink", b"cut short")])
def test_children_meet_a_fault(what: str, text: bytes, tmp_path: Path) -> None:
    """A log that is large enough for child processes, one of which meets the fault: 3, in order."""
    log = _log(tmp_path, 6)
    before = log.read_bytes()
    ran = _broken(["normalize", "-q", "--server-tz", "UTC"], log, what, 3)

    assert ran.returncode == 3
    assert b"Traceback" not in ran.stderr
    assert _told(ran, text) >= 1
    # Stamps are of other lengths; the long lines tell that nothing was lost or moved before that.
    assert ran.stdout.count(b"\n") > SAMPLE.read_bytes().count(b"\n")
    after = before[len(SAMPLE.read_bytes()) :]
    assert after.startswith(ran.stdout[ran.stdout.index(b"x" * 20_000) :][: 2 * BLOCK_SIZE])


def test_view_of_a_log_that_shrinks(tmp_path: Path) -> None:
    """`errlog view` of a log that is cut off beneath it goes on, and shows no mistake."""
    log = _log(tmp_path, 1.5)

    async def steps(flight: Flight) -> None:
        before = flight.dump().splitlines()[2:20]
        os.truncate(log, len(SAMPLE.read_bytes()))
        await flight.until(lambda: flight.session.view.turned > 0)
        for key in ("G", "g", "space", "slash", "escape", "P", "escape", "end"):
            await flight.press(key)
        assert "gone: the log was cut off at " in flight.dump()
        await flight.press("home")
        assert flight.dump().splitlines()[2:20] == before

    fly([log], steps, state=tmp_path / "state")
