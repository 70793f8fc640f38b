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
from numpy.typing import NDArray

from logtool.clocks.constraints import RACE_US, STEP_US
from logtool.clocks.distinct import distinct
from logtool.clocks.knots import BACKWARD, FORWARD, MINUTE, Knots
from logtool.clocks.lives import LIFE_PID
from logtool.clocks.roles import Process
from logtool.clocks.spans import FELL, UTC_PID
from parsers.classes import dataclass

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: So many lines before and after are looked at first, and so many processes then.
_NEAR = 4
_PROCESSES = 256
#: A step that is no longer leaves little room for a change that is hidden by a silence.
_PROMPT_US = 2 * MINUTE
#: The party of those who vouch for everybody.
_STEADY = -1
_NOBODY = Process()


def doubted(knots: Knots, processes: Mapping[int, Process]) -> Flags:
    """Knots before which the clock of a process that may run an application may have gone back.

    Processes that may run the same application do not vouch for each other: they may go back
    in the same silence.
    """
    every = distinct(knots.pid)
    names: dict[str, int] = {}
    party = np.full(len(every), _STEADY)
    young = np.zeros(len(every), np.bool_)
    for at, pid in enumerate(every.tolist()):
        process = processes.get(pid, _NOBODY)
        if pid != UTC_PID and not process.steady:
            party[at] = names.setdefault(process.group or process.role, len(names))
            young[at] = process.born
    place = np.searchsorted(every, knots.pid)
    asked = (party != _STEADY) & ((every >= 0) | (every <= LIFE_PID))
    return hidden_falls(knots, party[place], asked[place], young[place])


def hidden_falls(knots: Knots, party: Ints, asked: Flags, born: Flags) -> Flags:
    """Knots before which their process's clock may have gone back unseen.

    A short step hardly ever hides a change, if not that which every application makes in its first
    moments, or where applications change the clock back and forth.

    Args:
        knots: the lines.
        party: int64[knots], of their processes; one vouches for those of other parties.
        asked: bool[knots], lines of processes of which it is asked.
        born: bool[knots], lines of processes that were seen starting.
    """
    hidden = np.zeros(len(knots), np.bool_)
    order = np.argsort(knots.pid, kind="stable")
    pid, time = knots.pid[order], knots.local_us[order]
    step = np.diff(time, prepend=time[:1])
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = pid[1:] != pid[:-1]
    jump = (step < -BACKWARD) | ((step > FORWARD) & (party[order] != _STEADY))
    runs = np.cumsum(fresh | jump)
    run = np.empty(len(order), np.int64)
    run[order] = runs
    young = born[order] & (runs == np.maximum.accumulate(np.where(fresh, runs, 0)))
    restless = np.isin(party[order], _restless(party[order], step < -BACKWARD, fresh))
    thinkable = (step > _PROMPT_US) | (step < -FELL) | young | restless
    rows = np.flatnonzero(asked[order] & thinkable & ~(fresh | jump))
    pairs = _Pairs(order[rows - 1], order[rows], step[rows] + STEP_US - RACE_US)
    pairs = _after_neighbours(pairs, knots, run, party)
    hidden[_after_processes(pairs, runs, order, time, party).after] = True
    return hidden


def _restless(party: Ints, fell: Flags, fresh: Flags) -> Ints:
    """Parties of which one process was seen to go back twice.

    Args:
        party: int64[knots], process by process.
        fell: bool[knots], the local time went back.
        fresh: bool[knots], another process begins.
    """
    process = np.cumsum(fresh) - 1
    times = np.bincount(process[fell & ~fresh], minlength=int(fresh.sum()))
    return distinct(party[fresh][times > 1])


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

    def without(self, vouched: Flags) -> _Pairs:
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


def _after_processes(pairs: _Pairs, runs: Ints, order: Ints, time: Ints, party: Ints) -> _Pairs:
    """Those for which no process vouches.

    Args:
        pairs: pairs of lines.
        runs: int64[knots], ascending.
        order: int64[knots], the knot of each.
        time: int64[knots], its local time.
        party: int64[knots], by knot.
    """
    starts = np.flatnonzero(np.diff(runs, prepend=-1))
    sizes = np.diff(np.append(starts, len(runs)))
    for at in np.argsort(-sizes, kind="stable")[:_PROCESSES].tolist():
        if sizes[at] < 2 or not len(pairs.before):
            break
        own = slice(int(starts[at]), int(starts[at] + sizes[at]))
        places, times = order[own], time[own]
        one = np.searchsorted(places, pairs.before) - 1
        two = np.searchsorted(places, pairs.after, side="right")
        inside = (one >= 0) & (two < len(places)) & (party[places[0]] != party[pairs.before])
        passed = times[np.minimum(two, len(places) - 1)] - times[np.maximum(one, 0)]
        pairs = pairs.without(inside & (passed < pairs.most))
    return pairs
