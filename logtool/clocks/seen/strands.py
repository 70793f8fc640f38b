"""Strands: takes knots, gives them process by process."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.turns import by_pid
from parsers.arrays import Ints
from parsers.classes import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Strands:
    """All knots, those of one process together, in their order; processes by ascending pids.

    Attributes:
        knots: in true order.
        order: int64[knots], which knot stands in each place.
        heads: int64[processes], the place of each one's first.
        pids: int64[processes].
        counts: int64[processes], how many knots each has.
        local_us: int64[knots], by place.
        step_us: int64[knots], how much that is since its process's knot before; 0 for its first.
        first: bool[knots], by place, a process begins.
    """

    knots: Knots
    order: Ints
    heads: Ints
    pids: Ints
    counts: Ints
    local_us: Ints
    step_us: Ints
    first: NDArray[np.bool_]

    @classmethod
    def of(cls, knots: Knots) -> Strands:
        """These knots by process."""
        order, heads = by_pid(knots.pid)
        if np.any(np.diff(knots.pid[order[heads]]) < 0):
            order = np.argsort(knots.pid, kind="stable")
            heads = np.flatnonzero(np.diff(knots.pid[order], prepend=knots.pid[order[0]] - 1))
        local_us = knots.local_us.take(order)
        step = np.diff(local_us, prepend=0)
        step[heads] = 0
        first = np.zeros(len(order), np.bool_)
        first[heads] = True
        pids, counts = knots.pid[order[heads]], np.diff(heads, append=len(order))
        return cls(knots, order, heads, pids, counts, local_us, step, first)

    def by_place(self, told: NDArray[Any]) -> NDArray[Any]:
        """What is told of each process, for each place."""
        return np.repeat(told, self.counts)

    def by_knot(self, told: NDArray[Any]) -> NDArray[Any]:
        """What is told of each place, for each knot."""
        found = np.empty(len(told), told.dtype)
        found[self.order] = told
        return found
