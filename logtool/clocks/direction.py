"""Direction: takes the stamps of every block, tells of a log that was put back to front."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from logtool.clocks.table import BACKWARDS, Evidence
from parsers.lines import NO_PID, NO_TIME, Stamps

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

    def add(self, file: int, stamps: Stamps) -> None:
        """Look at the stamps of a block of file number `file`."""
        time, pid = stamps.local_us, stamps.pid
        same = (pid[1:] == pid[:-1]) & (pid[1:] != NO_PID)
        same &= (time[1:] != NO_TIME) & (time[:-1] != NO_TIME)
        self._forward[file] += int(np.count_nonzero(same & (time[1:] > time[:-1])))
        self._back[file] += int(np.count_nonzero(same & (time[1:] < time[:-1])))

    def notes(self, names: Sequence[str]) -> Iterator[Evidence]:
        """What to say of each file that runs backwards; `names` are those of all, by number."""
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
