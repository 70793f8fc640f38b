"""Falls: take knots, tell where a clock may have gone back unseen.

A clock that goes back by an hour while everybody is silent for an hour and a minute seems to have
moved on by a minute. Forward it cannot go unseen: its own local time would leap. So a process keeps
its clock from one line to the next for certain only where somebody else vouches for it: spoke
before and after, and tells that less time passed than such a change would hide.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np

from logtool.clocks.seen.constraints import STEP_US
from logtool.clocks.seen.knots import BACKWARD, FORWARD, Knots
from logtool.clocks.seen.lives import LIFE_PID
from logtool.clocks.seen.roles import Process
from logtool.clocks.seen.spans import FELL, UTC_PID
from logtool.clocks.seen.strands import Strands
from logtool.clocks.seen.turns import RACE_US
from parsers.arrays import Ints, Mask
from parsers.classes import dataclass
from parsers.distinct import distinct
from parsers.units import MINUTE

#: So many lines before and after are looked at first, and so many processes then.
_NEAR = 4
_PROCESSES = 256
#: So many pairs of a process and of lines it may vouch for are looked at in one step.
_AT_ONCE = 1 << 12
#: A step that is no longer leaves little room for a change that is hidden by a silence.
_PROMPT_US = 2 * MINUTE
#: The party of those who vouch for everybody.
_STEADY = -1
_NOBODY = Process()


def doubted(strands: Strands, processes: Mapping[int, Process]) -> Mask:
    """Knots before which the clock of a process that may run an application may have gone back.

    Processes that may run the same application do not vouch for each other: they may go back
    in the same silence.
    """
    names: dict[str, int] = {}
    party = np.full(len(strands.pids), _STEADY)
    young = np.zeros(len(party), np.bool_)
    for at, pid in enumerate(strands.pids.tolist()):
        process = processes.get(pid, _NOBODY)
        if pid != UTC_PID and not process.steady:
            party[at] = names.setdefault(process.group or process.role, len(names))
            young[at] = process.born
    asked = (party != _STEADY) & ((strands.pids >= 0) | (strands.pids <= LIFE_PID))
    return hidden_falls(strands, party, asked, young)


def hidden_falls(strands: Strands, party: Ints, asked: Mask, born: Mask) -> Mask:
    """Knots before which their process's clock may have gone back unseen.

    A short step hardly ever hides a change, if not that which every application makes in its first
    moments, or where applications change the clock back and forth. A long one is told apart where
    others tell that less time passed, or none; not where as much passed for them: an application
    that is loaded in its first second goes on with the server's time, which httpd keeps for that
    second (`server/util_time.c`), and changes it before the next line, whenever that comes.

    Args:
        strands: the lines.
        party: int64[processes]; one vouches for those of other parties.
        asked: bool[processes], of which it is asked.
        born: bool[processes], those that were seen starting.
    """
    hidden = np.zeros(len(strands.order), np.bool_)
    step, order, fresh, heads = strands.step_us, strands.order, strands.first, strands.heads
    fell = step < -BACKWARD
    jump = fell | ((step > FORWARD) & strands.by_place(party != _STEADY))
    runs = np.cumsum(fresh | jump)
    restless = np.isin(party, _restless(party, np.add.reduceat(fell, heads, dtype=np.int64)))
    # The first long step comes out of the first moments, too.
    young = np.roll(runs, 1) == strands.by_place(np.where(born, runs[heads], 0))
    thinkable = (step > _PROMPT_US) | (step < -FELL) | young | strands.by_place(restless)
    rows = np.flatnonzero(strands.by_place(asked) & thinkable & ~fresh & (young | ~jump) & ~fell)
    pairs = _Pairs(order[rows - 1], order[rows], step[rows] + STEP_US - RACE_US)
    if len(rows):
        of_knot = strands.by_knot(strands.by_place(party))
        pairs = _after_neighbours(pairs, strands.knots, strands.by_knot(runs), of_knot)
        pairs = _after_processes(pairs, runs, strands, of_knot)
    hidden[pairs.after] = True
    return hidden


def _restless(party: Ints, falls: Ints) -> Ints:
    """Parties of which one process was seen to go back twice.

    Args:
        party: int64[processes].
        falls: int64[processes], how often each went back.
    """
    return distinct(party[falls > 1])


@dataclass(slots=True, eq=False)
class _Pairs:
    """Lines of one process for which nobody vouches yet.

    Attributes:
        before: int64[n], the first line of each pair.
        after: int64[n], the second.
        most: int64[n], how much time between them would be too much, µs.
    """

    before: Ints
    after: Ints
    most: Ints

    def without(self, vouched: Mask) -> _Pairs:
        """Those for which nobody vouches now either."""
        return _Pairs(self.before[~vouched], self.after[~vouched], self.most[~vouched])


def _after_neighbours(pairs: _Pairs, knots: Knots, run: Ints, party: Ints) -> _Pairs:
    """Those for which no two lines near them vouch.

    Args:
        pairs: pairs of lines.
        knots: the lines.
        run: int64[knots], the stretch of its process's lines without a jump.
        party: int64[knots].
    """
    last = len(knots) - 1
    for back, ahead in product(range(1, _NEAR + 1), repeat=2):
        if not len(pairs.before):
            break
        one, two = pairs.before - back, pairs.after + ahead
        inside = (one >= 0) & (two <= last)
        one, two = np.maximum(one, 0), np.minimum(two, last)
        inside &= (run[one] == run[two]) & (party[one] != party[pairs.before])
        pairs = pairs.without(inside & (knots.local_us[two] - knots.local_us[one] < pairs.most))
    return pairs


def _after_processes(pairs: _Pairs, runs: Ints, strands: Strands, party: Ints) -> _Pairs:
    """Those for which no process vouches.

    Args:
        pairs: pairs of lines.
        runs: int64[knots], by place, ascending.
        strands: the lines.
        party: int64[knots], by knot.
    """
    time, count = strands.local_us, len(runs)
    # Runs one after the other, and in each its knots: one number for both.
    every = runs * count + strands.order
    starts = np.flatnonzero(np.diff(runs, prepend=-1))
    ends = np.append(starts[1:], count)
    largest = np.argsort(starts - ends, kind="stable")[:_PROCESSES]
    largest = largest[(ends - starts)[largest] > 1]
    done = 0
    while done < len(largest) and len(pairs.before):
        some = largest[done : done + max(1, _AT_ONCE // len(pairs.before))]
        done += len(some)
        start, end, first = starts[some, None], ends[some, None], runs[starts[some], None] * count
        one = np.searchsorted(every, first + pairs.before) - 1
        two = np.searchsorted(every, first + pairs.after, side="right")
        own = party[strands.order[start]] == party[pairs.before]
        inside = (one >= start) & (two < end) & ~own
        passed = time[np.minimum(two, count - 1)] - time[np.maximum(one, 0)]
        pairs = pairs.without(np.any(inside & (passed < pairs.most), axis=0))
    return pairs
