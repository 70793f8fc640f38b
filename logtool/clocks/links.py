"""Links: take spans and what is known of their processes, give votes on their offsets.

Every function here is one kind of evidence. Weights say which vote wins where order leaves a choice;
they are ranks, not probabilities.
"""

from __future__ import annotations

import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.constraints import RACE_US, STEP_S, STEP_US, WIDEST_S, Link
from logtool.clocks.knots import MINUTE, SECOND, Knots
from logtool.clocks.log_ids import PERIOD_US, core_id_us, unique_id_us
from logtool.clocks.roles import LOADING, RESUMING, Process, Sample, instants_in
from logtool.clocks.spans import HEARSAY_PID, UTC, Cut, Spans
from logtool.clocks.zones import REACH_US, Rules

#: Offsets in use anywhere, seconds (UTC-12 to UTC+14).
OFFSETS_S = range(-12 * 3600, 14 * 3600 + 1, STEP_S)

_LINE_BITS = 40
#: How far behind its stamp a file's modification time may lie: the last line's write, then the clock's tick.
MTIME_SLACK_US = 5 * SECOND
#: A process leaps from one zone to another no further than this, as a rule.
LEAP_S = 15 * 3600
#: A request's lines come within this.
PAIR_SLACK_US = 5 * MINUTE


#: Weight of a vote, and whether it is sure.
Vote = tuple[float, bool]


@dataclass(slots=True, eq=False)
class Scene:
    """All that is known of a log when its clocks are sought.

    Attributes:
        knots: in true order.
        spans: cut from them.
        processes: by pid.
        samples: lines looked at closely.
        span_of: a sample's span.
        unloaded: spans of born processes in which no application speaks for itself yet.
        restarts: knots at which the parent begins anew with new children and daemons.
    """

    knots: Knots
    spans: Spans
    processes: Mapping[int, Process]
    samples: Sequence[Sample]
    span_of: Callable[[Sample], int | None]
    unloaded: frozenset[int] = frozenset()
    restarts: Sequence[int] = ()

    def __post_init__(self) -> None:
        self.unloaded = unloaded_spans(self)
        self.restarts = _restarts(self.knots, self.samples)

    def outlived(self, span: int) -> bool:
        """Its process wrote before a restart and after: another process, likely, of the same pid."""
        if self.process(span).role == "parent" or self.spans.previous[span] < 0:
            return False
        before = int(self.spans.last[self.spans.previous[span]])
        at = bisect.bisect_right(self.restarts, before)
        return at < len(self.restarts) and self.restarts[at] <= int(self.spans.first[span])

    def process(self, span: int) -> Process:
        """The process of a span."""
        return self.processes.get(int(self.spans.pid[span]), _NOBODY)

    def local_first(self, span: int) -> int:
        """The span's first local time."""
        return int(self.knots.local_us[self.spans.first[span]])

    def local_last(self, span: int) -> int:
        """The span's last local time."""
        return int(self.knots.local_us[self.spans.last[span]])

    def is_birth(self, span: int) -> bool:
        """It is the first span of a process that was seen starting: the application is not loaded yet."""
        return self.spans.cut[span] == Cut.FIRST and self.process(span).born

    def serves(self, span: int) -> bool:
        """It is the parent's, or a child's that runs no application: it keeps the server's clock."""
        process = self.process(span)
        return process.role == "parent" or (process.role == "child" and not process.embedded)

    def steadiness(self, span: int) -> float:
        """How strongly its process is held to keep its clock after it."""
        if self.serves(span):
            return 14.0
        return 3.0 if self.is_birth(span) or span in self.unloaded else 6.0

    def voice(self, span: int) -> str:
        """Spans of one voice share a clock, as a rule."""
        process = self.process(span)
        return process.group or process.role or f"pid {self.spans.pid[span]}"


_NOBODY = Process()


def _restarts(knots: Knots, samples: Sequence[Sample]) -> list[int]:
    places = [(sample.file, sample.line) for sample in samples if RESUMING.match(sample.message)]
    if not places:
        return []
    files, lines = np.array(places, np.int64).T
    keys = (knots.file.astype(np.int64) << _LINE_BITS) | knots.line
    return sorted(set(np.searchsorted(keys, (files << _LINE_BITS) | lines).tolist()))


def unloaded_spans(scene: Scene) -> frozenset[int]:
    """Spans of born processes in which only mod_wsgi speaks, or the application as it is loaded.

    tzset() shows from the second after it on (server/util_time.c caches a second's local time).
    """
    settled: set[int] = set()
    loading: dict[int, int] = {}
    for sample in scene.samples:
        span = scene.span_of(sample)
        if span is None or not scene.process(span).born:
            continue
        if LOADING.match(sample.message):
            loading[sample.pid] = sample.local_us // SECOND
        elif sample.local_us // SECOND != loading.get(sample.pid):
            settled.add(span)
    born = [span for span in range(1, len(scene.spans)) if scene.process(span).born]
    return frozenset(born) - settled


def flip_heights(scene: Scene) -> dict[str, dict[int, bool]]:
    """By how much the clocks of each voice fall, seconds; whether one process fell so twice.

    Only heights that are seen promptly (the next line comes at once), and as often as any other,
    and not the one change that every application makes as it is loaded.
    """
    counts: dict[str, Counter[int]] = defaultdict(Counter)
    twice: set[tuple[str, int]] = set()
    by_process: set[tuple[int, int]] = set()
    spans = scene.spans
    for span in np.flatnonzero(np.isin(spans.cut, (Cut.BACKWARD, Cut.OVERTAKEN))).tolist():
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


def _times_of(count: int, what: str) -> str:
    return f"{count} {what}" + ("s" if count != 1 else "")


def hours(delta_s: int) -> str:
    """An offset or a difference as people write it: +05:45, -03:30."""
    minutes = abs(delta_s) // 60
    return f"{'-' if delta_s < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"


def continuity(scene: Scene) -> Iterator[Link]:
    """A process keeps its clock over a silence; where it cannot, it moved no further than it must."""
    spans = scene.spans
    heights = flip_heights(scene)
    for span in range(1, len(spans)):
        before = int(spans.previous[span])
        if before < 0:
            continue
        cut = spans.cut[span]
        step, passed = int(spans.step_us[span]), int(spans.passed_us[span])
        voice = f"kept {scene.voice(span)}"
        knot = int(spans.first[span])
        if cut in (Cut.SILENCE, Cut.ZONE, Cut.DOUBT):
            weight = 0.5 if scene.outlived(span) else scene.steadiness(before)
            yield Link(
                before, span, 0, weight, voice, "same-process",
                "a process keeps its clock over a silence", knot,
            )  # fmt: skip
        tight_us = step + RACE_US - (passed if cut != Cut.BACKWARD else 0)
        tight = tight_us // STEP_US * STEP_S
        residue = tight_us - tight * SECOND
        if tight and abs(tight) <= LEAP_S and cut not in (Cut.DOUBT, Cut.ZONE):
            weight = 4.5 if residue < 10 * SECOND else 2.5 if residue < MINUTE else 1.0
            if cut == Cut.SILENCE:
                weight -= 0.6
            if tight % (2 * STEP_S):
                weight -= 1.4  # hardly any zone lies an odd quarter of an hour from another
            yield Link(
                before, span, tight, weight, voice, "jump",
                f"its local time jumps by {hours(tight)} within {max(0, residue) // SECOND} s", knot,
            )  # fmt: skip
        told = heights.get(scene.voice(span), {}) if cut == Cut.SILENCE else {}
        for height, proven in told.items():
            late = step - passed - height * SECOND
            prompt = -RACE_US <= late < 2 * MINUTE
            if prompt or (proven and 0 < late < 30 * MINUTE):
                weight = (9.0 if prompt else 6.5) if proven else scene.steadiness(before) - 0.5
                if scene.process(span).embedded and prompt:
                    weight = max(weight, 6.5)
                yield Link(
                    before, span, height, weight, voice, "flip",
                    f"its clock flips by {hours(height)} elsewhere too", knot,
                )  # fmt: skip
        older = int(spans.previous[before])
        settled = older >= 0 and not scene.is_birth(older) and older not in scene.unloaded
        if settled and cut in (Cut.BACKWARD, Cut.OVERTAKEN):
            yield Link(
                older, span, 0, 3.5, voice, "flip-back", "a clock flips back to where it was", knot
            )


def daylight_saving(scene: Scene, changes: NDArray[np.int64]) -> Iterator[Link]:
    """A zone's clocks go forward or back in the night between two spans.

    Args:
        scene: the log.
        changes: int64[n, 3] of zones.changes_between.
    """
    if not len(changes):
        return
    spans = scene.spans
    deltas = changes[:, 2] - changes[:, 1]
    wall_before = changes[:, 0] + changes[:, 1] * SECOND
    wall_after = changes[:, 0] + changes[:, 2] * SECOND
    for span in range(1, len(spans)):
        before = int(spans.previous[span])
        if before < 0 or spans.cut[span] == Cut.FIRST:
            continue
        left, right = scene.local_last(before), scene.local_first(span)
        fits = (wall_before + RACE_US >= left) & (wall_after <= right + RACE_US)
        fits &= np.abs(deltas) <= 7200
        step = int(spans.step_us[span]) - int(spans.passed_us[span])
        for delta in np.unique(deltas[fits & (deltas != 0)]).tolist():
            # A night in which zones change explains a change nearly as well as none explains none.
            weight = scene.steadiness(before) - 1.0 - abs(abs(delta) - 3600) / 3600
            if spans.cut[span] == Cut.SILENCE and 0 <= step - delta * SECOND < 2 * MINUTE:
                weight += 1.5  # nothing but the skipped hour is missing
            yield Link(
                before, span, delta, weight, f"kept {scene.voice(span)}", "dst",
                f"zones change by {hours(delta)} in this night", int(spans.first[span]),
            )  # fmt: skip


def server_clock(scene: Scene) -> Iterator[Link]:
    """Processes are born with the server's clock; parent and children share it."""
    spans = scene.spans
    reference: int | None = None
    for span in range(1, len(spans)):
        process = scene.process(span)
        serves = scene.serves(span)
        if spans.cut[span] != Cut.FIRST and not scene.outlived(span):
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
        if process.role != "daemon" or scene.is_birth(span) or span in scene.unloaded:
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
    for sample in scene.samples:
        span = scene.span_of(sample) if sample.client else None
        if span is not None and b":" in sample.client:
            by_client[sample.client].append((sample, span))
    seen: set[tuple[int, int, int]] = set()
    for lines in by_client.values():
        for (left, a), (right, b) in zip(lines, lines[1:], strict=False):
            if a == b or left.file != right.file or a == UTC or b == UTC:
                continue
            away = right.local_us - left.local_us
            delta = (away + RACE_US) // STEP_US * STEP_S
            residue = away - delta * SECOND
            if abs(delta) > WIDEST_S or residue > PAIR_SLACK_US or (a, b, delta) in seen:
                continue
            seen.add((a, b, delta))
            yield Link(
                a, b, delta, 5.0 if residue < 30 * SECOND else 2.0, "pair", "pair",
                f"both write for client {left.client.decode('ascii', 'replace')}",
            )  # fmt: skip


def by_rules(
    scene: Scene,
    rules: Rules,
    weigh: Callable[[int], Vote],
    kind: str,
    text: str,
    *,
    assumed: bool = False,
) -> Iterator[Link]:
    """A zone's offsets for the spans that keep it.

    Args:
        scene: the log.
        rules: the zone's (or a witness's) offsets.
        weigh: span -> (weight, sure); weight 0 for spans that do not keep the zone.
        kind: kind of evidence.
        text: the fact.
        assumed: nothing but a default.
    """
    spans = scene.spans
    chosen = [(span, *weigh(span)) for span in range(1, len(spans))]
    chosen = [row for row in chosen if row[1] > 0]
    if not chosen:
        return
    rows = np.array([span for span, _, _ in chosen])
    first = scene.knots.local_us[spans.first[rows]]
    last = scene.knots.local_us[spans.last[rows]]
    one, two = (x.tolist() for x in rules.at_local(first))
    end_one, end_two = (x.tolist() for x in rules.at_local(last))
    for at, (span, weight, sure) in enumerate(chosen):
        fits = {one[at], two[at]} & {end_one[at], end_two[at]}
        for offset in sorted(fits, reverse=True):
            yield Link(
                UTC, span, offset, weight - (0.5 if offset != one[at] else 0.0), kind, kind, text,
                int(spans.first[span]), sure and len(fits) == 1, assumed,
            )  # fmt: skip


def log_ids(scene: Scene) -> Iterator[Link]:
    """Ids of requests and connections carry microseconds of UTC."""
    fits: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for sample in scene.samples:
        span = scene.span_of(sample)
        if span is None or span == UTC:
            continue
        for text in {sample.log_id, sample.connection_log_id} - {b""}:
            for offset in _offsets_of_id(text, sample.local_us):
                fits[span][offset] += 1
    for at, counts in fits.items():
        offset, count = max(counts.items(), key=lambda row: (row[1], -abs(row[0])))
        rivals = [x for x, n in counts.items() if n == count]
        if len(rivals) == 1:
            yield Link(
                UTC, at, offset, 40.0 + min(count, 20), "log-id", "log-id",
                f"{_times_of(count, 'log id')} written within moments of their line",
                int(scene.spans.first[at]), count >= 2,
            )  # fmt: skip


def _offsets_of_id(text: bytes, local_us: int) -> list[int]:
    """Offsets under which an id was made at most half a minute before its line."""
    epoch = unique_id_us(text)
    if epoch is not None:
        away = local_us - epoch
        offset = (away + RACE_US) // STEP_US * STEP_S
        near = -RACE_US <= away - offset * SECOND <= PAIR_SLACK_US
        return [offset] if near and offset in OFFSETS_S else []
    bits = core_id_us(text)
    if bits is None:
        return []
    found = []
    for offset in OFFSETS_S:
        late = (local_us - offset * SECOND - bits) % PERIOD_US
        if late < 20 * SECOND or late > PERIOD_US - RACE_US:
            found.append(offset)
    return found


def instants(scene: Scene) -> Iterator[Link]:
    """A message says an instant with its offset: when the line was written, as a rule."""
    votes: dict[tuple[int, int], int] = defaultdict(int)
    for sample, instant in instants_in(scene.samples):
        span = scene.span_of(sample)
        if span is None or span == UTC:
            continue
        away = sample.local_us - instant
        offset = (away + RACE_US) // STEP_US * STEP_S
        if 0 <= away + RACE_US - offset * SECOND < 5 * SECOND and offset in OFFSETS_S:
            votes[span, offset] += 1
    for (span, offset), count in votes.items():
        yield Link(
            UTC, span, offset, 12.0 + min(count, 10), "instant", "instant",
            f"{_times_of(count, 'message')} of it name the instant with its offset",
            int(scene.spans.first[span]),
        )  # fmt: skip


def hearsay(scene: Scene) -> Iterator[Link]:
    """A few lines write their offset; anybody who writes to standard error could have."""
    for span in np.flatnonzero(scene.spans.pid == HEARSAY_PID).tolist():
        yield Link(
            UTC, span, 0, 9.0, "hearsay", "written", "a line writes its offset",
            int(scene.spans.first[span]),
        )  # fmt: skip


def modification_times(
    scene: Scene, mtimes: Mapping[int, int], names: Sequence[str]
) -> Iterator[Link]:
    """A log was modified last when its last line was written.

    Args:
        scene: the log.
        mtimes: file index -> µs UTC.
        names: of the files, for the text.
    """
    files, from_end = np.unique(scene.knots.file[::-1], return_index=True)
    tails = dict(zip(files.tolist(), (len(scene.knots) - 1 - from_end).tolist(), strict=True))
    found = []
    for file, mtime in mtimes.items():
        knot = tails.get(file, -1)
        if knot < 0 or int(scene.spans.of_knot[knot]) == UTC:
            continue
        away = int(scene.knots.local_us[knot]) - mtime
        offset = (away + MTIME_SLACK_US) // STEP_US * STEP_S
        late = offset * SECOND - away
        if -RACE_US <= late <= MTIME_SLACK_US and offset in OFFSETS_S:
            found.append((knot, offset, late, names[file]))
    for knot, offset, late, name in found:
        yield Link(
            UTC, int(scene.spans.of_knot[knot]), offset, 20.0, f"mtime {name}", "mtime",
            f"{name} was modified {max(0, late) / SECOND:.1f} s after its last line, "
            f"if that is at {hours(offset)}",
            knot, len(found) > 2,
        )  # fmt: skip


def time_range(scene: Scene) -> tuple[int, int]:
    """The earliest and the latest local time, widened by what an offset can be."""
    times = scene.knots.local_us
    return int(times.min()) - REACH_US, int(times.max()) + REACH_US


def sample_spans(knots: Knots, spans: Spans) -> Callable[[Sample], int | None]:
    """A function that tells a sample's span: the newest span of its process that began before it."""
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
