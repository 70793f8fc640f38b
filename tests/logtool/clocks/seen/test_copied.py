"""Logs that are copies of others are told from those of the same processes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from logtool.clocks.seen.copied import without_copies
from logtool.clocks.seen.knots import Knots

LINES = st.lists(
    st.tuples(st.integers(1, 9), st.integers(0, 10**9)), min_size=10, max_size=40, unique=True
)


def knots(logs: list[list[tuple[int, int]]]) -> Knots:
    """Lines (pid, local time) of logs, each kept."""
    rows = [
        (file, line, pid, us)
        for file, log in enumerate(logs)
        for line, (pid, us) in enumerate(log, 1)
    ]
    file, line, pid, us = np.array(rows, np.int64).T
    nothing = np.zeros(len(rows), np.int64)
    return Knots(
        file.astype(np.int32), line, pid, us, nothing.astype(np.int32), nothing > 0, nothing
    )


@given(LINES, LINES, st.integers(8, 40), st.permutations(range(3)))
def test_a_copy_is_solved_by_itself(
    log: list[tuple[int, int]], other: list[tuple[int, int]], size: int, order: list[int]
) -> None:
    """Also one of the beginning only; whichever is read first the longest is no copy."""
    logs = [log, log[:size], [(pid, us + 10**10) for pid, us in other]]
    numbers = [order.index(at) for at in range(3)]  # where each of them is read
    every = knots([logs[at] for at in order])
    copy = numbers[1] if size < len(log) else max(numbers[:2])
    rest = [number for number in range(3) if number != copy]

    assert [*without_copies([0, 1, 2], every, [0, 1, 2])] == [rest, [copy]]


@given(LINES)
def test_a_few_lines_in_common_are_no_copy(log: list[tuple[int, int]]) -> None:
    """Logs of two virtual hosts have processes in common; fewer than eight lines say nothing."""
    later = [(pid, us + 1) for pid, us in log]
    assert [*without_copies([0, 1, 2], knots([log, later, log[:7]]), [0] * 3)] == [[0, 1, 2]]


def test_copies_of_a_rotated_set_are_one_log() -> None:
    """A folder of copies, whose names rotation gave, is solved as a set again."""
    logs = [[(1, us + 100 * log) for us in range(10)] for log in range(2)]
    every = knots([*logs, *logs])
    assert [*without_copies([0, 1, 2, 3], every, [4, 4, 5, 5])] == [[0, 1], [2, 3]]
