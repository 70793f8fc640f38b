"""Windows: takes texts, gives tables by which the kernel finds all of them in a block at once.

Of each text a window of eight bytes is looked for, one that everyday lines do not hold if there is
such a one. Four bytes at each of some neighbouring places of it are known, so that only every so
many places of a block are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from logtool.flags.ordinary import ordinary_lines
from parsers.arrays import Bytes, Ints
from parsers.classes import dataclass

#: Bytes of a window at most, and bytes by which a place in it is known.
_WINDOW, _GRAM = 8, 4
#: So many neighbouring places of a window are known at most.
_STRIDE = _WINDOW - _GRAM
#: As in `kernel.wat`.
_FACTOR, _SHIFT, _SLOTS, _MOST = 0x9E3779B1, 17, 1 << 15, 1 << 16
_ENTRY = np.dtype(
    [("bytes", "<u8"), ("mask", "<u8"), ("before", "<u2"), ("next", "<u2"), ("", "<u4")]
)


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Windows of some texts.

    Attributes:
        stride: how many neighbouring places of each are known.
        tables: what the kernel wants of them.
        text: int64[m], of each entry in the tables which text it is of.
        offset: int64[m], where in that text its window begins.
    """

    stride: int
    tables: tuple[Bytes, NDArray[np.uint16], Bytes]
    text: Ints
    offset: Ints


def windows_of(texts: Sequence[bytes]) -> Windows | None:
    """Windows of texts of four bytes or more; None if one is shorter, or there are too many."""
    stride = min(_STRIDE, min(map(len, texts), default=_GRAM) - _GRAM + 1)
    count = 1 + stride * len(texts)
    if stride < 1 or count >= _MOST:
        return None
    entries, firsts = np.zeros(count, _ENTRY), np.zeros(_SLOTS, np.uint16)
    of = np.zeros((2, count), np.int64)
    worth = _Worth(stride)
    at = 1
    for number, text in enumerate(texts):
        offset = max(range(max(len(text) - _WINDOW, 0) + 1), key=partial(worth.of, text))
        window = text[offset : offset + _WINDOW]
        for before in range(stride):
            gram = int.from_bytes(window[before : before + _GRAM], "little")
            slot = ((gram * _FACTOR) & 0xFFFFFFFF) >> _SHIFT
            value, mask = (int.from_bytes(w, "little") for w in (window, b"\xff" * len(window)))
            entries[at] = value, mask, before, firsts[slot], 0
            of[:, at] = number, offset
            firsts[slot] = at
            at += 1
    return Windows(stride, ((firsts > 0).astype(np.uint8), firsts, entries.view(np.uint8)), *of)


class _Worth:
    """How seldom windows are met in everyday lines, where all lines are looked through."""

    def __init__(self, stride: int) -> None:
        self._known_by = range(stride)
        lines = ordinary_lines().encode()
        self._windows, self._grams = (
            {lines[at : at + size] for at in range(len(lines))} for size in (_WINDOW, _GRAM)
        )

    def of(self, text: bytes, at: int) -> tuple[bool, int]:
        """The more, the better."""
        window = text[at : at + _WINDOW]
        grams = (window[before : before + _GRAM] for before in self._known_by)
        return window not in self._windows, -sum(gram in self._grams for gram in grams)
