"""Small logs for tests of clocks: knots by hand, and lines in the built-in format."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from logtool.clocks.engine import ClockFinder
from logtool.clocks.evidence.neighbours import NeighbourFacts
from logtool.clocks.file_facts import FileFacts
from logtool.clocks.options import ClockOptions
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.roles import Process, Sample
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import cut_spans
from logtool.clocks.seen.strands import Strands
from logtool.clocks.table import ClockTable
from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.detection.detect import detect
from parsers.lines import NO_OFFSET
from parsers.units import SECOND

HOUR = 3600
#: An answer: hours east of UTC and a confidence; None for a line that is given no instant.
Answer = tuple[float, str] | None


def at(text: str) -> int:
    """Microseconds since 1970 of `2026-10-25 02:30:00`, as if it were UTC."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return int(moment.replace(microsecond=0).timestamp()) * SECOND + moment.microsecond


def knots_of(*rows: tuple[int, float], offset_s: int = NO_OFFSET) -> Knots:
    """Knots of one file, a line each, from pid and local second."""
    pids = [pid for pid, _ in rows]
    return Knots(
        np.zeros(len(rows), np.int32),
        np.arange(1, len(rows) + 1),
        np.array(pids, np.int64),
        np.array([round(second * SECOND) for _, second in rows], np.int64),
        np.full(len(rows), offset_s, np.int32),
        np.zeros(len(rows), np.bool_),
        np.array([pids[:row].count(pid) for row, pid in enumerate(pids)], np.int64),
    )


def sample(
    message: str, *, line: int = 1, pid: int = 7, module: str = "", client: str = "",
    marker: str = "",
) -> Sample:  # fmt: skip
    """A line looked at closely."""
    return Sample(
        0, line, pid, 0, module.encode(), marker.encode(), message.encode(), client.encode(),
        b"", b"",
    )  # fmt: skip


def scene(
    knots: Knots, processes: dict[int, Process] | None = None, samples: Sequence[Sample] = ()
) -> Scene:
    """A scene of these knots."""
    spans = cut_spans(Strands.of(knots))
    return Scene(knots, spans, processes or {}, samples, np.zeros(len(knots), np.bool_))


def line(stamp: str, pid: int, message: str = "hello", module: str = "wsgi:error") -> str:
    """A line of the built-in format stamped `2026-06-05 10:42:36`, with a fraction or without."""
    moment = datetime.fromisoformat(stamp)
    when = f"{moment:%a %b %d %H:%M:%S.%f %Y}"
    return f"[{when}] [{module}] [pid {pid}:tid {pid}] {message}"


def born(stamp: str, pid: int, group: str = "app") -> str:
    """The first line of a daemon, in the server's clock."""
    words = f"mod_wsgi (pid={pid}): Starting process '{group}' with uid=33, gid=33 and threads=15."
    return line(stamp, pid, words, "wsgi:info")


def resuming(stamp: str, pid: int = 1) -> str:
    """A line that only the parent writes."""
    words = "AH00489: Apache/2.4.71 (Debian) configured -- resuming normal operations"
    return line(stamp, pid, words, "mpm_event:notice")


def solved(
    lines: Sequence[str],
    options: ClockOptions | None = None,
    *,
    mtime_us: int | None = None,
    read_us: int | None = None,
    beside: NeighbourFacts | None = None,
) -> tuple[ClockTable, list[Answer]]:
    """The clocks of a log and the answer for each of its lines."""
    block = Block.of("".join(f"{text}\n" for text in lines).encode())
    decoder = Decoder([found.layout for found in detect([block])])
    stamps = decoder.stamps(block)
    finder = ClockFinder(options)
    finder.add(0, block, stamps, decoder)
    table = finder.finish([FileFacts("error.log", mtime_us, read_us=read_us)], beside)
    numbers = np.arange(1, len(lines) + 1)
    rows = table.clock_rows(0, numbers, stamps.pid).tolist()
    offsets = table.offsets(0, numbers, stamps).tolist()
    return table, [
        (offset / HOUR, str(table.clocks[row].confidence)) if row >= 0 else None
        for row, offset in zip(rows, offsets, strict=True)
    ]
