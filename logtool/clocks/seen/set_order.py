"""Set order: takes the logs of several rotated sets, gives one order that no argument decides.

Lines of different sets stand in no order: which set is named first says nothing. The log in which
Apache and its daemons say that they start tells most of who is who, so it is taken first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.knots import Knots, places
from logtool.clocks.seen.roles import Sample, telling
from logtool.clocks.seen.turns import by_pid


def several(sequences: Sequence[int]) -> Sequence[int]:
    """The numbers of the rotated sets of files; none where all files are of one set."""
    return sequences if len({*sequences}) > 1 else ()


def set_order(
    sequences: Sequence[int], every: Knots, samples: Sequence[Sample], names: Sequence[str]
) -> list[int]:
    """The numbers of all files in the order in which they are taken.

    Args:
        sequences: of each file, the number of its set; those of one set stand in true order.
        every: lines kept of all.
        samples: lines looked at closely.
        names: of the files, where nothing else tells sets apart.
    """
    sets = list(dict.fromkeys(several(sequences)))
    if not sets:
        return list(range(len(sequences)))
    told = {
        sequences[samples[at].file]
        for at, stage in telling(samples)
        if stage.begins or stage.resumes
    }
    sequence = np.array(sequences)[every.file]

    def standing(one: int) -> tuple[bool, int, int, list[str]]:
        local_us = every.local_us[sequence == one]
        begin, end = (int(local_us.min()), int(local_us.max())) if len(local_us) else (0, 0)
        return one not in told, begin, end, [names[file] for file in members[one]]

    members = {one: [at for at, other in enumerate(sequences) if other == one] for one in sets}
    return [file for one in sorted(sets, key=standing) for file in members[one]]


def in_one_order(
    every: Knots, samples: Sequence[Sample], order: Sequence[int], sequences: Sequence[int]
) -> tuple[Knots, Sequence[Sample]]:
    """Knots and samples as if their files had been named in this order, and numbered by it.

    Args:
        every: the knots; `nth` counts a process's lines in each set.
        samples: the samples.
        order: the numbers of all files, as `set_order` gives them.
        sequences: of each file, the number of its set.
    """
    if not several(sequences):
        return every, samples
    number = np.argsort(order).astype(np.int32)
    if np.any(np.diff(number) < 0):
        every = replace(every, file=number[every.file])
        every = every.take(np.argsort(places(every.file, every.line), kind="stable"))
        moved = [replace(sample, file=int(number[sample.file])) for sample in samples]
        samples = sorted(moved, key=lambda sample: (sample.file, sample.line))
    sequence = np.array(sequences)[np.array(order)][every.file]
    return replace(every, nth=_counted_on(every, sequence)), samples


def _counted_on(every: Knots, sequence: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64[knots]: `nth`, through all sets."""
    order, _ = by_pid(every.pid)
    pid, nth, sequence = every.pid[order], every.nth[order], sequence[order]
    other = np.diff(pid, prepend=pid[:1] - 1) != 0
    heads = np.flatnonzero(other | (np.diff(sequence, prepend=sequence[:1]) != 0))
    sizes = np.diff(heads, append=len(order))
    counts = nth[heads + sizes - 1] + 1
    before = np.cumsum(counts) - counts
    firsts = np.flatnonzero(other[heads])
    before -= np.repeat(before[firsts], np.diff(firsts, append=len(heads)))
    found = np.empty(len(order), np.int64)
    found[order] = nth + np.repeat(before, sizes)
    return found
