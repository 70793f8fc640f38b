"""Timestamps: takes places in a block, gives the local times that stand there, or none.

A `TimeForm` is one way to write a time, as pieces of known meaning.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

import numpy as np

from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.scanning import Places, Text
from parsers.times.fixed_segments import FixedSegment, fixed_segment
from parsers.times.time_columns import TimeColumns
from parsers.times.time_pieces import (
    RANGES,
    Parts,
    Piece,
    allowed_bytes,
    literal,
    read_name,
)


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
        year = bool(fields & {"year", "year2", "month_alone"})
        month = bool(fields & {"month", "month_name", "month_alone"}) and "day" in fields
        day = year and (month or "yearday" in fields)
        hour = "hour" in fields or "hour12" in fields
        return "epoch" in fields or (day and hour)

    @property
    def lacks_year(self) -> bool:
        """Whether its times write no year."""
        return any(piece.field == "month_alone" for piece in self.pieces)

    @property
    def ends_in_local_z(self) -> bool:
        """Whether a `Z` ends it that the format prints.

        Its administrator promised UTC, but httpd prints the time of the writing process there.
        """
        return self.pieces[-1].field == "literal" and self.pieces[-1].text.endswith(b"Z")

    @cached_property
    def first_bytes(self) -> bytes | None:
        """The bytes that a time may begin with, or None for any."""
        piece = self.pieces[0]
        if piece.field == "literal":
            return piece.text[:1]
        if piece.field in ("weekday_name", "month_name", "month_alone", "ampm"):
            return string.ascii_letters.encode()
        if piece.field in RANGES or piece.field == "digits":
            return string.digits.encode() + b" " * piece.spaced
        return None

    @cached_property
    def _allowed(self) -> tuple[int, ...]:
        """For each byte from its lead on, as far as widths are fixed: a bit for each it may be."""
        allowed = [1 << byte for byte in self.lead]
        for piece in self.pieces:
            if not piece.width:
                return tuple(allowed)
            allowed += allowed_bytes(piece)
        if self.utc_suffix:
            return (*allowed, *(1 << byte for byte in self.utc_suffix * self.suffix_required))
        return (*allowed, *(1 << byte for byte in self.trail))

    def without_suffix(self) -> TimeForm | None:
        """The form of those times that end before what errlog may have written behind them.

        None where all have it, or what else is behind them may be it.
        """
        if not self.utc_suffix:
            return self
        pairs = zip(self.utc_suffix, self.trail, strict=False)
        if self.suffix_required or all(one == other for one, other in pairs):
            return None
        return replace(self, utc_suffix=b"")

    def excludes(self, other: TimeForm) -> bool:
        """Whether no text is read by both; it may not see that."""
        pairs = zip(self._allowed, other._allowed, strict=False)
        return any(not one & another for one, another in pairs)

    def may_be(self, there: Callable[[int], int]) -> bool:
        """Whether a text may be read by it, of which the n-th byte from its lead on is known.

        Args:
            there: gives for n a bit for each byte that may stand there.
        """
        return all(allowed & there(nth) for nth, allowed in enumerate(self._allowed))

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
                out.append(fixed_segment(tuple(fixed)))
                fixed = []
            out.append(piece)
        if fixed:
            out.append(fixed_segment(tuple(fixed)))
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
                ok, at, found = read_name(segment, text, at)
            fine &= ok
            if not fine.any():
                return fine, at, {}
            parts.update(found)
        return fine, at, parts
