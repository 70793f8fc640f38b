"""Signs: takes what is known of messages, gives one number for those that say the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logtool.events.joining import among
from logtool.events.kinds import TALK, Kind
from logtool.reports.meant.wordings import WORDING
from parsers.arrays import Ints

#: Lines of which a sign takes the very text; of others only what they have in common.
_VERBATIM = (Kind.FRAME, Kind.MARGIN, Kind.DUMPED)


def kinds_of(wording: Ints) -> NDArray[np.int8]:
    """The kind of each of some messages; PYTHON_HEAD where it talks with a level of Python's."""
    kind = WORDING.number(wording, "kind").astype(np.int8)
    kind[among(kind, *TALK) & WORDING.holds(wording, "levelled")] = Kind.PYTHON_HEAD
    return kind


def signs_of(wording: Ints, said: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One number for each of some messages, equal where they say the same but for what varies.

    Args:
        wording: packed by `wordings.WORDING`.
        said: one number for each text.
    """
    kind = kinds_of(wording)
    template = WORDING.number(wording, "template").astype(np.uint64)
    signs: NDArray[np.uint64] = np.where(among(kind, *_VERBATIM), said, template)
    signs ^= kind.astype(np.uint64)
    return signs
