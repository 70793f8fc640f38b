"""Supposing: where nights leave a choice, try which zone the server may stand in.

A clock is a zone, not an offset. An anchor at one end of a log says +01:00 in winter; most servers
of that offset keep summer time, and so did this one in October, unless its lines speak against it.
Every kind of zone that agrees with the anchor is tried; the one whose story needs the fewest
unexplained changes of clocks is taken, and its lines are `likely`, never `certain`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.anchors import by_rules
from logtool.clocks.constraints import RACE_US, Groups, Link, Tie
from logtool.clocks.knots import SECOND
from logtool.clocks.scene import Scene, flip_heights, time_range
from logtool.clocks.spans import UTC
from logtool.clocks.zones import REACH_US, Rules, kinds_of_zones

#: Kinds of zones that are tried.
_KINDS = 12
#: Weight of a supposed zone: more than any process's steadiness.
_SUPPOSED = 30.0
#: Costs of a story.
_UNEXPLAINED = 6.0
_SUMMER_TIME = 0.7
_AGAINST_ZONE = 4.0
#: Kinds of links that tie a log to UTC by themselves.
_ANCHORS = frozenset(
    {
        "server-tz",
        "clock",
        "access-log",
        "mtime",
        "log-id",
        "instant",
        "requests",
        "audit",
        "written",
    }
)


def best_zone(
    scene: Scene,
    changes: NDArray[np.int64],
    voted: Groups,
    links: Sequence[Link],
    vote: Callable[[list[Link]], Groups],
) -> tuple[Groups, list[Link]]:
    """Try the zones that the server may keep; give the best story and its links.

    Args:
        scene: the log.
        changes: of all zones in its time, as zones.changes_between gives them.
        voted: the story without supposing a zone.
        links: its votes.
        vote: gives the story with more votes.
    """
    known = _anchored(scene, voted, changes)
    if not len(known):
        return voted, list(links)
    offsets = voted.above_s - voted.above_s[UTC]
    at = scene.knots.local_us[scene.spans.last[known]] - offsets[known] * SECOND
    low, high = time_range(scene.knots)
    kinds = [
        (rules, share)
        for rules, share in kinds_of_zones(low, high)
        if np.all(rules.at_utc(at) == offsets[known])
    ][:_KINDS]
    if not kinds or all(not len(rules.changes_us) for rules, _ in kinds):
        return voted, list(links)
    best: tuple[float, Groups, list[Link]] | None = None
    for rules, share in kinds:
        text = f"{rules.name} or a zone like it would have this offset then"
        more = list(by_rules(scene, rules, _keeper(scene), "zone", text))
        story = vote(more)
        cost = _cost(scene, changes, story, rules) - math.log(share)
        if best is None or cost < best[0]:
            best = (cost, story, [*links, *more])
    assert best is not None
    return best[1], best[2]


def _keeper(scene: Scene) -> Callable[[int], tuple[float, bool]]:
    def weigh(span: int) -> tuple[float, bool]:
        return (_SUPPOSED, False) if scene.serves(span) or scene.is_birth(span) else (0.0, False)

    return weigh


def _anchored(scene: Scene, voted: Groups, changes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Spans with the server's clock that an anchor places, with no doubtful night between them."""
    near: dict[int, list[int]] = {}
    for tie in voted.ties:
        anchor = not tie.links or any(link.kind in _ANCHORS for link in tie.links)
        if anchor or _same_season(scene, tie, changes):
            near.setdefault(tie.a, []).append(tie.b)
            near.setdefault(tie.b, []).append(tie.a)
    reached, queue = {UTC}, [UTC]
    while queue:
        for other in near.get(queue.pop(), ()):
            if other not in reached:
                reached.add(other)
                queue.append(other)
    return np.array(sorted(span for span in reached if span and scene.serves(span)), np.int64)


def _same_season(scene: Scene, tie: Tie, changes: NDArray[np.int64]) -> bool:
    """No zone on earth changes between two spans."""
    if UTC in (tie.a, tie.b):
        return False
    times = [scene.local_first(tie.a), scene.local_last(tie.a)]
    times += [scene.local_first(tie.b), scene.local_last(tie.b)]
    low, high = min(times) - REACH_US, max(times) + REACH_US
    return not np.any((changes[:, 0] >= low) & (changes[:, 0] <= high))


def _cost(scene: Scene, changes: NDArray[np.int64], story: Groups, rules: Rules) -> float:
    """How much a story asks one to believe."""
    offsets = story.above_s - story.above_s[UTC]
    spans, knots = scene.spans, scene.knots
    heights = flip_heights(scene)
    wall_before = changes[:, 0] + changes[:, 1] * SECOND
    wall_after = changes[:, 0] + changes[:, 2] * SECOND
    deltas = changes[:, 2] - changes[:, 1]
    asked: dict[tuple[str, int, int], float] = {}
    for span in range(1, len(spans)):
        before = int(spans.previous[span])
        voice = scene.voice(span)
        day = int(knots.local_us[spans.first[span]]) // (86_400 * SECOND)
        if scene.serves(span):
            utc = int(knots.local_us[spans.first[span]]) - int(offsets[span]) * SECOND
            if int(rules.at_utc(np.array([utc]))[0]) != offsets[span]:
                asked[voice, 0, day] = _AGAINST_ZONE
            continue
        if before < 0 or scene.outlived(span):
            continue
        delta = int(offsets[span] - offsets[before])
        if not delta or before in scene.unloaded or scene.is_birth(before):
            continue
        if abs(delta) in heights.get(voice, {}):
            continue
        left, right = scene.local_last(before), scene.local_first(span)
        summer = (wall_before + RACE_US >= left) & (wall_after <= right + RACE_US)
        explained = bool(np.any(summer & (deltas == delta)))
        asked[voice, delta, day] = _SUMMER_TIME if explained else _UNEXPLAINED
    return sum(asked.values())
