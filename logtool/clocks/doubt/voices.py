"""Doubt of voices: takes lines without a pid that another clock may have stamped, doubts them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.doubt.conclusion import Solution
from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import UTC
from logtool.clocks.table import Confidence


def doubt_voices(scene: Scene, solution: Solution, unsure: NDArray[np.bool_]) -> None:
    """Let spans be assumed of which most lines may as well be another clock's.

    Args:
        scene: the log.
        solution: its answer, which is changed.
        unsure: bool[knots], those lines.
    """
    span, count = scene.spans.of_knot, len(scene.spans)
    doubted = 2 * np.bincount(span, unsure, count) >= np.bincount(span, minlength=count)
    doubted &= (solution.confidence == Confidence.LIKELY) & (np.bincount(span, unsure, count) > 0)
    for one in np.flatnonzero(doubted).tolist():
        says = "a clock less than an hour away may have stamped it as well"
        knot = int(scene.spans.first[one])
        solution.losers.setdefault(one, []).append(
            Link(UTC, one, 0, 0.0, "voices", "voices", says, knot)
        )
    solution.confidence[doubted] = Confidence.ASSUMED
