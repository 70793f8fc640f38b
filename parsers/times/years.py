"""Years: takes times whose lines write no year, gives each the year that it most likely has.

That is the latest in which it is not after the day that follows a known instant: a local time may
be ahead of UTC by most of a day. Each time is told by itself, whatever stands around it, and a 29th
of February by the latest leap year.
"""

from __future__ import annotations

import time
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from parsers.lines import NO_TIME
from parsers.times.time_columns import DAY, civil_days, is_leap
from parsers.times.time_pieces import NO_YEAR

#: Days of a leap year, and years before any among which there is a leap one.
_DAYS, _YEARS = 366, 8
#: The first day of NO_YEAR, and the first moment behind it, days and microseconds from 1970.
_FIRST = int(civil_days(*(np.array([one]) for one in (NO_YEAR, 1, 1)))[0])
_BEHIND_US = (_FIRST + _DAYS) * DAY
#: Nobody wrote logs before: what was modified then bears no true time.
_EARLIEST_US = 9_000 * DAY


def lack_year(local_us: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which local times are those of lines that write no year."""
    lacking: NDArray[np.bool_] = (local_us < _BEHIND_US) & (local_us != NO_TIME)
    return lacking


def put_years(local_us: NDArray[np.int64], latest_us: int) -> None:
    """Give local times that lack a year the latest that fits.

    Args:
        local_us: int64[n], changed in place.
        latest_us: an instant after which none of them lies, microseconds UTC.
    """
    rows = np.flatnonzero(lack_year(local_us))
    if not len(rows):
        return
    some = slice(None) if len(rows) == len(local_us) else rows
    days, of_day = np.divmod(local_us[some], DAY)
    local_us[some] = _latest(latest_us // DAY + 1).take(days - _FIRST) * DAY + of_day


def not_in_future(latest_us: int | None) -> int:
    """The instant when a file was modified last, or now, where that is not known or not true."""
    now_us = time.time_ns() // 1000
    return now_us if latest_us is None or latest_us < _EARLIEST_US else min(latest_us, now_us)


@lru_cache
def _latest(day: int) -> NDArray[np.int64]:
    """For each day of a leap year the latest such day that is not after a day: days from 1970."""
    dates = np.arange("2000-01-01", "2001-01-01", dtype="datetime64[D]")
    months = dates.astype("datetime64[M]")
    month, of_month = months.astype(np.int64) % 12 + 1, (dates - months).astype(np.int64) + 1
    latest = np.full(_DAYS, NO_TIME)
    this_year = 1970 + int(np.datetime64(day, "D").astype("datetime64[Y]").astype(np.int64))
    for year in range(this_year - _YEARS, this_year + 1):
        days = civil_days(np.full(_DAYS, year), month, of_month)
        there = (month != 2) | (of_month < 29) | is_leap(np.array(year))
        fits = there & (days <= day)
        latest[fits] = days[fits]
    return latest
