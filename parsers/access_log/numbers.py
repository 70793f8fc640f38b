"""Numbers: digits in a block → integers, calendar fields → microseconds, all rows at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Ints, Mask
from parsers.times.time_columns import civil_days, month_lengths

_MONTHS = np.frombuffer(b"JanFebMarAprMayJunJulAugSepOctNovDec", np.uint8).reshape(12, 3)
_MONTH_KEYS = _MONTHS.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
_MONTH_ORDER = np.argsort(_MONTH_KEYS)
#: Where the calendar ends with the year 9999, seconds from 1970 on.
CALENDAR_END_S = 253_402_300_800
#: More digits than any number mod_log_config writes.
_WIDEST = 18


def fixed_number(data: NDArray[np.uint8], at: Ints, width: int) -> Ints:
    """The number in the `width` digits at each place, or -1 where they are not digits."""
    value = np.zeros(len(at), np.int64)
    bad = np.zeros(len(at), bool)
    for ahead in range(width):
        digit = data[at + ahead] - np.uint8(ord("0"))
        bad |= digit > 9
        value = value * 10 + digit
    value[bad] = -1
    return value


def number_between(data: NDArray[np.uint8], start: Ints, end: Ints) -> Ints:
    """The number that fills each span, or -1 where it is empty, too long or no number."""
    width = end - start
    value = np.zeros(len(start), np.int64)
    bad = (start < 0) | (width <= 0) | (width > _WIDEST)
    for ahead in range(int(np.max(width, where=~bad, initial=0))):
        rows = np.flatnonzero(~bad & (width > ahead))
        digit = data[start[rows] + ahead] - np.uint8(ord("0"))
        value[rows] = value[rows] * 10 + digit
        bad[rows[digit > 9]] = True
    value[bad] = -1
    return value


def month_number(data: NDArray[np.uint8], at: Ints) -> Ints:
    """1 to 12 for the English three-letter month at each place (apr_month_snames), else 0."""
    letters = [data[at + ahead].astype(np.int64) for ahead in range(3)]
    key = (letters[0] << 16) | (letters[1] << 8) | letters[2]
    rank = np.minimum(np.searchsorted(_MONTH_KEYS, key, sorter=_MONTH_ORDER), 11)
    month = _MONTH_ORDER[rank]
    return np.where(_MONTH_KEYS[month] == key, month + 1, 0)


def calendar_days(year: Ints, month: Ints, day: Ints) -> tuple[Ints, Mask]:
    """Days from 1970-01-01 of each proleptic Gregorian date, and whether the date exists."""
    known = (month >= 1) & (month <= 12)
    month = np.where(known, month, 1)
    exists = known & (day >= 1) & (day <= month_lengths(year, month)) & (year >= 1900)
    return civil_days(year, month, day), exists


def offset_seconds(data: NDArray[np.uint8], at: Ints) -> tuple[Ints, Mask]:
    """Seconds east of UTC written as `+hhmm` at each place, and whether it is one."""
    sign = np.where(data[at] == ord("-"), -1, 1)
    signed = (data[at] == ord("+")) | (data[at] == ord("-"))
    hours, minutes = fixed_number(data, at + 1, 2), fixed_number(data, at + 3, 2)
    right = signed & (hours >= 0) & (hours <= 26) & (minutes >= 0) & (minutes < 60)
    return sign * (hours * 3600 + minutes * 60), right
