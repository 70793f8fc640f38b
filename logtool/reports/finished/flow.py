"""Flow: takes lines counted by time, level and clock, gives rates, spikes and silences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median

import numpy as np
from numpy.typing import NDArray

from logtool.people.instants import instant, microseconds
from logtool.reports.counted.counting import Counting
from logtool.reports.finished.clock_numbers import utc_offset, who
from logtool.reports.numbers import Count, Gap, Rate, Series
from logtool.reports.period import Period
from logtool.reports.tallies.keys import FLOW, OFFSET_ZERO
from logtool.reports.tallies.tally import Groups
from parsers.arrays import Ints
from parsers.classes import dataclass
from parsers.error_log_format.items import LEVELS

#: Parts of a chart, at most.
_CHART = 120
_GAPS = 5
#: A silence is told if it is that long, and that share of the period.
_LEAST_GAP, _GAP_SHARE = timedelta(minutes=10), 50
#: A part is a spike with so many errors, and so many times the usual.
_SPIKE_LEAST, _SPIKE_TIMES = 10, 4

_MICROSECOND = timedelta(microseconds=1)
_MAX = int(np.iinfo(np.int64).max)


def instants(groups: Groups) -> tuple[datetime | None, datetime | None]:
    """The first and the last instant of some groups, if any line has one."""
    first, last = int(groups.first_us.min(initial=_MAX)), int(groups.last_us.max(initial=-_MAX))
    return from_to(first, last)


def from_to(first_us: int, last_us: int) -> tuple[datetime | None, datetime | None]:
    """Two instants in microseconds; none where the second is before the first."""
    return (None, None) if first_us > last_us else (instant(first_us), instant(last_us))


def most_first(counts: Iterable[Count]) -> tuple[Count, ...]:
    """Most lines first; what is equal by name, so that two runs agree."""
    return tuple(sorted(counts, key=lambda one: (-one.lines, one.name)))


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """Lines by part of the period, level, kind of process and offset.

    Attributes:
        period: the parts.
        kinds: role and daemon group, by their number in `who`.
        groups: the counts.
        part, level, who, offset: int64[n], what each group shares; see `keys.FLOW`.
    """

    period: Period
    kinds: Sequence[tuple[str, str]]
    groups: Groups
    part: Ints
    level: Ints
    who: Ints
    offset: Ints

    @classmethod
    def of(cls, counting: Counting) -> Flow:
        """The flow that was counted."""
        groups = counting.flow.groups()
        return cls(counting.period, counting.vocabulary.kinds, groups, **FLOW.unpack(groups.key))

    def levels(self) -> tuple[Count, ...]:
        """Lines by level, the most severe first."""
        lines = self._sums(self.level, len(LEVELS) + 1)
        names = zip((*LEVELS, ""), lines, strict=True)
        return tuple(Count(name, count) for name, count in names if count)

    def roles(self) -> tuple[Count, ...]:
        """Lines by kind of process, most first."""
        names = zip(self.kinds, self._sums(self.who, len(self.kinds)), strict=True)
        return most_first(Count(who(*kind), count) for kind, count in names if count)

    def gaps(self) -> tuple[Gap, ...]:
        """The longest silences between lines of different parts."""
        timed = np.flatnonzero(self.offset > 0)
        first, last = instants(self.groups.at(timed))
        if first is None or last is None:
            return ()
        part, place = np.unique(self.part[timed], return_inverse=True)
        begin, end = np.full(len(part), _MAX), np.full(len(part), -_MAX)
        np.minimum.at(begin, place, self.groups.first_us[timed])
        np.maximum.at(end, place, self.groups.last_us[timed])
        silence = begin[1:] - np.maximum.accumulate(end)[:-1]
        least = max(_LEAST_GAP, (last - first) / _GAP_SHARE) // _MICROSECOND
        longest = np.argsort(-silence, kind="stable")[:_GAPS]
        told = np.sort(longest[silence[longest] >= least])
        starts = np.maximum.accumulate(end)
        return tuple(Gap(instant(int(starts[n])), instant(int(begin[n + 1]))) for n in told)

    def rate(self, news: Iterable[datetime | None], news_us: Ints) -> Rate:
        """Lines over time, in parts for a chart; `news` is when new problems were first seen."""
        timed = np.flatnonzero(self.offset > 0)
        if not len(timed):
            return Rate(None, 0, (), (), (), ())
        joined = -(-self.period.parts // _CHART)
        parts = -(-self.period.parts // joined)
        part, lines = self.part[timed] // joined, self.groups.lines[timed]

        def counts(chosen: NDArray[np.bool_], what: Ints = lines) -> tuple[int, ...]:
            counted = np.bincount(part[chosen], weights=what[chosen], minlength=parts)
            return tuple(counted.astype(np.int64).tolist())

        level, who_, offset = self.level[timed], self.who[timed], self.offset[timed]
        by_level = [
            Series((*LEVELS, "")[number], counts(level == number)) for number in np.unique(level)
        ]
        clocks = [
            Series(
                f"{who(*self.kinds[kind])}, {utc_offset(east - OFFSET_ZERO)}",
                counts((who_ == kind) & (offset == east)),
            )
            for kind, east in sorted(set(zip(who_.tolist(), offset.tolist(), strict=True)))
        ]
        errors = counts(np.ones(len(timed), np.bool_), self.groups.errors[timed])
        return Rate(
            self.period.start,
            int(self.period.step.total_seconds()) * joined,
            tuple(by_level),
            tuple(sorted(clocks, key=lambda one: (-sum(one.lines), one.name))),
            _spikes(errors),
            tuple(sorted({part // joined for part in self._parts(news, news_us)})),
        )

    def _parts(self, news: Iterable[datetime | None], news_us: Ints) -> Sequence[int]:
        """Parts of instants, and of such in microseconds."""
        some_us = [microseconds(when) for when in news if when]
        every = np.append(news_us, np.array(some_us, np.int64))
        return [int(part) for part in np.unique(self.period.part(every))]

    def _sums(self, number: Ints, size: int) -> list[int]:
        sums = np.bincount(number, weights=self.groups.lines, minlength=size)
        return [int(one) for one in sums]


def _spikes(errors: Sequence[int]) -> tuple[int, ...]:
    usual = median([count for count in errors if count] or [0])
    return tuple(
        number
        for number, count in enumerate(errors)
        if count >= _SPIKE_LEAST and count > _SPIKE_TIMES * usual
    )
