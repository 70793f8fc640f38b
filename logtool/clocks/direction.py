"""Direction: takes the turns of every block, tells of a log that was put back to front."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from logtool.clocks.table import BACKWARDS, Evidence
from logtool.clocks.turns import Turns
from parsers.lines import NO_PID

#: Fewer lines may be a race of threads.
_FEW = 5


class Direction:
    """Counts how the stamps of each process follow each other.

    What one process writes is of one clock, mostly, so its stamps rise; where most of them fall,
    the file does not hold the lines in the order in which they were written. A jump is another
    clock's, or a night's, and tells nothing; without jumps it also holds for lines without pid.
    """

    def __init__(self) -> None:
        """Nothing was seen."""
        self._forward: defaultdict[int, int] = defaultdict(int)
        self._back: defaultdict[int, int] = defaultdict(int)
        self._nameless: set[int] = set()

    def add(self, file: int, turns: Turns) -> None:
        """Look at a block of file number `file`."""
        step = np.diff(turns.local_us)
        step[turns.heads[1:] - 1] = step[turns.jumps - 1] = 0
        self._forward[file] += int(np.count_nonzero(step > 0))
        self._back[file] += int(np.count_nonzero(step < 0))
        if NO_PID in turns.pids:
            self._nameless.add(file)

    def notes(self, names: Sequence[str]) -> Iterator[Evidence]:
        """What to say of each file that runs backwards; `names` are those of all, by number."""
        for number, back in self._back.items():
            forward = self._forward[number]
            if back > max(forward, _FEW):
                one = "another" if number in self._nameless else "one of the same process"
                yield Evidence(
                    BACKWARDS,
                    f"{names[number]} runs backwards: of {back + forward:,} lines after {one}, "
                    f"{back:,} are earlier than it. Clocks are found from the order in which lines "
                    "were written, so trust none but written offsets; tac puts the lines right",
                    number,
                )
