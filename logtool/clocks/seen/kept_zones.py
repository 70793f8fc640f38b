"""Kept zones: takes offsets of lines without a pid, gives the few zones that explain nearly all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.scene import Scene, time_range
from logtool.clocks.seen.voices import is_voice
from logtool.clocks.tzdb.zones import Rules, kinds_of_zones
from parsers.units import SECOND

#: So many zones are thought to be in a log without pids, and none for a share of lines as small.
_MOST_KEPT = 6
_FEW_LINES = 0.01


def zones_kept(scene: Scene, offset_s: NDArray[np.int64]) -> list[Rules]:
    """The few zones that explain the offsets (int64[spans]) of nearly all lines without a pid."""
    spans, knots = scene.spans, scene.knots
    rows = np.flatnonzero([is_voice(pid) for pid in spans.pid.tolist()])
    first, last = spans.first[rows], spans.last[rows]
    lines = (knots.nth[last] - knots.nth[first] + 1).astype(np.float64)
    kinds = [rules for rules, _ in kinds_of_zones(*time_range(knots))]
    ends = [knots.local_us[at] - offset_s[rows] * SECOND for at in (first, last)]
    fits = np.array(
        [np.logical_and(*(one.at_utc(at) == offset_s[rows] for at in ends)) for one in kinds]
    )
    kept: list[Rules] = []
    left = lines.copy()
    while len(kept) < _MOST_KEPT and left.sum() > _FEW_LINES * lines.sum():
        gained = fits @ left
        best = int(gained.argmax())
        if gained[best] <= _FEW_LINES * lines.sum():
            break
        kept.append(kinds[best])
        left[fits[best]] = 0.0
    return kept
