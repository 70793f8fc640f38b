"""Sieve: takes the bytes of a block, drops the lines that no rule can hold on.

Every rule needs some text; the lines that hold none of these texts anywhere are dropped before a
field of them is read. What passes is asked exactly (`Engine.may_hold`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from itertools import chain

import numpy as np

from logtool.flags.needles import needles
from logtool.flags.ordinary import is_ordinary
from logtool.frame.texts import strings
from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.scanning import Mask

#: The highest bit of a byte is cleared, so that every block is text: what it adds is dropped later.
#: Most blocks have no such bytes.
_ASCII = np.uint8(0x7F)
#: So many texts are looked for sixteen places at a time, more go place by place: the limit of
#: Teddy in Rust's aho-corasick, which only serves searches for the leftmost.
_AT_ONCE = 64
#: With so many, the second search is a fast one.
_ENOUGH = _AT_ONCE + 32
#: mod_wsgi's codes: one text for all of them, and how their tags begin.
_CODE, _CODES = "WSGI0", "WSGI"
#: How a traceback of Python begins; the first bytes tell it from all other texts.
_TRACEBACK = "Traceback (most recent call last)"
_BEGIN = np.frombuffer(b"Traceb", np.uint8)
#: So much of a text may stand for it where that serves several, tried in this order.
_SHARED = (12, 10, 8, 6)


@dataclass(frozen=True, slots=True)
class Gate:
    """What every line has that some conditions hold on.

    Attributes:
        tags: one of these tags, if not empty; then the rest does not count.
        pattern: a regular expression that matches at the start of what a message says.
        holds: one that matches somewhere in the line.
    """

    tags: frozenset[str] = frozenset()
    pattern: str = ""
    holds: str = ""

    def needles(self) -> frozenset[str] | None:
        """Texts one of which every such line holds, or None if there are none."""
        if not self.tags:
            return needles(self.holds)
        return frozenset(_CODE if tag.startswith(_CODES) else f"{tag}:" for tag in self.tags)


class Sieve:
    """The texts that many gates need."""

    def __init__(self, gates: Iterable[Gate]) -> None:
        """Take gates; if one needs no text, all lines pass."""
        needed = [gate.needles() for gate in gates]
        texts = fewest({text for some in needed if some for text in some})
        self._is_open = None in needed
        self._asks_tracebacks = any(_BEGIN.tobytes().decode() in text for text in texts)
        texts = [_TRACEBACK] if self._is_open else [*texts, _TRACEBACK]
        searches = -(-len(texts) // _AT_ONCE)
        # Of equal size: few texts more cost less where there are few.
        self._searches = [texts[nth::searches] for nth in range(searches)]

    def passes(self, block: Block) -> tuple[Mask, int]:
        """Which lines of a block some gate may hold on: bool[n]; and how many tracebacks begin."""
        data = block.data if block.data.max() <= _ASCII else block.data & _ASCII
        text = strings(data, np.zeros(1, np.int64), np.full(1, block.size))
        passed = np.full(len(block), self._is_open)
        tracebacks = 0
        for texts in self._searches:
            places = text.str.find_many(texts, leftmost=True)[0].to_numpy().astype(np.int64)
            begins = np.ones(len(places), np.bool_)
            for at, byte in enumerate(_BEGIN):
                begins &= block.data[places + at] == byte
            tracebacks += int(np.count_nonzero(begins))
            if not self._asks_tracebacks:
                places = places[~begins]
            passed[np.searchsorted(block.starts, places, side="right") - 1] = True
        return passed, tracebacks


def fewest(texts: Iterable[str], wanted: int = _ENOUGH) -> list[str]:
    """Texts of which one stands in each of these: few, and none that everyday lines hold.

    Args:
        texts: what to find.
        wanted: when so few are left, none is shortened any more.
    """
    left = set(texts)
    left = {text for text in left if not any(text != t and t in text for t in left)}
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
