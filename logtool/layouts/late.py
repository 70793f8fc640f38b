"""Late layouts: takes each block of a log in turn, finds layouts that its first lines did not show.

A server that restarts with another ErrorLogFormat goes on in the same file.
"""

from __future__ import annotations

import numpy as np

from parsers.blocks import Block
from parsers.built_in import BUILT_IN
from parsers.decode import Decoder
from parsers.detection.detect import SAMPLE, detect
from parsers.lines import NO_LAYOUT, Stamps


class LateLayouts:
    """Teaches a decoder the layouts of lines that it cannot read.

    Looking for layouts costs more than decoding a block. Where it tells nothing, the next look
    comes after twice as many blocks, or at a block with twice as many unread lines.
    """

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._block = 0
        self._next = 0
        self._distance = 1
        self._most = 0

    def settled(self, block: Block, stamps: Stamps, layouts: int) -> tuple[Stamps, int]:
        """The stamps of the log's next block by all layouts known by now, new ones included.

        Args:
            block: the block.
            stamps: what the decoder made of it, maybe some blocks ago.
            layouts: how many layouts it knew then.

        Returns:
            The stamps, and how many layouts they are read by.
        """
        unread = _unread(block, stamps)
        if len(unread) and layouts < len(self._decoder.layouts):
            stamps = self._decoder.stamps(block)
            unread = _unread(block, stamps)
        if self._is_worth_a_look(block, len(unread)) and self._learn(block, unread):
            stamps = self._decoder.stamps(block)
        self._block += 1
        return stamps, len(self._decoder.layouts)

    def _is_worth_a_look(self, block: Block, unread: int) -> bool:
        if not unread or (not block.offset and len(block) < 2 * SAMPLE):
            return False  # of a short beginning every line has been looked at already
        return self._block >= self._next or unread > 2 * self._most

    def _learn(self, block: Block, unread: np.ndarray[tuple[int], np.dtype[np.int64]]) -> bool:
        candidates = [layout for layout in BUILT_IN if layout not in self._decoder.layouts]
        found = [one.layout for one in detect([block.at(unread)], candidates)]
        self._distance = 1 if found else 2 * self._distance
        self._next = self._block + self._distance
        self._most = 0 if found else max(self._most, len(unread))
        self._decoder.extend(found)
        return bool(found)


def _unread(block: Block, stamps: Stamps) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Rows of whole lines that no layout reads."""
    if not len(block) or np.minimum.reduce(stamps.layout) != NO_LAYOUT:  # none is less
        return np.zeros(0, np.int64)
    unread = stamps.layout == NO_LAYOUT
    unread[:1] &= not block.torn_head
    if block.torn_tail:
        unread[-1:] = False
    return np.flatnonzero(unread)
