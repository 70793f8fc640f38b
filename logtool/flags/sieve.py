"""Sieve: takes the bytes of a block, drops the lines that no rule can hold on.

Every rule needs some text; the lines that hold none of these texts anywhere are dropped before a
field of them is read. What passes is asked exactly (`Engine.may_hold`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from logtool.flags.needles import needles
from logtool.frame.texts import strings
from parsers.blocks import Block
from parsers.scanning import Mask

#: The highest bit of a byte is cleared, so that every block is text: what it adds is dropped later.
_ASCII = np.uint8(0x7F)
#: So many texts are looked for sixteen places at a time, more go place by place: the limit of
#: Teddy in Rust's aho-corasick, which only serves searches for the leftmost.
_AT_ONCE = 64
#: mod_wsgi's codes: one text for all of them.
_CODE = "WSGI"


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
        return frozenset(_CODE if tag.startswith(_CODE) else f"{tag}:" for tag in self.tags)


class Sieve:
    """The texts that many gates need."""

    def __init__(self, gates: Iterable[Gate]) -> None:
        """Take gates; if one needs no text, all lines pass."""
        needed = [gate.needles() for gate in gates]
        texts = {text for some in needed if some for text in some}
        fewest = sorted(text for text in texts if not any(text != t and t in text for t in texts))
        self._searches = [fewest[at : at + _AT_ONCE] for at in range(0, len(fewest), _AT_ONCE)]
        self._is_open = None in needed

    def passes(self, block: Block) -> Mask:
        """Which lines of a block some gate may hold on: bool[n]."""
        if self._is_open:
            return np.ones(len(block), np.bool_)
        text = strings(block.data & _ASCII, np.zeros(1, np.int64), np.full(1, block.size))
        passed = np.zeros(len(block), np.bool_)
        for texts in self._searches:
            places = text.str.find_many(texts, leftmost=True)[0].to_numpy()
            passed[np.searchsorted(block.starts, places, side="right") - 1] = True
        return passed
