"""Disorder: takes a solved scene, tells which spans are where real time would run backwards."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.constraints import SLACK_US, Edges, Tie
from logtool.clocks.knots import SECOND
from logtool.clocks.scene import Scene
from logtool.clocks.spans import UTC

#: Lines in spans that cannot be true refute nothing where they are one in so many: they are forged,
#: or of a clock that was wrong.
OUTWEIGHED = 20


def lines_of(scene: Scene) -> NDArray[np.int64]:
    """How many lines the process of each span wrote in it."""
    spans, nth = scene.spans, scene.knots.nth
    return nth[np.maximum(spans.last, 0)] - nth[np.maximum(spans.first, 0)] + 1


def disordered(
    scene: Scene, order: Edges, offset: NDArray[np.int64], held: Mapping[int, Tie]
) -> list[int]:
    """The spans of which order shows that they, or others beside them, are not where they are put.

    Either may be the one that is wrong, and all that it is held to UTC with; but a few lines,
    which may be forged, disprove nobody but themselves, and what is sure is not disproved.

    Args:
        scene: the log.
        order: the bounds between neighbours of all spans.
        offset: int64[spans], the answer.
        held: span -> the tie that holds it, and all that it is held by, to UTC.
    """
    back_us = (offset[order.b] - offset[order.a]) * SECOND - order.bound_us
    torn = order.taken(back_us > SLACK_US)
    lines = lines_of(scene)
    few = lines * OUTWEIGHED < int(lines[1:].sum())
    doubted: set[int] = set()
    wrong: set[int] = set()
    pairs = [*zip(torn.a.tolist(), torn.b.tolist(), strict=True)]
    for span, other in [*pairs, *((b, a) for a, b in pairs)]:
        if span == UTC or held[span].sure:
            continue
        if few[span]:
            doubted.add(span)
        if not few[other]:
            wrong.add(id(held[span]))
    return [span for span, tie in held.items() if span in doubted or id(tie) in wrong]
