"""Direction: takes the turns of every block, tells of a log that is back to front, or shuffled.

And of one that is so small that its lines do not show it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.doubt.conclusion import Solution
from logtool.clocks.evidence.anchors import OF_THE_SERVER
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import UTC
from logtool.clocks.table import BACKWARDS, DISORDER, Evidence
from parsers.compiled.turns import Turns
from parsers.lines import NO_PID

#: Fewer lines may be a race of threads, but hardly two that are far earlier.
_FEW = 5
#: Where one step in so many falls, and one in so many far, lines were not written in this order.
_OFTEN, _FAR = 4, 20
#: One line that is later than the one before it may be of another clock, so many hardly are.
_RISING = 2


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
        self._far: defaultdict[int, int] = defaultdict(int)
        self._nameless: set[int] = set()

    def add(self, file: int, turns: Turns) -> None:
        """Look at a block of file number `file`."""
        on, back, far = turns.moves
        self._forward[file] += on
        self._back[file] += back
        self._far[file] += far
        if NO_PID in turns.pids:
            self._nameless.add(file)

    def notes(self, names: Sequence[str]) -> Iterator[Evidence]:
        """What to say of each file that is out of order; `names` are those of all, by number."""
        for number, back in self._back.items():
            forward, far = self._forward[number], self._far[number]
            one = "another" if number in self._nameless else "one of the same process"
            told = (
                f": of {back + forward:,} lines after {one}, {back:,} are earlier than it. Clocks "
                "are found from the order in which lines were written, so trust none but written "
                "offsets; "
            )
            if back > forward and (back > _FEW or far > 1):
                words = f"{names[number]} runs backwards{told}tac puts the lines right"
                yield Evidence(BACKWARDS, words, number)
            elif _is_shuffled(forward, back, far) and number not in self._nameless:
                words = f"{names[number]} is in no order{told}read the log as Apache wrote it"
                yield Evidence(DISORDER, words, number)

    def unshown(self, files: Collection[int], knots: Knots) -> frozenset[int]:
        """Those of a server's files whose lines do not show that they stand as they were written.

        A file in which no process's time moves on is taken to stand as the server's others do.

        Args:
            files: their numbers.
            knots: the lines kept of them.
        """
        ahead = {file: self._forward.get(file, 0) - self._back.get(file, 0) for file in files}
        shown = {file for file, more in ahead.items() if more >= _RISING}
        still = {file for file in files if not self._back.get(file, 0)}
        shown |= {file for file in still - shown if _rises(knots.local_us[knots.file == file])}
        return frozenset({*files} - shown - (still if shown else set()))


def _is_shuffled(forward: int, back: int, far: int) -> bool:
    """Whether so many steps fall, and fall far, that it is neither a race nor a late line."""
    return _OFTEN * back > forward and _FAR * far > back + forward and far > _RISING


def _rises(local_us: NDArray[np.int64]) -> bool:
    """Whether every line is not earlier than the one before, whoever wrote them."""
    step = np.diff(local_us)
    return bool(np.count_nonzero(step > 0) >= _RISING and not np.any(step < 0))


def known_in_any_order(scene: Scene, solution: Solution, every: Knots) -> NDArray[np.bool_]:
    """bool[spans], those whose offset a sure word tells, in whatever order the lines stand.

    Whose clock is told because they were seen being born have not been if lines are back to front;
    but a parent keeps its clock, and so does who writes one line. `every` are the knots as read.
    """
    # The lives of a pid are told apart by order, too.
    several = np.isin(every.pid, every.pid[every.nth > 0])[scene.spans.first]
    known = np.zeros(len(scene.spans), np.bool_)
    offset = solution.offset_s
    for link in solution.links:
        if link.a == UTC and link.sure and offset[link.b] - offset[UTC] == link.delta_s:
            steady = scene.process(link.b).role == "parent" or not several[link.b]
            known[link.b] |= steady or link.kind not in OF_THE_SERVER | {"clock"}
    return known
