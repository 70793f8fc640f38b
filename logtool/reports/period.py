"""Period: the time that a report covers, in equal parts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from logtool.people.instants import microseconds
from parsers.arrays import Ints
from parsers.classes import dataclass
from parsers.lines import NO_TIME

#: Fine parts of a period: gaps are found in them, charts join several.
FINE_PARTS = 1440
#: Parts of a trend.
TREND = 24
#: Stands for no part of a trend.
NO_PART = 31
#: What first came in the last parts of a trend is new.
NEW_PARTS = 3

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = datetime.min.replace(tzinfo=UTC)
#: 1970-01-01 was a Thursday.
_HOUR_US, _FIRST_HOUR, _WEEK = 3_600_000_000, 3 * 24, 168
#: The least handy number of seconds that is no less than a part must be.
_HANDY = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)


@dataclass(frozen=True, slots=True)
class Period:
    """The time that a report covers, in equal parts.

    Attributes:
        start: its beginning.
        step: the length of a part: whole seconds.
        parts: how many.
    """

    start: datetime
    step: timedelta
    parts: int

    @classmethod
    def of(cls, first: datetime, last: datetime, most: int) -> Period:
        """At most so many parts from the first instant to the last."""
        span = max(last - first, timedelta(seconds=1))
        step = timedelta(seconds=_round_step(span.total_seconds() / most))
        start = first - min((first - _EPOCH) % step, first - _FIRST)
        return cls(start, step, min(int((last - start) / step) + 1, most + 1))

    @property
    def numbers(self) -> tuple[int, int, int]:
        """When the first part begins and how long parts are, microseconds; which is the last."""
        return microseconds(self.start), self.step // _MICROSECOND, self.parts - 1

    def part(self, utc_us: Ints) -> Ints:
        """The number of the part of each instant; instants outside count to the nearest."""
        start_us, step_us, last = self.numbers
        number: Ints = np.minimum((np.maximum(utc_us, start_us) - start_us) // step_us, last)
        return number

    def trend(self, part: Ints, timed: NDArray[np.bool_]) -> Ints:
        """The part of a trend that each part is in, of `TREND` equal ones; NO_PART for no time."""
        trend = _trends(self.parts).take(part)
        return trend if timed.all() else np.where(timed, trend, NO_PART)

    def trend_of(self, us: int) -> int:
        """The same of one instant, microseconds, or NO_TIME."""
        if us == NO_TIME:
            return NO_PART
        start_us, step_us, last = self.numbers
        return int(_trends(self.parts)[min(max(us - start_us, 0) // step_us, last)])


@cache
def _trends(parts: int) -> Ints:
    """In which part of a trend each of so many parts is."""
    return np.arange(parts) * TREND // parts


def hours_of_week(us: Ints) -> Ints:
    """How many instants are in each hour of the week, from Monday 0 o'clock in UTC: int64[168]."""
    hour = us // _HOUR_US
    new = np.ones(len(hour), np.bool_)
    np.not_equal(hour[1:], hour[:-1], out=new[1:])
    start = np.flatnonzero(new)  # few: lines come as time goes
    lines = np.diff(start, append=len(hour))
    return np.bincount((hour[start] + _FIRST_HOUR) % _WEEK, lines, _WEEK).astype(np.int64)


def is_late(when: datetime | None, first: datetime | None, last: datetime | None) -> bool:
    """Whether an instant is in the last parts of a trend from the first instant to the last."""
    if when is None or first is None or last is None or first == last:
        return False
    return (when - first) / (last - first) >= 1 - NEW_PARTS / TREND


def _round_step(seconds: float) -> int:
    for step in _HANDY:
        if seconds <= step:
            return step
    return 86400 * -(-int(seconds) // 86400)
