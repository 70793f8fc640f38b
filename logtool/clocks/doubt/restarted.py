"""Restarted: takes a scene and the server's zone, tells of a start by which Apache changed zones.

Apache may be stopped and started anew in another zone. One zone that is told holds for some of its
lives then, and does not tell for which: that of a start which contradicts it may be the right one.

Where none is told, order bounds such a start from one side only: nobody wrote while Apache was
stopped, and for how long that was no line tells.

And where nobody says that it was stopped, another server's log may begin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from logtool.clocks.doubt.server_lives import ServerLives, Start
from logtool.clocks.evidence.anchors import OF_THE_SERVER
from logtool.clocks.evidence.placed import Placed
from logtool.clocks.seen.constraints import SLACK_US, Tie
from logtool.clocks.seen.scene import Scene, time_range
from logtool.clocks.seen.voices import is_voice
from logtool.clocks.table import Evidence, hours
from logtool.clocks.tzdb.zone_kinds import zone_kinds
from logtool.clocks.tzdb.zones import Rules, changes_between
from parsers.arrays import Ints, Mask
from parsers.units import MINUTE, SECOND

#: Who is started anew, as a rule, is so within this.
_PROMPT_US = 5 * MINUTE
#: Kinds of votes that are a word on the server; an access log shows of what time it tells.
_SAID = OF_THE_SERVER - {"access-log"}


def changed_zones(scene: Scene, zones: Sequence[Rules], names: Sequence[str]) -> Iterator[Evidence]:
    """A note where a start of Apache shows that the server's zone is not that of all its lives.

    Args:
        scene: the log.
        zones: the server's, if it is told.
        names: of the files.
    """
    for zone in zones:
        found = _too_early(scene, zone)
        if found is None:
            continue
        knot, back_us = found
        file, line = int(scene.knots.file[knot]), int(scene.knots.line[knot])
        yield Evidence(
            "server-tz",
            f"--server-tz {zone.name} contradicts the log: by it Apache, started anew before line "
            f"{line} of {names[file]}, would write {hours(back_us // SECOND)[1:]} earlier than it "
            "wrote before. It was started in another zone then or before, so "
            f"{zone.name} is no more than assumed of any start",
            file,
            line,
        )


def _too_early(scene: Scene, zone: Rules) -> tuple[int, int] | None:
    """The first start that would be earlier, by a zone, than what the parent before it wrote.

    Real time never runs back in a file, and each parent keeps the zone that it was started in.

    Returns:
        Its knot, and by how much it is too early, µs.
    """
    knots = scene.knots
    ends, begins = _starts(scene)
    # The earliest that one may have written so, and the latest that the other may.
    ended = knots.local_us[ends] - zone.at_local(knots.local_us[ends])[0] * SECOND
    begun = knots.local_us[begins] - zone.at_local(knots.local_us[begins])[1] * SECOND
    early = np.flatnonzero(ended - begun > SLACK_US)
    if not len(early):
        return None
    return int(begins[early[0]]), int((ended - begun)[early[0]])


def _starts(scene: Scene) -> tuple[Ints, Ints]:
    """The last knot of each parent, and the first of the one after it, int64[starts] each."""
    pid, part = scene.knots.pid, np.cumsum(scene.breaks)
    parents = [one for one, its in scene.processes.items() if its.role == "parent"]
    rows = np.flatnonzero(np.isin(pid, [one for one in parents if not is_voice(one)]))
    ends, begins = rows[:-1], rows[1:]
    other = (pid[ends] != pid[begins]) & (part[ends] == part[begins])
    return ends[other], begins[other]


def beyond_starts(scene: Scene, offset: Ints, held: Mapping[int, Tie]) -> list[int]:
    """The spans that are tied to UTC only by who wrote before, or after, Apache changed zones.

    Only where it was not started at once: any other zone would change no more than how long it was
    stopped.

    Args:
        scene: the log.
        offset: int64[spans], the answer.
        held: span -> the tie that holds it, and all that it is held by, to UTC.
    """
    span = scene.spans.of_knot
    ends, begins = _starts(scene)
    here, there = offset[span[ends]], offset[span[begins]]
    moved = np.flatnonzero(here != there)
    if not len(moved):
        return []
    told = scene.knots.local_us - offset[span] * SECOND
    changes = changes_between(*time_range(scene.knots))
    starts = []
    for row in moved.tolist():
        low, high = int(ends[row]), int(begins[row])
        silent_us = np.abs(np.diff(told[low : high + 1]))
        known = (changes[:, 0] > told[low]) & (changes[:, 0] <= told[high])
        known &= (changes[:, 1] == here[row]) & (changes[:, 2] == there[row])
        if silent_us.max() > _PROMPT_US and not np.any(known):
            starts.append(low + 1 + int(silent_us.argmax()))
    life = np.searchsorted(starts, scene.spans.first, side="right")
    return [
        one for one, tie in held.items() if not tie.sure and life[one] != life[max(tie.a, tie.b)]
    ]


def beyond_strangers(
    placed: Placed, lives: ServerLives, sudden: Sequence[Start]
) -> tuple[list[int], list[int]]:
    """The spans that only the server's zone ties to UTC, where it may not be the server of all.

    So it is where Apache starts though nobody says that it ended, and by the zone that is told no
    application goes on in its own: it was killed, as its machine may have been, and what it runs,
    or its zone, was changed meanwhile; or a log of another server was put behind this one.

    Args:
        placed: the spans.
        lives: the server's.
        sudden: where it started though nobody says that it ended.

    Returns:
        Those of lives of which a witness agrees with the answer, and the others.
    """
    served = [one for one, tie in placed.held.items() if tie.sure and _only_served(tie)]
    if not served or not sudden:
        return [], []
    scene, spans, local_us = placed.scene, placed.scene.spans, placed.scene.knots.local_us
    own = [span for span in range(1, len(spans)) if _is_applications(scene, span)]
    loaded = np.array(own, np.int64)
    first, last = spans.first[loaded], spans.last[loaded]
    kinds = zone_kinds(*time_range(scene.knots))
    fits = kinds.fits(local_us[first], local_us[last], placed.offset[loaded])
    if not any(_are_others(fits[:, first < one.at], fits[:, first >= one.at]) for one in sudden):
        return [], []
    agreeing = [*lives.agreeing(placed.links, placed.offset)]
    resting = np.array(placed.resting_on(served), np.int64)
    known = np.isin(lives.of_span[resting], agreeing)
    return resting[known].tolist(), resting[~known].tolist()


def _are_others(before: Mask, after: Mask) -> bool:
    """Whether spans before a start and after it are of other applications.

    Not all may have spoken on both sides; each of the one or of the other is to be known there.

    Args:
        before: bool[kinds, spans], the kinds of zones that some may keep.
        after: the same of others.
    """
    if not before.shape[1] or not after.shape[1]:
        return False
    return not any(
        one[other.any(axis=1)].any(axis=0).all()
        for one, other in ((before, after), (after, before))
    )


def _is_applications(scene: Scene, span: int) -> bool:
    """Whether an application speaks in a span, or has."""
    process = scene.process(span)
    return (process.embedded or process.role == "daemon") and not scene.is_early(span)


def _only_served(tie: Tie) -> bool:
    return bool(tie.links) and all(link.kind in _SAID for link in tie.links)
