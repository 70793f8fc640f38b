"""Copied: takes the lines kept of logs, tells which logs are copies of others.

`error.log.bak` beside `error.log`: the same processes seem to write each line twice, in two places.
Solved together, each life of a process stands there as often as there are copies, and what is told
of one copy may contradict what is told of another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.knots import Knots

Hashes = NDArray[np.uint64]

#: A log of fewer lines may begin like another by chance.
_FEW = 8
#: So much of a copy is in the other one. What is kept of the lines differs a little: of a process
#: that is met for the first time more are.
_MOST = 0.8
_MIX = np.uint64(0x9E3779B97F4A7C15)


def without_copies(
    numbers: Sequence[int], every: Knots, sequences: Sequence[int]
) -> Iterator[list[int]]:
    """The logs of a server, then the copies that are among them, each rotated set by itself.

    Args:
        numbers: of the server's logs.
        every: lines kept of all logs.
        sequences: of each log, the number of its rotated set.
    """
    copies = _copies(numbers, every)
    yield [number for number in numbers if number not in copies]
    sets: dict[int, list[int]] = {}
    for number in copies:
        sets.setdefault(sequences[number], []).append(number)
    yield from sets.values()


def _copies(numbers: Sequence[int], every: Knots) -> list[int]:
    """The numbers of logs that hold nothing but what another one does."""
    if len(numbers) < 2:
        return []
    mixed = _mixed(every)
    lines = {number: mixed[every.file == number] for number in numbers}
    longest = sorted(numbers, key=lambda number: (-len(lines[number]), number))
    kept: dict[int, list[Hashes]] = {}  # by the first line, which a copy has too
    copies: list[int] = []
    for number in longest:
        own = lines[number]
        if len(own) < _FEW:
            break
        alike = kept.setdefault(int(own[0]), [])
        if any(np.isin(own, other).mean() >= _MOST for other in alike):
            copies.append(number)
        else:
            alike.append(own)
    return sorted(copies)


def _mixed(every: Knots) -> Hashes:
    """uint64[n], a number for what each line says: its place in the log, its process, its time."""
    answer = every.line.view(np.uint64) * _MIX
    for column in (every.pid, every.local_us):
        answer = (answer ^ (answer >> np.uint64(29))) * _MIX + column.view(np.uint64)
    return answer
