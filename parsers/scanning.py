"""Scanning: takes a block's bytes and one place per line, gives where texts end or stand.

Everything works on all given lines at once. Eight bytes of a line are one little-endian number
(a word), and a question about each of its bytes is answered with whole-word arithmetic, which
wraps modulo 2**64 on purpose. Nothing here knows Apache.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Mask
from parsers.blocks import Block, places_of
from parsers.compiled.kernel import column_for, kernel_of

Places = NDArray[np.int64]
Words = NDArray[np.uint64]
Made = TypeVar("Made")

_LOW_BITS = np.uint64(0x0101010101010101)
_HIGH_BITS = np.uint64(0x8080808080808080)
_ZEROS = np.uint64(0x3030303030303030)
#: Added to (byte ^ '0'), it sets the high bit of all but digits.
_NOT_A_DIGIT = np.uint64(0x7676767676767676)
_ABOVE_BLANK = np.uint64(0x2121212121212121)
_PAIRS = np.uint64(0x000000FF000000FF)
_HUNDREDS = np.uint64(100 + (1_000_000 << 32))
_UNITS = np.uint64(1 + (10_000 << 32))
_U3, _U8, _U16, _U32 = (np.uint64(bits) for bits in (3, 8, 16, 32))
#: KEEP[n] keeps the first n bytes of a word.
KEEP = np.array([(1 << (8 * n)) - 1 for n in range(9)], np.uint64)
_TENS = np.array([10**n for n in range(20)], np.uint64)
#: Bytes that show how rare each byte is in a block.
_SAMPLE = 32 << 10
#: Of fewer places than one in so many bytes a literal is looked for near each: in windows of so
#: many bytes, so many times.
_FEW_BYTES, _NEAR, _LOOKS = 1024, 64, 8
#: A number longer than this may not fit 64 bits.
_LONGEST_NUMBER = 19


@cache
def word_of(text: bytes) -> np.uint64:
    """The word that up to eight bytes make, zero-filled."""
    return np.uint64(int.from_bytes(text, "little"))


def _clean_bytes(flags: Words) -> NDArray[np.uint8]:
    """How many bytes of each word come before the first one whose high bit is set: 0 … 8."""
    return np.right_shift(np.bitwise_count(~flags & (flags - np.uint64(1))), 3)


def _not_digits(words: Words) -> Words:
    zeroed = words ^ _ZEROS
    return ((zeroed + _NOT_A_DIGIT) | zeroed) & _HIGH_BITS


def _stops(words: Words, stop: int) -> Words:
    """Flags of the bytes that are `stop`, a blank or a control character.

    Only the first flag of a word is sure: a borrow may set later ones.
    """
    differing = words ^ (_LOW_BITS * np.uint64(stop))
    return (((words - _ABOVE_BLANK) & ~words) | ((differing - _LOW_BITS) & ~differing)) & _HIGH_BITS


def digits_value(words: Words, width: int | NDArray[np.uint8]) -> tuple[Words, Mask]:
    """The number in the first `width` (1 … 8) bytes of each word, and whether all are digits."""
    shift = np.multiply(8 - np.asarray(width, np.uint64), 8, dtype=np.uint64)
    digits = (words ^ _ZEROS) << shift
    fine = (((digits + _NOT_A_DIGIT) | digits) & _HIGH_BITS) == 0
    pairs = digits * np.uint64(10) + (digits >> _U8)
    value = ((pairs & _PAIRS) * _HUNDREDS + ((pairs >> _U16) & _PAIRS) * _UNITS) >> _U32
    return value, fine


def token_length(words: Words, stop: int) -> NDArray[np.uint8]:
    """How many bytes of each word come before `stop`, a blank or a control character: 0 … 8."""
    return _clean_bytes(_stops(words, stop))


def port_length(words: Words) -> NDArray[np.int64]:
    """How many bytes at the end of each word are a colon and one to five digits; 0 for none."""
    flags = _not_digits(words)
    for bits in (_U8, _U16, _U32):
        flags |= flags >> bits
    # Now all bytes up to the last one that is no digit are flagged.
    before = np.bitwise_count(flags).astype(np.uint64)
    digits = 8 - before.view(np.int64)
    last = (words >> (np.maximum(before, 1) - 1 << _U3)) & np.uint64(0xFF)
    return np.where((last == ord(":")) & (digits >= 1) & (digits <= 5), digits + 1, 0)


def same_bytes(words: list[Words], literal: bytes) -> Mask:
    """Whether the first bytes of consecutive words are `literal`."""
    fine = np.ones(0, np.bool_)
    for k, word in enumerate(words):
        part = literal[8 * k : 8 * k + 8]
        kept = word if len(part) == 8 else word & KEEP[len(part)]
        same = kept == word_of(part)
        fine = fine & same if k else same
    return fine


def word_at(words: list[Words], at: int) -> Words:
    """The word that begins at byte `at` of consecutive words (zero-filled at the end)."""
    k, shift = divmod(at, 8)
    if not shift:
        return words[k]
    word = words[k] >> np.uint64(8 * shift)
    if k + 1 < len(words):
        word = word | (words[k + 1] << np.uint64(64 - 8 * shift))
    return word


class Text:
    """The bytes of a block, to be asked about many places at once.

    Windows may run up to PADDING bytes past the lines, never further.
    """

    __slots__ = ("_hits", "_windows", "data", "kernel", "size")

    def __init__(self, block: Block) -> None:
        self.data = block.data
        self.size = block.size
        self.kernel = kernel_of(block.data)
        self._windows: dict[int, NDArray[np.void]] = {}
        self._hits: dict[bytes, Places] = {}

    def recalled(
        self, what: object, at: Places, make: Callable[[], Made], copied: Callable[[Made], Made]
    ) -> Made:
        """What is made of some places: made now, for it is asked for but once."""
        del what, at, copied
        return make()

    def moved(self, at: Places, by: int) -> Places:
        """Places so many bytes behind others, where loops on them need no copy."""
        places: Places = column_for(self.data, len(at), np.int64)
        np.add(at, by, out=places)
        return places

    def spread(self, values: NDArray[np.int64], kinds: NDArray[Any]) -> NDArray[np.int64]:
        """For each row the value of its kind: int64[n]."""
        if self.kernel and kinds.dtype == np.int32 and self.kernel.has_room(len(kinds)):
            return self.kernel.spread(values, kinds)
        return values.take(kinds)

    def words(self, at: Places, count: int = 1) -> list[Words]:
        """The `count` words that begin at each place: `count` arrays uint64[n]."""
        flat = self._window(8 * count)[at].view("<u8")
        if count == 1:
            return [flat]
        rows = flat.reshape(-1, count)
        return [np.ascontiguousarray(rows[:, k]) for k in range(count)]

    def _window(self, width: int) -> NDArray[np.void]:
        """So many bytes from each byte of the block on: one copy a line, however wide."""
        window = self._windows.get(width)
        if window is None:
            window = np.ndarray(
                (len(self.data) - width + 1,), f"V{width}", self.data.data, strides=(1,)
            )
            self._windows[width] = window
        return window

    def has(self, at: Places, literal: bytes) -> Mask:
        """Whether `literal` stands at each place."""
        return same_bytes(self.words(at, -(-len(literal) // 8)), literal)

    def before_returns(self, ends: Places) -> Places:
        """Where the texts of lines end: before a carriage return, which belongs to no field.

        Args:
            ends: int64[n], their newlines. What stands before that of an empty line is another
                newline, or padding.
        """
        returns = self.data.take(ends - 1) == ord("\r")
        return np.asarray(ends - returns, np.int64) if returns.any() else ends

    def token_end(
        self, at: Places, stop: int, limit: int = 256, words: list[Words] | None = None
    ) -> Places:
        """Where the text at each place ends: at `stop`, a blank, a control byte or after `limit`.

        `words` are the two words at each place, if the caller has them.
        """
        return self._run_end(at, limit, lambda word: token_length(word, stop), words)

    def digits_end(self, at: Places, limit: int = 32, words: list[Words] | None = None) -> Places:
        """Where the digits at each place end, at most `limit` bytes on."""
        return self._run_end(at, limit, lambda word: _clean_bytes(_not_digits(word)), words)

    def _run_end(
        self,
        at: Places,
        limit: int,
        clean: Callable[[Words], NDArray[np.uint8]],
        words: list[Words] | None,
    ) -> Places:
        first, second = words or self.words(at, 2)
        length = clean(first)
        if len(full := np.flatnonzero(length == 8)):
            length[full] += clean(second[full])
        ends = at + length
        if not len(full):
            return ends
        open_rows = full[length[full] == 16]
        for _ in range(16, limit, 8):
            if not len(open_rows):
                break
            more = clean(self.words(ends[open_rows])[0])
            ends[open_rows] += more
            open_rows = open_rows[more == 8]
        return ends

    def number(self, at: Places, words: list[Words] | None = None) -> tuple[Places, Places]:
        """The number at each place, and where it ends.

        `words` are the two words at each place, if the caller has them.
        -1 stands for a number that does not fit a signed 64-bit integer, and for none at all.
        """
        words = words or self.words(at, 2)
        ends = self.digits_end(at, words=words)
        length = ends - at
        value, _ = digits_value(words[0], np.clip(length, 1, 8).astype(np.uint8))
        if len(long := np.flatnonzero(length > 8)):
            value[long] = self._long_number(at[long], length[long])
        answer = value.view(np.int64)
        unfit = (length == 0) | (length > _LONGEST_NUMBER) | (answer < 0)
        answer[unfit] = -1
        return answer, ends

    def _long_number(self, at: Places, length: Places) -> Words:
        value, _ = digits_value(self.words(at)[0], 8)
        for done in (8, 16):
            here = np.clip(length - done, 0, 8)
            part, _ = digits_value(self.words(at + done)[0], np.maximum(here, 1).astype(np.uint8))
            value = np.where(here > 0, value * _TENS[here] + part, value)
        return value

    def hits(self, literal: bytes) -> Places:
        """Every place in the block where `literal` stands, in order."""
        found = self._hits.get(literal)
        if found is None:
            place = self._rarest(literal)
            found = places_of(self.data[: self.size], literal[place])
            found = found[(found >= place) & (found < self.size - len(literal) + place + 1)] - place
            if len(literal) > 1:
                found = found[self.has(found, literal)]
            self._hits[literal] = found
        return found

    def _rarest(self, literal: bytes) -> int:
        """Which byte of a literal seems to be the rarest in the block."""
        counts = np.bincount(self.data[: min(self.size, _SAMPLE)], minlength=256)
        return int(counts[np.frombuffer(literal, np.uint8)].argmin())

    def find(self, at: Places, end: Places, literal: bytes) -> Places:
        """The first place of `literal` wholly between `at` and `end`, or -1."""
        if len(at) * _FEW_BYTES < self.size and literal not in self._hits:
            return self._find_near(at, end, literal)
        hits = self.hits(literal)
        if not len(hits):
            return np.full(len(at), -1, np.int64)
        rank = np.searchsorted(hits, at)
        place = hits[np.minimum(rank, len(hits) - 1)]
        return np.where((rank < len(hits)) & (place + len(literal) <= end), place, -1)

    def _find_near(self, at: Places, end: Places, literal: bytes) -> Places:
        """What `find` gives; for a few places, looks near them, not in the whole block."""
        answer = np.full(len(at), -1, np.int64)
        left, step = np.flatnonzero(at + len(literal) <= end), _NEAR - len(literal) + 1
        begin = at[left]
        for _ in range(_LOOKS):
            if not len(left):
                return answer
            seen = self._window(_NEAR)[begin].view(np.uint8).reshape(-1, _NEAR)
            same = seen[:, :step] == literal[0]
            for k in range(1, len(literal)):
                same &= seen[:, k : k + step] == literal[k]
            found = same.any(axis=1)
            place = begin[found] + same[found].argmax(axis=1)
            rows = left[found]
            answer[rows] = np.where(place + len(literal) <= end[rows], place, -1)
            left, begin = left[~found], begin[~found] + step
            on = begin + len(literal) <= end[left]
            left, begin = left[on], begin[on]
        self.hits(literal)
        answer[left] = self.find(begin, end[left], literal)
        return answer

    def rfind(self, at: Places, end: Places, literal: bytes) -> Places:
        """The last place of `literal` wholly between `at` and `end`, or -1."""
        hits = self.hits(literal)
        if not len(hits):
            return np.full(len(at), -1, np.int64)
        rank = np.searchsorted(hits, end - len(literal), side="right") - 1
        place = hits[np.maximum(rank, 0)]
        return np.where((rank >= 0) & (place >= at), place, -1)


class ReadAgain(Text):
    """The bytes of a block that several layouts read: what one asks is kept for the others."""

    __slots__ = ("_kept",)

    def __init__(self, block: Block) -> None:
        super().__init__(block)
        self._kept: dict[tuple[object, int], tuple[Places, Any]] = {}

    def recalled(
        self, what: object, at: Places, make: Callable[[], Made], copied: Callable[[Made], Made]
    ) -> Made:
        """What is made of some places.

        Args:
            what: tells what is made from all else; it can be hashed.
            at: int64[n], the places; nobody changes them.
            make: makes it.
            copied: gives a copy of it that may be changed.
        """
        key = what, len(at)
        known = self._kept.get(key)
        if known is None or not np.array_equal(known[0], at):
            known = self._kept[key] = at, make()
        return copied(known[1])
