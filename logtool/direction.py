"""Direction: watches blocks while clocks are found, tells of a log that was put back to front."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from logtool.clocks.table import BACKWARDS, Evidence
from logtool.passes import StampedBlock
from logtool.terminal import safe
from parsers.lines import NO_PID, NO_TIME

#: Fewer lines may be a race of threads.
_FEW = 5


class Direction:
    """Counts how the stamps of neighbouring lines of one process follow each other.

    What one process writes is of one clock, mostly, so its stamps rise; where most of them fall,
    the file does not hold the lines in the order in which they were written.
    """

    def __init__(self) -> None:
        """Nothing was seen."""
        self._forward: defaultdict[int, int] = defaultdict(int)
        self._back: defaultdict[int, int] = defaultdict(int)

    def watch(self, stamped: StampedBlock) -> None:
        """Look at a block."""
        time, pid = stamped.stamps.local_us, stamped.stamps.pid
        same = (pid[1:] == pid[:-1]) & (pid[1:] != NO_PID)
        same &= (time[1:] != NO_TIME) & (time[:-1] != NO_TIME)
        self._forward[stamped.log.number] += int(np.count_nonzero(same & (time[1:] > time[:-1])))
        self._back[stamped.log.number] += int(np.count_nonzero(same & (time[1:] < time[:-1])))

    def notes(self, names: Sequence[str]) -> Iterator[Evidence]:
        """What to say of each log that runs backwards."""
        for number, back in self._back.items():
            moved = back + self._forward[number]
            if back > max(moved // 2, _FEW):
                yield Evidence(
                    BACKWARDS,
                    f"{names[number]} runs backwards: of {moved:,} lines after one of the "
                    f"same process, {back:,} are earlier than it. Clocks are found from the order "
                    "in which lines were written, so trust none but written offsets; tac puts the "
                    "lines right",
                    number,
                )

    def lines(self, names: Sequence[str]) -> Iterator[str]:
        """The same for standard error, a line each."""
        return (safe(f"errlog: {note.text}") for note in self.notes(names))
