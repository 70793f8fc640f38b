"""Windows: takes sources, gives where their blocks are, and the bytes that no child can read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from logtool.sources.reading import Place
from logtool.sources.source import Source

#: The number of a source among some, and a place in it.
At: TypeAlias = tuple[int, Place]
#: The same, and the bytes there if no child can read them.
Window: TypeAlias = tuple[At, NDArray[np.uint8] | None]


def windows_of(sources: Sequence[Source]) -> Iterator[Window]:
    """Every block of some sources in true order, as tasks of `Workers`."""
    for number, source in enumerate(sources):
        if source.is_plain:
            yield from (((number, place), None) for place in source.places())
        else:
            yield from (((number, place), data) for place, data in source.windows())


def loaded(window: Window, room: NDArray[np.uint8]) -> At:
    """Where a block is; its bytes are put into some room if no child can read them."""
    at, data = window
    if data is not None:
        room[: len(data)] = data
    return at
