"""Conclusion: takes groups that are tied to each other and to UTC, tells how sure each span is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.doubt.chance_meetings import met_by_chance
from logtool.clocks.doubt.met_elsewhere import met_elsewhere
from logtool.clocks.doubt.one_zone import of_other_zones
from logtool.clocks.doubt.remote import remote_doubt
from logtool.clocks.doubt.restarted import beyond_starts, beyond_strangers
from logtool.clocks.doubt.server_lives import SAID, ServerLives, unannounced, witnessed
from logtool.clocks.evidence.disorder import (
    OUTWEIGHED,
    disordered,
    lines_of,
    loaded_elsewhere,
    racing,
)
from logtool.clocks.evidence.placed import Placed
from logtool.clocks.evidence.present import later
from logtool.clocks.evidence.shown import Shown
from logtool.clocks.search.twice import Twice, walk
from logtool.clocks.seen.constraints import EAST_S, WEST_S, Edges, Groups, Link, Tie
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.shortest import INFINITE
from logtool.clocks.seen.spans import UTC, Cut
from logtool.clocks.seen.voices import is_voice
from logtool.clocks.table import Confidence, hours
from logtool.clocks.tzdb.zones import offsets_between
from parsers.classes import dataclass
from parsers.units import SECOND

#: Kinds of votes on lines without a pid that are sure only where each line says it.
_OF_EACH_LINE = frozenset({"log-id", "receipt"})
#: A span of so many lines is taken to be a process's own.
_SOLID = 3
#: Witnesses of absolute time that are told to the user when the answer contradicts them; those of
#: the server's clock only where they are sure, for an application may have moved a child's.
#: Each from a weight on: one or two log ids may be chance, and so may the request of one line.
_LOUD = {
    "mtime": 0.0, "earlier": 0.0, "log-id": 12.0, "requests": 10.0, "audit": 0.0, "rotatelogs": 0.0
}  # fmt: skip


@dataclass(slots=True, eq=False)
class Solution:
    """What was found for the spans of a scene.

    Attributes:
        offset_s: int64[spans], seconds east of UTC.
        confidence: int8[spans], a Confidence each.
        ties: how spans were joined to each other and to UTC.
        links: all votes.
        losers: span -> loud links that the answer contradicts.
        twice: spans in an hour that occurs twice; see `twice`.
        guessed: nothing but the server's zone ties the log to UTC, and no line tells who keeps it.
    """

    offset_s: NDArray[np.int64]
    confidence: NDArray[np.int8]
    ties: Sequence[Tie]
    links: Sequence[Link]
    losers: dict[int, list[Link]]
    twice: Mapping[int, Twice]
    guessed: bool


def conclude(
    scene: Scene,
    groups: Groups,
    links: Sequence[Link],
    order: Edges,
    twice: Mapping[int, Twice],
    latest: Edges,
    *,
    contradicted: bool,
) -> Solution:
    """Offsets relative to UTC, and along which ties they are known; takes what `solve` does."""
    offset = groups.above_s - groups.above_s[UTC]
    confidence = np.full(len(offset), Confidence.ASSUMED, np.int8)
    confidence[UTC] = Confidence.CERTAIN
    held = _held(groups, confidence)
    loose = _put_together(scene, links, offset)
    confidence[loose] = np.minimum(confidence[loose], Confidence.LIKELY)
    confidence[[span for span, one in twice.items() if one.tossed]] = Confidence.ASSUMED

    losers = _outvoted(links, offset)
    placed = Placed(scene, links, offset, held, losers)
    shown = Shown(placed)
    confidence[shown.unshown()] = Confidence.ASSUMED
    confidence[disordered(placed, order)] = Confidence.ASSUMED
    confidence[racing(scene, offset)] = Confidence.ASSUMED
    confidence[beyond_starts(scene, offset, held)] = Confidence.ASSUMED
    torn = np.array(of_other_zones(placed, solid_spans(scene)), np.int64)
    confidence[torn[confidence[torn] < Confidence.CERTAIN]] = Confidence.ASSUMED
    confidence[loaded_elsewhere(scene, offset)] = Confidence.ASSUMED
    confidence[met_by_chance(placed)] = Confidence.ASSUMED
    sudden = unannounced(scene)
    lives = ServerLives.of(scene, sudden)
    confidence[_denied(placed, latest, lives)] = Confidence.ASSUMED
    beyond = [span for span in range(1, len(offset)) if _is_unearthly(scene, span, offset)]
    weighty = _are_many(scene, beyond)
    for span in beyond if weighty else ():
        losers[span].append(_world(scene, span, offset, "whatever ties the log to UTC is wrong"))
    if losers:
        # Two witnesses of absolute time disagree: whoever is right, neither can be certain.
        confidence[1:] = np.minimum(confidence[1:], Confidence.LIKELY)
    for link in met_elsewhere(placed):
        if confidence[link.b] != Confidence.CERTAIN:
            losers[link.b].append(link)
            confidence[link.b] = Confidence.ASSUMED
    for span in () if weighty else beyond:
        losers[span].append(
            _world(scene, span, offset, "these few lines are forged, or of a clock that was wrong")
        )
    confidence[beyond] = Confidence.ASSUMED
    confidence[placed.resting_on(beyond if weighty else ())] = Confidence.ASSUMED
    doubtful = remote_doubt(offset, links)
    known, strange = beyond_strangers(placed, lives, sudden)
    doubtful[known] = True
    confidence[doubtful] = np.minimum(confidence[doubtful], Confidence.LIKELY)
    confidence[strange] = Confidence.ASSUMED
    if contradicted:
        # The logs of two servers may be in one file: order ties nothing together then.
        confidence[confidence == Confidence.LIKELY] = Confidence.ASSUMED
    return Solution(offset, confidence, groups.ties, links, dict(losers), twice, shown.guessed)


def _held(groups: Groups, confidence: NDArray[np.int8]) -> dict[int, Tie]:
    """The tie by which each span is held to UTC; fills in the confidence that it gives."""
    held: dict[int, Tie] = {}
    for span, other, tie in walk(groups):
        held[other] = tie if span == UTC else held[span]
        confidence[other] = min(int(confidence[span]), _worth(tie))
    return held


def _outvoted(links: Sequence[Link], offset: NDArray[np.int64]) -> dict[int, list[Link]]:
    """By span the loud links that do not hold, nor any other of their kind."""
    losers: dict[int, list[Link]] = defaultdict(list)
    agreed = {
        (link.b, link.kind) for link in links if offset[link.b] - offset[link.a] == link.delta_s
    }
    for link in links:
        if _is_loud(link) and (link.b, link.kind) not in agreed:
            losers[link.b].append(link)
    return losers


def _put_together(scene: Scene, links: Sequence[Link], offset: NDArray[np.int64]) -> list[int]:
    """The spans without a pid of which some line may be of another clock, whatever is known of one.

    Nothing but their times puts them together: a silence may hide that one clock speaks after
    another, so that order, too, tells only of those lines that it speaks of.
    """
    told = {
        link.b
        for link in links
        if link.sure and link.kind in _OF_EACH_LINE and offset[link.b] == link.delta_s
    }
    voices = np.flatnonzero([is_voice(pid) for pid in scene.spans.pid.tolist()])
    return [span for span in voices.tolist() if span not in told]


def _denied(placed: Placed, latest: Edges, lives: ServerLives) -> list[int]:
    """The spans that rest on what somebody only said, and that witnesses deny.

    By it lines are later than their file's time, or than they were read, or witnesses say another
    offset of their processes; and none agrees with it in the same life of the server.

    Args:
        placed: the spans.
        latest: bounds by which no line is later than its file.
        lives: the server's.
    """
    offset, life = placed.offset, lives.of_span
    agreeing = [*lives.agreeing(placed.links, offset)]
    said = {span for span, tie in placed.held.items() if _only_said(tie)}
    lost = {
        link.b
        for link in witnessed(placed.links)
        if link.b in said and link in placed.losers.get(link.b, ())
    }
    refuted = np.zeros(len(offset), np.bool_)
    refuted[[*(said & later(latest, offset)), *lost]] = True
    lines = lines_of(placed.scene) * (np.arange(len(offset)) != UTC)
    weight = np.bincount(life, lines * refuted * solid_spans(placed.scene))
    many = (weight > 0) & (weight * OUTWEIGHED >= np.bincount(life, lines))
    many[agreeing] = False
    falling = placed.resting_on(np.flatnonzero(refuted & many[life]).tolist())
    return [span for span in falling if life[span] not in agreeing]


def _only_said(tie: Tie) -> bool:
    return all(link.kind in SAID or link.assumed for link in tie.links)


def _is_unearthly(scene: Scene, span: int, offset: NDArray[np.int64]) -> bool:
    """Whether no clock on earth has the offset of a span."""
    shift = int(offset[span])
    if not WEST_S <= shift <= EAST_S:
        return True
    # Every whole hour between is some zone's.
    return bool(shift % 3600) and not _is_kept(scene.local_first(span) // SECOND, shift)


def _are_many(scene: Scene, some: Collection[int]) -> bool:
    """Whether some spans weigh against all others: they are solid, and not outweighed by lines."""
    solid = solid_spans(scene)
    lines = lines_of(scene)
    weight = sum(int(lines[span]) for span in some if solid[span])
    return weight > 0 and weight * OUTWEIGHED >= int(lines[1:].sum())


def _world(scene: Scene, span: int, offset: NDArray[np.int64], so: str) -> Link:
    """What speaks against an offset that no clock on earth has."""
    says = f"no zone on earth is at {hours(int(offset[span]))}: {so}"
    return Link(UTC, span, 0, 0.0, "world", "world", says, int(scene.spans.first[span]))


def _is_kept(local_s: int, shift_s: int) -> bool:
    """Whether some zone has an offset on the day of a local time."""
    low = (local_s // 86_400 - 1) * 86_400 * SECOND
    return shift_s in offsets_between(low, low + 2 * 86_400 * SECOND)


def _is_loud(link: Link) -> bool:
    told = link.a == UTC and not link.assumed
    return told and (link.sure or link.weight >= _LOUD.get(link.kind, INFINITE))


def _worth(tie: Tie) -> Confidence:
    if tie.sure:
        return Confidence.CERTAIN
    if tie.links and all(link.assumed for link in tie.links):
        return Confidence.ASSUMED
    return Confidence.LIKELY


def solid_spans(scene: Scene) -> NDArray[np.bool_]:
    """Spans of more lines than a raw write to standard error is likely to imitate; UTC is one.

    Where a process's own time goes on as if nothing had happened, and only that of others makes a
    change thinkable, its lines count together: a quiet parent says two words at the start and one
    at the end.
    """
    spans, nth = scene.spans, scene.knots.nth
    first, last = nth[np.maximum(spans.first, 0)], nth[np.maximum(spans.last, 0)]
    chain = np.arange(len(spans))
    for span in np.flatnonzero(spans.cut == Cut.DOUBT).tolist():
        chain[span] = chain[spans.previous[span]]
    np.maximum.at(last, chain, last)
    solid = (last - first + 1)[chain] >= _SOLID
    solid[UTC] = True
    return solid
