"""Disorder: takes a solved scene, tells which spans are where real time would run backwards."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.evidence.anchors import OF_THE_SERVER
from logtool.clocks.evidence.placed import Placed
from logtool.clocks.seen.constraints import SLACK_US, Edges, Tie
from logtool.clocks.seen.roles import telling
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import UTC, Cut
from logtool.clocks.seen.turns import BACKWARD, LATE_US
from logtool.clocks.seen.voices import is_voice
from parsers.units import SECOND

#: Lines in spans that cannot be true refute nothing where they are one in so many: they are forged,
#: or of a clock that was wrong.
OUTWEIGHED = 20


def lines_of(scene: Scene) -> NDArray[np.int64]:
    """How many lines the process of each span wrote in it."""
    spans, nth = scene.spans, scene.knots.nth
    return nth[np.maximum(spans.last, 0)] - nth[np.maximum(spans.first, 0)] + 1


def disordered(placed: Placed, order: Edges) -> list[int]:
    """The spans of which order shows that they, or others beside them, are not where they are put.

    Either may be the one that is wrong, and all that it is held to UTC with; but a few lines,
    which may be forged, disprove nobody but themselves, and what is sure is not disproved: but that
    may be said of another server whose log is in the same file.

    Args:
        placed: the spans.
        order: the bounds between neighbours of all spans.
    """
    offset, held = placed.offset, placed.held
    back_us = (offset[order.b] - offset[order.a]) * SECOND - order.bound_us
    torn = order.taken(back_us > SLACK_US)
    lines = lines_of(placed.scene)
    few = lines * OUTWEIGHED < int(lines[1:].sum())
    doubted: set[int] = set()
    wrong: set[int] = set()
    pairs = [*zip(torn.a.tolist(), torn.b.tolist(), strict=True)]
    for span, other in [*pairs, *((b, a) for a, b in pairs)]:
        if span == UTC or (held[span].sure and not _of_server(held[span])):
            continue
        if few[span]:
            doubted.add(span)
        if not few[other] and not held[span].sure:
            wrong.add(id(held[span]))
    return [span for span, tie in held.items() if span in doubted or id(tie) in wrong]


def _of_server(tie: Tie) -> bool:
    """Whether nothing holds it but what is told of the server, which may be another one."""
    return bool(tie.links) and all(link.kind in OF_THE_SERVER for link in tie.links)


def racing(scene: Scene, offset: NDArray[np.int64]) -> list[int]:
    """The spans of a process between which its own time would run back by more than lines race.

    Nobody else spoke meanwhile: its clock may have gone back in a silence instead, and unseen.

    Args:
        scene: the log.
        offset: int64[spans], the answer.
    """
    spans = scene.spans
    late = np.flatnonzero(runs_back(scene) & (offset == offset[spans.previous]))
    late = late[_go_on(scene, late)]
    return [*late.tolist(), *spans.previous[late].tolist()]


def loaded_elsewhere(scene: Scene, offset: NDArray[np.int64]) -> list[int]:
    """The spans in which a process that was seen being born loads its first application.

    Until then its clock is the one of its birth: where the answer is another one, a change that
    came later is hidden in them.

    Args:
        scene: the log.
        offset: int64[spans], the answer.
    """
    previous = scene.spans.previous.tolist()
    seen: set[int] = set()
    found: list[int] = []
    for number, stage in telling([sample for sample, _ in scene.spoken]):
        sample, span = scene.spoken[number]
        if not stage.loads or stage.creates or sample.pid in seen or not scene.process(span).born:
            continue
        seen.add(sample.pid)
        birth = span
        while previous[birth] > UTC and not scene.begins[birth]:
            birth = previous[birth]
        if offset[birth] != offset[span]:
            found.append(span)
    return found


def of_processes(scene: Scene, liars: NDArray[np.bool_]) -> Edges:
    """Bounds between neighbouring spans of a process: its own lines race less than others do.

    Args:
        scene: the log.
        liars: bool[spans], those of which nothing is believed.
    """
    spans = scene.spans
    rows = np.flatnonzero(spans.previous > UTC)
    before = spans.previous[rows]
    known = ~(liars[rows] | liars[before]) & _go_on(scene, rows)
    known &= ~np.array([is_voice(pid) for pid in spans.pid[rows].tolist()], np.bool_)
    rows, before = rows[known], before[known]
    step = spans.step_us[rows]
    # Lines that stand too late for that are no proof that a clock went back.
    step = np.where((step < 0) & (step >= -BACKWARD), 0, step)
    return Edges(before, rows, step + _late_us(scene)[rows])


def _go_on(scene: Scene, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """bool[rows], whether spans go on in the file in which their process was before."""
    spans, part = scene.spans, np.cumsum(scene.breaks)
    same: NDArray[np.bool_] = part[spans.first[rows]] == part[spans.last[spans.previous[rows]]]
    return same


def runs_back(scene: Scene) -> NDArray[np.bool_]:
    """bool[spans], whether a clock may have gone back, and hardly anything else explains a span."""
    spans = scene.spans
    found: NDArray[np.bool_] = (spans.cut == Cut.DOUBT) & (spans.step_us < -_late_us(scene))
    return found


def _late_us(scene: Scene) -> NDArray[np.int64]:
    """int64[spans], by how much the lines of one process may race where a span begins."""
    coarse = scene.knots.coarse[np.maximum(scene.spans.first, 0)]
    return LATE_US + np.where(coarse, SECOND, 0)
