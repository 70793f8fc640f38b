"""Scene: all that is known of a log when its clocks are sought."""

from __future__ import annotations

import bisect
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.constraints import STEP_S, STEP_US
from logtool.clocks.seen.knots import Knots, places
from logtool.clocks.seen.roles import Process, Sample, stage_of, telling
from logtool.clocks.seen.spans import CHANGED, UTC, Cut, Spans
from logtool.clocks.seen.turns import LATE_US, RACE_US
from logtool.clocks.seen.voices import is_voice
from logtool.clocks.tzdb.zones import REACH_US
from parsers.classes import dataclass
from parsers.units import MINUTE, SECOND

#: A process leaps from one zone to another no further than this, as a rule.
LEAP_S = 15 * 3600
#: No log reaches further from its middle: such a line is forged, or its clock was never set.
_FAR_US = 12 * 366 * 86_400 * SECOND
#: An application has set its zone, if it does, before it has spoken for so long and so often.
_SETTLED_US = 10 * MINUTE
_SETTLED_LINES = 5
_PID = re.compile(rb"pid=\d+")


@dataclass(slots=True, eq=False)
class Scene:
    """All that is known of a log when its clocks are sought.

    Attributes:
        knots: in true order.
        spans: cut from them.
        processes: by pid.
        samples: lines looked at closely.
        breaks: bool[knots], True where a knot's file does not continue the file before it.
        span_of: a sample's span.
        unloaded: spans of young processes in which no application speaks for itself yet, or has
            moved the clock.
        restarts: knots at which the parent begins anew with new children and daemons.
        stops: knots at which all are new, the parent too: Apache was stopped and started.
        spoken: each sample with its span; those that have none are left out.
        owners: each span's process.
        begins: whether with each span its process speaks for the first time.
    """

    knots: Knots
    spans: Spans
    processes: Mapping[int, Process]
    samples: Sequence[Sample]
    breaks: NDArray[np.bool_]
    span_of: Callable[[Sample], int | None] = field(init=False)
    unloaded: frozenset[int] = frozenset()
    restarts: Sequence[int] = ()
    stops: Sequence[int] = ()
    spoken: list[tuple[Sample, int]] = field(init=False, default_factory=list)
    # Asked many times of each span: lists answer several times as fast as columns.
    owners: list[Process] = field(init=False, default_factory=list)
    begins: list[bool] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.span_of = sample_spans(self.knots, self.spans)
        spans = map(self.span_of, self.samples)
        self.spoken = [
            (sample, span)
            for sample, span in zip(self.samples, spans, strict=True)
            if span is not None
        ]
        self.owners = [self.processes.get(pid, _NOBODY) for pid in self.spans.pid.tolist()]
        self.begins = (self.spans.cut == Cut.FIRST).tolist()
        told = telling(self.samples)
        heads = [self.samples[at] for at, stage in told if stage.resumes]
        self.restarts = _restarts(self.knots, heads)
        self.unloaded = unloaded_spans(self) | _unmoved_spans(self)
        heads = [self.samples[at] for at, stage in told if stage.resumes or stage.stops]
        self.stops = _stops(self.knots, self.spans, [one for one in heads if one.pid >= 0])

    def outlived(self, span: int) -> bool:
        """Its pid wrote before a restart and after: another process, likely."""
        if self.process(span).role == "parent" or self.spans.previous[span] < 0:
            return False
        before = int(self.spans.last[self.spans.previous[span]])
        at = bisect.bisect_right(self.restarts, before)
        return at < len(self.restarts) and self.restarts[at] <= int(self.spans.first[span])

    def process(self, span: int) -> Process:
        """The process of a span."""
        return self.owners[span]

    def local_first(self, span: int) -> int:
        """The span's first local time."""
        return int(self.knots.local_us[self.spans.first[span]])

    def local_last(self, span: int) -> int:
        """The span's last local time."""
        return int(self.knots.local_us[self.spans.last[span]])

    def is_birth(self, span: int) -> bool:
        """The first span of a process that was seen starting: no application is loaded yet."""
        return self.begins[span] and self.owners[span].born

    def is_early(self, span: int) -> bool:
        """It is a birth, or only mod_wsgi speaks: no application has spoken for itself yet."""
        return self.is_birth(span) or span in self.unloaded

    def is_young(self, span: int) -> bool:
        """It is early, and too short for an application not to have set its zone in it."""
        return self.is_early(span) and not self.lasts(span)

    def lasts(self, span: int) -> bool:
        """It is too long for what an application says before it sets its zone."""
        nth, first, last = self.knots.nth, self.spans.first[span], self.spans.last[span]
        long = self.local_last(span) - self.local_first(span) > _SETTLED_US
        return bool(long and nth[last] - nth[first] >= _SETTLED_LINES)

    def serves(self, span: int) -> bool:
        """Its process runs no application, and so keeps the server's clock."""
        process = self.process(span)
        if is_voice(int(self.spans.pid[span])):
            # Not a process but everybody who keeps this clock.
            return process.born or process.role in ("parent", "child")
        return process.steady

    def steadiness(self, span: int) -> float:
        """How strongly its process is held to keep its clock after it."""
        if self.serves(span):
            return 14.0
        return 3.0 if self.is_early(span) else 6.0

    def voice(self, span: int) -> str:
        """Spans of one voice share a clock, as a rule."""
        process = self.process(span)
        return process.group or process.role or f"pid {self.spans.pid[span]}"


_NOBODY = Process()


def _restarts(knots: Knots, heads: Sequence[Sample]) -> list[int]:
    if not heads:
        return []
    files, lines = np.array([(sample.file, sample.line) for sample in heads], np.int64).T
    every = places(knots.file, knots.line)
    return sorted(set(np.searchsorted(every, places(files, lines)).tolist()))


def _stops(knots: Knots, spans: Spans, heads: Sequence[Sample]) -> list[int]:
    """The first knot of those who come after a parent after which another one begins."""
    if len({sample.pid for sample in heads}) < 2:
        return []
    found = []
    every, begun = places(knots.file, knots.line), _begun(spans)[spans.of_knot]
    for before, after in pairwise(heads):
        if before.pid != after.pid:
            ends = np.array([(x.file, x.line) for x in (before, after)], np.int64).T
            low, high = np.searchsorted(every, places(*ends)).tolist()
            said = np.flatnonzero(knots.pid[low:high] == before.pid)
            low += int(said[-1]) + 1 if len(said) else 0
            # Old daemons may speak on after their parent; who was never seen is new.
            known = np.flatnonzero(begun[low:high] < low)
            found.append(low + int(known[-1]) + 1 if len(known) else low)
    return found


def _begun(spans: Spans) -> NDArray[np.int64]:
    """int64[spans]: the first knot of each one's process."""
    known: dict[int, int] = {}
    every = zip(spans.pid.tolist(), spans.first.tolist(), strict=True)
    begun = np.array([known.setdefault(pid, first) for pid, first in every], np.int64)
    begun[UTC] = next(iter(np.flatnonzero(spans.of_knot == UTC)), -1)
    return begun


def unloaded_spans(scene: Scene) -> frozenset[int]:
    """Spans of young processes in which only mod_wsgi speaks, or the application as it is loaded.

    tzset() shows from the second after it on (server/util_time.c caches a second's local time), and
    ends a span where it shows: one in which an application is loaded is all of one clock. What
    httpd itself says before that is said by the server's clock too.
    """
    settled: dict[int, int] = {}
    loading: dict[int, tuple[int, int]] = {}
    loaded: dict[int, int] = {}
    young: dict[int, bool] = {}
    several, often = _of_several_applications(scene), falls_of(scene)
    for sample, span in scene.spoken:
        if sample.pid in settled or not young.get(sample.pid, True):
            continue  # nothing that it says changes that
        process, stage = scene.process(span), stage_of(sample.message)
        httpd = sample.module not in (b"", b"wsgi")
        if sample.pid not in young and not process.born and httpd:
            continue
        # Who was not seen starting may yet be seen loading his application as the first thing.
        alone = process.group not in several and often[sample.pid] <= 1
        fresh = process.born or (stage.loading and alone)
        if not young.setdefault(sample.pid, fresh):
            continue
        second = sample.local_us // SECOND
        if stage.loads and loaded.get(sample.pid, second) != second:
            settled.setdefault(sample.pid, span)
        if stage.loads and not stage.creates:
            loaded[sample.pid] = second
        if stage.ending and not sample.client and sample.pid not in loaded:
            continue  # it ends, and no application was ever loaded
        if stage.loading:
            loading[sample.pid] = sample.local_us, span
        elif not httpd or sample.pid in loaded:
            at_us, begun = loading.get(sample.pid, (-SECOND, -1))
            fell = span > begun and sample.local_us < at_us - LATE_US
            if second != at_us // SECOND or fell:  # in the same second of another hour
                alike = span == begun and not scene.lasts(span)
                settled.setdefault(sample.pid, span + 1 if alike else span)
    return frozenset(
        span
        for span in range(1, len(scene.spans))
        if young.get(int(scene.spans.pid[span]))
        and span < settled.get(int(scene.spans.pid[span]), len(scene.spans))
    )


def _unmoved_spans(scene: Scene) -> frozenset[int]:
    """First spans of processes that are new since a restart and whose clock is seen to change then.

    Where the log has no words of info nobody is seen starting. But who is new has the server's
    clock, and an application moves it once: what it says before, it says by the server's. Who
    falls again may go back to a clock of his own.
    """
    spans, often = scene.spans, falls_of(scene)
    falls = np.flatnonzero(np.isin(spans.cut, CHANGED))
    found: set[int] = set()
    for span in falls.tolist() if scene.restarts else ():
        if often[int(spans.pid[span])] > 1 or is_voice(int(spans.pid[span])):
            continue
        early = [int(spans.previous[span])]
        while spans.cut[early[-1]] == Cut.DOUBT:
            early.append(int(spans.previous[early[-1]]))
        first = early[-1]
        new = scene.begins[first] and int(spans.first[first]) > scene.restarts[0]
        if new and not scene.serves(first) and not any(map(scene.lasts, early)):
            found.update(early)
    return frozenset(found)


def falls_of(scene: Scene) -> Counter[int]:
    """How often the clock of each pid falls: more than once where applications set it by turns."""
    return Counter(scene.spans.pid[np.isin(scene.spans.cut, CHANGED)].tolist())


def _of_several_applications(scene: Scene) -> set[str]:
    """Groups of which more than one application is seen being loaded: another may have been."""
    named: dict[str, set[bytes]] = defaultdict(set)
    messages = {sample.message for sample, _ in scene.spoken}
    loads = {words for words in messages if stage_of(words).loads and not stage_of(words).creates}
    for sample, span in scene.spoken if loads else ():
        if sample.message in loads:
            named[scene.process(span).group].add(_PID.sub(b"", sample.message))
    return {group for group, scripts in named.items() if len(scripts) > 1}


def flip_heights(scene: Scene) -> dict[str, dict[int, bool]]:
    """By how much the clocks of each voice fall, seconds; whether one process fell so twice.

    Only heights that are seen promptly (the next line comes at once), and as often as any other,
    and not the one change that every application makes as it is loaded.
    """
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    twice: set[tuple[str, int]] = set()
    by_process: set[tuple[int, int]] = set()
    spans = scene.spans
    for span in np.flatnonzero(np.isin(spans.cut, CHANGED)).tolist():
        step = int(spans.step_us[span])
        fallen = step if spans.cut[span] == Cut.BACKWARD else step - int(spans.passed_us[span])
        height = (fallen + RACE_US) // STEP_US * STEP_S
        if not -LEAP_S <= height < 0 or fallen - height * SECOND >= MINUTE:
            continue
        voice, process = scene.voice(span), (int(spans.pid[span]), -height)
        if process in by_process:
            twice.add((voice, -height))
        by_process.add(process)
        counts[voice][-height] += 1
    return {
        voice: {
            height: (voice, height) in twice
            for height, count in seen.items()
            if 4 * count >= max(seen.values())
        }
        for voice, seen in counts.items()
    }


def time_range(knots: Knots) -> tuple[int, int]:
    """The earliest and the latest local time, widened by what an offset can be.

    Times far from most others are left out: one forged line must not make us look at every zone in
    every year of the calendar.
    """
    times = knots.local_us
    middle = int(np.partition(times, len(times) // 2)[len(times) // 2])
    near = times[np.abs(times - middle) <= _FAR_US]
    return int(near.min()) - REACH_US, int(near.max()) + REACH_US


def sample_spans(knots: Knots, spans: Spans) -> Callable[[Sample], int | None]:
    """A function that tells a sample's span: its process's newest that began before it."""
    starts: dict[int, tuple[list[tuple[int, int]], list[int]]] = {}
    for span in range(1, len(spans)):
        keys, values = starts.setdefault(int(spans.pid[span]), ([], []))
        first = int(spans.first[span])
        keys.append((int(knots.file[first]), int(knots.line[first])))
        values.append(span)

    def find(sample: Sample) -> int | None:
        held = starts.get(sample.pid)
        if held is None:
            return None
        at = bisect.bisect_right(held[0], (sample.file, sample.line)) - 1
        return held[1][at] if at >= 0 else None

    return find
