"""Earlier: takes what an earlier run saw of when a line was written, gives links to UTC."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from logtool.clocks.options import Seen
from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import UTC
from logtool.clocks.table import ClockTable, Confidence, hours
from parsers.lines import NO_PID


def seen_in(table: ClockTable, file: int) -> Seen | None:
    """What a run has seen so of a file, or None."""
    theirs = [one for one in table.clocks if one.file == file]
    last = max(theirs, key=lambda clock: clock.last_line, default=None)
    if last is None or last.pid == NO_PID or last.confidence < Confidence.LIKELY:
        return None
    if not any(
        fact.kind == "mtime" and (fact.file, fact.line) == (file, last.last_line)
        for fact in last.evidence
    ):
        return None
    return Seen(last.last_line, last.pid, last.offset_s)


def seen_earlier(
    scene: Scene, every: Knots, seen: Sequence[tuple[int, Seen]], names: Sequence[str]
) -> Iterator[Link]:
    """A log was modified last when its last line was written: also the last one of then.

    Args:
        scene: the log.
        every: its knots as read, with true pids.
        seen: files by their numbers, and what was seen of them.
        names: of the files, for the text.
    """
    for file, one in seen:
        rows = np.flatnonzero((every.file == file) & (every.pid == one.pid))
        lines = every.line[rows]
        before = int(np.searchsorted(lines, one.line, side="right")) - 1
        after = int(np.searchsorted(lines, one.line))
        near = [int(rows[at]) for at in (before, after) if 0 <= at < len(rows)]
        spans = {int(scene.spans.of_knot[knot]) for knot in near}
        if len(spans) == 1 and UTC not in spans:
            yield Link(
                UTC, spans.pop(), one.offset_s, 20.0, f"earlier {names[file]}", "earlier",
                f"when an earlier run ended, {names[file]} was modified at the moment of its line "
                f"{one.line}, if that is at {hours(one.offset_s)}",
                near[0],
            )  # fmt: skip
