"""Turns: a block's lines process by process, as a plain loop puts them together."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from logtool.clocks.turns import BACKWARD, FORWARD, turns_of
from parsers.lines import NO_OFFSET, NO_PID, NO_TIME, Stamps

#: Pids that share their low bits, and none at all.
PIDS = st.sampled_from([1, 2, 65_537, 65_538, 131_073, NO_PID, 2**40 + 1])
TIMES = st.sampled_from([NO_TIME, 0, 1, FORWARD, FORWARD + 1, FORWARD + 2, 2 * FORWARD, BACKWARD])


@given(st.lists(st.tuples(PIDS, TIMES), max_size=40))
def test_lines_are_put_together_by_process(lines: list[tuple[int, int]]) -> None:
    """In their order, with the places at which their time has jumped."""
    rows = len(lines)
    stamps = Stamps(
        np.zeros(rows, np.int16), np.zeros(rows, np.int64), np.zeros(rows, np.int64),
        np.array([time for _, time in lines], np.int64), np.zeros(rows, np.int8),
        np.full(rows, NO_OFFSET, np.int32), np.array([pid for pid, _ in lines], np.int64),
    )  # fmt: skip
    turns = turns_of(stamps)

    mine: dict[int, list[int]] = {}
    jumps = set()
    for row, (pid, time) in enumerate(lines):
        if time == NO_TIME:
            continue
        before = mine.setdefault(pid, [])
        if before and not -BACKWARD <= time - lines[before[-1]][1] <= FORWARD:
            jumps.add(row)
        before.append(row)
    got = {
        pid: turns.rows[head : head + count].tolist()
        for pid, head, count in zip(
            turns.pids, turns.heads.tolist(), turns.counts.tolist(), strict=True
        )
    }
    assert got == mine
    assert len(turns) == sum(map(len, mine.values()))
    assert turns.local_us.tolist() == [lines[row][1] for row in turns.rows.tolist()]
    for head, count in zip(turns.heads.tolist(), turns.counts.tolist(), strict=True):
        own = turns.local_us[head : head + count]
        assert turns.step_us[head : head + count].tolist() == np.diff(own, prepend=own[0]).tolist()
    assert set(turns.rows[turns.jumps].tolist()) == jumps
