"""Misplaced: takes the knots of rotated sets, tells of one that was put together back to front.

Names tell the order as a rule. Numbers that do not were seen to (`sources.numbering`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from logtool.clocks.seen.constraints import WIDEST_S
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.lives import part_lives
from logtool.clocks.seen.roles import Sample
from logtool.clocks.table import BACKWARDS, Evidence
from parsers.lines import NO_PID
from parsers.units import SECOND

#: By less, Apache may have been started in another zone.
_FAR_US = WIDEST_S * SECOND


def misplaced(
    sequences: Sequence[int], every: Knots, samples: Sequence[Sample], names: Sequence[str]
) -> Iterator[Evidence]:
    """A note for each rotated set whose files stand youngest first, by what processes wrote.

    Whoever wrote into two files that follow each other wrote the second later; where all wrote it
    earlier, and by more in all than any other zone could make it, they are the wrong way round.

    Args:
        sequences: for each file, the number of its set; those of a set in the order they are read.
        every: the lines kept of all.
        samples: some of them with their words, which tell who had the same pid one after the other.
        names: of the files.
    """
    if len(set(sequences)) == len(sequences):
        return
    lived, _ = part_lives(every, samples, sequences)
    for number in dict.fromkeys(sequences):
        files = [file for file, theirs in enumerate(sequences) if theirs == number]
        if len(files) < 2:
            continue
        wrote = [_written(lived, file) for file in files]
        back_us = [_back_us(older, younger) for older, younger in pairwise(wrote)]
        told = [step for step in back_us if step is not None]
        if told and min(told) > 0 and sum(told) > _FAR_US:
            first, last = names[files[0]], names[files[-1]]
            yield Evidence(
                BACKWARDS,
                f"the {len(files)} files from {first} to {last} run backwards: what one process "
                "wrote into a file is earlier than what it wrote into the one before, so their "
                "names do not tell their order, or the host's clock was set back. Clocks are found "
                "from the order in which lines were written, so trust none but written offsets; "
                "`cat` the files in true order into `errlog ... -`",
                files[0],
            )


def _written(every: Knots, file: int) -> dict[int, tuple[int, int]]:
    """For each process of a file, its smallest and its largest local time."""
    begin, end = np.searchsorted(every.file, (file, file + 1)).tolist()
    rows = begin + np.flatnonzero(every.pid[begin:end] != NO_PID)
    found: dict[int, tuple[int, int]] = {}
    order = rows[np.lexsort((every.local_us[rows], every.pid[rows]))]
    pids, firsts = np.unique(every.pid[order], return_index=True)
    ends = [*firsts, len(order)][1:]  # none of a file that tells no process
    for pid, first, after in zip(pids, firsts, ends, strict=True):
        local = every.local_us[order[first:after]]
        found[int(pid)] = int(local[0]), int(local[-1])
    return found


def _back_us(older: dict[int, tuple[int, int]], younger: dict[int, tuple[int, int]]) -> int | None:
    """By how much a file begins before the one that is read before it; 0 if one process says no.

    None if no process wrote into both.
    """
    both = older.keys() & younger.keys()
    if not both:
        return None
    if any(younger[pid][1] > older[pid][0] for pid in both):
        return 0
    return min(older[pid][0] - younger[pid][0] for pid in both)
