"""Timestamps: takes places in a block, gives the local times that stand there, or none.

A `TimeForm` is one way to write a time, as pieces of known meaning. Pieces of fixed width are
decoded together: all but seconds and fraction once per run of equal lines.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from parsers.lines import NO_OFFSET, NO_TIME
from parsers.scanning import KEEP, Mask, Places, Text, Words, digits_value, word_at

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_LENGTHS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
#: The widest written offset that is believed, in hours (tzdb's is 14, POSIX's 24).
_WIDEST_OFFSET = 15

#: Highest and lowest value of the numbers in a time; a second may be a leap second.
_RANGES = {
    "year": (0, 9999), "year2": (0, 99), "century": (0, 99), "month": (1, 12), "day": (1, 31),
    "yearday": (1, 366), "hour": (0, 23), "hour12": (1, 12), "minute": (0, 59), "second": (0, 60),
    "fraction": (0, 999_999), "epoch": (0, 99_999_999_999), "number": (0, 10**9),
}  # fmt: skip

Parts = dict[str, NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a written time.

    Attributes:
        field: its meaning: a key of `_RANGES`, `literal`, `month_name`, `weekday_name`, `ampm`,
            `offset` (+hhmm), `offset_colon` (+hh:mm), `names` (a name of variable length, see
            `values`) or `zone` (a zone's name).
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


@dataclass(frozen=True)
class TimeForm:
    """One way to write a time.

    Attributes:
        pieces: in order.
        utc_suffix: what may follow a time that errlog wrote in this form: ` +0000` or `Z`.
        suffix_required: without that suffix it is not this form.
        lead, trail: literals that must stand around it, read along with it because that is
            cheaper than on their own.
    """

    pieces: tuple[Piece, ...]
    utc_suffix: bytes = b""
    suffix_required: bool = False
    lead: bytes = b""
    trail: bytes = b""

    @cached_property
    def complete(self) -> bool:
        """Whether the form says the second, or at least the day and the hour."""
        fields = {p.field for p in self.pieces} | {
            p.values[0] for p in self.pieces if p.values is not None
        }
        fields |= {p.text.decode() for p in self.pieces if p.field == "digits"}
        year = bool(fields & {"year", "year2"})
        month = bool(fields & {"month", "month_name"}) and "day" in fields
        day = year and (month or "yearday" in fields)
        hour = "hour" in fields or "hour12" in fields
        return "epoch" in fields or (day and hour)

    @cached_property
    def digits(self) -> int:
        """Digits of its fraction: 0, 3 or 6."""
        return max((p.width for p in self.pieces if p.field == "fraction"), default=0)

    @cached_property
    def segments(self) -> tuple[FixedSegment | Piece, ...]:
        """The pieces, those of fixed width joined."""
        out: list[FixedSegment | Piece] = []
        fixed: list[Piece] = []
        pieces = [literal(self.lead), *self.pieces] if self.lead else [*self.pieces]
        if self.trail and not self.utc_suffix:
            pieces.append(literal(self.trail))
        for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
            if piece.width:
                fixed.append(piece)
                continue
            if piece.field == "zone" and following is not None:
                piece = replace(piece, text=following.text)
            if fixed:
                out.append(FixedSegment(tuple(fixed)))
                fixed = []
            out.append(piece)
        if fixed:
            out.append(FixedSegment(tuple(fixed)))
        return tuple(out)

    def read(self, text: Text, at: Places) -> tuple[Mask, Places, TimeColumns]:
        """Whether such a time and its surroundings stand there, their end, and what it says."""
        segment = self.segments[0]
        if len(self.segments) == 1 and isinstance(segment, FixedSegment) and self.complete:
            fine, end, columns = segment.read(text, at)
        else:
            fine, end, parts = self._read_segments(text, at)
            columns = TimeColumns.of(parts, len(at), self.digits)
            fine = fine & columns.valid
        if self.utc_suffix and fine.any():
            written = fine & text.has(end, self.utc_suffix)
            if self.suffix_required:
                fine = written
            if written.any():
                end = end + len(self.utc_suffix) * written
                columns.offset_s = np.where(written, 0, columns.offset_s).astype(np.int32)
        if self.utc_suffix and self.trail:
            fine = fine & text.has(end, self.trail)
            end = end + len(self.trail)
        return fine, end, columns

    def _read_segments(self, text: Text, at: Places) -> tuple[Mask, Places, Parts]:
        fine = np.ones(len(at), np.bool_)
        parts: Parts = {}
        for segment in self.segments:
            if isinstance(segment, FixedSegment):
                ok, at, found = segment.read_parts(text, at)
            else:
                ok, at, found = _read_name(segment, text, at)
            fine &= ok
            parts.update(found)
        return fine, at, parts


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
    def of(cls, parts: Parts, size: int, digits: int = 0) -> TimeColumns:
        """Put the parts of times together."""
        offset = parts.get("offset")
        offset_s = np.full(size, NO_OFFSET, np.int32) if offset is None else offset.astype(np.int32)
        valid = np.ones(size, np.bool_)
        if "epoch" in parts:
            local = parts["epoch"] * _SECOND + parts.get("fraction", 0)
            return cls(local, np.zeros(size, np.int32), digits, valid)
        days = _days(parts, valid)
        hour = _hour(parts)
        if days is None or hour is None:
            nothing = np.full(size, NO_TIME, np.int64)
            return cls(nothing, offset_s, digits, valid, complete=False, parts=parts)
        local = days * _DAY + hour * (3600 * _SECOND)
        local += parts.get("minute", 0) * (60 * _SECOND)
        local += parts.get("second", 0) * _SECOND + parts.get("fraction", 0)
        return cls(local, offset_s, digits, valid)


def _days(parts: Parts, valid: Mask) -> NDArray[np.int64] | None:
    """Days since 1970-01-01; clears `valid` where a month does not have the day."""
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
        leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
        valid &= (day <= _MONTH_LENGTHS[month]) & ~((month == 2) & (day == 29) & ~leap)
        return civil_days(year, month, day)
    if "yearday" in parts:
        return civil_days(year, np.ones_like(year), parts["yearday"])
    return None


def civil_days(
    year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Days since 1970-01-01 of proleptic Gregorian dates."""
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


class FixedSegment:
    """Pieces of fixed width, read together from the words they cover."""

    def __init__(self, pieces: tuple[Piece, ...]) -> None:
        self.width = sum(p.width for p in pieces)
        self._count = -(-self.width // 8)
        self._slow: list[tuple[int, Piece]] = []
        self._fast: list[tuple[int, Piece]] = []
        stable = bytearray(8 * self._count)
        names = [piece.field for piece in pieces]
        at = 0
        for piece in pieces:
            # Said twice, they are slow: the last one counts.
            fast = piece.field in ("second", "fraction") and names.count(piece.field) == 1
            (self._fast if fast else self._slow).append((at, piece))
            if not fast:
                stable[at : at + piece.width] = b"\xff" * piece.width
            at += piece.width
        self._stable = np.frombuffer(bytes(stable), "<u8")
        self._digits = max((p.width for p in pieces if p.field == "fraction"), default=0)

    def read(self, text: Text, at: Places) -> tuple[Mask, Places, TimeColumns]:
        """Whether each place holds these pieces, where they end, and the time they say.

        They must say it all.
        """
        words = text.words(at, self._count)
        heads, run = self._runs(words)
        fine, parts = self._slow_parts(words, heads)
        slow = TimeColumns.of(parts, len(heads), self._digits)
        fine &= slow.valid
        fast_fine, fast = self._fast_parts(words)
        # Validity, time and offset are those of the run's head.
        local = slow.local_us[run]
        if "second" in fast:
            local += fast["second"] * _SECOND
        if "fraction" in fast:
            local += fast["fraction"]
        columns = TimeColumns(local, slow.offset_s[run], self._digits, slow.valid)
        if not fine.all():
            fast_fine &= fine[run]
        return fast_fine, at + self.width, columns

    def read_parts(self, text: Text, at: Places) -> tuple[Mask, Places, Parts]:
        """Like `read`, but the parts one by one, for forms that have more segments."""
        words = text.words(at, self._count)
        heads, run = self._runs(words)
        fine, slow = self._slow_parts(words, heads)
        fast_fine, parts = self._fast_parts(words)
        parts.update({name: values[run] for name, values in slow.items()})
        return fine[run] & fast_fine, at + self.width, parts

    def _runs(self, words: list[Words]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows where the slow pieces differ from the row before, and each row's run."""
        changed = np.zeros(len(words[0]), np.bool_)
        changed[:1] = True
        for word, mask in zip(words, self._stable, strict=True):
            kept = word & mask
            changed[1:] |= kept[1:] != kept[:-1]
        return np.flatnonzero(changed), np.cumsum(changed) - 1

    def _fast_parts(self, words: list[Words]) -> tuple[Mask, Parts]:
        fine = np.ones(len(words[0]), np.bool_)
        parts: Parts = {}
        for at, piece in self._fast:
            value, digits = digits_value(word_at(words, at), piece.width)
            fine &= digits
            number = value.view(np.int64)
            if piece.field == "second":
                fine &= number <= _RANGES["second"][1]
            else:
                number = number * 10 ** (6 - piece.width)
            parts[piece.field] = number
        return fine, parts

    def _slow_parts(self, words: list[Words], heads: NDArray[np.int64]) -> tuple[Mask, Parts]:
        """The pieces that seldom change, read at the given rows only."""
        columns = np.stack([word[heads] for word in words], axis=1).view(np.uint8)
        columns = columns.reshape(len(heads), -1).T
        fine = np.ones(len(heads), np.bool_)
        parts: Parts = {}
        for at, piece in self._slow:
            read_piece(piece, columns[at : at + piece.width], fine, parts)
        return fine, parts


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
        case "ampm":
            fine &= ((columns[1] | 32) == ord("m")) & np.isin(columns[0] | 32, (ord("a"), ord("p")))
            parts["ampm"] = ((columns[0] | 32) == ord("p")).astype(np.int64)
        case "offset" | "offset_colon":
            parts["offset"] = _offset(columns, fine)
        case name:
            value = _number(columns, fine, spaced=piece.spaced)
            low, high = _RANGES[name]
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


def _read_name(piece: Piece, text: Text, at: Places) -> tuple[Mask, Places, Parts]:
    """Read a piece of variable length: one of known names, or the name of a zone."""
    if piece.field == "digits":
        value, end = text.number(at)
        return value >= 0, end, {piece.text.decode(): value}
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
