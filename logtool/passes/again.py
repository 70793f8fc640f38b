"""Again: takes where a block was that was read before, reads it, or some of its lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logtool.passes.logs import Log
from logtool.sources.reading import Place
from logtool.sources.windows import loaded
from parsers.blocks import BLOCK_SIZE, PADDING, Block

Places = NDArray[np.int64]

#: So many lines of a block are read alone: to read it all takes as long as to read some hundred.
FEW = 400


class Again:
    """Reads the block at a place again, or some of its lines: few are asked for of most blocks."""

    def __init__(self, log: Log, place: Place, data: NDArray[np.uint8] | None = None) -> None:
        """Take where it is, and its bytes if they cannot be read there."""
        self._log, self._place, self._data = log, place, data
        self._whole: Block | None = None
        self._some: Block | None = None

    @property
    def unread(self) -> Block | None:
        """The block but for its bytes, if it is known."""
        if self._some is None:
            self._some = self._log.source.unread(self._place)
        return self._some

    def __call__(self, rows: Places | None = None) -> Block:
        """The block; no more of its bytes than some of its lines, if these are told."""
        source = self._log.source
        if self._whole is None and rows is not None and len(rows) <= FEW:
            some = self.unread
            if some is not None and source.read_lines(some, np.sort(rows), self._data):
                return some
        if self._whole is None:
            room = np.empty(BLOCK_SIZE + PADDING, np.uint8)
            loaded(((self._log.number, self._place), self._data), room)
            self._whole = source.block_at(self._place, room)
        return self._whole
