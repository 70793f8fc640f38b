"""Links: take a scene, give votes on how the offsets of its spans are related.

Every function here is one kind of evidence. Weights say which vote wins where order leaves a
choice; they are ranks, not probabilities.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.evidence.disorder import runs_back
from logtool.clocks.seen.constraints import STEP_S, STEP_US, WIDEST_S, Link
from logtool.clocks.seen.roles import Sample
from logtool.clocks.seen.scene import LEAP_S, Scene, flip_heights, time_range
from logtool.clocks.seen.spans import CHANGED, UTC, Cut
from logtool.clocks.seen.turns import RACE_US
from logtool.clocks.seen.voices import is_voice
from logtool.clocks.table import hours
from logtool.clocks.tzdb.zones import changes_between
from parsers.distinct import distinct
from parsers.units import MINUTE, SECOND

#: A request's lines come within this.
PAIR_SLACK_US = 5 * MINUTE
#: How sure it is that a clock moves by nothing but summer time: that of a parent, and that of a
#: child in which no application was seen.
_STEADFAST = {"parent": 40.0, "child": 14.0}
#: A jump whose remainder is no longer is one that nothing but the change explains.
_PROMPT_US = 2 * MINUTE
#: A clock that changes more often than this does not follow summer time.
_NIGHTS = 4
#: So many changes are compared with those of zones.
_LOOKED_AT = 64
#: To look a name up in an enumeration takes longer than the rest of these loops.
_FIRST, _BACKWARD, _SILENCE, _DOUBT = Cut.FIRST, Cut.BACKWARD, Cut.SILENCE, Cut.DOUBT
_UNSEEN = (_DOUBT, Cut.ZONE)
_HUSHED = (_SILENCE, *_UNSEEN)


def continuity(scene: Scene) -> Iterator[Link]:
    """A process keeps its clock over a silence; if it cannot, it moves as little as it can."""
    spans = scene.spans
    heights, back = flip_heights(scene), runs_back(scene)
    columns = (spans.previous, spans.cut, spans.step_us, spans.passed_us)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for span, (before, cut, step, passed) in enumerate(rows):
        if before < 0:
            continue
        voice = f"kept {scene.voice(span)}"
        knot = int(spans.first[span])
        if cut in _HUSHED:
            renewed = cut == _SILENCE and scene.outlived(span)
            weight = 0.5 if renewed else scene.steadiness(before)
            if back[span]:
                weight = 0.0  # lines of one process race by less: either is rare
            elif cut == _DOUBT and step < _PROMPT_US:
                weight += 6.0  # a change would have to make up for the time passed, to the minute
            yield Link(
                before, span, 0, weight, voice, "same-process",
                "a process keeps its clock over a silence", knot,
            )  # fmt: skip
        tight_us = step + RACE_US - (passed if cut != _BACKWARD else 0)
        tight = tight_us // STEP_US * STEP_S
        residue = tight_us - tight * SECOND
        if tight and abs(tight) <= LEAP_S and cut not in _UNSEEN:
            weight = 4.5 if residue < 10 * SECOND else 2.5 if residue < MINUTE else 1.0
            if cut == _SILENCE:
                weight -= 0.6
            if tight % (2 * STEP_S):
                weight -= 1.4  # hardly any zone lies an odd quarter of an hour from another
            yield Link(
                before, span, tight, weight, voice, "jump",
                f"its local time jumps by {hours(tight)} in {max(0, residue) // SECOND} s", knot,
            )  # fmt: skip
        told = heights.get(scene.voice(span), {}) if cut == _SILENCE else {}
        for height, proven in told.items():
            late = step - passed - height * SECOND
            prompt = -RACE_US <= late < _PROMPT_US
            if prompt or (proven and 0 < late < 30 * MINUTE):
                weight = (9.0 if prompt else 6.5) if proven else scene.steadiness(before) - 0.5
                if scene.process(span).embedded and prompt:
                    weight = max(weight, 6.5)
                yield Link(
                    before, span, height, weight, voice, "flip",
                    f"its clock flips by {hours(height)} elsewhere too", knot,
                )  # fmt: skip
        older = int(spans.previous[before])
        settled = older >= 0 and not scene.is_early(older)
        if settled and cut in CHANGED:
            yield Link(
                older, span, 0, 3.5, voice, "flip-back", "a clock flips back to where it was", knot
            )


def steadfast(scene: Scene, changes: NDArray[np.int64]) -> Iterator[Link]:
    """Who runs no application keeps his zone: in one life his clock moves by summer time at most.

    Args:
        scene: the log.
        changes: int64[n, 3] of zones.changes_between.
    """
    spans, nights = scene.spans, _Nights(changes)
    for span in range(1, len(spans)):
        before = int(spans.previous[span])
        if before < 0 or not _is_steadfast(scene, span) or scene.outlived(span):
            continue
        if spans.cut[span] in _HUSHED:
            role = scene.process(span).role
            voice, text = f"{role} {spans.pid[span]}", f"Apache's {role} keeps its zone"
            for delta in [0, *nights.between(scene.local_last(before), scene.local_first(span))]:
                yield Link(
                    before, span, delta, _STEADFAST[role], voice, "same-process", text,
                    int(spans.first[span]),
                )  # fmt: skip


def _is_steadfast(scene: Scene, span: int) -> bool:
    """Its process is known to run no application."""
    known = scene.process(span).role in _STEADFAST
    return known and scene.serves(span) and not is_voice(int(scene.spans.pid[span]))


class _Nights:
    """Changes of zones, by no more than two hours."""

    def __init__(self, changes: NDArray[np.int64]) -> None:
        """Take int64[n, 3] of zones.changes_between."""
        self._deltas: NDArray[np.int64] = changes[:, 2] - changes[:, 1]
        self._before = changes[:, 0] + changes[:, 1] * SECOND
        self._after = changes[:, 0] + changes[:, 2] * SECOND

    def between(self, left: int, right: int) -> list[int]:
        """By how much clocks may have changed from one local time to another, seconds."""
        fits = (self._before + RACE_US >= left) & (self._after <= right + RACE_US)
        fits &= (np.abs(self._deltas) <= 7200) & (self._deltas != 0)
        found: list[int] = distinct(self._deltas[fits]).tolist()
        return found


def daylight_saving(scene: Scene, changes: NDArray[np.int64]) -> Iterator[Link]:
    """A zone's clocks go forward or back in the night between two spans.

    Args:
        scene: the log.
        changes: int64[n, 3] of zones.changes_between.
    """
    if not len(changes):
        return
    spans, nights = scene.spans, _Nights(changes)
    for span in range(1, len(spans)):
        before = int(spans.previous[span])
        if before < 0 or spans.cut[span] == _FIRST:
            continue
        step = int(spans.step_us[span]) - int(spans.passed_us[span])
        for delta in nights.between(scene.local_last(before), scene.local_first(span)):
            # A night in which zones change explains a change nearly as well as none explains none.
            weight = scene.steadiness(before) - 1.0 - abs(abs(delta) - 3600) / 3600
            if spans.cut[span] == _SILENCE and 0 <= step - delta * SECOND < _PROMPT_US:
                weight += 1.5  # nothing but the skipped hour is missing
            yield Link(
                before, span, delta, weight, f"kept {scene.voice(span)}", "dst",
                f"zones change by {hours(delta)} in this night", int(spans.first[span]),
            )  # fmt: skip


def summer_time(scene: Scene, offset_s: NDArray[np.int64]) -> Iterator[Link]:
    """A clock changes in a log as zones on earth do at that instant: that ties the log to UTC.

    Args:
        scene: the log.
        offset_s: int64[spans], the offsets found.
    """
    spans = scene.spans
    rows = np.flatnonzero(spans.previous >= 0)
    delta = offset_s[rows] - offset_s[spans.previous[rows]]
    rows = rows[delta != 0]
    _, which, often = np.unique(spans.pid[rows], return_inverse=True, return_counts=True)
    # Who flips does so for another reason.
    rows = rows[often[which] <= _NIGHTS][:_LOOKED_AT]
    changes = changes_between(*time_range(scene.knots)) if len(rows) else rows.reshape(0, 3)
    for span in rows.tolist():
        before = int(spans.previous[span])
        east, after = int(offset_s[before]), int(offset_s[span])
        likely = changes[changes[:, 2] - changes[:, 1] == after - east]
        shift = likely[:, 1] - east
        instant = likely[:, 0] + shift * SECOND
        fits = (instant + RACE_US >= scene.local_last(before) - east * SECOND) & (
            instant <= scene.local_first(span) - after * SECOND + RACE_US
        )
        shifts = distinct(shift[fits])
        if 0 in shifts:
            alone = "" if len(shifts) == 1 else "; so might one elsewhere, at another instant"
            yield Link(
                UTC, span, after, 3.0 if len(shifts) == 1 else 0.05, "summer time", "summer-time",
                f"its clock goes from {hours(east)} to {hours(after)} when a zone does{alone}",
                int(spans.first[span]), assumed=len(shifts) > 1,
            )  # fmt: skip


def server_clock(scene: Scene) -> Iterator[Link]:
    """Processes are born with the server's clock; parent and children share it."""
    spans = scene.spans
    reference: int | None = None
    for span in range(1, len(spans)):
        process = scene.process(span)
        serves = scene.serves(span)
        if spans.cut[span] != _FIRST and not scene.outlived(span):
            if serves:
                reference = span
            continue
        if reference is not None:
            weight = 7.0 if serves or process.born else 1.5
            yield Link(
                reference, span, 0, weight, "born", "birth",
                "a process is born with the server's clock", int(spans.first[span]),
            )  # fmt: skip
        if serves or (reference is None and process.born):
            reference = span


def siblings(scene: Scene) -> Iterator[Link]:
    """Daemons of one group share an application, hence a zone."""
    newest: dict[str, int] = {}
    spans = scene.spans
    heights = flip_heights(scene)
    for span in range(1, len(spans)):
        process = scene.process(span)
        if process.role != "daemon" or scene.is_early(span):
            continue
        group = process.group or "daemon"
        other = newest.get(group)
        if other is not None and spans.pid[other] != spans.pid[span]:
            weight = 4.0 if process.group else 1.2
            if any(heights.get(scene.voice(span), {}).values()):
                weight = 1.0  # it flips: each of its daemons may be anywhere
            yield Link(
                other, span, 0, weight, f"sibling {group}", "group",
                f"daemons of group {process.group or 'unknown'} share a zone",
                int(spans.first[span]),
            )  # fmt: skip
        newest[group] = span


def pairs(scene: Scene) -> Iterator[Link]:
    """The worker's and the daemon's lines of one request come within moments."""
    by_client: dict[bytes, list[tuple[Sample, int]]] = defaultdict(list)
    for sample, span in scene.spoken:
        if b":" in sample.client:
            by_client[sample.client].append((sample, span))
    seen: set[tuple[int, int, int]] = set()
    for lines in by_client.values():
        for (left, a), (right, b) in pairwise(lines):
            if left.file != right.file or a in (b, UTC) or b == UTC:
                continue
            away = right.local_us - left.local_us
            delta = (away + RACE_US) // STEP_US * STEP_S
            residue = away - delta * SECOND
            if abs(delta) > WIDEST_S or residue > PAIR_SLACK_US or (a, b, delta) in seen:
                continue
            seen.add((a, b, delta))
            yield Link(
                a, b, delta, 5.0 if residue < 30 * SECOND else 4.5, "pair", "pair",
                f"both write for client {left.client.decode('ascii', 'replace')}",
            )  # fmt: skip
