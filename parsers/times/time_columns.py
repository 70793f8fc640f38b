"""Time columns: takes the parts of many times, gives the local times that they make together."""

from __future__ import annotations

from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.lines import NO_OFFSET, NO_TIME
from parsers.times.time_pieces import Parts
from parsers.units import SECOND

_MONTH_LENGTHS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)
#: Microseconds of a day.
DAY = 86_400 * SECOND


@dataclass(slots=True, eq=False)
class TimeColumns:
    """What times say, one row per line.

    Attributes:
        local_us: int64[n], NO_TIME where the form does not say it all.
        offset_s: int32[n], seconds east of UTC, or NO_OFFSET.
        digits: of the fraction.
        valid: bool[n], whether the day exists in its month.
        complete: whether date and hour are known.
        parts: what was read, for forms that do not say it all.
    """

    local_us: NDArray[np.int64]
    offset_s: NDArray[np.int32]
    digits: int
    valid: Mask
    complete: bool = True
    parts: Parts = field(default_factory=dict)

    @classmethod
    def none(cls, size: int) -> TimeColumns:
        """What is said where there are no times."""
        nothing = np.full(size, NO_TIME, np.int64)
        unwritten = np.full(size, NO_OFFSET, np.int32)
        return cls(nothing, unwritten, 0, np.zeros(size, np.bool_), complete=False)

    @classmethod
    def of(cls, parts: Parts, size: int, digits: int = 0) -> TimeColumns:
        """Put the parts of times together."""
        offset = parts.get("offset")
        offset_s = np.full(size, NO_OFFSET, np.int32) if offset is None else offset.astype(np.int32)
        valid = np.ones(size, np.bool_)
        if "epoch" in parts:
            local = parts["epoch"] * SECOND + parts.get("fraction", 0)
            return cls(local, np.zeros(size, np.int32), digits, valid)
        days = _days(parts, valid)
        hour = _hour(parts)
        if days is None or hour is None:
            nothing = np.full(size, NO_TIME, np.int64)
            return cls(nothing, offset_s, digits, valid, complete=False, parts=parts)
        local = days * DAY + hour * (3600 * SECOND)
        local += parts.get("minute", 0) * (60 * SECOND)
        local += parts.get("second", 0) * SECOND + parts.get("fraction", 0)
        return cls(local, offset_s, digits, valid)


def _days(parts: Parts, valid: Mask) -> NDArray[np.int64] | None:
    """Days since 1970-01-01; clears `valid` where a month or a year does not have the day."""
    year = parts.get("year")
    if year is None and "year2" in parts:
        # POSIX: 69-99 are 1969-1999, 0-68 are 2000-2068; %C says otherwise.
        two = parts["year2"]
        century = parts.get("century", np.where(two >= 69, 19, 20))
        year = century * 100 + two
    if year is None:
        return None
    if "month" in parts and "day" in parts:
        month, day = parts["month"], parts["day"]
        valid &= day <= month_lengths(year, month)
        return civil_days(year, month, day)
    if "yearday" in parts:
        valid &= parts["yearday"] <= 365 + is_leap(year)
        return civil_days(year, np.ones_like(year), parts["yearday"])
    return None


def is_leap(year: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether years have a 29th of February."""
    leap: NDArray[np.bool_] = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    return leap


def month_lengths(year: NDArray[np.int64], month: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many days months from 1 to 12 of some years have."""
    return np.asarray(_MONTH_LENGTHS[month] - ((month == 2) & ~is_leap(year)), np.int64)


def civil_days(
    year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Days since 1970-01-01 of proleptic Gregorian dates.

    Years that begin in March put the leap day last (Howard Hinnant, days_from_civil).
    """
    shifted = year - (month <= 2)
    era = shifted // 400
    of_era = shifted - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return np.asarray(days, np.int64)


def _hour(parts: Parts) -> NDArray[np.int64] | None:
    if "hour" in parts:
        return parts["hour"]
    if "hour12" in parts:
        return parts["hour12"] % 12 + 12 * parts.get("ampm", np.zeros_like(parts["hour12"]))
    return None
