"""Solver: takes a scene and its anchors, gives an offset and a confidence to every span."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.anchors import instants, log_ids
from logtool.clocks.constraints import (
    INFINITE,
    Brackets,
    Edges,
    Groups,
    Link,
    Tie,
    closure,
    tie_by_order,
    tie_strained,
)
from logtool.clocks.distinct import distinct
from logtool.clocks.knots import SECOND, Knots
from logtool.clocks.links import continuity, daylight_saving, pairs, server_clock, siblings
from logtool.clocks.scene import Scene, time_range
from logtool.clocks.spans import UTC, Spans
from logtool.clocks.supposing import best_zone
from logtool.clocks.table import Confidence, hours
from logtool.clocks.voting import tie_by_links
from logtool.clocks.zones import changes_between

#: A span of so many lines is taken to be a process's own.
_SOLID = 3
#: Witnesses of absolute time that are told to the user when the answer contradicts them; those of
#: the server's clock only where they are sure, for an application may have moved a child's.
_LOUD = frozenset({"mtime", "log-id", "requests", "audit", "rotatelogs"})


@dataclass(slots=True, eq=False)
class Solution:
    """What was found for the spans of a scene.

    Attributes:
        offset_s: int64[spans], seconds east of UTC.
        confidence: int8[spans], a Confidence each.
        path: span -> the ties that lead from it to UTC, nearest first.
        losers: span -> loud links that the answer contradicts.
    """

    offset_s: NDArray[np.int64]
    confidence: NDArray[np.int8]
    path: Callable[[int], list[Tie]]
    losers: dict[int, list[Link]]


def solve(
    scene: Scene,
    breaks: NDArray[np.bool_],
    anchors: Sequence[Link],
    default: Callable[[], Sequence[Link]],
) -> Solution:
    """Find every span's offset.

    Args:
        scene: the log.
        breaks: bool[knots], True where a knot's file does not continue the file before it.
        anchors: links to UTC from outside the log.
        default: gives the links to UTC that are tried when nothing else ties the log to it.
    """
    groups, edges = _by_order(scene, breaks, anchors)
    links = [*anchors, *_witnesses(scene)]
    if not _loose(groups):
        return _conclude(groups, links)
    links += [*continuity(scene), *server_clock(scene), *siblings(scene), *pairs(scene)]
    changes = np.zeros((0, 3), np.int64)
    if _has_nights(scene, groups):
        changes = changes_between(*time_range(scene.knots))
        links += daylight_saving(scene, changes)
    voted = _by_vote(scene, groups.copy(), edges, links, default)
    if len(changes):
        voted, links = best_zone(
            scene, changes, voted, links,
            lambda more: _by_vote(scene, groups.copy(), edges, [*links, *more], default),
        )  # fmt: skip
    return _conclude(voted, links)


def _by_order(
    scene: Scene, breaks: NDArray[np.bool_], anchors: Sequence[Link]
) -> tuple[Groups, Edges]:
    """What the order of lines and sure anchors tell; and the bounds for the rest."""
    knots, spans = scene.knots, scene.spans
    groups = Groups(len(spans))
    solid = _solid(scene)
    firm = _order(knots, spans, breaks, solid[spans.of_knot])
    tie_by_order(groups, firm)
    edges = _without_liars(groups, _order(knots, spans, breaks, None), solid).joined(firm)
    tie_by_order(groups, edges)
    tie_by_links(groups, edges, [link for link in anchors if link.sure], sure=True)
    while tie_strained(groups, edges):
        tie_by_order(groups, edges)
    # From here on nothing is sure any more.
    world = Edges.of_the_world(np.flatnonzero(solid))
    return groups, edges.joined(world).joined(Edges.of_choices(anchors))


def _by_vote(
    scene: Scene,
    groups: Groups,
    edges: Edges,
    links: Sequence[Link],
    default: Callable[[], Sequence[Link]],
) -> Groups:
    """Place what order leaves open."""
    tie_by_links(groups, edges, links)
    if not np.any(groups.root[1:] == groups.root[UTC]) and len(scene.spans) > 1:
        tie_by_links(groups, edges, default())
    _place_leftovers(scene, groups, edges)
    return groups


def _solid(scene: Scene) -> NDArray[np.bool_]:
    """Spans of more lines than a raw write to standard error is likely to imitate; UTC is one."""
    spans, nth = scene.spans, scene.knots.nth
    lines = nth[np.maximum(spans.last, 0)] - nth[np.maximum(spans.first, 0)] + 1
    solid = lines >= _SOLID
    solid[UTC] = True
    return solid


def _order(
    knots: Knots, spans: Spans, breaks: NDArray[np.bool_], kept: NDArray[np.bool_] | None
) -> Edges:
    """The bounds between neighbours among the kept knots."""
    if kept is None:
        return Edges.of_order(spans.of_knot, knots.local_us, knots.coarse, breaks)
    rows = np.flatnonzero(kept)
    broken = np.diff(np.cumsum(breaks)[rows], prepend=0) > 0
    return Edges.of_order(spans.of_knot[rows], knots.local_us[rows], knots.coarse[rows], broken)


def _without_liars(groups: Groups, edges: Edges, solid: NDArray[np.bool_]) -> Edges:
    """Drop the bounds of thin spans that no offset can reconcile with a solid group.

    Raw writes to standard error can imitate any stamp; a line that contradicts the order of all
    others proves nothing.
    """
    brackets = Brackets.of(groups.bounds(edges))
    torn = brackets.torn()
    firm = np.zeros(len(solid), np.bool_)
    firm[groups.root[solid]] = True
    suspects = np.concatenate([brackets.a[torn], brackets.b[torn]])
    lying = np.zeros(len(solid), np.bool_)
    lying[suspects[~firm[suspects]]] = True
    lying = lying[groups.root]
    return edges.taken(~(lying[edges.a] | lying[edges.b]))


def _witnesses(scene: Scene) -> Iterator[Link]:
    """Evidence of absolute time inside the log."""
    yield from log_ids(scene)
    yield from instants(scene)


def _loose(groups: Groups) -> bool:
    return bool(np.any(groups.root != groups.root[UTC]))


def _has_nights(scene: Scene, groups: Groups) -> bool:
    """Some process has two spans in different groups with half an hour or more between them."""
    before = scene.spans.previous
    rows = np.flatnonzero(before >= 0)
    apart = groups.root[rows] != groups.root[before[rows]]
    long = np.abs(scene.spans.step_us[rows]) > 1700 * SECOND
    return bool(np.any(apart & long))


def _place_leftovers(scene: Scene, groups: Groups, edges: Edges) -> None:
    """Groups that no vote could place get an offset that others have and order allows."""
    while True:
        root = int(groups.root[UTC])
        left = [int(x) for x in distinct(groups.root) if x != root]
        if not left:
            return
        bounds = groups.bounds(edges)
        brackets = Brackets.of(closure(bounds) or bounds)
        used = Counter((groups.above_s[groups.root == root] - groups.above_s[UTC]).tolist())
        group = left[0]
        low, high = _bracket(brackets, root, group)
        low += int(groups.above_s[UTC]) * -SECOND
        high += int(groups.above_s[UTC]) * -SECOND
        above = int(groups.above_s[group])
        fits = [x for x, _ in used.most_common() if low <= (x - above) * SECOND <= high]
        before = int(scene.spans.previous[group])
        if fits:
            offset = fits[0]
        elif before >= 0 and groups.root[before] == root:
            # Order allows nothing: a forged or torn stamp. It gets what its process had.
            offset = int(groups.above_s[before] - groups.above_s[UTC])
        else:
            offset = used.most_common(1)[0][0]
        link = Link(
            UTC, group, offset, 0.0, "leftover", "default",
            "nothing ties it to the other processes", assumed=True,
        )  # fmt: skip
        groups.merge(Tie(UTC, group, offset, False, links=(link,)))
        tie_by_order(groups, edges, sure=False)


def _bracket(brackets: Brackets, a: int, b: int) -> tuple[int, int]:
    low_root, high_root = min(a, b), max(a, b)
    row = np.flatnonzero((brackets.a == low_root) & (brackets.b == high_root))
    if not len(row):
        return -INFINITE, INFINITE
    low, high = int(brackets.low_us[row[0]]), int(brackets.high_us[row[0]])
    return (low, high) if a < b else (-high, -low)


def _conclude(groups: Groups, links: Sequence[Link]) -> Solution:
    """Offsets relative to UTC, and along which ties they are known."""
    offset = groups.above_s - groups.above_s[UTC]
    near: dict[int, list[Tie]] = defaultdict(list)
    for tie in groups.ties:
        near[tie.a].append(tie)
        near[tie.b].append(tie)
    confidence = np.full(len(offset), Confidence.ASSUMED, np.int8)
    confidence[UTC] = Confidence.CERTAIN
    toward: dict[int, tuple[int, Tie]] = {}
    queue = deque([UTC])
    while queue:
        span = queue.popleft()
        for tie in near[span]:
            other = tie.b if tie.a == span else tie.a
            if other == UTC or other in toward:
                continue
            toward[other] = (span, tie)
            confidence[other] = min(int(confidence[span]), _worth(tie))
            queue.append(other)

    def path(span: int) -> list[Tie]:
        ties = []
        while span in toward:
            span, tie = toward[span]
            ties.append(tie)
        return ties

    losers: dict[int, list[Link]] = defaultdict(list)
    agreed = {
        (link.b, link.kind) for link in links if offset[link.b] - offset[link.a] == link.delta_s
    }
    for link in links:
        if _is_loud(link) and (link.b, link.kind) not in agreed:
            losers[link.b].append(link)
    if losers:
        # Two witnesses of absolute time disagree: whoever is right, neither can be certain.
        confidence[1:] = np.minimum(confidence[1:], Confidence.LIKELY)
    return Solution(offset, confidence, path, dict(losers))


def _is_loud(link: Link) -> bool:
    return link.a == UTC and (link.sure or link.kind in _LOUD)


def _worth(tie: Tie) -> Confidence:
    if tie.sure:
        return Confidence.CERTAIN
    if tie.links and all(link.assumed for link in tie.links):
        return Confidence.ASSUMED
    return Confidence.LIKELY


def describe(tie: Tie, spans: Spans, offset_s: NDArray[np.int64]) -> list[tuple[str, str, int]]:
    """A tie as evidence: (kind, text, knot) for each fact behind it."""
    if tie.links:
        return [(link.kind, link.text, link.knot) for link in tie.links]
    a, b = (tie.b, tie.a) if tie.b == UTC else (tie.a, tie.b)
    delta = hours(int(offset_s[b] - offset_s[a]))
    than = "UTC" if a == UTC else _named(int(spans.pid[a]))
    told = f"{_named(int(spans.pid[b]))} is {delta} against {than}"
    knot = int(spans.first[b])
    if tie.strained:
        return [("order", f"by the order of lines {told}, though not perfectly", knot)]
    return [("order", f"by the order of lines {told}; no other difference fits", knot)]


def _named(pid: int) -> str:
    return f"pid {pid}" if pid >= 0 else "one clock of the lines"
