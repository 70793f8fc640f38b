"""Casting: takes votes between spans, gives the ballots that their groups cast, and how they weigh.

Guesses do not add up to knowledge: what some kinds of votes weigh together has a limit.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from logtool.clocks.evidence.anchors import OF_THE_SERVER, vouches_for_its_process
from logtool.clocks.evidence.shown import only_applications_speak
from logtool.clocks.search.ballots import Ballot
from logtool.clocks.search.zone_voices import application
from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.voices import is_voice
from parsers.arrays import Ints, Mask

#: The votes of those that a user has told.
TOLD = "server-tz"
#: What guesses of that kind weigh together.
_HINTS = 3.0
#: And where nothing is known of who wrote the lines, for want of a pid or of a telling line, if no
#: witness speaks of these lines themselves.
_CLOCKS = 40.0
#: What it weighs that the host stands somewhere.
_HOST = 0.5

#: What some votes weigh at most together, and whose they are.
_Limit = tuple[float, str]


def ballots_of(
    scene: Scene, links: Sequence[Link], group: Ints, above: Ints, liars: Mask
) -> list[Ballot]:
    """The ballots of groups.

    Args:
        scene: the log.
        links: votes.
        group: int64[spans], the group of each span.
        above: int64[spans], its offset above its group's.
        liars: bool[spans], spans that are nobody's clock, and have no vote.
    """
    witnessed = any(vouches_for_its_process(link) for link in links)
    clocks = _HINTS if witnessed and only_applications_speak(scene) else _CLOCKS
    tops: dict[str, float] = defaultdict(float)
    for link in links:
        tops[link.kind] = max(tops[link.kind], link.weight)
    by_span: dict[tuple[int, int, str], tuple[set[int], float, _Limit]] = {}
    for link in links:
        if group[link.a] == group[link.b] or liars[link.b]:
            continue
        d = link.delta_s + int(above[link.a]) - int(above[link.b])
        limit = _limit(scene, link, tops[link.kind], clocks)
        options, most, _ = by_span.get((link.a, link.b, link.voice), (set(), 0.0, limit))
        by_span[link.a, link.b, link.voice] = (options | {d}, max(most, link.weight), limit)
    ballots: dict[_Limit, dict[tuple[int, int, str, frozenset[int]], float]] = {}
    for (a, b, voice), (options, weight, limit) in by_span.items():
        key = (int(group[a]), int(group[b]), voice, frozenset(options))
        box = ballots.setdefault(limit, {})
        box[key] = max(box.get(key, 0.0), weight)
    share = {limit: min(1.0, limit[0] / sum(box.values())) for limit, box in ballots.items()}
    return [
        (a, b, options, weight * share[limit], voice, limit[0] == _HOST)
        for limit, box in ballots.items()
        for (a, b, voice, options), weight in box.items()
    ]


def _limit(scene: Scene, link: Link, top: float, clocks: float) -> _Limit:
    """What votes like this weigh at most together.

    Args:
        scene: the log.
        link: a vote.
        top: the weight of the strongest of its kind.
        clocks: what those weigh of whose writers nothing is known.
    """
    if link.assumed:
        return _HOST, ""
    if link.kind not in OF_THE_SERVER:
        return math.inf, ""
    if link.weight < 0.4 * top:
        return _HINTS, ""
    process = scene.process(link.b)
    voice = is_voice(int(scene.spans.pid[link.b]))
    if voice or not (process.role or process.serves):
        return clocks, ""
    loaded = not scene.is_early(link.b)
    if link.kind == TOLD and loaded and (process.embedded or process.role == "daemon"):
        # An application may have moved it, however often it speaks.
        return _HINTS, application(scene, link.b)
    return (clocks if process.embedded else math.inf), ""
