"""Kernel: takes columns of a block in its own memory, gives what compiled loops make of them.

The loops are WebAssembly (`kernel.wat`), compiled by wasmtime when a process first wants them: that
takes 20 ms, so they are for large logs. They see no memory but their own. Whoever wants them reads
blocks into memory that is lent; `kernel_of` finds them then. What they give is there too, and good
until `begin`.

Whatever they do numpy does as well, for small inputs, other systems and where lines differ too
much: each caller has both ways.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from parsers.pages import Shared

if TYPE_CHECKING:
    from wasmtime import Func

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

_LOOPS = Path(__file__).with_name("kernel.wat")
#: Bytes of a page of WebAssembly's memory, and where what is shared begins in it.
_PAGE, _SHARED = 64 << 10, 16 << 20
#: Before that: numbers for the loops, masks of words, numerals of four digits, slots for `alike`,
#: and columns of what is not read from blocks.
_TOLD, _MASKS, _NUMERALS, _SLOTS, _OWN = 0, 512, 4096, 128 << 10, 1 << 20
_SLOT_BITS = 13
#: So many kinds of rows are told apart: the slots are half empty then.
_MOST_KINDS = 1 << 12
_ALL_BITS = np.uint64(0xFFFFFFFFFFFFFFFF)
#: Words of a row that can be compared.
MOST_WORDS = 16
#: Arrays begin at multiples of this.
_ALIGNED = 64
#: Bytes of columns besides.
_SLACK = 256 << 10
#: Bytes behind a result that `splice` may spoil.
SPOILED = 32


#: Bytes of columns that all loops together may need for a row.
_BYTES_A_ROW = 64


class Kernel:
    """The loops and their memory.

    Attributes:
        size: how many bytes of it may be lent.
    """

    def __init__(self, shared: int) -> None:
        """Compile the loops.

        Args:
            shared: bytes of memory that may be lent.

        Raises:
            ImportError: wasmtime has no wheel for this machine.
            OSError: there is not so much memory.
        """
        from wasmtime import Config, Engine, Instance, Limits, Memory, MemoryType, Module, Store

        config = Config()
        config.parallel_compilation = False  # threads cannot be forked
        engine = Engine(config)
        module = Module(engine, _LOOPS.read_text("utf-8"))
        self._store = Store(engine)
        pages = -(-(_SHARED + shared) // _PAGE)
        memory = Memory(self._store, MemoryType(Limits(pages, pages)))
        instance = Instance(self._store, module, [memory])
        self._functions = {
            one.name: cast("Func", instance.exports(self._store)[one.name])
            for one in module.exports
        }
        # Never freed: wasmtime's objects fail if they are while Python ends.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object((config, engine, module, self._store)))
        address = ctypes.cast(memory.data_ptr(self._store), ctypes.c_void_p).value
        assert address is not None
        self._begin, self._size, self.size = address, pages * _PAGE, shared
        self._bytes = np.frombuffer(memoryview(_at(address, self._size)), np.uint8)
        self._is_lent = False
        self._shared: Shared | None = None
        self._return(kept=False)
        self._told = self._bytes[_TOLD:_MASKS].view(np.uint32)
        self._masks = self._bytes[_MASKS : _MASKS + 8 * MOST_WORDS].view(np.uint64)
        digits = np.arange(10_000)[:, None] // (1000, 100, 10, 1) % 10 + ord("0")
        self._bytes[_NUMERALS : _NUMERALS + digits.size] = digits.ravel()
        self._next = self._end = 0

    def lend(self, *, kept: bool = False) -> Bytes | None:
        """Memory that children forked from here on share, uint8[shared]; None while it is lent.

        It is given back when no array refers to it any more. Its pages are given back to the system
        then, unless they shall be `kept` for who is lent it next.
        """
        if self._is_lent:
            return None
        self._is_lent = True
        self._next = self._end = 0
        lent = _at(self._begin + _SHARED, self.size)
        finalize(lent, self._return, kept).atexit = False
        return np.frombuffer(memoryview(lent), np.uint8)

    def _return(self, kept: bool) -> None:
        if not kept:
            if self._shared is not None:
                self._shared.close()
            self._shared = Shared(self._begin + _SHARED, self.size)
        self._is_lent = False

    def fill(self, parts: Sequence[tuple[int, int]]) -> None:
        """Let there be pages in parts of what can be lent: where each begins in it, and ends.

        A page that is touched first takes two microseconds, and half of that again in each process
        that touches it. Other threads go on meanwhile. While it is lent nothing is done: what is
        there would be lost.
        """
        if self._shared is not None and not self._is_lent:
            for begin, end in parts:
                self._shared.fill(begin, end - begin)

    def begin(self, columns: Bytes) -> None:
        """Forget the columns given so far; new ones are put into some of what is lent."""
        self._next = self._place_of(columns)
        self._end = self._next + len(columns)

    def holds(self, data: Bytes) -> bool:
        """Whether some bytes are in its memory, and it has begun."""
        return self._end > 0 and 0 <= data.ctypes.data - self._begin < self._size

    def has_room(self, rows: int) -> bool:
        """Whether all loops can be run on so many rows before `begin`."""
        return _BYTES_A_ROW * rows + _SLACK <= self._end - self._next

    def newlines(self, data: Bytes, most: int) -> Ints:
        """The first `most` places of a newline: int64[n]."""
        ends, out = self._empty(min(most, len(data)), np.int64)
        count = self._call("newlines", self._place_of(data), len(data), out, most)
        return self._shrunk(ends, count)

    def alike(
        self, data: Bytes, places: Ints, words: int, masks: Words | None = None
    ) -> tuple[Ints, NDArray[np.int32]] | None:
        """Find rows with equal words, as `parsers.alike` does; None if they are of too many kinds.

        Where it gives an answer, there is room for `times` of the same rows.

        Args:
            data: uint8, the bytes of a block.
            places: int64[n], where in it the words of each row begin.
            words: how many there are.
            masks: uint64[words], the bits that count; None for all.

        Returns:
            int64[kinds], the first row of each kind, and int32[n], the kind of each row.
        """
        if words > MOST_WORDS or not self.has_room(len(places)):
            return None
        self._masks[:words] = _ALL_BITS if masks is None else masks
        pairs = -(-words // 2)
        self._masks[words : 2 * pairs] = 0
        kinds, kinds_at = self._empty(len(places), np.int32)
        heads, heads_at = self._empty(_MOST_KINDS, np.int64)
        count = self._call(
            "alike", self._place_of(data), self._put(places), len(places), _MASKS, 16 * pairs,
            heads_at, kinds_at, _SLOTS, _SLOT_BITS, _MOST_KINDS,
        )  # fmt: skip
        return None if count < 0 else (self._shrunk(heads, count), kinds)

    def times(
        self,
        data: Bytes,
        places: Ints,
        kinds: NDArray[np.int32],
        bases: Ints,
        second: tuple[int, int],
        fraction: tuple[int, int],
    ) -> tuple[Ints, NDArray[np.bool_]]:
        """Put times together from what a kind of rows has in common, and each row's digits.

        Args:
            data: uint8, the bytes of a block.
            places: int64[n], where in it each row begins.
            kinds: int32[n], the kind of each.
            bases: int64[kinds], microseconds.
            second: how far from there two digits stand, -1 if there are none, and the most that
                they may say.
            fraction: how far from there the digits of a fraction stand, or -1, and how many they
                are: 3 or 6.

        Returns:
            int64[n], microseconds, and bool[n], whether there are such digits.
        """
        out, out_at = self._empty(len(places), np.int64)
        fine, fine_at = self._empty(len(places), np.bool_)
        self._call(
            "times", self._place_of(data), self._put(places), len(places), self._put(kinds),
            self._put(bases), *second, *fraction, out_at, fine_at,
        )  # fmt: skip
        return out, fine

    def runs(self, us: Ints) -> tuple[Ints, NDArray[np.int32]]:
        """Runs of instants within one second.

        Args:
            us: int64[n], microseconds.

        Returns:
            int64[runs], the seconds, and int32[n], the run of each instant.
        """
        runs, runs_at = self._empty(len(us), np.int32)
        seconds, seconds_at = self._empty(len(us), np.int64)
        count = self._call("runs", self._put(us), len(us), seconds_at, runs_at)
        return self._shrunk(seconds, count), runs

    def splice(
        self,
        data: Bytes,
        spans: tuple[Ints, Ints],
        texts: Bytes,
        runs: tuple[Ints, NDArray[np.int32]],
        us: Ints,
        fraction: tuple[int, int],
        out: Bytes,
    ) -> int:
        """Replace spans of bytes by texts, in which each span has a fraction of its own.

        Args:
            data: uint8[n], the bytes.
            spans: int64[m] each, where spans begin and end: ascending, not overlapping.
            texts: uint8[runs, width].
            runs: int64[runs], the second that each text tells, and int32[m], which one each gets.
            us: int64[m], the instant of each span, within the second of its run; microseconds.
            fraction: where in a text the digits of its fraction are put, or -1, and how many there
                are: 3 or 6.
            out: where to put the result, and at least SPOILED bytes more.

        Returns:
            The size of the result.
        """
        starts, ends = spans
        seconds, run = runs
        # Sixteen bytes are read at once.
        padded, texts_at = self._empty(texts.size + SPOILED, np.uint8)
        padded[: texts.size] = texts.ravel()
        return self._call(
            "splice", self._place_of(data), len(data), self._put(starts), self._put(ends),
            len(starts), texts_at, texts.shape[1], self._put(run), self._put(us),
            self._put(seconds), *fraction, _NUMERALS, self._place_of(out),
        )  # fmt: skip

    def hashes(self, data: Bytes, starts: Ints, ends: Ints, keys: Words) -> Words:
        """A number for each text, as `logtool.frame.hashing` does; there must be room.

        Args:
            data: uint8, the bytes of a block, 15 of them behind the last text.
            starts: int64[n], where in it each text begins, below 0 for none.
            ends: int64[n].
            keys: uint64[3].
        """
        out, out_at = self._empty(len(starts), np.uint64)
        kept = self._next
        self._call(
            "hashes", self._place_of(data), self._put(starts), self._put(ends), len(starts),
            self._put(keys), out_at,
        )  # fmt: skip
        self._next = kept
        return out

    def cuts(
        self,
        before: NDArray[np.int32],
        us: Ints,
        marks: NDArray[np.uint8],
        limits: tuple[int, int, int],
    ) -> tuple[Ints, NDArray[np.int32], NDArray[np.int8]] | None:
        """Where clocks may have changed, as `logtool.clocks.spans` tells; None without room for it.

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
        if _BYTES_A_ROW * len(us) > _SHARED - _OWN:
            return None
        kept = self._next, self._end
        self._next, self._end = _OWN, _SHARED
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
        self._told[: len(told)] = np.array(told, np.int64).astype(np.uint32)
        return cast("int", self._functions[name](self._store))

    def _place_of(self, array: NDArray[Any]) -> int:
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

    def _shrunk(self, newest: NDArray[Any], size: int) -> NDArray[Any]:
        """The beginning of the array made last; the rest is given back."""
        self._next -= (len(newest) - size) * newest.itemsize
        return newest[:size]


def _at(address: int, size: int) -> ctypes.Array[ctypes.c_uint8]:
    return (ctypes.c_uint8 * size).from_address(address)


_kernel: Kernel | None = None


def load(shared: int) -> Kernel | None:
    """The kernel, which can lend so many bytes of memory; None where there can be none."""
    global _kernel
    if (_kernel is None or _kernel.size < shared) and sys.platform == "linux":
        try:
            from wasmtime import WasmtimeError
        except (ImportError, OSError):  # no wheel for this machine, or no memory for it
            return None
        try:
            _kernel = Kernel(shared)
        except (WasmtimeError, OSError):  # not so much memory, or addresses (`ulimit -v`)
            return None
    return _kernel


def loaded() -> Kernel | None:
    """The kernel, if something else needed it already."""
    return _kernel


def kernel_of(data: Bytes) -> Kernel | None:
    """The kernel, if some bytes are in its memory and it has begun."""
    return _kernel if _kernel is not None and _kernel.holds(data) else None
