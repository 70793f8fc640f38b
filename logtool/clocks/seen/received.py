"""Received: takes lines behind the head of what collected them, tells when that received each."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.instants import instant_in
from parsers.blocks import Block
from parsers.lines import NO_TIME, Stamps

#: Bytes before Apache's own time where a line has a head: as many as `{"log":"[`.
_SHORTEST_HEAD = 9
#: What Docker's json-file driver writes behind a line, in which it escapes every quote.
_DOCKER = re.compile(rb'","stream":"std(?:err|out)"(?:,"attrs":\{[^{}]*\})?,"time":"([^"]+)"\}\s*$')


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
