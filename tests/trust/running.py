"""Running: runs `errlog` in this process or its own, and holds `normalize` to its promises."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from logtool.__main__ import run
from logtool.clocks.engine import ClockFinder
from logtool.clocks.evidence.neighbours import NeighbourFacts
from logtool.clocks.file_facts import FileFacts
from logtool.clocks.table import ClockTable
from logtool.passes.first import open_logs
from logtool.sources.opening import open_sources
from tests import places

ROOT = places.ROOT
SAMPLE_LOGS = ROOT / "sample_logs"
ERRLOG = [sys.executable, "-m", "logtool"]

#: What `--time cuz` writes, in every number of digits.
CUZ = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3}|\.\d{6})? \+0000")


def samples() -> list[Path]:
    """Every captured log."""
    return sorted(SAMPLE_LOGS.glob("*/error.log"))


def errlog(*arguments: str | Path, **how: object) -> subprocess.CompletedProcess[bytes]:
    """Run errlog in a process of its own to its end."""
    command = [*ERRLOG, *map(str, arguments)]
    given = {"cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
    return subprocess.run(command, check=False, **given)  # type: ignore[call-overload, no-any-return]


@contextmanager
def clocks_found_once() -> Iterator[None]:
    """A context in which the clocks of a log are found once, however many words ask for them.

    Words differ in what they do with them; to find them takes more than half the time of each.
    """
    finish, found = ClockFinder.finish, dict[str, ClockTable]()

    def once(
        self: ClockFinder, files: Sequence[FileFacts], beside: NeighbourFacts | None = None
    ) -> ClockTable:
        asked = repr((self._options, self._folders, files, beside))
        if asked not in found:
            found[asked] = finish(self, files, beside)
        return found[asked]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ClockFinder, "finish", once)
        yield


#: Not ru_maxrss: across exec(2) that keeps the peak of whoever started the process.
_WITH_PEAK = """
import os, sys
from logtool.__main__ import run
code = run(sys.argv[1:])
(peak,) = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(int(peak.split()[1]) // 1024, file=sys.stderr)
sys.exit(code)
"""


def peak_mib(*arguments: str | Path) -> int:
    """The most memory that errlog took, in MiB; what it writes is dropped."""
    command = [sys.executable, "-c", _WITH_PEAK, *map(str, arguments)]
    # Polars takes memory for each core of the machine.
    env = {**os.environ, "POLARS_MAX_THREADS": "2"}
    ran = subprocess.run(
        command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    return int(ran.stderr.splitlines()[-1])


def normalized(log: bytes, folder: Path, *options: str | Path) -> bytes:
    """What `errlog normalize` makes of a log; any exception goes through."""
    source, target = folder / "in.log", folder / "out.log"
    source.write_bytes(log)
    status = run(
        ["normalize", "-q", "--no-neighbours", "-o", str(target), *map(str, options), str(source)]
    )
    assert status == 0, status
    return target.read_bytes()


@dataclass(frozen=True)
class Span:
    """Where the stamp of a line stands in it."""

    start: int
    end: int


def stamp_spans(folder: Path) -> list[Span | None]:
    """Where the decoder says that each line of `in.log` has its stamp; None where it has none."""
    spans: list[Span | None] = []
    with open_sources([str(folder / "in.log")]) as sources:
        (log,) = open_logs(sources)
        for block in sources[0].blocks():
            stamps = log.decoder.stamps(block)
            for row in range(int(block.torn_head), len(block)):
                begin = int(block.starts[row])
                start, end = int(stamps.time_start[row]), int(stamps.time_end[row])
                timed = int(stamps.layout[row]) >= 0 and start >= 0
                spans.append(Span(start - begin, end - begin) if timed else None)
    return spans


def assert_only_stamps_changed(before: bytes, after: bytes, spans: list[Span | None]) -> int:
    """Line by line, everything but the stamp is as it was; gives how many stamps are new."""
    old, new = before.split(b"\n"), after.split(b"\n")
    assert len(old) == len(new)
    spans = [*spans, *[None] * (len(old) - len(spans))]
    assert len(spans) == len(old)
    changed = 0
    for number, (line, written, span) in enumerate(zip(old, new, spans, strict=True), 1):
        if line == written:
            continue
        assert span is not None, (number, line, written)
        head, tail = line[: span.start], line[span.end :]
        assert written.startswith(head), (number, line, written)
        assert written.endswith(tail), (number, line, written)
        stamp = written[len(head) : len(written) - len(tail)]
        assert CUZ.fullmatch(stamp), (number, line, written)
        changed += 1
    return changed
