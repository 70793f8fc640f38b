"""Lately: takes numbers as they are looked up, so that a loop finds those that come again.

It holds as many as stay in the cache, each at one place only: what is not there is no news. Who
knows all of them is asked for it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logtool.writing.stamps import CALENDAR_US, in_calendar
from parsers.arrays import Bytes, Ints
from parsers.compiled.kernel import kernel_of
from parsers.compiled.rows import LookedUp, Sought
from parsers.lines import NO_TIME

Hashes = NDArray[np.uint64]

#: Places for numbers.
_PLACES = 1 << 13
#: More at once are not kept: most of them would not come again.
_MOST = _PLACES // 2


class Lately:
    """Numbers that were looked up lately, by hash.

    Attributes:
        known: uint64[places, 2], hashes, each at the place that its lowest bits tell, and their
            numbers; 0 twice for none.
    """

    def __init__(self) -> None:
        """Nothing was."""
        self.known = np.zeros((_PLACES, 2), np.uint64)

    def keep(self, hashes: Hashes, numbers: Ints) -> None:
        """Keep some numbers; what has their places is forgotten."""
        hashes, numbers = hashes[:_MOST], numbers[:_MOST]
        at = (hashes & np.uint64(_PLACES - 1)).view(np.int64)
        self.known[at] = np.stack((hashes, numbers.view(np.uint64)), axis=1)

    def forget(self) -> None:
        """Forget all."""
        self.known.fill(0)


def looked_up(rows: Sought, texts: Lately, clients: Lately, data: Bytes) -> LookedUp:
    """What is known of the rows of a block, whose bytes are `data`."""
    kernel = kernel_of(data)
    found = None
    if kernel is not None:
        found = kernel.looked_up(rows, texts.known, clients.known, CALENDAR_US)
    return _plainly(rows) if found is None else found


def mixed(rows: Sought, some: Ints) -> Hashes:
    """Texts of some rows, as they are looked up."""
    text = rows.text[some]
    return np.where(text > 0, text ^ rows.mix.take(rows.writer[some]), np.uint64(0))


def _plainly(rows: Sought) -> LookedUp:
    """The same without the kernel: as if nothing had been looked up lately."""
    off_us = rows.off_us.take(rows.writer)
    us = rows.us - off_us
    known = (rows.us != NO_TIME) & (off_us != NO_TIME) & in_calendar(us)
    every = np.arange(len(us))
    return LookedUp(
        np.zeros(len(us), np.int32), np.zeros(len(us), np.int64),
        np.where(known, us, NO_TIME), rows.client > 0, every, every,
    )  # fmt: skip
