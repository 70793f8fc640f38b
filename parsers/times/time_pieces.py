"""Time pieces: what written times are made of, and how each piece is read."""

from __future__ import annotations

import string

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.scanning import KEEP, Places, Text

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: The widest written offset that is believed, in hours (tzdb's is 14, POSIX's 24).
_WIDEST_OFFSET = 15
#: The year of times whose lines write none: a leap year before all that can be written.
NO_YEAR = -40_000

#: Highest and lowest value of the numbers in a time; a second may be a leap second.
RANGES = {
    "year": (0, 9999), "year2": (0, 99), "century": (0, 99), "month": (1, 12), "day": (1, 31),
    "yearday": (1, 366), "hour": (0, 23), "hour12": (1, 12), "minute": (0, 59), "second": (0, 60),
    "fraction": (0, 999_999), "epoch": (0, 99_999_999_999), "number": (0, 10**9),
}  # fmt: skip

Parts = dict[str, NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a written time.

    Attributes:
        field: its meaning: a key of `RANGES`, `literal`, `month_name`, `weekday_name`, `ampm`,
            `offset` (+hhmm), `offset_colon` (+hh:mm), `names` (a name of variable length, see
            `values`), `zone` (a zone's name), or `month_alone` (the name of a month in a time whose
            year is written nowhere: see `years`).
        width: how many bytes, 0 where it varies.
        text: the bytes of a literal.
        spaced: the first digits may be spaces (`%e`).
        values: for `names`: the part that a name sets, and its value by folded name.
    """

    field: str
    width: int
    text: bytes = b""
    spaced: bool = False
    values: tuple[str, tuple[tuple[bytes, int], ...]] | None = None


def literal(text: bytes) -> Piece:
    """A piece that is always the same."""
    return Piece("literal", len(text), text)


def _bits(text: str) -> int:
    return sum(1 << byte for byte in text.encode())


_DIGITS, _LETTERS, _IN_OFFSETS = (
    _bits(text) for text in (string.digits, string.ascii_letters, string.digits + "+-:")
)


def allowed_bytes(piece: Piece) -> list[int]:
    """For each byte of a piece of fixed width: a bit for each that `read_piece` may read there."""
    match piece.field:
        case "literal":
            return [1 << byte for byte in piece.text]
        case "weekday_name" | "month_name" | "month_alone" | "ampm":
            allowed = _LETTERS
        case "offset" | "offset_colon":
            allowed = _IN_OFFSETS
        case _:
            allowed = _DIGITS | _bits(" ") * piece.spaced
    return [allowed] * piece.width


def read_piece(piece: Piece, columns: NDArray[np.uint8], fine: Mask, parts: Parts) -> None:
    """Read one fixed piece from its bytes (uint8[width, n]); clears `fine` where it is not one."""
    match piece.field:
        case "literal":
            for column, byte in zip(columns, piece.text, strict=True):
                fine &= column == byte
        case "weekday_name":
            for column in columns:
                fine &= ((column | 32) >= ord("a")) & ((column | 32) <= ord("z"))
        case "month_name":
            parts["month"] = _month(columns, fine)
        case "month_alone":
            parts["month"] = _month(columns, fine)
            parts["year"] = np.full(len(fine), NO_YEAR)
        case "ampm":
            fine &= ((columns[1] | 32) == ord("m")) & np.isin(columns[0] | 32, (ord("a"), ord("p")))
            parts["ampm"] = ((columns[0] | 32) == ord("p")).astype(np.int64)
        case "offset" | "offset_colon":
            parts["offset"] = _offset(columns, fine)
        case name:
            value = _number(columns, fine, spaced=piece.spaced)
            low, high = RANGES[name]
            fine &= (value >= low) & (value <= high)
            parts[name] = value * 10 ** (6 - piece.width) if name == "fraction" else value
            if name == "month":
                np.clip(value, 1, 12, out=value)


def _number(columns: NDArray[np.uint8], fine: Mask, *, spaced: bool = False) -> NDArray[np.int64]:
    value = np.zeros(columns.shape[1], np.int64)
    for k, column in enumerate(columns):
        digit = column.astype(np.int64) - ord("0")
        blank = column == ord(" ")
        if spaced and k < len(columns) - 1:
            digit[blank & (value == 0)] = 0
        fine &= (digit >= 0) & (digit <= 9)
        value = value * 10 + digit
    return value


def _month(columns: NDArray[np.uint8], fine: Mask) -> NDArray[np.int64]:
    """The number of English three-letter months; httpd never prints others (apr_month_snames)."""
    folded = (columns | 32).astype(np.int64)
    key = (folded[0] << 16) | (folded[1] << 8) | folded[2]
    month = np.zeros(len(key), np.int64)
    for number, name in enumerate(MONTHS, 1):
        month[key == int.from_bytes(name.encode(), "big")] = number
    fine &= month > 0
    return np.maximum(month, 1)


def _offset(columns: NDArray[np.uint8], fine: Mask) -> NDArray[np.int64]:
    """Seconds of `+hhmm` or `+hh:mm`."""
    fine &= (columns[0] == ord("+")) | (columns[0] == ord("-"))
    if len(columns) == 6:
        fine &= columns[3] == ord(":")
    hours = _number(columns[1:3], fine)
    minutes = _number(columns[-2:], fine)
    fine &= (hours <= _WIDEST_OFFSET) & (minutes <= 59)
    sign = np.where(columns[0] == ord("-"), np.int64(-1), np.int64(1))
    return np.asarray(sign * (hours * 3600 + minutes * 60), np.int64)


#: A name of a month, a day or a zone is never longer.
_LONGEST_NAME = 40


def read_name(piece: Piece, text: Text, at: Places) -> tuple[Mask, Places, Parts]:
    """Read a piece of variable length: one of known names, or the name of a zone."""
    if piece.field == "digits":
        part = piece.text.decode()
        value, end = text.number(at)
        low, high = RANGES[part]
        return (value >= low) & (value <= high), end, {part: np.clip(value, low, high)}
    if piece.values is None:
        # Windows' names of zones have spaces, so only what follows tells the end.
        limit = np.minimum(at + _LONGEST_NAME, text.size)
        end = text.find(at, limit, piece.text) if piece.text else text.token_end(at, 0)
        return end > at, np.maximum(end, at), {}
    part, names = piece.values
    fine = np.zeros(len(at), np.bool_)
    end = at.copy()
    value = np.ones(len(at), np.int64)
    for name, number in names:
        found = _starts_folded(text, at, name) & (at + len(name) > end)
        fine |= found
        end[found] = at[found] + len(name)
        value[found] = number
    return fine, end, {part: value}


def _starts_folded(text: Text, at: Places, name: bytes) -> Mask:
    """Whether `name` (in lower case) stands at each place; ASCII letters match in either case."""
    fine = np.ones(len(at), np.bool_)
    for k, words in enumerate(text.words(at, -(-len(name) // 8))):
        part = name[8 * k : 8 * k + 8]
        fold = bytes(32 if chr(b).isascii() and chr(b).isalpha() else 0 for b in part)
        folded = (words | np.uint64(int.from_bytes(fold, "little"))) & KEEP[len(part)]
        fine &= folded == np.uint64(int.from_bytes(part, "little"))
    return fine
