"""Knots process by process."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.clocks.seen.strands import Strands
from tests.logtool.clocks.scenes import knots_of

#: Some that are alike in their low bits, and stand-ins.
_PID = st.sampled_from([-1_000_001, -2, 7, 8, 7 + (1 << 16), 4_000_000])


@settings(derandomize=True, deadline=None, max_examples=60)
@given(rows=st.lists(st.tuples(_PID, st.integers(-9, 9)), min_size=1, max_size=30))
def test_each_process_has_its_knots_in_order(rows: list[tuple[int, int]]) -> None:
    """By ascending pids, and what is told of one is told of each of its places and knots."""
    strands = Strands.of(knots_of(*rows))
    order = sorted(range(len(rows)), key=lambda at: rows[at][0])
    assert strands.order.tolist() == order
    assert strands.pids.tolist() == sorted({pid for pid, _ in rows})
    for place, knot in enumerate(order):
        pid, seconds = rows[knot]
        first = place == 0 or rows[order[place - 1]][0] != pid
        assert strands.first[place] == first == (place in strands.heads)
        assert strands.local_us[place] == strands.knots.local_us[knot]
        before = seconds if first else rows[order[place - 1]][1]
        assert strands.step_us[place] == (seconds - before) * 1_000_000
    assert strands.by_place(strands.pids).tolist() == [rows[knot][0] for knot in order]
    assert strands.by_knot(np.arange(len(rows)))[order].tolist() == list(range(len(rows)))
