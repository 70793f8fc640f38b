"""Memory is bounded, whatever lines are like. ERRLOG_LONG=1 makes the logs ten times as long."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.large_log import lives
from tests.trust.running import ERRLOG, ROOT, SAMPLE_LOGS, peak_mib

LONG = 10 if "ERRLOG_LONG" in os.environ else 1
#: Most memory a run may take, in MiB; an empty log takes a third of it.
_MOST_MIB = 400 if LONG == 1 else 512
_LINES = 1_000_000 * LONG
#: `{}` is the folder of the log.
WORDS = (
    ["normalize"], ["normalize", "--sort"], ["normalize", "-l", "error"], ["clocks"], ["flags"],
    ["pairs"], ["report"], ["export", "-o", "{}/x.parquet"],
    ["query", "SELECT count(*), max(line), max(message) FROM log"], ["format", "detect"],
)  # fmt: skip


def test_long_line(tmp_path: Path) -> None:
    """A line longer than the memory it may take goes through."""
    size = 60_000_000 * LONG
    log = tmp_path / "long.log"
    log.write_bytes((SAMPLE_LOGS / "berlin_utc_django" / "error.log").read_bytes() + b"y" * size)

    assert peak_mib("normalize", "-q", "-o", tmp_path / "out", log) < _MOST_MIB
    assert (tmp_path / "out").stat().st_size > size


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_empty_lines(words: list[str], tmp_path: Path) -> None:
    """A million lines of a byte take no more memory than as many bytes of long lines."""
    log = tmp_path / "error.log"
    log.write_bytes(b"\n" * _LINES)

    assert peak_mib(*(word.format(tmp_path) for word in words), log) < _MOST_MIB


@pytest.mark.parametrize(
    ("words", "mib"),
    [(["export", "-o", "{}/x.parquet"], 64), (["pairs"], 16)],
    ids=["table", "pairs"],
)
def test_what_a_long_log_holds(words: list[str], mib: int, tmp_path: Path) -> None:
    """All lines or requests of thrice as many take little more memory: what threads left over."""
    log, peaks, texts = tmp_path / "error.log", [], lives(vary=True)
    with log.open("wb") as out:
        for size in (mib << 20, LONG * mib * 3 << 20):
            while out.tell() < size:
                out.write(next(texts))
            out.flush()
            peaks.append(peak_mib(*(word.format(tmp_path) for word in words), "-q", log))
    for path in tmp_path.iterdir():
        path.unlink()

    assert peaks[1] - peaks[0] < 80, peaks
    assert peaks[1] < _MOST_MIB + 48, peaks


@pytest.fixture
def arrived(tmp_path: Path) -> Iterator[Path]:
    """What comes out, as far as it has come."""
    yield tmp_path / "out"
    (tmp_path / "out").unlink()


@pytest.mark.parametrize("option", ["-f", "--stream"])
def test_empty_lines_of_a_pipe(option: str, arrived: Path) -> None:
    """A pipe of nothing but newlines needs no more memory while it is read as it flows."""
    command = [*ERRLOG, "normalize", "-q", option]
    with (
        arrived.open("wb") as out,
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=out) as ran,
    ):
        assert ran.stdin is not None
        for _ in range(_LINES // 1_000_000):
            ran.stdin.write(b"\n" * 1_000_000)
        ran.stdin.flush()
        _await(arrived, _LINES, ran)
        peak = _peak_of(ran)
        ran.stdin.close()
        assert ran.wait() == 0

    assert arrived.stat().st_size == _LINES
    assert peak < _MOST_MIB


def test_empty_lines_that_are_appended(arrived: Path, tmp_path: Path) -> None:
    """A million newlines that come to a followed log at once need no more memory."""
    log = tmp_path / "error.log"
    log.write_bytes(b"[Mon Nov 23 20:58:22.846903 2026] [core:error] [pid 1:tid 1] x\n")
    command = [*ERRLOG, "normalize", "-q", "-f", str(log)]
    with (
        arrived.open("wb") as out,
        subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.PIPE) as ran,
    ):
        _await(arrived, 1, ran)
        with log.open("ab") as growing:
            growing.write(b"\n" * _LINES)
        _await(arrived, _LINES, ran)
        peak = _peak_of(ran)
        ran.send_signal(signal.SIGINT)
        assert ran.wait() == 130

    assert peak < _MOST_MIB


def _await(path: Path, size: int, ran: subprocess.Popen[bytes]) -> None:
    """Wait until a file has so many bytes."""
    while path.stat().st_size < size:
        assert ran.poll() is None
        time.sleep(0.05)


def _peak_of(ran: subprocess.Popen[bytes]) -> int:
    """The most memory of a running process so far, in MiB."""
    lines = Path(f"/proc/{ran.pid}/status").read_text().splitlines()
    (peak,) = [line for line in lines if line.startswith("VmHWM")]
    return int(peak.split()[1]) // 1024


#: Looks at a log as `view` does, with its heaviest screens, and says how much memory that took.
_VIEWED = """
import sys, time
from logtool.sources.opening import open_sources
from logtool.tui.model.reading.builder import Builder
from logtool.tui.model.session import Session
def until(done):
    while not done():
        session.refresh()
        time.sleep(0.05)
with open_sources(sys.argv[1:]) as sources:
    session = Session(Builder(sources))
    session.start()
    until(lambda: not session.busy)
    assert not session.view.progress.fault
    found, requests = session.analyse(), session.requests()
    until(lambda: found.finished and requests.finished and not session.busy)
    assert session.view.folds is not None and requests.requests
    print(len(session.view.index))
    session.stop()
(peak,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(int(peak.split()[1]) << 10)
"""
#: Bytes of each line: 21 are kept, 8 while events are shown, some more for a moment, and peaks are
#: by chance some 30 MB higher. Lines held as rows of a frame, or as Python objects, take far more.
_MOST_OF_A_LINE = 128


def test_view_keeps_few_bytes_of_a_line(tmp_path: Path) -> None:
    """What a longer log takes in `view`, with problems, exceptions and requests asked for."""
    taken = []
    for size in (24 << 20, (144 << 20) * LONG):
        log = tmp_path / f"{size}.log"
        with log.open("wb") as out:
            for part in lives(vary=True):
                out.write(part)
                if out.tell() > size:
                    break
        env = {**os.environ, "POLARS_MAX_THREADS": "2"}
        ran = subprocess.run(
            [sys.executable, "-c", _VIEWED, log], cwd=ROOT, env=env, check=True, capture_output=True
        )
        taken.append([int(number) for number in ran.stdout.split()])
    (few, little), (many, much) = taken
    assert many > 4 * few
    assert much - little < (many - few) * _MOST_OF_A_LINE
    assert much >> 20 < _MOST_MIB
