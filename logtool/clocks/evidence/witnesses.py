"""Witnesses: take what stands beside the logs, give votes on their offsets in UTC.

An access log tells the server clock's offset, and when requests came; an audit log when a process
was denied something. See `neighbours` for how they are found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from logtool.clocks.evidence.access_facts import AccessFacts
from logtool.clocks.evidence.anchors import OFFSETS_S
from logtool.clocks.evidence.coincidences import Agreement, agreement
from logtool.clocks.seen.constraints import STEP_S, STEP_US, WEST_S, Link
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import UTC
from logtool.clocks.table import Evidence
from logtool.clocks.tzdb.zones import REACH_US, Rules, changes_between
from parsers.classes import dataclass
from parsers.lines import NO_TIME
from parsers.units import SECOND

if TYPE_CHECKING:
    from parsers.audit_log import AuditDenial

#: Weights of what an access log writes as its offset: the user named it, or it was found to agree
#: with the error log request by request; it is nothing but a claim; its requests speak against it.
_TOLD, _CLAIM, _REFUTED = 60.0, 8.0, 0.5
#: No zone goes back or forward further in a night, as a rule.
_NIGHT_US = 2 * 3600 * SECOND
#: Changes of zones are looked up for so long at once.
_SEASON_US = 64 * 86_400 * SECOND
_YEAR_US = 366 * 86_400 * SECOND
#: A busy log's first line comes so soon after its rotation.
_PROMPT_S = 120


@dataclass(frozen=True, slots=True, eq=False)
class Witness:
    """Somebody else's knowledge of the server's clock.

    Attributes:
        rules: offsets over time.
        kind: `access-log` …
        text: the fact in a sentence.
        access: the access log.
        covers: it speaks of the time of the log.
        first_us, last_us: its first and last word, µs UTC.
    """

    rules: Rules
    kind: str
    text: str
    access: AccessFacts
    covers: bool
    first_us: int
    last_us: int

    def standing(self, scene: Scene, *, alone: bool = True) -> tuple[float, bool]:
        """The weight of its word on the server's clock, and whether that may be sure.

        A log that was only found beside may be another server's, or a proxy's in another zone; and
        so may one that the user named, where he did not name one server's logs `alone`.
        """
        found = agreement(scene, self.access, self.rules) if self.covers else Agreement()
        if found.against:
            return _REFUTED, False
        told = self.covers and ((alone and self.access.named) or found.proven)
        return (_TOLD, True) if told else (_CLAIM, False)

    def vouches(self, local_us: tuple[int, int]) -> bool:
        """Whether it knows the offset throughout a time, from one local time to another."""
        return self.covers and self._holds(local_us)

    def _holds(self, local_us: tuple[int, int]) -> bool:
        """Whether no zone leaves or takes up its offset from its own time to another (local).

        Till then, what it says holds: it may begin after the night in which the clocks went back.
        """
        offsets = self.rules.offsets_s
        low = min(local_us[0] - int(offsets[0]) * SECOND - _NIGHT_US, self.first_us)
        high = max(local_us[1] - int(offsets[-1]) * SECOND + _NIGHT_US, self.last_us)
        # Wider than asked, so that few ranges are looked up however many processes ask.
        at, before, after = changes_between(low - low % _SEASON_US, high + -high % _SEASON_US).T
        early = (at > low) & (at <= self.first_us) & (after == offsets[0])
        late = (at > self.last_us) & (at <= high) & (before == offsets[-1])
        return not np.any(early | late)

    def vouches_for(self, scene: Scene, span: int) -> bool:
        """Whether it knows the offset of a span of the server's throughout."""
        times = scene.local_first(span), scene.local_last(span)
        return self.knows_life_of(scene, span) and self.vouches(times)

    def speaks_of(self, scene: Scene, span: int) -> bool:
        """Whether it has a word on a span of the server's, be it of a moment of it.

        One of October has none on what was before the last night of March.
        """
        first, last = scene.local_first(span), scene.local_last(span)
        if not self.knows_life_of(scene, span):
            return False
        early = first - int(self.rules.offsets_s[0]) * SECOND <= self.last_us
        late = last - int(self.rules.offsets_s[-1]) * SECOND >= self.first_us
        return (early and late) or any(
            self._holds((end, end)) for end in map(self._within_a_year, (first, last))
        )

    def _within_a_year(self, local_us: int) -> int:
        """A time, or what is a year from its word, by when summer time has shown itself."""
        return min(max(local_us, self.first_us - _YEAR_US), self.last_us + _YEAR_US)

    def knows_life_of(self, scene: Scene, span: int) -> bool:
        """Whether it speaks of the server's life in which a span is.

        A server that was stopped may have been started anew in another zone: a witness that has no
        word from beyond a stop, wherever on earth that was, knows nothing of it. If all its words
        are of the time after a stop, it tells when that was.
        """
        spans, local = scene.spans, scene.knots.local_us
        for stop in scene.stops:
            at = int(local[min(stop, len(local) - 1)])
            if spans.first[span] >= stop and self.last_us < at - WEST_S * SECOND:
                return False
            if (
                spans.last[span] < stop
                and self.first_us > at - int(self.rules.offsets_s[0]) * SECOND
            ):
                return False
        return True


def server_witnesses(access: Sequence[AccessFacts], from_us: int, to_us: int) -> list[Witness]:
    """The server's clock as access logs write it.

    Args:
        access: the logs.
        from_us: the error log's first local time, µs.
        to_us: and its last.
    """
    found = []
    for facts in access:
        rules = facts.rules()
        if rules is None:
            continue
        times = facts.rows.epoch_us[facts.rows.epoch_us != NO_TIME]
        covers = bool(
            len(times) and times.min() - REACH_US <= to_us and times.max() + REACH_US >= from_us
        )
        text = f"{facts.path} writes the server's offset"
        ends = (int(times.min()), int(times.max())) if len(times) else (0, 0)
        found.append(Witness(rules, "access-log", text, facts, covers, *ends))
    return found


def refuted(heard: Iterable[tuple[Witness, float]]) -> Iterator[Evidence]:
    """A note for each witness, with the weight of its word, whose requests speak against that."""
    for witness, weight in heard:
        if weight == _REFUTED:
            yield Evidence(
                witness.kind,
                f"{witness.access.path}: the offset that it writes is not the server's, for its "
                "requests suit the lines under another; it may be a proxy's log",
            )


def rotations(scene: Scene, names: Sequence[str], epochs_s: Mapping[str, int]) -> Iterator[Link]:
    """The name of a file of rotatelogs holds the epoch of its beginning (support/rotatelogs.c).

    With -l it is that of the server's local time: then the server seems to be in UTC always, and
    nobody's offset is told.
    """
    if not epochs_s:
        return
    files, firsts = np.unique(scene.knots.file, return_index=True)
    found: list[Link] = []
    for file, knot in zip(files.tolist(), firsts.tolist(), strict=True):
        epoch = epochs_s.get(names[file]) if file < len(names) else None
        span = int(scene.spans.of_knot[knot])
        if epoch is None or span == UTC:
            continue
        away = int(scene.knots.local_us[knot]) - epoch * SECOND
        offset = away // STEP_US * STEP_S
        late = (away - offset * SECOND) // SECOND
        if late < _PROMPT_S and offset in OFFSETS_S:
            text = f"{names[file]} begins {late} s after the epoch in its name, under this offset"
            found.append(
                Link(UTC, span, offset, 10.0, f"rotatelogs {file}", "rotatelogs", text, knot)
            )
    told = [link for link in found if scene.serves(link.b)] or found
    local = any(link.delta_s == 0 for link in told)
    for link in found:
        text = f"{link.text}, or it is local time (rotatelogs -l)"
        yield replace(link, text=text, assumed=True) if local else link


def denials(scene: Scene, audit: Sequence[AuditDenial]) -> Iterator[Link]:
    """A process writes of what it was denied in the moment that the audit log records."""
    by_pid: dict[int, list[int]] = defaultdict(list)
    for denial in audit:
        if denial.epoch_us is not None and denial.pid is not None:
            by_pid[denial.pid].append(denial.epoch_us)
    votes: dict[tuple[int, int], int] = defaultdict(int)
    for sample, span in scene.spoken if by_pid else ():
        epochs = by_pid.get(sample.pid)
        words = sample.message
        if span == UTC or epochs is None or not (b"denied" in words or b"ermi" in words):
            continue
        for epoch in epochs:
            away = (sample.local_us - epoch) / (900 * SECOND)
            if abs(away - round(away)) * 900 < 2 and round(away) * 900 in OFFSETS_S:
                votes[span, round(away) * 900] += 1
    for (span, offset), count in votes.items():
        yield Link(
            UTC, span, offset, 25.0 + min(count, 5), "audit", "audit",
            "the audit log has its denial with an epoch", int(scene.spans.first[span]),
        )  # fmt: skip
