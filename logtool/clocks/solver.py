"""Solver: takes a scene and its anchors, gives an offset and a confidence to every span."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.doubt.conclusion import Solution, conclude, solid_spans
from logtool.clocks.doubt.silences import Silences
from logtool.clocks.evidence.anchors import instants, log_ids
from logtool.clocks.evidence.disorder import of_processes
from logtool.clocks.evidence.links import (
    continuity,
    daylight_saving,
    pairs,
    server_clock,
    siblings,
    steadfast,
    summer_time,
)
from logtool.clocks.evidence.present import refuted
from logtool.clocks.evidence.receipts import receipts
from logtool.clocks.search.prices import Evidence
from logtool.clocks.search.story import cheapest
from logtool.clocks.search.twice import spans_twice
from logtool.clocks.search.voting import tie_by_links
from logtool.clocks.seen.constraints import (
    WIDEST_S,
    Brackets,
    Edges,
    Groups,
    Link,
    Tie,
    closure,
    tie_by_order,
    tie_strained,
)
from logtool.clocks.seen.scene import Scene, time_range
from logtool.clocks.seen.shortest import INFINITE
from logtool.clocks.seen.spans import UTC, Cut
from logtool.clocks.tzdb.zones import changes_between
from parsers.distinct import distinct
from parsers.units import MINUTE, SECOND

#: Of more groups than this, each follows its strongest vote, whatever that leads to.
_VOTERS = 40
#: Of more groups than this, a process keeps its clock from a line to the next that comes so soon.
_CROWD = 1_000
_SHORT_US = 2 * MINUTE


def solve(
    scene: Scene,
    anchors: Sequence[Link],
    default: Callable[[], Iterable[Link]],
    read: Edges,
    latest: Edges,
    *,
    contradicted: bool = False,
) -> Solution:
    """Find every span's offset.

    Args:
        scene: the log.
        anchors: links to UTC from outside the log.
        default: gives the links to UTC that are tried when nothing else ties the log to it; asked
            only where something is loose.
        read: bounds by which no line is later than it was read (see `present`).
        latest: these, and those by which none is later than its file's time. That can be set at
            will: where anything is told, it only makes doubtful what somebody said.
        contradicted: a start of Apache shows that the server's zone is not that of all its lives.
    """
    links = [*anchors, *_witnesses(scene)]
    bounds = read if links else latest
    groups, edges, liars, order = _by_order(scene, links)
    if not _loose(groups):
        return conclude(scene, groups, links, order, {}, latest, contradicted=contradicted)
    changes = np.zeros((0, 3), np.int64)
    if _has_nights(scene, groups):
        changes = changes_between(*time_range(scene.knots))
    last = [*default()]
    told = [*links, *pairs(scene), *steadfast(scene, changes), *last]
    kept = [*continuity(scene)]
    if len(distinct(groups.root)) > _CROWD:
        _stay(scene, groups, edges, kept)
    links += [*kept, *server_clock(scene), *siblings(scene), *pairs(scene)]
    links += daylight_saving(scene, changes)
    bounds = bounds.taken(~liars[bounds.a])
    edges = edges.joined(bounds).joined(of_processes(scene, liars))
    voted = _by_vote(scene, groups.copy(), edges, links, last)
    crossings = _crossings(scene, liars)
    evidence = Evidence(groups, edges, crossings, told, solid_spans(scene), liars)
    offsets = cheapest(scene, evidence, voted)
    links += last
    if not np.any(groups.root[1:] == groups.root[UTC]):
        links += summer_time(scene, offsets)
    silences = Silences(scene, offsets)
    links = [silences.doubted(link) for link in links]
    answer = _agreed(groups.copy(), links, silences, offsets, refuted(last, bounds))
    if np.any(scene.spans.cut == Cut.ZONE):
        changes = changes_between(*time_range(scene.knots))
    twice = spans_twice(scene, evidence, links, answer, offsets, changes)
    return conclude(scene, answer, links, order, twice, latest, contradicted=contradicted)


def _stay(scene: Scene, groups: Groups, edges: Edges, kept: Sequence[Link]) -> None:
    """Let processes keep their clocks where nothing but a silence of all could hide a change.

    Where an application sets its zone to and fro any two lines may be of two clocks; of thousands
    no search would ever ask them all.
    """
    spans = scene.spans
    short = (spans.cut == Cut.DOUBT) & (spans.step_us >= 0) & (spans.step_us < _SHORT_US)
    for link in kept:
        if short[link.b] and link.kind == "same-process":
            groups.merge(Tie(link.a, link.b, 0, False, links=(link,)))
    tie_by_order(groups, edges, sure=False)


def ordered(scene: Scene) -> Groups:
    """Spans whose differences the order of lines alone has settled."""
    return _by_order(scene, []).groups


def _strongest(
    groups: Groups, links: Sequence[Link], offsets: NDArray[np.int64] | None = None
) -> list[Tie]:
    """Ties between groups by all links (that agree with the offsets), the strongest first."""
    ballots: dict[tuple[int, int, int], dict[str, Link]] = defaultdict(dict)
    for link in links:
        a, b = int(groups.root[link.a]), int(groups.root[link.b])
        if a == b or (offsets is not None and offsets[link.b] - offsets[link.a] != link.delta_s):
            continue
        shift = link.delta_s + int(groups.above_s[link.a]) - int(groups.above_s[link.b])
        ballot = ballots[(a, b, shift) if a < b else (b, a, -shift)]
        held = ballot.get(link.voice)
        if held is None or held.weight < link.weight:
            ballot[link.voice] = link
    ties = []
    for ballot in ballots.values():
        told = tuple(sorted(ballot.values(), key=lambda link: -link.weight))
        # What is sure was joined before, or contradicts what is.
        ties.append(Tie(told[0].a, told[0].b, told[0].delta_s, False, links=told))
    return sorted(ties, key=lambda tie: -sum(link.weight for link in tie.links))


def _agreed(
    groups: Groups, links: Sequence[Link], silences: Silences, offsets: NDArray[np.int64],
    doubt: str,
) -> Groups:  # fmt: skip
    """Groups joined by the links that agree with the story; `doubt` tells which could not."""
    for tie in _strongest(groups, links, offsets):
        groups.merge(tie)
    for span in range(1, len(groups.root)):
        if groups.root[span] == groups.root[UTC]:
            continue
        other = span - 1  # tied by now, as all before it
        delta = int(offsets[span] - offsets[other])
        text = "of all that order allows, this takes the fewest clocks and the least silence"
        if other == UTC:
            zones = "these offsets suit the zones on earth, as others may"
            text = f"nothing ties the log to UTC{doubt}; {zones}"
        link = Link(
            other, span, delta, 0.0, "story", "story", text, assumed=other == UTC
        )  # fmt: skip
        groups.merge(Tie(other, span, delta, False, links=(silences.doubted(link),)))
    return groups


def _crossings(scene: Scene, liars: NDArray[np.bool_]) -> Edges:
    """Local time that passes between neighbouring lines of different spans."""
    knots, span = scene.knots, scene.spans.of_knot
    rows = np.flatnonzero(~liars[span])
    broken = np.diff(np.cumsum(scene.breaks)[rows], prepend=0) > 0
    away = np.diff(knots.local_us[rows])
    a, b = span[rows][:-1], span[rows][1:]
    apart = (a != b) & ~broken[1:] & (away > -2 * WIDEST_S * SECOND)
    return Edges(a[apart], b[apart], away[apart])


class _Ordered(NamedTuple):
    """What order tells.

    Attributes:
        groups: spans whose differences it settles.
        edges: the bounds for the rest.
        liars: bool[spans], those of which nothing is believed.
        every: the bounds between neighbours of all spans.
    """

    groups: Groups
    edges: Edges
    liars: NDArray[np.bool_]
    every: Edges


def _by_order(scene: Scene, anchors: Sequence[Link]) -> _Ordered:
    """What the order of lines and sure anchors tell; and the bounds for the rest."""
    spans = scene.spans
    groups = Groups(len(spans))
    solid = solid_spans(scene)
    doubt = Edges.of_doubt(spans.cut, spans.previous)
    order = _order(scene, None if solid.all() else solid[spans.of_knot])
    firm = order.joined(doubt.taken(solid[doubt.a] & solid[doubt.b]))
    tie_by_order(groups, firm)
    every = order if solid.all() else _order(scene, None)
    liars = _liars(groups, every, solid)
    edges = every.taken(~(liars[every.a] | liars[every.b])).joined(firm)
    tie_by_order(groups, edges)
    tie_by_links(groups, edges, [link for link in anchors if link.sure], sure=True)
    while tie_strained(groups, edges):
        tie_by_order(groups, edges)
    # From here on nothing is sure any more.
    tie_by_links(groups, edges, [link for link in anchors if link.taken])
    world = Edges.of_the_world(np.flatnonzero(solid))
    edges = edges.joined(world).joined(Edges.of_choices(anchors))
    return _Ordered(groups, edges, liars, every)


def _by_vote(
    scene: Scene,
    groups: Groups,
    edges: Edges,
    links: Sequence[Link],
    default: Sequence[Link],
) -> Groups:
    """Place what order leaves open."""
    if len(distinct(groups.root)) > _VOTERS:
        for tie in _strongest(groups, [*links, *default]):
            groups.merge(tie)
    tie_by_links(groups, edges, links)
    if not np.any(groups.root[1:] == groups.root[UTC]) and len(scene.spans) > 1:
        tie_by_links(groups, edges, default)
    _place_leftovers(scene, groups, edges)
    return groups


def _order(scene: Scene, kept: NDArray[np.bool_] | None) -> Edges:
    """The bounds between neighbours among the kept knots."""
    knots, span = scene.knots, scene.spans.of_knot
    if kept is None:
        return Edges.of_order(span, knots.local_us, knots.coarse, scene.breaks)
    rows = np.flatnonzero(kept)
    broken = np.diff(np.cumsum(scene.breaks)[rows], prepend=0) > 0
    return Edges.of_order(span[rows], knots.local_us[rows], knots.coarse[rows], broken)


def _liars(groups: Groups, edges: Edges, solid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Thin spans that no offset can reconcile with a solid group.

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
    return lying[groups.root]


def _witnesses(scene: Scene) -> Iterator[Link]:
    """Evidence of absolute time inside the log."""
    yield from log_ids(scene)
    yield from instants(scene)
    yield from receipts(scene)


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
