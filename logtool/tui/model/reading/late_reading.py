"""Late reading: takes what comes to a log that is followed, reads it, also in layouts that are new.

What is shown before may be little: a server that restarts with another ErrorLogFormat goes on in
the same file, and the first request with a referer may come later than the first screen.
"""

from __future__ import annotations

import numpy as np

from logtool.layouts.late import LateLayouts
from logtool.tui.model.reading.builder import ShownLog
from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.detection.detect import detect, likely_layouts
from parsers.layouts import Layout
from parsers.lines import Stamps

#: How formats other than the built-in one begin a referer, which ends a message of that one.
_REFERER = b", referer "


class LateReading:
    """Reads the lines of one log block by block; its decoder becomes another as layouts come."""

    def __init__(self, log: ShownLog) -> None:
        """Read on as it was read so far."""
        self._log = log
        self._pause = self._rest = 0
        self._know(log.decoder.layouts)

    def stamps(self, block: Block) -> Stamps:
        """Those of the next lines; the first ones of a file that has just come tell its layouts."""
        mine = self._decoder.layouts
        if block.first_line == 1:
            others = (layout for layout in likely_layouts([block]) if layout not in mine)
            self._know((*mine, *others))
        elif (better := self._of_referers(block)) is not None:
            self._know((better, *(layout for layout in mine if layout is not better)))
        mine = self._decoder.layouts
        stamps, _ = self._late.settled(block, self._decoder.stamps(block), len(mine))
        if len(self._decoder.layouts) > len(mine):
            self._tell()
        return stamps

    def _of_referers(self, block: Block) -> Layout | None:
        """A layout that tells the referers of some lines, where the one that reads them does not.

        Each of both reads these lines, so they are not late ones; but without a referer they look
        alike, and the built-in layout was taken.
        """
        if _REFERER not in block.data[: block.size].tobytes():
            return None
        self._rest -= 1
        if self._rest > 0:  # it is a word like any other, and to look for layouts takes long
            return None
        rows = [row for row in range(len(block)) if _REFERER in block.line(row)]
        few = block.at(np.array(rows))
        told = self._decoder.fields(
            few, self._decoder.stamps(few), np.arange(len(rows)), {"referer"}
        )
        if (told["referer"].start >= 0).any():
            return None
        best = next((one.layout for one in detect([few])), None)
        if best is not None and "referer" in best.columns:
            return best
        self._pause = self._rest = 2 * self._pause or 1
        return None

    def _know(self, layouts: tuple[Layout, ...]) -> None:
        """Read by these; others go on reading by what they have, whose layouts have numbers."""
        self._decoder = Decoder(layouts)
        self._late = LateLayouts(self._decoder)
        self._tell()

    def _tell(self) -> None:
        """Have shown lines read so too."""
        self._log.decoder = Decoder(self._decoder.layouts)
