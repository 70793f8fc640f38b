"""Lives: take knots and samples, tell apart processes that had the same pid one after the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.constraints import WIDEST_S
from logtool.clocks.seen.knots import Knots, place_of, places
from logtool.clocks.seen.roles import Sample, births, first_births
from parsers.arrays import Ints
from parsers.classes import dataclass
from parsers.distinct import distinct
from parsers.units import SECOND

#: Stand-in pids of later lives count down from here.
LIFE_PID = -1_000_000


class _Birth(NamedTuple):
    """A line with which a life begins.

    Attributes:
        number: of its sample.
        sequence: the rotated set in which it is.
        place: the first place of that life in that set.
        local_us: its local time, by the server's clock; no less than that of those before it.
    """

    number: int
    sequence: int
    place: int
    local_us: int


@dataclass(slots=True, eq=False)
class _Lives:
    """The lives of a pid, in order of their births; before the first there may be one more.

    Attributes:
        births: where each begins.
        names: the pid of each, that of the one before all first.
    """

    births: list[_Birth]
    names: list[int]

    def numbers(self, sequence: int, place: Ints, local_us: Ints) -> Ints:
        """int64[n]: which life each of some lines of a rotated set is of, 0 before all births.

        In a set order tells it. Births in other sets stand in no order to its lines: who was born
        is not dead, and time parts lives where no two clocks could.
        """
        own = [at for at, birth in enumerate(self.births) if birth.sequence == sequence]
        after = np.searchsorted([self.births[at].place for at in own], place, side="right")
        low = np.array([0, *(at + 1 for at in own)], np.int64)[after]
        high = np.array([*own, len(self.births)], np.int64)[after]
        times = [birth.local_us for birth in self.births]
        timed = np.searchsorted(times, local_us, side="right")
        timed = np.where(local_us >= times[0] - WIDEST_S * SECOND, np.maximum(timed, 1), timed)
        return np.clip(timed, low, high)


def part_lives(
    knots: Knots, samples: Sequence[Sample], sequences: Sequence[int] = ()
) -> tuple[Knots, Sequence[Sample]]:
    """Give every later life of a reused pid a stand-in pid, in knots and samples alike.

    Args:
        knots: the knots.
        samples: the samples.
        sequences: of each file, the number of its rotated set, if there are several.
    """
    lives = _lives(samples, sequences)
    if not lives:
        return knots, samples
    said = np.array([(one.pid, one.file, one.line, one.local_us) for one in samples], np.int64).T
    kept = _Lines.of_files(knots.pid, knots.file, knots.line, knots.local_us, sequences)
    spoken = _Lines.of_files(said[0], said[1], said[2], said[3], sequences)
    of_kept, of_spoken = kept.lives(lives), spoken.lives(lives)
    _name_others(lives, {pid for pid in lives if np.all(of_kept[kept.of(pid)] > 0)})
    pid, names = knots.pid.copy(), spoken.pid.copy()
    for number, life in lives.items():
        for lines, lived, told in ((kept, of_kept, pid), (spoken, of_spoken, names)):
            rows = lines.of(number)
            told[rows] = np.array(life.names, np.int64)[lived[rows]]
    renamed = [
        sample if sample.pid == name else replace(sample, pid=name)
        for sample, name in zip(samples, names.tolist(), strict=True)
    ]
    return replace(knots, pid=pid), renamed


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """Some lines, found by who wrote them.

    Attributes:
        pid, sequence, place, local_us: int64[n], of each line.
        order: int64[n], the lines by their pids.
        ordered: int64[n], these pids.
    """

    pid: Ints
    sequence: Ints
    place: Ints
    local_us: Ints
    order: Ints
    ordered: Ints

    @classmethod
    def of_files(
        cls,
        pid: Ints,
        file: NDArray[Any],
        line: Ints,
        local_us: Ints,
        sequences: Sequence[int],
    ) -> _Lines:
        """Lines of files, of which the numbers of their rotated sets are given."""
        sequence = np.array(sequences, np.int64)[file] if sequences else np.zeros_like(pid)
        order = np.argsort(pid, kind="stable")
        return cls(pid, sequence, places(file, line), local_us, order, pid[order])

    def of(self, pid: int) -> Ints:
        """The lines of a pid."""
        return self.order[slice(*np.searchsorted(self.ordered, (pid, pid + 1)).tolist())]

    def lives(self, lives: dict[int, _Lives]) -> Ints:
        """int64[n]: which life of its pid each line is of."""
        found = np.zeros(len(self.pid), np.int64)
        for pid, life in lives.items():
            rows = self.of(pid)
            sequence = self.sequence[rows]
            for one in distinct(sequence).tolist():
                some = rows[sequence == one]
                found[some] = life.numbers(one, self.place[some], self.local_us[some])
        return found


def _lives(samples: Sequence[Sample], sequences: Sequence[int]) -> dict[int, _Lives]:
    """The lives of each pid that had more than one, or is born and writes into several sets."""
    sets: defaultdict[int, list[int]] = defaultdict(list)
    for number, sample in enumerate(samples):
        sets[sequences[sample.file] if sequences else 0].append(number)
    heard = Counter(pid for some in sets.values() for pid in {samples[at].pid for at in some})
    every: defaultdict[int, list[_Birth]] = defaultdict(list)
    for sequence, numbers in sets.items():
        theirs = [samples[number] for number in numbers]
        again = births(theirs)
        first = [at for at in first_births(theirs, again) if heard[theirs[at].pid] > 1]
        anew, latest = set(again), dict[int, int]()
        for at in sorted([*again, *first]):
            one = theirs[at]
            latest[one.pid] = max(one.local_us, latest.get(one.pid, one.local_us))
            # What a process says before its first birth is told is of that life too.
            place = (one.file, one.line) if at in anew else (-1, 0)
            every[one.pid].append(_Birth(numbers[at], sequence, place_of(*place), latest[one.pid]))
    return {
        pid: _Lives(sorted(begun, key=_by_time), [pid] * (len(begun) + 1))
        for pid, begun in every.items()
    }


def _by_time(birth: _Birth) -> tuple[int, int]:
    return birth.local_us, birth.number


def _name_others(lives: dict[int, _Lives], kept: set[int]) -> None:
    """Name all lives but the first, in the order of their births.

    Args:
        lives: of each pid.
        kept: pids that nobody had before their first birth.
    """
    later = sorted(
        (birth.number, pid, at)
        for pid, life in lives.items()
        for at, birth in enumerate(life.births, 1)
        if at > 1 or pid not in kept
    )
    for count, (_, pid, at) in enumerate(later):
        lives[pid].names[at] = LIFE_PID - count
