"""Text loops: takes places in a block's bytes, gives where fields stand, and numbers of texts.

`texts.wat` has the loops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Bytes, Ints
from parsers.compiled.kinds import (
    KEPT,
    KIND_WORDS,
    MADE,
    NOT_NOTED,
    Headed,
    Heads,
    Lines,
    Program,
    Signing,
)
from parsers.compiled.loops import HEAD_SLOTS, HEADS, MOST_KINDS, OF_HEADS, SLACK, Words
from parsers.compiled.rewriting import RewritingLoops
from parsers.compiled.rows import LookedUp, Sought

#: Bytes of a row that `peel` needs besides those of columns, and of a column of places or signs.
_ROW, _COLUMN = 26, 17
#: What is told of a column of signs: four numbers.
_TOLD = 4
#: What is told of heads: numbers and, so many bytes on, which bits count; all that. Where among the
#: numbers is told how many are known; and from where on what is to be told to go on.
_HEADS_TOLD, _MASKS_AT, _HEADS_SIZE = 12, 48, 112
_KNOWN, _GOING_ON = 3, 9
#: Of each head: how far it goes, its level, whether it is read, and its number among those of rows.
_OF_HEAD = 4
#: Bytes of a row that `looked_up` needs, those of columns that are elsewhere too; and of a writer.
_SOUGHT, _WRITER = 64, 16


class TextLoops(RewritingLoops):
    """Loops on texts in lines."""

    def peel(
        self, data: Bytes, lines: Lines, program: Program
    ) -> tuple[list[tuple[Ints, Ints]], Ints, NDArray[np.bool_]] | None:
        """Find on each line what a program finds; None if there is no room.

        Args:
            data: uint8, the bytes of a block.
            lines: the lines.
            program: the program.

        Returns:
            Of each column int64[n], where it begins, -1 for none, and where it ends; int64[n], the
            place behind what was read; and bool[n], whether it was.
        """
        rows, columns = len(lines.places), len(program.columns)
        if not self._has_room_for(rows, columns, program):
            return None
        noted, noted_at = self._empty(2 * columns * rows, np.int64)
        noted.fill(-1)
        behind, fine, _ = self._peel(data, lines, program, noted_at, 0, None)
        starts, stops = noted.reshape(columns, 2, rows).transpose(1, 0, 2)
        return list(zip(starts, stops, strict=True)), behind, fine

    def signs(
        self, data: Bytes, lines: Lines, program: Program, signing: Signing
    ) -> tuple[list[tuple[NDArray[Any], ...]], Ints, NDArray[np.bool_], int] | None:
        """What is told of the texts that a program finds on each line; None if there is no room.

        Args:
            data: uint8, the bytes of a block, 16 of them before the first text and behind the last.
            lines: the lines.
            program: the program.
            signing: what is to be told of its columns.

        Returns:
            Of each column what is told (`Sign`), each 0 where a line does not have it; what `peel`
            gives besides; and how many texts are too long: their numbers are 1.
        """
        if not self._has_room_for(len(lines.places), len(program.columns), program):
            return None
        signs, told = self._columns_of_signs(len(lines.places), program, signing)
        return signs, *self._signed(data, lines, program, signing, told)

    def _columns_of_signs(
        self, rows: int, program: Program, signing: Signing
    ) -> tuple[list[tuple[NDArray[Any], ...]], NDArray[np.uint32]]:
        """What `signs` leaves of each column, not filled yet, and what a loop is told of it."""
        signs: list[tuple[NDArray[Any], ...]] = []
        told = np.zeros((len(program.columns), _TOLD), np.uint32)
        for name, row in zip(program.columns, told, strict=True):
            sign = signing.columns[name]
            # The first of them stands for the text, and is looked up; others are handed over.
            made = [self._empty(rows, MADE[sign][0])]
            made += [self._result(rows, dtype) for dtype in MADE[sign][1:]]
            row[: 1 + len(made)] = sign, *(place for _, place in made)
            signs.append(tuple(column for column, _ in made))
        return signs, told

    def _signed(
        self,
        data: Bytes,
        lines: Lines,
        program: Program,
        signing: Signing,
        told: NDArray[np.uint32],
        heads: int = 0,
    ) -> tuple[Ints, NDArray[np.bool_], int]:
        """Fill those columns; gives what `signs` gives besides."""
        _, noted_at = self._empty(2 * len(program.columns), np.int64)
        return self._peel(data, lines, program, noted_at, self._put(told.ravel()), signing, heads)

    def headed(
        self,
        data: Bytes,
        lines: Lines,
        program: Program,
        signing: Signing,
        heads: Heads,
        learn: Callable[[Ints], bool],
    ) -> Headed | None:
        """What `signs` tells of lines that begin with heads, of what is behind these.

        None if there is no room, there are too many heads, or one of them depends on more than its
        text.

        Args:
            data: see there.
            lines: the lines, from their heads on, which tell their levels.
            program: see there.
            signing: see there.
            heads: those known; `of_heads` tells of each. More get to be known.
            learn: is given the first line of each that was not known, and tells of them there;
                whether it can.
        """
        rows = len(lines.places)
        if heads.words > KIND_WORDS or not self.has_room(rows):
            return None
        known = self._known_heads(heads, HEAD_SLOTS)
        self.of_heads[:known, -1] = 0
        kinds, kinds_at = self._result(rows, np.int32)
        made = [self._empty(MOST_KINDS, dtype) for dtype in (np.int64, np.int32, np.int64)]
        about, about_at = self._empty(_HEADS_SIZE, np.uint8)
        about[_MASKS_AT:] = 0
        about[_MASKS_AT:][: 8 * heads.words] = 0xFF
        numbers = about.view(np.uint32)[:_HEADS_TOLD]
        numbers[:_GOING_ON] = (
            HEAD_SLOTS, HEADS, OF_HEADS, known, MOST_KINDS, kinds_at, *(at for _, at in made)
        )  # fmt: skip
        numbers[_GOING_ON:] = 0
        if not self._has_room_for(rows, len(program.columns), program):
            return None
        signs, told = self._columns_of_signs(rows, program, signing)
        _, fine, long = self._signed(data, lines, program, signing, told, about_at)
        count, heads.count, odd = self._told[:3].tolist()
        (firsts, _), (ids, _), (news, _) = made
        if heads.count > known and odd <= 1:
            news = news[: heads.count - known].copy()
            if not learn(news) or not self._has_room_for(rows, len(program.columns), program):
                return None
            # Lines before the first of them need not be read again.
            self.of_heads[known : heads.count, -1] = 0
            numbers[_KNOWN] = heads.count
            numbers[_GOING_ON:] = news[0], count, odd
            _, rest, more = self._signed(data, lines, program, signing, told, about_at)
            fine[news[0] :] = rest[news[0] :]
            long += more
            count, heads.count, odd = self._told[:3].tolist()
        if odd > 1:  # too many
            heads.count = 0
        return None if odd else Headed(signs, fine, long, kinds, firsts[:count], ids[:count])

    @property
    def of_heads(self) -> NDArray[np.int32]:
        """int32[heads, 4], of those known to `headed`.

        How far they go, their level, and 1 if they are read, 0 if not, 2 if that depends on more
        than their text; the last is of no use to others.
        """
        size = 4 * _OF_HEAD * MOST_KINDS
        return self._bytes[OF_HEADS : OF_HEADS + size].view(np.int32).reshape(-1, _OF_HEAD)

    def looked_up(
        self, rows: Sought, texts: Words, clients: Words, bounds: tuple[int, int]
    ) -> LookedUp | None:
        """What is known of rows, in its own memory; None if there is no room.

        Args:
            rows: the rows.
            texts: uint64[2**k, 2], texts, mixed as they are looked up, each at the place that its
                lowest bits tell, and their numbers; 0 twice for none.
            clients: the same of clients.
            bounds: the first instant that counts, and the first one behind that does not.
        """
        size = len(rows.writer)
        needed = _SOUGHT * size + _WRITER * len(rows.mix) + texts.nbytes + clients.nbytes + SLACK
        if needed > self._end - self._next:
            return None
        text, text_at = self._result(size, np.int32)
        client, client_at = self._empty(size, np.int64)
        us, us_at = self._result(size, np.int64)
        addressed, addressed_at = self._result(size, np.bool_)
        held = self._next
        missed_texts, missed_texts_at = self._empty(size, np.int32)
        missed_clients, missed_clients_at = self._empty(size, np.int32)
        of_writers = np.stack((rows.mix.view(np.int64), rows.off_us), axis=1)
        tables = (self._put(one.ravel()) for one in (of_writers, texts, clients))
        self._call(
            "looked_up", *(self._put(column) for column in rows[:4]), size, *tables,
            len(texts).bit_length() - 1, self._put(np.array(bounds, np.int64)), text_at, client_at,
            us_at, addressed_at, missed_texts_at, missed_clients_at,
        )  # fmt: skip
        self._next = held
        text_count, client_count = self._told[:2].tolist()
        return LookedUp(
            text, client, us, addressed,
            missed_texts[:text_count].astype(np.int64),
            missed_clients[:client_count].astype(np.int64),
        )  # fmt: skip

    def _has_room_for(self, rows: int, columns: int, program: Program) -> bool:
        size = program.steps.nbytes + KEPT * program.kept
        return rows * (_COLUMN * columns + _ROW) + size + SLACK <= self._end - self._next

    def _peel(
        self,
        data: Bytes,
        lines: Lines,
        program: Program,
        noted: int,
        signs: int,
        signing: Signing | None,
        heads: int = 0,
    ) -> tuple[Ints, NDArray[np.bool_], int]:
        """The place behind what was read, whether it was, and how many texts are too long."""
        rows = len(lines.places)
        behind, behind_at = self._empty(0 if heads else rows, np.int64)
        fine, fine_at = self._empty(rows, np.bool_)
        held = self._next
        kept, kept_at = self._empty(KEPT * program.kept, np.uint8)
        kept[NOT_NOTED : NOT_NOTED + KEPT] = 0xFF
        keys, most = (0, 0) if signing is None else (self._put(signing.keys), signing.most)
        long = self._call(
            "peel", self._place_of(data), self._put(lines.places), self._put(lines.ends),
            self._put(lines.levels), rows, self._put(program.steps), kept_at, noted, behind_at,
            fine_at, lines.is_raw, signs, len(program.columns), keys, most,
            heads,
        )  # fmt: skip
        self._next = held
        return behind, fine, long
