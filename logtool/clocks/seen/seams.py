"""Seams: takes the lines kept of a log, tells where another server's log was put behind one.

`cat a.log b.log` leaves no word of it. But no process goes on behind such a place, and the time of
those who keep the server's clock falls back, or all pids do and no parent says a word, or an Apache
of another build starts, though nobody stopped the one before it, or a parent buries daemons that
were never born here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from logtool.clocks.seen.knots import Knots, place_of, places
from logtool.clocks.seen.roles import Process, Sample, buried_in, processes_of, telling
from logtool.clocks.seen.set_back import set_back
from logtool.clocks.seen.strands import Strands
from logtool.clocks.seen.turns import BACKWARD, FAR_US
from logtool.clocks.table import Evidence
from logtool.clocks.tzdb.zones import REACH_US, changes_between
from parsers.arrays import Ints, Mask
from parsers.distinct import distinct
from parsers.lines import NO_PID
from parsers.units import SECOND

#: No two clocks of one instant are further apart.
_ZONES_US = 26 * 3600 * SECOND
#: A line or two of a process may be forged, so many are its own.
_LINES = 3
#: So soon after its first word a parent says that it is ready.
_START_US = 5 * SECOND
#: Who puts more logs into one than this has put lines out of order.
_MOST = 64
#: So many processes, by so many of their knots, do not all end at one place by chance.
_CROWD, _CROWD_KNOTS = 3, 32
_NOBODY = Process()


class Section(NamedTuple):
    """A part of what was read that is a log of its own.

    Attributes:
        knots: its lines.
        samples: those looked at closely.
        alone: it is all that was read of these files.
        goes_on: numbers of files that go on behind it.
    """

    knots: Knots
    samples: Sequence[Sample]
    alone: bool = True
    goes_on: frozenset[int] = frozenset()


def sections(every: Knots, samples: Sequence[Sample], sequences: Sequence[int]) -> list[Section]:
    """The logs that were put behind each other, in order; mostly one.

    Args:
        every: lines kept of a server's files, as read.
        samples: lines looked at closely.
        sequences: of each file, the number of its rotated set: lines of several stand in no order.
    """
    several = len({sequences[file] for file in distinct(every.file).tolist()}) > 1
    found = [] if several else _seams(every, samples)
    if not 0 < len(found) < _MOST:
        return [Section(every, samples)]
    ends = [place_of(int(every.file[at]), int(every.line[at])) for at in found]
    spoken = [place_of(one.file, one.line) for one in samples]
    heard = np.searchsorted(spoken, ends).tolist()
    knots, said = [0, *found, len(every)], [0, *heard, len(samples)]
    return [
        Section(
            every.take(np.arange(low, high)),
            samples[begin:end],
            alone=False,
            goes_on=frozenset(distinct(every.file[low:high]).tolist()[-1:])
            if high < len(every)
            else frozenset(),
        )
        for (low, high), (begin, end) in zip(pairwise(knots), pairwise(said), strict=True)
    ]


def put_together(parts: Sequence[Section], names: Sequence[str]) -> Iterator[Evidence]:
    """A note of each seam between sections; `names` are those of the files."""
    for part in parts[1:]:
        file, line = int(part.knots.file[0]), int(part.knots.line[0])
        yield Evidence(
            "servers",
            f"another server's log seems to begin at line {line} of {names[file]}: no process goes "
            "on there, and time falls back, or pids do though nobody says that Apache starts, or "
            "another build of Apache starts though none was stopped, or daemons end that never "
            "began here. What ties the clocks of one to UTC says nothing of the other",
            file,
            line,
        )


def _seams(every: Knots, samples: Sequence[Sample]) -> list[int]:
    """The knots with which another server's log begins, in order."""
    fresh = _where_nobody_goes_on(every)
    if not len(fresh):
        return []
    processes = processes_of(samples)
    pids, whose = np.unique(every.pid, return_inverse=True)
    owners = [processes.get(pid, _NOBODY) for pid in pids.tolist()]
    parent = np.array([one.role == "parent" for one in owners], np.bool_)
    steady = np.array([one.steady for one in owners], np.bool_)
    known = _own(every) | parent[whose]
    among = (_falls(every, fresh, some) for some in (known, known & steady[whose]))
    stopped = _stopped(every, samples, fresh)
    found: dict[tuple[int, int], int] = {}
    for knot, one, other, told in zip(fresh.tolist(), *among, stopped, strict=True):
        fall = one if one.height_us > _ZONES_US else other
        # A parent lives on that says no more; and the host's clock may be set as Apache starts.
        back = fall.height_us > BACKWARD and not parent[whose[fall.before]]
        if fall is one or (back and not told and not is_night(fall.high_us, fall.low_us)):
            # Who says but a word between the two may be of either.
            held = found.setdefault((fall.before, fall.after), knot)
            if _step_us(every, knot) < _step_us(every, held):
                found[fall.before, fall.after] = knot
    builds = _other_builds(every, samples, fresh, stopped)
    strangers = _buries_strangers(every, samples, fresh)
    lower = _lower_pids(every, parent[whose], fresh)
    seams = sorted({*found.values(), *builds, *lower, *strangers})
    return _of_others(every, samples, processes, seams) if seams else []


def _other_builds(
    every: Knots, samples: Sequence[Sample], fresh: Ints, stopped: Sequence[bool]
) -> Iterator[int]:
    """Those of some knots with which a parent begins that says it is another build of Apache.

    Who puts another one into its place stops it, and it says so. What a start says before that it
    is ready comes within moments of it. Of what is in two files some between may be missing.

    Args:
        every: the knots.
        samples: lines looked at closely.
        fresh: the knots from which on nobody goes on.
        stopped: for each of these whether Apache was stopped before it.
    """
    heads = [samples[at] for at, stage in telling(samples) if stage.resumes]
    where = places(every.file, every.line)
    for before, after in pairwise(heads):
        if before.file != after.file or before.pid == after.pid or before.message == after.message:
            continue
        high = int(np.searchsorted(where, place_of(after.file, after.line)))
        low = high
        while low > 0 and abs(_step_us(every, low)) < _START_US:
            low -= 1
        at = int(np.searchsorted(fresh, low))
        if at < len(fresh) and fresh[at] <= high and not stopped[at]:
            yield int(fresh[at])


def _lower_pids(every: Knots, parent: Mask, fresh: Ints) -> Iterator[int]:
    """Those of some knots with which several begin whose pids are all below those of who ended.

    Pids rise on one machine until they wrap, and an Apache that is started anew says so where its
    parent writes. Of few processes, or of a line or two each, all this is chance.

    Args:
        every: the knots.
        parent: bool[knots], those of a server's parent.
        fresh: the knots from which on nobody goes on.
    """
    rows = np.flatnonzero(_own(every) | parent)
    at = np.searchsorted(rows, fresh)
    inside = (at > 0) & (at < len(rows))
    fresh, at = fresh[inside], at[inside]
    ends, begins = rows[at - 1], rows[at]
    lower = every.pid[ends] > every.pid[begins]
    lower &= (every.file[ends] == every.file[begins]) & ~(parent[ends] | parent[begins])
    done = -1
    for knot, place in zip(fresh[lower].tolist(), at[lower].tolist(), strict=True):
        ended = distinct(every.pid[rows[max(place - _CROWD_KNOTS, 0) : place]])
        begun = distinct(every.pid[rows[place : place + _CROWD_KNOTS]])
        if place != done and min(len(ended), len(begun)) >= _CROWD and ended[0] > begun[-1]:
            yield knot
            done = place


def _buries_strangers(every: Knots, samples: Sequence[Sample], fresh: Ints) -> Iterator[int]:
    """Those of some knots with which a parent begins that first buries a daemon never seen here.

    Its own daemons it would have begun, and each says so at the level at which their end is told.
    Of what is in two files the beginning may be missing.

    Args:
        every: the knots.
        samples: lines looked at closely.
        fresh: the knots from which on nobody goes on.
    """
    if not len(fresh):
        return
    first: dict[int, Sample] = {}
    for sample in samples:
        first.setdefault(sample.pid, sample)
    where = places(every.file, every.line)
    for pid, sample in first.items():
        dead = buried_in(sample.message)
        knot = int(np.searchsorted(where, place_of(sample.file, sample.line)))
        at = int(np.searchsorted(fresh, knot))
        if dead is None or at == len(fresh) or fresh[at] != knot:
            continue
        if every.file[knot - 1] == every.file[knot] and dead not in (pid, *first):
            yield knot


def _where_nobody_goes_on(every: Knots) -> Ints:
    """The knots from which on nobody's own time goes on: all are new, or their time falls back."""
    return every.line[:0] if np.any(every.pid == NO_PID) else _where_all_end(_runs(every))


def _runs(every: Knots) -> Ints:
    """int64[knots]: numbers of runs in which a process's time does not fall back."""
    order = np.argsort(every.pid, kind="stable")
    begins = np.ones(len(order), np.bool_)
    begins[1:] = np.diff(every.pid[order]) != 0
    begins[1:] |= np.diff(every.local_us[order]) < -BACKWARD
    run = np.empty(len(order), np.int64)
    run[order] = np.cumsum(begins) - 1
    return run


def _own(every: Knots) -> Mask:
    """bool[knots], those in runs of as many lines as are a process's own."""
    run = _runs(every)
    first, last = np.full(len(run), np.iinfo(np.int64).max), np.full(len(run), -1)
    np.minimum.at(first, run, every.nth)
    np.maximum.at(last, run, every.nth)
    own: Mask = (last - first + 1 >= _LINES)[run]
    return own


def _where_all_end(run: Ints) -> Ints:
    """The knots before which all runs of knots that have begun have ended, by their numbers."""
    last = np.zeros(len(run), np.int64)
    last[run] = np.arange(len(run))  # of the knots of a run the last one stays
    ends = np.maximum.accumulate(last[run])
    return np.flatnonzero(ends[:-1] < np.arange(1, len(run))) + 1


def _of_others(
    every: Knots, samples: Sequence[Sample], processes: Mapping[int, Process], seams: list[int]
) -> list[int]:
    """Those at which all are new, and those at which others have the same pids, as in containers.

    Where the same processes go on, the host's clock was set back, or applications change theirs.
    """
    _, whose = np.unique(every.pid, return_inverse=True)
    new = {*_where_all_end(whose).tolist()}
    if new.issuperset(seams):
        return seams
    breaks = np.zeros(len(every), np.bool_)
    back = set_back(Strands.of(every), processes, samples, breaks)
    certain = not any(one.embedded for one in processes.values())
    return [
        knot
        for knot in seams
        if knot in new or (certain and not any(one.low < knot <= one.high for one in back))
    ]


class _Fall(NamedTuple):
    """Two knots next to each other among some, and their local times, µs."""

    before: int
    after: int
    high_us: int
    low_us: int

    @property
    def height_us(self) -> int:
        """By how much time falls."""
        return self.high_us - self.low_us


def _falls(every: Knots, fresh: Ints, told: Mask) -> list[_Fall]:
    """For each of some knots the last one that tells before it, and the first from it on."""
    rows = np.flatnonzero(told)
    if not len(rows):
        return [_Fall(-1, -1, 0, 0)] * len(fresh)
    at = np.searchsorted(rows, fresh)
    before, after = rows[np.maximum(at - 1, 0)], rows[np.minimum(at, len(rows) - 1)]
    columns = (before, after, every.local_us[before], every.local_us[after])
    return [_Fall(*row) for row in zip(*(one.tolist() for one in columns), strict=True)]


def is_night(high_us: int, low_us: int) -> bool:
    """Whether a zone's clocks go back from one local time to another."""
    changes = changes_between(low_us - REACH_US, high_us + REACH_US)
    before, after = (changes[:, 0] + changes[:, at] * SECOND for at in (1, 2))
    return bool(np.any((before + FAR_US >= high_us) & (after <= low_us + FAR_US)))


def _step_us(every: Knots, knot: int) -> int:
    """How much later a knot is than the one before it."""
    return int(every.local_us[knot] - every.local_us[knot - 1])


def _stopped(every: Knots, samples: Sequence[Sample], fresh: Ints) -> list[bool]:
    """For each of some knots whether Apache was stopped before it, and did not begin since."""
    told = [(samples[at], stage) for at, stage in telling(samples)]
    told = [(one, stage) for one, stage in told if stage.stops or stage.resumes]
    said = [place_of(one.file, one.line) for one, _ in told]
    ends = [False, *(stage.stops for _, stage in told)]
    at = np.searchsorted(said, places(every.file[fresh], every.line[fresh]))
    return [ends[number] for number in at.tolist()]
