"""Near some: the events of lines that are asked for are found without all that is far from them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from logtool.events.joining import event_starts, near_some
from logtool.events.kinds import Kind

#: What a line is, how long after the one before it was written, its stream, and whether it is asked
#: for. Clocks may run backwards.
LINES = st.lists(
    st.tuples(
        st.sampled_from([
            Kind.PLAIN, Kind.FINAL, Kind.HEADER, Kind.FRAME, Kind.INDENTED, Kind.BLANK,
            Kind.EXCEPTION_HEAD, Kind.LINK, Kind.MARGIN, Kind.CONTINUATION,
        ]),
        st.sampled_from([0, 10_000, 40_000, 900_000, 3_000_000, 5_100_000, -3_000_000, -9_000_000]),
        st.sampled_from([7, 7, 7 << 33]),
        st.integers(0, 5).map(lambda one: one == 0),
    ),
    max_size=40,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(LINES)
def test_events_are_the_same_without_what_is_far(
    lines: list[tuple[Kind, int, int, bool]],
) -> None:
    """Each event with a line that is asked for has the same lines."""
    kind = np.array([one[0] for one in lines], np.int8)
    us = 10**9 + np.cumsum([one[1] for one in lines], dtype=np.int64)
    stream = np.array([one[2] for one in lines], np.uint64)
    some = np.array([one[3] for one in lines], np.bool_)
    every = np.arange(len(lines))
    kept = np.flatnonzero(near_some(stream, us, some))

    def events(rows: NDArray[np.int64]) -> set[tuple[int, ...]]:
        """The lines of each event in which one is asked for."""
        no = np.zeros(len(rows), np.bool_)
        starts = event_starts(kind[rows], no, no, stream[rows], us[rows], rows, no)
        found = [rows[starts == start] for start in np.unique(starts)]
        return {tuple(event.tolist()) for event in found if some[event].any()}

    assert events(kept) == events(every)
