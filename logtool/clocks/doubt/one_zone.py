"""One zone: takes an answer, tells which spans a process would have kept another zone in."""

from __future__ import annotations

import numpy as np

from logtool.clocks.evidence.placed import Placed
from logtool.clocks.evidence.steady_lives import Life, SteadyLives
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import UTC
from parsers.arrays import Ints, Mask

#: Changes of a zone's clocks within a night or two lead no further. Who is further away was moved:
#: an application runs in it after all.
_SEASONS_S = 2 * 3600


def of_other_zones(placed: Placed, solid: Mask) -> list[int]:
    """The spans of those who run no application that are not in the zone of the rest of their life.

    And all that was written meanwhile, for nothing tells whose clock it is that is wrong. What a
    witness of UTC tells is not doubted: the server's own database may be an older one.

    Args:
        placed: the spans.
        solid: bool[spans], spans of more lines than anybody forges.
    """
    scene, offset = placed.scene, placed.offset
    lives = SteadyLives(scene, np.zeros(len(offset), np.bool_)).torn(offset)
    if not lives:
        return []
    found = {span for life in lives for span in _astray(scene, life, offset, solid)}
    return sorted(found.difference(placed.told))


def _astray(scene: Scene, life: Life, offset: Ints, solid: Mask) -> set[int]:
    """The spans of a life that are in another zone, and those of others between its other ones."""
    spans = scene.spans
    rows = np.flatnonzero(~life.fitting)
    if life.fitting.any():  # some offsets no zone has
        shown = offset[life.spans]
        apart = np.abs(shown[rows, None] - shown[life.fitting]).min(axis=1)
        rows = rows[apart <= _SEASONS_S]
    found = {*life.spans[rows].tolist()}
    breaks = np.flatnonzero(scene.breaks)
    for part in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1):
        own = life.spans[part]
        if not solid[own].any():
            continue
        at = np.searchsorted(breaks, int(spans.first[own[0]]), side="right")
        low = int(breaks[at - 1]) - 1 if at else -1
        if part[0]:
            low = max(low, int(spans.last[life.spans[part[0] - 1]]))
        high = int(breaks[at]) if at < len(breaks) else len(scene.knots)
        if part[-1] + 1 < len(life.spans):
            high = min(high, int(spans.first[life.spans[part[-1] + 1]]))
        found |= {*np.flatnonzero((spans.first > low) & (spans.last < high)).tolist()}
    return found - {UTC}
