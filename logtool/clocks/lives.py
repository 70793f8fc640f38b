"""Lives: take knots and samples, tell apart processes that had the same pid one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from logtool.clocks.knots import Knots
from logtool.clocks.roles import Sample, births

#: Stand-in pids of later lives count down from here.
LIFE_PID = -1_000_000


def part_lives(knots: Knots, samples: Sequence[Sample]) -> tuple[Knots, Sequence[Sample]]:
    """Give every later life of a reused pid a stand-in pid, in knots and samples alike."""
    starts = births(samples)
    if not starts:
        return knots, samples
    pid = knots.pid.copy()
    lives: dict[int, list[tuple[tuple[int, int], int]]] = defaultdict(list)
    for number, birth in enumerate(starts):
        stand_in = LIFE_PID - number
        lives[birth.pid].append(((birth.file, birth.line), stand_in))
        later = (knots.file > birth.file) | (
            (knots.file == birth.file) & (knots.line >= birth.line)
        )
        pid[later & (knots.pid == birth.pid)] = stand_in
    renamed = []
    for sample in samples:
        place = (sample.file, sample.line)
        born = [stand_in for start, stand_in in lives.get(sample.pid, ()) if start <= place]
        renamed.append(replace(sample, pid=born[-1]) if born else sample)
    return replace(knots, pid=np.asarray(pid)), renamed
