"""Fixed segments: pieces of a time of fixed width, decoded together.

All but seconds and fraction are decoded once per run of equal lines.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, cached_property, partial

import numpy as np
from numpy.typing import NDArray

from parsers.alike import alike
from parsers.arrays import Mask
from parsers.compiled.kinds import PICKED_FROM, Fixed, of_each, reach
from parsers.scanning import Places, Text, Words, digits_value, word_at
from parsers.times.time_columns import TimeColumns
from parsers.times.time_pieces import (
    RANGES,
    Parts,
    Piece,
    read_piece,
)
from parsers.units import SECOND

#: So many different times are read one by one without looking for equal ones.
_FEW_RUNS = 256
#: What texts of so many bytes say together is remembered, so many times.
_LONGEST_TOLD, _MOST_TOLD = 1 << 10, 256
_ALL_BYTES = np.uint64(0xFFFFFFFFFFFFFFFF)


class FixedSegment:
    """Pieces of fixed width, read together from the words they cover."""

    def __init__(self, pieces: tuple[Piece, ...]) -> None:
        self.width = sum(p.width for p in pieces)
        self._count = -(-self.width // 8)
        self._slow: list[tuple[int, Piece]] = []
        self._fast: list[tuple[int, Piece]] = []
        stable = bytearray(8 * self._count)
        names = [piece.field for piece in pieces]
        quick = ("fraction",) if "epoch" in names else ("second", "fraction")
        at = 0
        for piece in pieces:
            # Said twice, or beside an epoch, they are slow: the last one counts, or the epoch.
            fast = piece.field in quick and names.count(piece.field) == 1
            if piece.field != "literal":
                (self._fast if fast else self._slow).append((at, piece))
            if not fast:
                stable[at : at + piece.width] = b"\xff" * piece.width
            at += piece.width
        self._stable = np.frombuffer(bytes(stable), "<u8")
        self._literals = self._literal_words(pieces)
        self._digits = max((p.width for p in pieces if p.field == "fraction"), default=0)
        #: What texts of kinds say: whether it is a time, and the times.
        self._told: dict[bytes, tuple[Mask, TimeColumns]] = {}

    def read(self, text: Text, at: Places) -> tuple[Mask, Places, TimeColumns]:
        """Whether each place holds these pieces, where they end, and the time they say.

        They must say it all.
        """
        return text.recalled(self, at, partial(self._read, text, at), _copied)

    def _read(self, text: Text, at: Places) -> tuple[Mask, Places, TimeColumns]:
        if text.kernel and (read := self._read_compiled(text, at)):
            return read
        words = text.words(at, self._count)
        if not self._plausible(words):
            return np.zeros(len(at), np.bool_), at, TimeColumns.none(len(at))
        heads, run = self._runs(words)
        fine, parts = self._slow_parts([word.take(heads) for word in words])
        slow = TimeColumns.of(parts, len(heads), self._digits)
        fine &= slow.valid
        fast_fine, fast = self._fast_parts(words)
        # Validity, time and offset are those of the run's head.
        local = slow.local_us.take(run)
        if "second" in fast:
            local += fast["second"] * SECOND
        if "fraction" in fast:
            local += fast["fraction"]
        columns = TimeColumns(local, slow.offset_s.take(run), self._digits, slow.valid)
        if not fine.all():
            fast_fine &= fine[run]
        return fast_fine, at + self.width, columns

    def _read_compiled(self, text: Text, at: Places) -> tuple[Mask, Places, TimeColumns] | None:
        """What `read` gives, by the kernel; None where so many times differ that it is no use."""
        fixed, kernel = self.fixed, text.kernel
        read = kernel.stamps(text.data, at, fixed) if kernel and fixed else None
        if read is None:
            return None
        fine, slow = self.said_of_kinds(text, at[read.firsts], read.texts)
        if not fine.any():
            return np.zeros(len(at), np.bool_), at, TimeColumns.none(len(at))
        read.us += text.spread(slow.local_us, read.kinds)
        if not fine.all():
            read.fine &= fine.take(read.kinds)
        offset_s = of_each(slow.offset_s, read.kinds)
        columns = TimeColumns(read.us, offset_s, self._digits, slow.valid)
        return read.fine, text.moved(at, self.width), columns

    @cached_property
    def fixed(self) -> Fixed | None:
        """What the kernel must know of it; None if its digits are too far apart for that."""
        if reach(self._digits_at) > PICKED_FROM:
            return None
        masks = self._stable.copy()
        for at, width in self._digits_at.values():
            masks.view(np.uint8)[at : at + width] = 0
        most = {name: RANGES[name][1] for name in ("hour", "minute", "second")}
        return Fixed.of(masks, self._digits_at, most)

    @cached_property
    def _digits_at(self) -> dict[str, tuple[int, int]]:
        """Where digits stand that the kernel reads, and how many: a near minute and hour too."""
        places = {piece.field: (at, piece.width) for at, piece in self._fast}
        for name in () if any(p.field == "epoch" for _, p in self._slow) else ("minute", "hour"):
            found = [(at, p.width, p.spaced) for at, p in self._slow if p.field == name]
            if [one[1:] for one in found] != [(2, False)]:
                break
            more = {**places, name: found[0][:2]}
            if reach(more) > PICKED_FROM:
                break
            places = more
        return places

    def said_of_kinds(self, text: Text, at: Places, texts: bytes) -> tuple[Mask, TimeColumns]:
        """Whether places hold these pieces but for digits that the kernel reads, and their times.

        These are told without those digits. What is given is not to be changed.

        Args:
            text: the bytes.
            at: int64[kinds], the places.
            texts: what the kernel compared of what is there; the same are asked for block by block.
        """
        if len(texts) > _LONGEST_TOLD:
            return self._said_of(text, at)
        if texts not in self._told:
            if len(self._told) > _MOST_TOLD:
                self._told.clear()
            self._told[texts] = self._said_of(text, at)
        return self._told[texts]

    def _said_of(self, text: Text, at: Places) -> tuple[Mask, TimeColumns]:
        assert self.fixed is not None
        words = np.stack(text.words(at, self._count), axis=1) & self.fixed.masks
        for place, width in self._digits_at.values():
            words.view(np.uint8)[:, place : place + width] = ord("0")
        fine, parts = self._slow_parts([np.ascontiguousarray(word) for word in words.T])
        slow = TimeColumns.of(parts, len(at), self._digits)
        fine &= slow.valid
        return fine, TimeColumns(slow.local_us, slow.offset_s, self._digits, fine)

    def _literal_words(self, pieces: tuple[Piece, ...]) -> list[tuple[int, np.uint64, np.uint64]]:
        """Which words have literal bytes: number, mask, value."""
        mask, value = bytearray(8 * self._count), bytearray(8 * self._count)
        at = 0
        for piece in pieces:
            if piece.field == "literal":
                mask[at : at + piece.width] = b"\xff" * piece.width
                value[at : at + piece.width] = piece.text
            at += piece.width
        pairs = zip(np.frombuffer(mask, "<u8"), np.frombuffer(value, "<u8"), strict=True)
        return [(k, m, v) for k, (m, v) in enumerate(pairs) if m]

    def _plausible(self, words: list[Words]) -> bool:
        """Whether any row has the literals: a quick look before the numbers are read."""
        if not self._literals:
            return True
        first = all(len(words[k]) and (words[k][0] & m) == v for k, m, v in self._literals)
        if first:
            return True
        fine: Mask | None = None
        for k, mask, value in self._literals:
            same = (words[k] & mask) == value
            fine = same if fine is None else fine & same
        return fine is not None and bool(fine.any())

    def read_parts(self, text: Text, at: Places) -> tuple[Mask, Places, Parts]:
        """Like `read`, but the parts one by one, for forms that have more segments."""
        words = text.words(at, self._count)
        heads, run = self._runs(words)
        fine, slow = self._slow_parts([word.take(heads) for word in words])
        fast_fine, parts = self._fast_parts(words)
        parts.update({name: values[run] for name, values in slow.items()})
        return fine[run] & fast_fine, at + self.width, parts

    def _runs(self, words: list[Words]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows that stand for all with the same slow pieces, and which of them each row has."""
        changed = np.zeros(len(words[0]), np.bool_)
        changed[:1] = True
        kept = [
            word if mask == _ALL_BYTES else word & mask
            for word, mask in zip(words, self._stable, strict=True)
            if mask
        ]
        for word in kept:
            changed[1:] |= word[1:] != word[:-1]
        heads, run = np.flatnonzero(changed), np.cumsum(changed) - 1
        if len(heads) <= _FEW_RUNS:
            return heads, run
        # Where processes keep several clocks, few times alternate many times.
        chosen, again = alike([word.take(heads) for word in kept])
        return heads.take(chosen), again.take(run)

    def _fast_parts(self, words: list[Words]) -> tuple[Mask, Parts]:
        fine = np.ones(len(words[0]), np.bool_)
        parts: Parts = {}
        for at, piece in self._fast:
            value, digits = digits_value(word_at(words, at), piece.width)
            fine &= digits
            number = value.view(np.int64)
            if piece.field == "second":
                fine &= number <= RANGES["second"][1]
            else:
                number = number * 10 ** (6 - piece.width)
            parts[piece.field] = number
        return fine, parts

    def _slow_parts(self, words: list[Words]) -> tuple[Mask, Parts]:
        """The pieces that seldom change, read from the words of rows that stand for all."""
        columns = np.stack(words, axis=1).view(np.uint8).reshape(len(words[0]), -1).T
        fine = np.ones(len(words[0]), np.bool_)
        for k, mask, value in self._literals:
            fine &= (words[k] & mask) == value
        parts: Parts = {}
        for at, piece in self._slow:
            read_piece(piece, columns[at : at + piece.width], fine, parts)
        return fine, parts


def _copied(read: tuple[Mask, Places, TimeColumns]) -> tuple[Mask, Places, TimeColumns]:
    """The same, of which the columns may be changed: those who keep them do."""
    fine, end, said = read
    own = replace(said, local_us=said.local_us.copy(), offset_s=said.offset_s.copy())
    return fine, end, own


@cache
def fixed_segment(pieces: tuple[Piece, ...]) -> FixedSegment:
    """The segment of some pieces: many layouts write times alike."""
    return FixedSegment(pieces)
