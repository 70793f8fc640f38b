"""Sieve: takes the bytes of a block, drops the lines that no rule can hold on.

Every rule needs some text; the lines that hold none of these texts anywhere are dropped before a
field of them is read. What passes is asked exactly (`Engine.may_hold`). The kernel looks for the
texts where a block is in its memory, polars elsewhere: in many bytes it looks for fewer of them,
but they are shorter or the same, so that a few lines more may pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from logtool.flags.gates import Gate
from logtool.flags.ordinary import is_ordinary
from logtool.flags.windows import Windows, windows_of
from parsers.arrays import Mask
from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.compiled.kernel import kernel_of
from parsers.distinct import distinct
from parsers.scanning import Places

#: Places of windows in a block; of more the kernel tells nothing.
_MOST_FOUND = 1 << 15
#: The highest bit of a byte is cleared, so that every block is text: what it adds is dropped later.
#: Most blocks have no such bytes.
_ASCII = np.uint8(0x7F)
#: So many texts are looked for sixteen places at a time, more go place by place: the limit of
#: Teddy in Rust's aho-corasick, which only serves searches for the leftmost.
_AT_ONCE = 64
#: With so many, the second search is a fast one.
_ENOUGH = _AT_ONCE + 32
#: In so many first bytes all texts are looked for: to find fewer that serve takes longer.
_FEW_BYTES = 1 << 18
#: How a traceback of Python begins; the first bytes tell it from all other texts.
_TRACEBACK = "Traceback (most recent call last)"
_BEGIN = np.frombuffer(b"Traceb", np.uint8)
#: So much of a text may stand for it where that serves several, tried in this order.
_SHARED = (12, 10, 8, 6)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was seen of a block.

    Attributes:
        rows: int32[m], the lines that passed, rising.
        tracebacks: how many begin in it.
    """

    rows: NDArray[np.int32]
    tracebacks: int


class Sieve:
    """The texts that many gates need."""

    def __init__(self, gates: Iterable[Gate]) -> None:
        """Take gates; if one needs no text, all lines pass."""
        needed = [gate.needles() for gate in gates]
        self._is_open = None in needed
        texts = set() if self._is_open else {text for some in needed if some for text in some}
        self._texts = _without_longer(texts)
        self._looked_at = 0
        self._asks_tracebacks = any(_BEGIN.tobytes().decode() in text for text in self._texts)

    def passes(self, block: Block) -> tuple[Mask, int]:
        """Which lines of a block some gate may hold on: bool[n]; and how many tracebacks begin."""
        if (seen := self.seen(block)) is not None:
            passed = np.zeros(len(block), np.bool_)
            passed[seen.rows] = True
            return passed, seen.tracebacks
        return self._passes(block)

    def seen(self, block: Block) -> Seen | None:
        """The same, if the kernel can look for the texts in this block."""
        kernel = kernel_of(block.data)
        if kernel is None or self._is_open or (windows := self._windows) is None:
            return None
        data = block.data[: block.size]
        found = kernel.sieve(data, windows.stride, windows.tables, _MOST_FOUND)
        if found is None:
            return None
        places, text = found[0] - windows.offset[found[1]], windows.text[found[1]]
        whole = np.zeros(len(places), np.bool_)
        for number in distinct(text).tolist():
            some = np.flatnonzero(text == number)
            whole[some] = _stands_at(block, places[some], self._looked_for[number])
        tracebacks = int(np.count_nonzero(whole & (text == len(self._looked_for) - 1)))
        if not self._asks_tracebacks:
            whole &= text < len(self._looked_for) - 1
        rows = distinct(np.searchsorted(block.starts, places[whole], side="right") - 1)
        return Seen(rows.astype(np.int32), tracebacks)

    @cached_property
    def _looked_for(self) -> list[bytes]:
        return [text.encode() for text in (*sorted(self._texts), _TRACEBACK)]

    @cached_property
    def _windows(self) -> Windows | None:
        return windows_of(self._looked_for)

    @cached_property
    def _searches(self) -> list[list[str]]:
        return _shared_out([*fewest(self._texts), _TRACEBACK])

    def _passes(self, block: Block) -> tuple[Mask, int]:
        from logtool.frame.texts import (
            strings,
        )  # child processes that have the kernel need no polars

        data = block.data if block.data.max() <= _ASCII else block.data & _ASCII
        text = strings(data, np.zeros(1, np.int64), np.full(1, block.size))
        passed = np.full(len(block), self._is_open)
        tracebacks = 0
        self._looked_at += block.size
        few = self._looked_at < _FEW_BYTES
        every = [*sorted(self._texts), _TRACEBACK]
        for texts in _shared_out(every) if few else self._searches:
            places = text.str.find_many(texts, leftmost=True)[0].to_numpy().astype(np.int64)
            begins = np.ones(len(places), np.bool_)
            for at, byte in enumerate(_BEGIN):
                begins &= block.data[places + at] == byte
            tracebacks += int(np.count_nonzero(begins))
            if not self._asks_tracebacks:
                places = places[~begins]
            passed[np.searchsorted(block.starts, places, side="right") - 1] = True
        return passed, tracebacks


def _shared_out(texts: list[str]) -> list[list[str]]:
    """Texts for several searches, which are of equal size: few more cost less where few are."""
    searches = -(-len(texts) // _AT_ONCE)
    return [texts[nth::searches] for nth in range(searches)]


def _stands_at(block: Block, places: Places, text: bytes) -> Mask:
    """Whether a text stands at each of some places."""
    fine: Mask = (places >= 0) & (places + len(text) <= block.size)
    if not fine.any():
        return fine
    windows = np.lib.stride_tricks.sliding_window_view(block.data, len(text))
    stands: Mask = (windows[np.where(fine, places, 0)] == np.frombuffer(text, np.uint8)).all(axis=1)
    return stands & fine


def _without_longer(texts: Iterable[str]) -> set[str]:
    """Texts of which one stands in each of these."""
    every = set(texts)
    held = "\0".join(every)
    inner = [text for text in every if held.count(text) > 1]
    return {text for text in every if not any(text != one and one in text for one in inner)}


def fewest(texts: Iterable[str], wanted: int = _ENOUGH) -> list[str]:
    """Texts of which one stands in each of these: few, and none that everyday lines hold.

    Args:
        texts: what to find.
        wanted: when so few are left, none is shortened any more.
    """
    left = _without_longer(texts)
    for length in _SHARED:
        while len(left) > wanted and (shared := _most_shared(left, length)):
            left = {text for text in left if shared not in text} | {shared}
    return sorted(left)


def _most_shared(texts: Collection[str], length: int) -> str:
    """A text of at least this length that stands in most of these; nothing if in less than two."""
    counts = Counter(
        chain.from_iterable(
            {text[at : at + length] for at in range(len(text) - length + 1)} for text in texts
        )
    )
    several = sorted((-count, piece) for piece, count in counts.items() if count > 1)
    best = next((piece for _, piece in several if not is_ordinary(piece)), "")
    return _grown(best, [text for text in texts if best in text]) if best else ""


def _grown(piece: str, texts: list[str]) -> str:
    """The longest text around a piece that stands in all of these."""
    longer = piece
    while longer:
        piece = longer
        at = texts[0].index(piece)
        ends = (texts[0][at : at + len(piece) + 1], texts[0][max(at - 1, 0) : at + len(piece)])
        longer = next((e for e in ends if e != piece and all(e in text for text in texts)), "")
    return piece
