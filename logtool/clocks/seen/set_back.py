"""Set back: takes lines by process, tells where the host's own clock was set back.

NTP sets a clock that is far ahead, and so does who starts a machine whose hardware clock was wrong.
Everybody's time falls by the same then, also of those who keep their zones. Order says nothing of
lines before such a place and after it; and no process has changed its clock there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np

from logtool.clocks.seen.knots import Knots, places
from logtool.clocks.seen.roles import Process, Sample, telling
from logtool.clocks.seen.scene import time_range
from logtool.clocks.seen.strands import Strands
from logtool.clocks.seen.turns import FAR_US
from logtool.clocks.seen.voices import is_voice
from logtool.clocks.table import Evidence
from logtool.clocks.tzdb.zones import changes_between
from parsers.arrays import Ints, Mask
from parsers.units import SECOND

#: A clock that seems to be set back more often than this belongs to a log that is out of order.
_OFTEN = 8
#: Of so many processes the steps over a place are compared, also those from so many lines earlier
#: and to so many lines later.
_NEAR = 64
_LINES = (0, 3, 15)
#: So many places are looked at.
_ASKED = 64
#: So many processes' times must fall at one place: one's may be forged, or of an application.
_TOGETHER = 2
_NOBODY = Process()


class SetBack(NamedTuple):
    """A place at which the host's clock was set back.

    Attributes:
        low, high: the last knot that is known to be written before, and the first after.
        back_us: by how much at least.
    """

    low: int
    high: int
    back_us: int


class _Steps(NamedTuple):
    """From a line of a process to a later one: their knots, local time between them, and its place.

    `place` is that of the line after them among all lines by process.
    """

    before: Ints
    after: Ints
    step_us: Ints
    place: Ints

    def taken(self, rows: Ints | Mask) -> _Steps:
        """Some of them."""
        return _Steps(*(column[rows] for column in self))


def set_back(
    strands: Strands, processes: Mapping[int, Process], samples: Sequence[Sample], breaks: Mask
) -> tuple[SetBack, ...]:
    """The places at which the host's clock was set back, in order.

    Args:
        strands: the lines.
        processes: by pid.
        samples: lines looked at closely.
        breaks: bool[knots], True where a knot's file does not continue the file before it.
    """
    pids = strands.pids.tolist()
    owners = [processes.get(pid, _NOBODY) for pid in pids]
    daemons = any(one.role == "daemon" for one in owners)
    if not daemons or any(one.embedded for one in owners):
        return ()  # applications that fight over the zone of all children look like this
    real = np.array([not is_voice(pid) for pid in pids], np.bool_)
    steady = np.array([one.steady for one in owners], np.bool_) & real
    falls = (strands.step_us < -FAR_US) & strands.by_place(steady)
    if not falls.any():
        return ()
    rows = np.flatnonzero(~strands.first & strands.by_place(real))
    order = strands.order
    steps = _Steps(order[rows - 1], order[rows], strands.step_us[rows], rows)
    part = np.cumsum(breaks | _started(strands.knots, samples))
    known = part[steps.before] == part[steps.after]
    fallen = known & (steps.step_us < -FAR_US)
    proof = steps.taken(fallen & falls[rows])
    if np.count_nonzero(steady) >= _TOGETHER:
        # Who was seen being born is no witness: an application that is loaded moves its clock.
        born = np.array([one.born for one in owners], np.bool_)
        known &= strands.by_place(steady | ~born)[rows]
    found = [*_found(strands, steps.taken(known), proof, steps.taken(fallen))]
    return tuple(found) if len(found) <= _OFTEN else ()


def _started(knots: Knots, samples: Sequence[Sample]) -> Mask:
    """Knots before which Apache ends or starts: it may be in another zone, with the same pids."""
    told = [samples[at] for at, stage in telling(samples) if stage.resumes or stage.stops]
    found = np.zeros(len(knots), np.bool_)
    if told:
        files, lines = np.array([(one.file, one.line) for one in told], np.int64).T
        at = np.searchsorted(places(knots.file, knots.line), places(files, lines))
        found[at[at < len(found)]] = True
    return found


def _found(strands: Strands, steps: _Steps, proof: _Steps, fallen: _Steps) -> Iterator[SetBack]:
    """Where all fall together, and nobody's time goes on as if nothing had happened."""
    asked, done = 0, -1
    for row in np.argsort(proof.after).tolist():
        low, high = int(proof.before[row]), int(proof.after[row])
        if low < done or asked == _ASKED:
            continue
        together = (fallen.before < high) & (fallen.after > low)
        low, high = int(fallen.before[together].max()), int(fallen.after[together].min())
        asked, done = asked + 1, max(high, done)
        across = steps.taken((steps.before <= low) & (steps.after >= high))
        if np.count_nonzero(together) < _TOGETHER or low >= high:
            continue
        if _alike(_wider(strands, across)) and not _is_night(strands.knots, proof.taken(row)):
            yield SetBack(low, high, -int(across.step_us.min()))


def _is_night(knots: Knots, own: _Steps) -> bool:
    """Whether a zone's clocks go back in a step of a process, by its local time."""
    changes = changes_between(*time_range(knots))
    before, after = (changes[:, 0] + changes[:, at] * SECOND for at in (1, 2))
    fits = (before > after) & (before + FAR_US >= knots.local_us[own.before])
    return bool(np.any(fits & (after <= knots.local_us[own.after] + FAR_US)))


def _wider(strands: Strands, across: _Steps) -> _Steps:
    """Steps over a place, and longer ones of the same processes over it."""
    near = np.argsort(across.after - across.before, kind="stable")[:_NEAR]
    place, pid = across.place[near], strands.by_place(strands.pids)
    found = []
    for back, ahead in product(_LINES, repeat=2):
        one, two = place - 1 - back, place + ahead
        inside = (one >= 0) & (two < len(pid))
        one, two = one[inside], two[inside]
        own = (pid[one] == pid[place[inside]]) & (pid[two] == pid[place[inside]])
        one, two = one[own], two[own]
        step = strands.local_us[two] - strands.local_us[one]
        found.append(_Steps(strands.order[one], strands.order[two], step, two))
    return _Steps(*map(np.concatenate, zip(*found, strict=True)))


def _alike(across: _Steps) -> bool:
    """Whether less time passes in what lies within another process's step, for all of these."""
    order = np.lexsort((across.before, across.after))
    before, step = across.before[order], across.step_us[order]
    # Who ended later and had begun earlier took longer.
    for at in range(1, len(order)):
        within = before[:at] >= before[at]
        if np.any(step[:at][within] > step[at] + FAR_US):
            return False
    return True


def undone(knots: Knots, where: Sequence[SetBack]) -> Knots:
    """Knots with the local times that they had if nobody had set the host's clock back."""
    moved = np.zeros(len(knots), np.int64)
    for place in where:
        moved[place.high :] += place.back_us
    return replace(knots, local_us=knots.local_us + moved)


def cut_off(breaks: Mask, where: Sequence[SetBack]) -> Mask:
    """Breaks, and those that are where the host's clock was set back."""
    found = breaks.copy()
    for place in where:
        found[place.low + 1 : place.high + 1] = True
    return found


def told_of(knots: Knots, where: Sequence[SetBack], names: Sequence[str]) -> Iterator[Evidence]:
    """A note of each place."""
    for place in where:
        file, line = int(knots.file[place.high]), int(knots.line[place.high])
        yield Evidence(
            "set-back",
            f"the host's clock was set back before line {line} of {names[file]}, by "
            f"{place.back_us // SECOND} s or more: the times of all processes fall together. "
            "Lines get the instants that the clock told them",
            file,
            line,
        )
