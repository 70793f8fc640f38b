"""Loops: takes columns of a block in the kernel's memory, gives what compiled loops make of them.

`kernel.wat` and its like have the loops. What they give is in that memory too, and good until
`begin`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ctypes import addressof, c_char
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Bytes, Ints
from parsers.compiled.kinds import KIND_WORDS, Fixed, Heads, Kinds

Words = NDArray[np.uint64]

#: Where what is shared begins in the memory.
SHARED = 28 << 20
#: Before that: numbers for the loops, masks of words, which digits are picked, numerals of four
#: digits, slots for kinds of times and of heads, their texts, columns of what is not read from
#: blocks, and what `grouping` needs, whatever else there is.
_TOLD, _MASKS, _PICKS, NUMERALS, _OWN, KEYED = 0, 512, 1024, 4096, 1536 << 10, 16 << 20
_SLOTS, _HEAD_SLOTS, _HEADS, _TIMES = 128 << 10, 192 << 10, 256 << 10, 512 << 10
#: Behind these the same of heads of which more is told than pids: slots, texts, and four numbers.
HEAD_SLOTS, HEADS, OF_HEADS = 768 << 10, 1024 << 10, 1280 << 10
_SLOT_BITS = 13
#: So many kinds of rows are told apart: the slots are half empty then.
MOST_KINDS = 1 << 12
_ALL_BITS = np.uint64(0xFFFFFFFFFFFFFFFF)
#: Words of a row that can be compared.
MOST_WORDS = 16
#: Arrays begin at multiples of this.
_ALIGNED = 64
#: Bytes of columns besides.
SLACK = 256 << 10
#: Bytes of columns that all loops together may need for a row.
_BYTES_A_ROW = 64


class Loops:
    """The loops, and columns in their memory."""

    def __init__(self, functions: Mapping[str, Callable[[], int]], memory: Bytes) -> None:
        """Take what `kernel.wat` exports, and its memory."""
        self._functions = functions
        self._bytes = memory
        self._begin, self._size = memory.ctypes.data, len(memory)
        self._told = memory[_TOLD:_MASKS].view(np.uint32)
        self._masks = memory[_MASKS : _MASKS + 8 * MOST_WORDS].view(np.uint64)
        digits = np.arange(10_000)[:, None] // (1000, 100, 10, 1) % 10 + ord("0")
        memory[NUMERALS : NUMERALS + digits.size] = digits.ravel()
        self._next = self._end = self._next_result = self._end_of_results = 0
        self._heads: dict[int, Heads] = {}

    @property
    def own(self) -> Bytes:
        """Memory that is not lent, which no other process sees; what `cuts` makes is there too."""
        return self._bytes[_OWN:KEYED]

    def begin(self, columns: Bytes, results: Bytes | None = None) -> None:
        """Forget the columns given so far; new ones are put into some of what is lent.

        What others will read is put into `results` if these are given.
        """
        self._next = self._place_of(columns)
        self._end = self._next + len(columns)
        self._next_result = 0 if results is None else self._place_of(results)
        self._end_of_results = self._next_result + (0 if results is None else len(results))

    def end(self) -> None:
        """Forget all columns, and that it has begun."""
        self._next = self._end = self._next_result = self._end_of_results = 0

    def holds(self, data: NDArray[Any]) -> bool:
        """Whether some bytes are in its memory, and it has begun."""
        return self._end > 0 and 0 <= self._place_of(data) < self._size

    def has_room(self, rows: int) -> bool:
        """Whether all loops can be run on so many rows before `begin`."""
        return _BYTES_A_ROW * rows + SLACK <= self._end - self._next

    def column(self, rows: int, dtype: Any) -> NDArray[Any]:  # noqa: ANN401 - numpy's
        """A new array among the columns, unless loops on so many rows need all the room."""
        if rows * (_BYTES_A_ROW + np.dtype(dtype).itemsize) + SLACK > self._end - self._next:
            return np.empty(rows, dtype)
        return self._empty(rows, dtype)[0]

    def result(self, rows: int, dtype: Any) -> NDArray[Any]:  # noqa: ANN401 - numpy's
        """A new array among the results, or among the columns if there is no room there."""
        place = -(-self._next_result // _ALIGNED) * _ALIGNED
        end = place + rows * np.dtype(dtype).itemsize
        if end > self._end_of_results:
            return self.column(rows, dtype)
        self._next_result = end
        return self._bytes[place:end].view(dtype)

    def newlines(self, data: Bytes, most: int) -> tuple[Ints, Ints]:
        """The first `most` lines that end in a newline: int64[n] each, where they begin and end."""
        ends, ends_at = self._empty(2 * min(most, len(data)) + _ALIGNED, np.int64)
        count = self._call("newlines", self._place_of(data), len(data), ends_at, most)
        ends = self._shrunk(ends, count)
        return self._empty(count, np.int64)[0], ends  # where the loop has left them

    def alike(self, data: Bytes, places: Ints, words: int) -> tuple[Ints, NDArray[np.int32]] | None:
        """Find rows with equal words, as `parsers.alike` does; None if they are of too many kinds.

        Where it gives an answer, there is room for `times` of the same rows.

        Args:
            data: uint8, the bytes of a block.
            places: int64[n], where in it the words of each row begin.
            words: how many there are.

        Returns:
            int64[kinds], the first row of each kind, and int32[n], the kind of each row.
        """
        if words > MOST_WORDS or not self.has_room(len(places)):
            return None
        self._masks[:words] = _ALL_BITS
        pairs = -(-words // 2)
        self._masks[words : max(2 * pairs, KIND_WORDS)] = 0
        kinds, kinds_at = self._empty(len(places), np.int32)
        heads, heads_at = self._empty(MOST_KINDS, np.int64)
        count = self._call(
            "alike", self._place_of(data), self._put(places), len(places), _MASKS, 16 * pairs,
            heads_at, kinds_at, _SLOTS, _SLOT_BITS, MOST_KINDS,
        )  # fmt: skip
        return None if count < 0 else (self._shrunk(heads, count), kinds)

    def stamps(
        self, data: Bytes, places: Ints, time: Fixed, heads: Heads | None = None
    ) -> Kinds | None:
        """Find rows with equal times but for some digits, and rows with equal heads behind them.

        Where it gives an answer, there is room for `settle` of the same rows.

        Args:
            data: uint8, the bytes of a block.
            places: int64[n], where in it each row begins.
            time: what begins there.
            heads: those known; more get to be known. They are forgotten, and their count is 0, if
                others were known in the meantime, or if they get too many.

        Returns:
            None if there are too many kinds, or there is no room.
        """
        rows, words = len(places), 0 if heads is None else heads.words
        if max(len(time.masks), words) > KIND_WORDS or not self.has_room(rows):
            return None
        self._masks[: 2 * KIND_WORDS] = 0
        self._masks[: len(time.masks)] = time.masks
        self._masks[KIND_WORDS : KIND_WORDS + words] = _ALL_BITS
        self._bytes[_PICKS : _PICKS + len(time.picks)] = time.picks
        known = 0 if heads is None else self._known_heads(heads, _HEAD_SLOTS)
        kinds, kinds_at = self._empty(rows, np.int32)
        us, us_at = self._empty(rows, np.int64)
        fine, fine_at = self._empty(rows, np.bool_)
        of_rows, of_rows_at = self._empty(0 if heads is None else rows, np.int32)
        firsts, firsts_at = self._empty(MOST_KINDS, np.int64)
        news, news_at = self._empty(MOST_KINDS, np.int64)
        failed = self._call(
            "stamps", self._place_of(data), self._put(places), rows, _MASKS,
            _SLOT_BITS, MOST_KINDS,
            _TIMES, _SLOTS, firsts_at, kinds_at, time.begin, _PICKS, us_at, fine_at,
            0 if heads is None else heads.begin, _HEAD_SLOTS, _HEADS, known, news_at, of_rows_at,
        )  # fmt: skip
        count, all_known, bad = self._told[:3].tolist()
        if heads is not None:
            heads.count = 0 if failed else all_known
        if failed:
            return None
        texts = self._bytes[_TIMES : _TIMES + 8 * KIND_WORDS * count].tobytes()
        news = news[: all_known - known]
        return Kinds(firsts[:count], texts, kinds, us, fine, bad, news, of_rows)

    def _known_heads(self, heads: Heads, slots: int) -> int:
        """How many of these heads have slots there; none if others got them in the meantime."""
        if self._heads.get(slots) is not heads or not heads.count:
            self._bytes[slots : slots + (8 << _SLOT_BITS)] = 0
            heads.count, self._heads[slots] = 0, heads
        return heads.count

    def settle(self, read: Kinds, bases: Ints, of_heads: Ints) -> Ints:
        """Put times together from what `stamps` found, in its own memory: there must be room.

        Args:
            read: what it found, with heads. To its `us` what they have in common is added.
            bases: int64[kinds], that, microseconds.
            of_heads: int64[heads], a number for each head known.

        Returns:
            int64[n], the number of each row's head.
        """
        rows = len(read.us)
        values, values_at = self._empty(rows, np.int64)
        self._call(
            "settle", rows, self._put(read.us), self._put(read.kinds), self._put(bases),
            self._put(read.heads), self._put(of_heads), values_at,
        )  # fmt: skip
        return values

    def spread(self, values: Ints, kinds: NDArray[np.int32]) -> Ints:
        """For each row the value of its kind; there must be room.

        Args:
            values: int64[kinds].
            kinds: int32[n], the kind of each row.
        """
        out, out_at = self._empty(len(kinds), np.int64)
        self._call("spread", self._put(values), self._put(kinds), len(kinds), out_at)
        return out

    def sieve(
        self,
        data: Bytes,
        stride: int,
        tables: tuple[Bytes, NDArray[np.uint16], Bytes],
        most: int,
    ) -> tuple[Ints, Ints] | None:
        """Look for texts in some bytes; None if they come too often, or there is no room.

        Args:
            data: uint8, the bytes of a block without those behind it, of which 128 are read too.
            stride: of every text so many neighbouring places are known by four bytes.
            tables: `slots`, `firsts` and `windows`, as `kernel.wat` describes them.
            most: so many places at most.

        Returns:
            int64[k], where windows were found in the data, and int64[k], the number of each.
        """
        needed = 8 * most + sum(table.nbytes for table in tables) + SLACK
        if needed > self._end - self._next:
            return None
        kept = self._next
        found, found_at = self._empty(most, np.int64)
        count = self._call(
            "sieve", self._place_of(data), len(data), stride, *(self._put(one) for one in tables),
            found_at, most,
        )  # fmt: skip
        self._next = kept
        found = found[: max(count, 0)].copy()
        return None if count < 0 else (found & 0xFFFFFFFF, found >> 32)

    def cuts(
        self,
        before: NDArray[np.int32],
        us: Ints,
        marks: NDArray[np.uint8],
        limits: tuple[int, int, int],
    ) -> tuple[Ints, NDArray[np.int32], NDArray[np.int8]] | None:
        """Where clocks may have changed, as `logtool.clocks.seen.spans` tells; None without room.

        This needs no memory that is lent, and makes no columns.

        Args:
            before: int32[n], of each line the one of its process before it, or -1.
            us: int64[n], local times, microseconds.
            marks: uint8[n], 1 where a span begins in any case, 2 where none may.
            limits: microseconds by which a time may fall back, go ahead, or fall at a mark.

        Returns:
            int64[n], what had passed by each line; int32[n], its span, from 1 on, 0 for none; and
            int8[n], why that begins there, -1 where it does not.
        """
        if _BYTES_A_ROW * len(us) > KEYED - _OWN:
            return None
        kept = self._next, self._end
        self._next, self._end = _OWN, KEYED
        try:
            passed, passed_at = self._empty(len(us), np.int64)
            _, perhaps_at = self._empty(len(us), np.int64)
            spans, spans_at = self._empty(len(us), np.int32)
            cuts, cuts_at = self._empty(len(us), np.int8)
            self._call(
                "cuts", self._put(before), self._put(us), self._put(marks), len(us), *limits,
                passed_at, perhaps_at, spans_at, cuts_at,
            )  # fmt: skip
            return passed.copy(), spans.copy(), cuts.copy()
        finally:
            self._next, self._end = kept

    def _call(self, name: str, *told: int) -> int:
        # Numbers in memory: as arguments they take longer than the loops themselves.
        self._told[: len(told)] = [number & 0xFFFFFFFF for number in told]
        return self._functions[name]()

    def _place_of(self, array: NDArray[Any]) -> int:
        some: Any = array
        try:  # a quarter of the time that `array.ctypes` takes
            return addressof(c_char.from_buffer(some)) - self._begin
        except (TypeError, ValueError):  # it is not to be written to, has steps, or is empty
            return array.ctypes.data - self._begin

    def _put(self, array: NDArray[Any]) -> int:
        """Where an array is in the memory; a copy of it if it is elsewhere."""
        place = self._place_of(array)
        if 0 <= place < self._size and array.flags.c_contiguous:
            return place
        copy, place = self._empty(len(array), array.dtype)
        copy[:] = array
        return place

    def _empty(self, size: int, dtype: Any) -> tuple[NDArray[Any], int]:  # noqa: ANN401 - numpy's
        """A new array in the memory, and where it is."""
        place = -(-self._next // _ALIGNED) * _ALIGNED
        end = place + size * np.dtype(dtype).itemsize
        if end > self._end:
            raise MemoryError("no room for columns")
        self._next = end
        return self._bytes[place:end].view(dtype), place

    def _result(self, size: int, dtype: Any) -> tuple[NDArray[Any], int]:  # noqa: ANN401 - numpy's
        """A new array that others will read, and where it is."""
        if self._next_result + size * np.dtype(dtype).itemsize + _ALIGNED > self._end_of_results:
            return self._empty(size, dtype)
        array = self.result(size, dtype)
        return array, self._next_result - array.nbytes

    def _shrunk(self, newest: NDArray[Any], size: int) -> NDArray[Any]:
        """The beginning of the array made last; the rest is given back."""
        self._next -= (len(newest) - size) * newest.itemsize
        return newest[:size]
