"""Anchors: take a scene and facts of absolute time, give votes that tie spans to UTC."""

from __future__ import annotations

import math
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from logtool.clocks.seen.constraints import STEP_S, STEP_US, Link
from logtool.clocks.seen.instants import instants_in, names_when_logged
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.log_ids import PERIOD_US, core_id_us, unique_id_us
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import HEARSAY_PID, UTC, UTC_PID
from logtool.clocks.seen.turns import RACE_US
from logtool.clocks.seen.voices import is_voice
from logtool.clocks.table import hours
from logtool.clocks.tzdb.zones import Rules
from logtool.sources.paths import STDIN_NAME
from parsers.units import MINUTE, SECOND

#: Offsets in use anywhere, seconds (UTC-12 to UTC+14).
OFFSETS_S = range(-12 * 3600, 14 * 3600 + 1, STEP_S)
#: A file's modification time is at most so much later than its last line's stamp.
MTIME_SLACK_US = 5 * SECOND
#: So many last lines are looked at.
_LAST = 3
#: Modification times are told by a clock that ticks so often, in some kernels (CONFIG_HZ=100).
_TICK_US = 10_000
#: An id of mod_unique_id is made at most so long before a line that carries it.
_REQUEST_US = 5 * MINUTE
#: So many ids that agree are no chance.
_IDS = 3
#: Weights of one id. That of a connection may be hours old, and then fits one of a hundred offsets
#: by chance every other time.
_CORE_ID = 5.0
_EPOCH_ID = 15.0
#: Weight of a zone's vote for either of the two offsets of a repeated hour.
_EITHER = 3.0
#: Weight of a vote that is neither chance nor easily forged.
_NO_CHANCE = 10.0
#: Kinds of votes on whom the server's clock is guessed from its role, or from its birth.
OF_THE_SERVER = frozenset({"server-tz", "access-log", "config", "host"})
#: Weight of a vote, and whether it is sure.
Vote = tuple[float, bool]


def by_rules(
    scene: Scene,
    rules: Rules,
    weigh: Callable[[int], Vote],
    kind: str,
    text: str,
    *,
    assumed: bool = False,
    taken: Callable[[int], bool] = lambda span: False,
) -> Iterator[Link]:
    """A zone's offsets for the spans that keep it.

    Args:
        scene: the log.
        rules: the zone's (or a witness's) offsets.
        weigh: span -> (weight, sure); weight 0 for spans that do not keep the zone.
        kind: kind of evidence.
        text: the fact.
        assumed: nothing but a default.
        taken: whether a span that does not surely keep the zone is taken to keep it.
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
        alone = len(fits) == 1
        firm = not sure and taken(span)
        strength = weight if alone else min(weight, _EITHER)
        for offset in sorted(fits, reverse=True):
            yield Link(
                UTC, span, offset, strength, kind, kind, text,
                int(spans.first[span]), sure and alone, assumed, (sure or firm) and not alone,
                firm and alone, None if alone else sum(fits) - offset,
            )  # fmt: skip


def vouches_for_its_process(link: Link) -> bool:
    """Whether a vote on UTC is of the span itself, not of who is thought to keep a zone.

    A single log id may be chance, and a line or two that write an offset may be forged.
    """
    own = link.a == UTC and not link.assumed and link.kind not in OF_THE_SERVER
    return own and link.weight >= _NO_CHANCE


def log_ids(scene: Scene) -> Iterator[Link]:
    """Ids of requests and connections carry microseconds of UTC."""
    fits: dict[int, dict[int, set[bytes]]] = defaultdict(lambda: defaultdict(set))
    lines: dict[int, Counter[int]] = defaultdict(Counter)
    for sample, span in scene.spoken:
        if span == UTC or not (sample.log_id or sample.connection_log_id):
            continue
        texts = {sample.log_id, sample.connection_log_id} - {b""}
        told = set()
        for text in texts:
            for offset in _offsets_of_id(text, sample.local_us):
                fits[span][offset].add(text)
                told.add(offset)
        lines[span].update(told)
    for at, ids in fits.items():
        counts = {offset: len(made) for offset, made in ids.items()}
        offset, count = max(counts.items(), key=lambda row: (row[1], -abs(row[0])))
        rivals = [x for x, n in counts.items() if n == count]
        if len(rivals) == 1:
            yield Link(
                UTC, at, offset, sum(map(_weight_of_id, ids[offset])), "log-id", "log-id",
                f"{times_of(count, 'log id')} written within moments of their line",
                int(scene.spans.first[at]),
                count >= _IDS and is_of_one(scene, at, lines[at][offset]),
            )  # fmt: skip


def is_of_one(scene: Scene, span: int, lines: int) -> bool:
    """Whether what so many lines of a span tell holds for all its lines.

    Lines without a pid are put together by their times: each must tell it itself.
    """
    if not is_voice(int(scene.spans.pid[span])):
        return True
    nth, first, last = scene.knots.nth, scene.spans.first[span], scene.spans.last[span]
    return lines > int(nth[last] - nth[first])


def _weight_of_id(text: bytes) -> float:
    """How strongly an id speaks for an offset: one of httpd's own fits some offset by chance."""
    return _EPOCH_ID if unique_id_us(text) is not None else _CORE_ID


def _offsets_of_id(text: bytes, local_us: int) -> list[int]:
    """Offsets under which an id was made at most half a minute before its line."""
    epoch = unique_id_us(text)
    if epoch is not None:
        away = local_us - epoch
        offset = (away + RACE_US) // STEP_US * STEP_S
        near = -RACE_US <= away - offset * SECOND <= _REQUEST_US
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
    """A message says an instant with its offset: when it was logged, or another.

    Where it does not stand at the place of the former, it is no more than assumed to be that:
    what expires, or was begun, hours from now to the second, looks as another offset would.
    """
    votes: dict[tuple[int, int, bool], int] = defaultdict(int)
    for sample, instant in instants_in(scene.samples):
        span = scene.span_of(sample)
        if span is None or span == UTC:
            continue
        away = sample.local_us - instant
        offset = (away + RACE_US) // STEP_US * STEP_S
        if 0 <= away + RACE_US - offset * SECOND < 5 * SECOND and offset in OFFSETS_S:
            votes[span, offset, names_when_logged(sample.message)] += 1
    for (span, offset, logged), count in votes.items():
        doubt = "" if logged else ", which may be that of something else"
        yield Link(
            UTC, span, offset, (12.0 if logged else 1.0) + min(count, 10), "instant", "instant",
            f"{times_of(count, 'message')} of it name{'s' if count == 1 else ''} the instant "
            f"with its offset{doubt}",
            int(scene.spans.first[span]), assumed=not logged,
        )  # fmt: skip


def hearsay(scene: Scene) -> Iterator[Link]:
    """A few lines write their offset; anybody who writes to standard error could have."""
    for span in np.flatnonzero(scene.spans.pid == HEARSAY_PID).tolist():
        yield Link(
            UTC, span, 0, 9.0, "hearsay", "written", "a line writes its offset",
            int(scene.spans.first[span]),
        )  # fmt: skip


def own_words(scene: Scene, every: Knots) -> Iterator[Link]:
    """A process that writes its offset in other lines had it before and after, as a rule.

    ErrorLogFormat may change at a graceful restart, and differ from one virtual host to another.
    What a process writes once its application is loaded tells nothing of its birth.

    Args:
        scene: the log.
        every: its knots as read: true pids and the offsets they write.
    """
    said: dict[int, list[int]] = defaultdict(list)
    for knot in np.flatnonzero((scene.knots.pid == UTC_PID) & (every.pid >= 0)).tolist():
        said[int(every.pid[knot])].append(knot)
    if not said:
        return
    for span in range(1, len(scene.spans)):
        first, last = int(scene.spans.first[span]), int(scene.spans.last[span])
        told = said.get(int(every.pid[first]), [])
        after = [] if scene.is_young(span) else told[bisect(told, last) :][:1]
        near = [*told[: bisect(told, first)][-1:], *after]
        offsets = {int(every.offset_s[knot]) for knot in near}
        if len(offsets) == 1:
            yield Link(
                UTC, span, offsets.pop(), 14.0, "own word", "written",
                "the same process writes this offset in other lines", near[-1],
            )  # fmt: skip


def modification_times(
    scene: Scene, mtimes: Mapping[int, int], names: Sequence[str]
) -> Iterator[Link]:
    """A log was modified last when its last line was written.

    Where that line's time is nobody's at that instant, for it is forged or torn, one of those just
    before it may have been written in the same moment.

    Args:
        scene: the log.
        mtimes: file index -> µs UTC.
        names: of the files, for the text.
    """
    file_of = scene.knots.file
    ends = np.append(np.flatnonzero(file_of[1:] != file_of[:-1]), len(file_of) - 1)
    tails = dict(zip(file_of[ends].tolist(), ends.tolist(), strict=True))
    found = []
    for file, mtime in mtimes.items():
        last = tails.get(file, -1)
        if last < 0:
            continue
        for knot in range(last, max(last - _LAST, -1), -1):
            if scene.knots.file[knot] != file or int(scene.spans.of_knot[knot]) == UTC:
                break
            away = int(scene.knots.local_us[knot]) - mtime
            offset = (away + MTIME_SLACK_US) // STEP_US * STEP_S
            late = offset * SECOND - away
            slack = MTIME_SLACK_US if knot == last else SECOND
            if offset in OFFSETS_S:
                if -RACE_US <= late <= slack:
                    found.append((knot, offset, late, names[file], knot == last))
                break
    for knot, offset, late, name, ends in found:
        line = "its last line" if ends else "a line just before its last"
        what = f"the file on {name}" if name == STDIN_NAME else name
        tenths = round(max(0, late) * 10 / SECOND)
        lag = f"{tenths / 10:.1f} s after" if tenths else "at the moment of"
        # The closer it is to a quarter of an hour, the less it can be there by chance.
        weight = 20.0 + math.log(MTIME_SLACK_US / max(abs(late), _TICK_US))
        yield Link(
            UTC, int(scene.spans.of_knot[knot]), offset, weight, f"mtime {name}", "mtime",
            f"{what} was modified {lag} {line}, if that is at {hours(offset)}",
            knot, len(found) > 2,
        )  # fmt: skip


def times_of(count: int, what: str) -> str:
    """`1 line`, `2 lines`."""
    return f"{count} {what}" + ("s" if count != 1 else "")
