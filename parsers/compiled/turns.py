"""Turns: what the loop of `turning` is told of the lines of a block, and what it gives. Data."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Ints


class Limits(NamedTuple):
    """By what times are told, microseconds.

    Attributes:
        bucket: a process's first line in so much time is a lead.
        backward, forward: what falls or goes on by more has jumped.
        far: what falls by more has fallen far.
        late: lines of one process hardly ever stand this much too late.
        early: so many of a process's lines are its first few.
    """

    bucket: int
    backward: int
    forward: int
    far: int
    late: int
    early: int


class Moves(NamedTuple):
    """How times follow each other, each the one of its process's line before; jumps do not count.

    Attributes:
        on: how many went on.
        back: how many fell.
        far: how many of these fell far.
    """

    on: int
    back: int
    far: int


class Picked(NamedTuple):
    """Some lines of a block.

    Attributes:
        rows: int64[k], which.
        of: int64[k], the process of each, by its place among `Turns.pids`.
        nth: int64[k], how many lines in the block that process had before.
    """

    rows: Ints
    of: Ints
    nth: Ints


class Turns(NamedTuple):
    """The stamped lines of a block by process, as `logtool.clocks.seen.turns` tells.

    Attributes:
        pids: of each process, in any order.
        counts: int64[processes], how many lines it has.
        firsts: int64[processes], the row of its first line.
        newest: int64[processes], the row of its newest line.
        first_us: int64[processes], the local time of its first line.
        newest_us: int64[processes], the local time of its newest line.
        is_kept: bool[processes], whether its newest line is a lead.
        leads: lines that order evidence needs, in their order.
        early: the first few lines of each process, in any order.
        jumps: int64[j], the rows at which a process's time has jumped since its line before, in
            any order.
        moves: how the times of each process follow each other.
    """

    pids: list[int]
    counts: Ints
    firsts: Ints
    newest: Ints
    first_us: Ints
    newest_us: Ints
    is_kept: NDArray[np.bool_]
    leads: Picked
    early: Picked
    jumps: Ints
    moves: Moves
