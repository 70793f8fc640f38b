"""Receipts: take lines behind the head of what collected them, give votes that tie spans to UTC.

The runtime of a container, Docker, a journal or syslog stamps each line as it receives it, moments
after it was written, with an offset: the surest of what stands in a log beside it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.anchors import OFFSETS_S, is_of_one, times_of
from logtool.clocks.constraints import STEP_S, STEP_US, Link
from logtool.clocks.knots import SECOND
from logtool.clocks.roles import instant_in
from logtool.clocks.scene import Scene
from logtool.clocks.spans import UTC
from logtool.clocks.turns import RACE_US
from parsers.blocks import Block
from parsers.lines import NO_TIME, Stamps

#: Bytes before Apache's own time where a line has a head: as many as `{"log":"[`.
_SHORTEST_HEAD = 9
#: What Docker's json-file driver writes behind a line, in which it escapes every quote.
_DOCKER = re.compile(rb'","stream":"std(?:err|out)"(?:,"attrs":\{[^{}]*\})?,"time":"([^"]+)"\}\s*$')
#: A line is received so soon.
_SOON_US = 60 * SECOND
#: So many lines that were received soon show that it is done as they are written, where no more
#: than one of so many was not.
_FEW, _MOST = 3, 10
#: Weights where that is so, and where it is not.
_PROMPT, _PERHAPS = 60.0, 12.0


def received_us(block: Block, stamps: Stamps, rows: NDArray[np.int64]) -> list[int]:
    """When each of some lines was received, in µs UTC, or NO_TIME where nothing tells it.

    Args:
        block: the lines.
        stamps: theirs.
        rows: int64[m], which of them.
    """
    answer = [NO_TIME] * len(rows)
    head = stamps.time_start[rows] - block.starts[rows]
    for at in np.flatnonzero(head >= _SHORTEST_HEAD).tolist():
        line = block.line(int(rows[at]))
        behind = _DOCKER.search(line) if line.startswith(b"{") else None
        told = instant_in(behind[1] if behind else line[: int(head[at])])
        answer[at] = NO_TIME if told is None else told
    return answer


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
