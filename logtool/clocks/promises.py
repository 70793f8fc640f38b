"""Promises: take stamps behind which a format prints a `Z`, give votes that they are in UTC.

httpd prints the local time of the writing process before it, which need not be UTC. So it is
believed where nothing else ties the log to UTC, and no process can have another clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from logtool.clocks.doubt.conclusion import Solution
from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import HEARSAY_PID, UTC
from parsers.decode import Decoder
from parsers.distinct import distinct
from parsers.lines import NO_LAYOUT, Stamps

#: Weight of what may have been written without a thought: any witness has more.
_PROMISE = 1.0


class Promises:
    """Which files promise UTC throughout."""

    def __init__(self) -> None:
        """Begin."""
        self._promising: dict[int, bool] = {}

    def add(self, file: int, stamps: Stamps, decoder: Decoder) -> None:
        """Take the stamps of the next block of file number `file`."""
        if not self._promising.get(file, True):
            return
        layouts = distinct(stamps.layout[stamps.layout != NO_LAYOUT]).tolist()
        if layouts:
            self._promising[file] = all(decoder.layouts[number].prints_z for number in layouts)

    def __contains__(self, file: object) -> bool:
        """Whether all lines of a file have a `Z` behind their times."""
        return self._promising.get(file, False) if isinstance(file, int) else False


def believing(
    scene: Scene,
    solve_by: Callable[[Callable[[], Iterable[Link]]], Solution],
    default: Callable[[], Iterable[Link]],
    *,
    promised: bool,
) -> Solution:
    """What is found by a promise if all clocks can keep it, else by the default.

    Args:
        scene: the log.
        solve_by: finds the offsets, by what is tried where nothing else ties the log to UTC.
        default: the last resort.
        promised: all lines have a `Z` behind their times, and nobody said otherwise.
    """
    if promised:
        solution = solve_by(lambda: _in_utc(scene))
        if not np.any(solution.offset_s):
            return solution
    return solve_by(default)


def _in_utc(scene: Scene) -> Iterator[Link]:
    """All clocks are UTC: so the format says."""
    for span in range(1, len(scene.spans)):
        if scene.spans.pid[span] != HEARSAY_PID:
            yield Link(
                UTC, span, 0, _PROMISE, "promise", "promise",
                "the format prints a Z behind its times, and nothing says otherwise",
                int(scene.spans.first[span]),
            )  # fmt: skip
