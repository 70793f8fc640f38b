"""Receipts: take lines behind the head of what collected them, give votes that tie spans to UTC.

The runtime of a container, Docker, a journal or syslog stamps each line as it receives it, moments
after it was written, with an offset: the surest of what stands in a log beside it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from logtool.clocks.evidence.anchors import OFFSETS_S, is_of_one, times_of
from logtool.clocks.seen.constraints import STEP_S, STEP_US, Link
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import UTC
from logtool.clocks.seen.turns import RACE_US
from parsers.lines import NO_TIME
from parsers.units import SECOND

#: A line is received so soon.
_SOON_US = 60 * SECOND
#: So many lines that were received soon show that it is done as they are written, where no more
#: than one of so many was not.
_FEW, _MOST = 3, 10
#: Weights where that is so, and where it is not.
_PROMPT, _PERHAPS = 60.0, 12.0


def receipts(scene: Scene) -> Iterator[Link]:
    """A line was written moments before another program received it."""
    if all(sample.received_us == NO_TIME for sample in scene.samples):
        return
    votes: dict[int, Counter[int]] = defaultdict(Counter)
    late = 0
    # What collects a log stamps all of it: a line without that shows that anybody wrote the others.
    partly = {sample.file for sample in scene.samples if sample.received_us == NO_TIME}
    doubted = set()
    for sample, span in scene.spoken:
        if sample.received_us == NO_TIME or span == UTC:
            continue
        away = sample.local_us - sample.received_us
        offset = (away + _SOON_US) // STEP_US * STEP_S
        if away - offset * SECOND <= RACE_US and offset in OFFSETS_S:
            votes[span][offset] += 1
        else:
            late += 1
        if sample.file in partly:
            doubted.add(span)
    soon = sum(map(Counter.total, votes.values()))
    prompt = soon >= _FEW and late * _MOST <= soon
    for span, counts in votes.items():
        (offset, count), *others = counts.most_common()
        if not others or count > others[0][1]:
            believed = prompt and span not in doubted
            yield Link(
                UTC, span, offset, _PROMPT if believed else _PERHAPS, "receipt", "receipt",
                f"another program received {times_of(count, 'line')} of it at this offset's time",
                int(scene.spans.first[span]),
                believed and not others and is_of_one(scene, span, count),
            )  # fmt: skip
