"""Second zones: takes which zones explain spans of a voice, tells what it costs to say which."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
#: Kinds of zones that a voice keeps, and what each span of a kind costs.
Zones = tuple[tuple[int, float], ...]


def apart_from(some: Floats, every: Floats) -> Floats:
    """What it costs to tell some of many spans from the rest: the entropy of that choice."""
    share = np.clip(some / np.maximum(every, 1.0), 1e-9, 1 - 1e-9)
    entropy: Floats = -every * (share * np.log(share) + (1 - share) * np.log(1 - share))
    return entropy


def changes_of_side(one: Flags, other: Flags) -> NDArray[np.int64]:
    """How often spans go over from one zone to each of others, and back.

    Args:
        one: bool[spans], spans in order of time that the one explains.
        other: bool[kinds, spans], those that the others explain.

    Returns:
        int64[kinds]; a span that is in both, or in neither, stays on the side of those before it.
    """
    side = (other & ~one).astype(np.int8) - (one & ~other).astype(np.int8)
    newest = np.maximum.accumulate(np.where(side != 0, np.arange(side.shape[1]), -1), axis=1)
    held = np.take_along_axis(side, np.maximum(newest, 0), axis=1)
    state = np.where(newest < 0, 0, held)
    often: NDArray[np.int64] = ((state[:, 1:] != state[:, :-1]) & (state[:, :-1] != 0)).sum(axis=1)
    return often


def shares(zones: Sequence[int], counts: Sequence[float], weight: float) -> Zones:
    """The zones of a voice, and what each span of one costs: the rarer, the more.

    Args:
        zones: what it keeps, the first for all but `counts` spans of the others.
        counts: of each, but the first.
        weight: how many spans there are.
    """
    rest = [max(0.0, weight - sum(counts)), *counts[1:]]
    parts = [(count + 0.5) / (weight + 0.5 * len(zones)) for count in rest]
    return tuple((zone, -math.log(part)) for zone, part in zip(zones, parts, strict=True))
