"""Lives: take knots and samples, tell apart processes that had the same pid one after the other."""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import field, replace

import numpy as np

from logtool.clocks.knots import Knots, places
from logtool.clocks.roles import Sample, births
from parsers.classes import dataclass

#: Stand-in pids of later lives count down from here.
LIFE_PID = -1_000_000


@dataclass(frozen=True, slots=True)
class _Lives:
    """The later lives of a pid, in order: where each begins (file, line), and its stand-in pid."""

    begins: list[tuple[int, int]] = field(default_factory=list)
    stand_ins: list[int] = field(default_factory=list)


def part_lives(knots: Knots, samples: Sequence[Sample]) -> tuple[Knots, Sequence[Sample]]:
    """Give every later life of a reused pid a stand-in pid, in knots and samples alike."""
    starts = births(samples)
    if not starts:
        return knots, samples
    lives: dict[int, _Lives] = defaultdict(_Lives)
    for number, birth in enumerate(starts):
        lives[birth.pid].begins.append((birth.file, birth.line))
        lives[birth.pid].stand_ins.append(LIFE_PID - number)
    pid = knots.pid.copy()
    order = np.argsort(knots.pid, kind="stable")
    ordered = knots.pid[order]
    every = places(knots.file, knots.line)
    for number, life in lives.items():
        rows = order[slice(*np.searchsorted(ordered, (number, number + 1)))]
        begins = places(*np.array(life.begins, np.int64).T)
        lived = np.searchsorted(begins, every[rows], side="right")
        later = lived > 0
        pid[rows[later]] = np.array(life.stand_ins, np.int64)[lived[later] - 1]
    renamed = []
    for sample in samples:
        held = lives.get(sample.pid)
        at = bisect.bisect_right(held.begins, (sample.file, sample.line)) if held else 0
        renamed.append(replace(sample, pid=held.stand_ins[at - 1]) if held and at else sample)
    return replace(knots, pid=pid), renamed
