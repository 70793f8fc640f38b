"""Stamps: takes instants and a form of time, gives the texts to write in the place of stamps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Bytes, Ints
from parsers.times.strftime import ERAS, NUMERIC_UTC, option_pieces
from parsers.times.time_pieces import MONTHS, Piece, literal
from parsers.units import SECOND

_MINUTE = 60
_DAY = 86_400
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday
#: So many dates are remembered.
_DATES = 1024

#: Instants whose year has four digits: 0001-01-01 up to the end of 9999, seconds.
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799
#: The first of them in microseconds, and the first one behind them.
CALENDAR_US = _FIRST_SECOND * SECOND, (_LAST_SECOND + 1) * SECOND
#: Instants whose epoch is written with ten digits.
_LAST_EPOCH = 9_999_999_999


def in_calendar(us: Ints) -> NDArray[np.bool_]:
    """Which times in microseconds have a year of four digits, from 0001 on."""
    first, behind = CALENDAR_US
    inside: NDArray[np.bool_] = (us >= first) & (us < behind)
    return inside


def _table(texts: Sequence[str]) -> Bytes:
    """Texts of equal width as uint8[len, width]."""
    joined = "".join(texts).encode()
    return np.frombuffer(joined, np.uint8).reshape(len(texts), -1)


_MONTH_NAMES = _table([name.capitalize() for name in MONTHS])
_WEEKDAY_NAMES = _table(_WEEKDAYS)
_HALVES = _table(["AM", "PM"])

#: Longer numbers are written digit by digit; shorter ones from a table of all of them.
_LONGEST_NUMERAL = 4

#: Those that differ within a minute.
_TELL_SECONDS = frozenset({"second", "epoch"})
#: Pieces whose text is the same in UTC at every instant.
_CONSTANT = {"offset": b"+0000", "offset_colon": b"+00:00", "zone": b"UTC"}
_NUMBERS = frozenset({
    "year", "year2", "century", "month", "day", "yearday", "hour", "hour12", "minute", "second",
    "epoch",
})  # fmt: skip
_WRITABLE = _NUMBERS | _CONSTANT.keys() | {
    "literal", "fraction", "month_name", "month_alone", "weekday_name", "ampm",
}  # fmt: skip


def time_pieces(style: str, digits: int) -> tuple[Piece, ...]:
    """The pieces of errlog's own forms.

    Args:
        style: `cuz`, `iso`, `epoch`, or `iso_numeric`: like `iso`, with `+00:00` for the `Z`.
        digits: of the fraction: 0, 3 or 6.
    """
    compact = option_pieces("c" + {0: "", 3: "m", 6: "u"}[digits], ERAS[0])
    date, clock = compact[:5], compact[6:]
    if style == "cuz":
        return (*compact, literal(b" "), Piece("offset", 5))
    if style in ("iso", "iso_numeric"):
        utc = b"Z" if style == "iso" else NUMERIC_UTC
        return (*date, literal(b"T"), *clock, literal(utc))
    return (Piece("epoch", 10), *clock[5:])


class Within(NamedTuple):
    """What differs among the texts of instants within one stretch of time.

    Attributes:
        size: how long a stretch is, seconds: 1, or 60 where only two digits tell the second.
        second: where these stand, or -1.
        fraction: where the digits of the fraction stand, or -1.
        digits: how many there are: 3 or 6.
    """

    size: int
    second: int
    fraction: int
    digits: int


class StampWriter:
    """Writes instants in one form of time.

    Attributes:
        width: bytes of each text.
        first_second, last_second: the instants that the form can tell, seconds UTC.
    """

    def __init__(self, pieces: Sequence[Piece], day_padding: str = "0") -> None:
        """Take the form's pieces; `day_padding` is what stands before a day below ten."""
        self._pieces = [(_constant_or(piece), place) for piece, place in _placed(pieces)]
        self._day_padding = ord(day_padding)
        self._fractions = [
            (place, piece.width) for piece, place in self._pieces if piece.field == "fraction"
        ]
        self.width = sum(piece.width for piece, _ in self._pieces)
        #: What is the same in all texts, and zeros.
        self._constant = np.zeros(self.width, np.uint8)
        for piece, place in self._pieces:
            if piece.field == "literal":
                self._constant[place : place + piece.width] = np.frombuffer(piece.text, np.uint8)
        epoch = any(piece.field == "epoch" for piece in pieces)
        self.first_second = 0 if epoch else _FIRST_SECOND
        self.last_second = _LAST_EPOCH if epoch else _LAST_SECOND

    @staticmethod
    def can_write(pieces: Sequence[Piece]) -> bool:
        """Whether every piece can be written again (names in other languages cannot)."""
        return all(piece.field in _WRITABLE for piece in pieces)

    def write(self, utc_us: Ints) -> Bytes:
        """The texts of instants within `first_second` and `last_second`: uint8[n, width]."""
        if not len(utc_us):
            return np.empty((0, self.width), np.uint8)
        seconds = utc_us // SECOND
        heads, run = _runs(seconds)
        runs = self.to_the_second(heads)
        # Whole rows at once: taking bytes row by row is several times slower.
        whole = runs.view(f"V{self.width}").ravel()[run]
        text: Bytes = whole.view(np.uint8).reshape(len(seconds), self.width)
        for place, digits in self._fractions:
            _put_fraction(text, place, digits, utc_us - seconds * SECOND)
        return text

    @cached_property
    def within(self) -> Within | None:
        """What differs among the texts of instants that are near each other; None for too much."""
        if len(self._fractions) > 1:
            return None
        fraction, digits = self._fractions[0] if self._fractions else (-1, 0)
        told = [(piece, place) for piece, place in self._pieces if piece.field in _TELL_SECONDS]
        match told:
            case [(Piece(field="second", width=2, spaced=False), place)]:
                return Within(_MINUTE, place, fraction, digits)
        return Within(1, -1, fraction, digits)

    def to_the_second(self, seconds: Ints) -> Bytes:
        """The texts of seconds, uint8[n, width]; what stands for their fractions is undefined."""
        text = np.empty((len(seconds), self.width), np.uint8)
        text[:] = self._constant
        values = _calendar(seconds)
        for piece, place in self._pieces:
            if piece.field in ("literal", "fraction"):
                continue
            column = text[:, place : place + piece.width]
            match piece.field:
                case "month_name" | "month_alone":
                    column[:] = _MONTH_NAMES[values["month"] - 1]
                case "weekday_name":
                    column[:] = _WEEKDAY_NAMES[values["weekday"]]
                case "ampm":
                    column[:] = _HALVES[values["hour"] // 12]
                case field:
                    if piece.width <= _LONGEST_NUMERAL:
                        numerals = _numerals(piece.width)
                        _column(text, place, f"V{piece.width}")[:] = numerals[values[field]]
                    else:
                        _put_number(column, values[field])
                    if piece.spaced:
                        padding = self._day_padding if field == "day" else ord(" ")
                        column[values[field] < 10, 0] = padding
        return text


def _placed(pieces: Sequence[Piece]) -> list[tuple[Piece, int]]:
    """Each piece with the place where its text begins."""
    place, placed = 0, []
    for piece in pieces:
        placed.append((piece, place))
        place += _constant_or(piece).width
    return placed


def _constant_or(piece: Piece) -> Piece:
    text = _CONSTANT.get(piece.field)
    return piece if text is None else literal(text)


def _runs(values: Ints) -> tuple[Ints, Ints]:
    """The values at which one differs from the one before, and for each value which of those."""
    changed = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=changed[1:])
    return values[changed], np.cumsum(changed) - 1


def _put_number(column: Bytes, value: Ints) -> None:
    for place in reversed(range(column.shape[1])):
        value, digit = np.divmod(value, 10)
        column[:, place] = digit + ord("0")


def _put_fraction(text: Bytes, place: int, digits: int, micros: Ints) -> None:
    """Write milliseconds, or microseconds, at `place` of each text.

    Bytes are written as elements of two to four: one by one they are several times slower.
    """
    if digits == 3:
        _column(text, place, "V3")[:] = _numerals(3)[micros // 1000]
        return
    small = micros.astype(np.uint32)
    first = small // np.uint32(10_000)
    _column(text, place, "V2")[:] = _numerals(2)[first]
    _column(text, place + 2, "V4")[:] = _numerals(4)[small - first * np.uint32(10_000)]


@cache
def _numerals(digits: int) -> NDArray[np.void]:
    """The text of every number of so many digits."""
    text = np.empty((10**digits, digits), np.uint8)
    _put_number(text, np.arange(len(text)))
    return text.view(f"V{digits}").ravel()


def _column(text: Bytes, place: int, element: str) -> NDArray[np.void]:
    """What stands at `place` of each text."""
    return np.ndarray((len(text),), element, text, place, text.strides[:1])


def _calendar(seconds: Ints) -> dict[str, Ints]:
    """The numbers of the proleptic Gregorian calendar, in UTC."""
    days = seconds // _DAY
    of_day = seconds - days * _DAY
    hour = of_day // 3600
    heads, run = _runs(days)
    dates = _date_of(int(heads[0])) if len(heads) == 1 else _date(heads)
    return {name: values[run] for name, values in dates.items()} | {
        "epoch": seconds,
        "hour": hour,
        "hour12": (hour + 11) % 12 + 1,
        "minute": of_day // 60 % 60,
        "second": of_day % 60,
    }


@lru_cache(_DATES)
def _date_of(day: int) -> dict[str, Ints]:
    """That of one day: texts of many times are of the same few."""
    return _date(np.array([day]))


def _date(days: Ints) -> dict[str, Ints]:
    """The numbers of dates, from days since 1970-01-01."""
    year, month, day = _civil(days)
    new_year = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    return {
        "year": year,
        "year2": year % 100,
        "century": year // 100,
        "month": month,
        "day": day,
        "yearday": days - new_year + 1,
        "weekday": (days + _EPOCH_WEEKDAY) % 7,
    }


def _civil(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Year, month and day of days since 1970-01-01."""
    date = days.astype("datetime64[D]")
    months = date.astype("datetime64[M]")
    month = months.astype(np.int64)
    day = (date - months).astype(np.int64) + 1
    return month // 12 + 1970, month % 12 + 1, day
