"""Joining: the compiled loops find the events that columns of numpy do."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from logtool.events import joining
from logtool.events.kinds import Kind
from parsers.compiled import grouping
from parsers.compiled import kernel as kernels

Number = TypeVar("Number", bound=np.generic)

KINDS = (
    *Kind,
    Kind.HEADER,
    Kind.FRAME,
    Kind.FRAME,
    Kind.INDENTED,
    Kind.FINAL,
    Kind.FINAL,
    Kind.PLAIN,
)
#: A line: its kind, how long after the one before it was written, its stream, how many lines after
#: that it stands, and whether it ends a SyntaxError, says that more follows, has no pid.
LINES = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.sampled_from([0, 0, 10_000, 50_000, 50_001, 900_000, 1_000_001, 5_000_000, -5_000_001]),
        st.sampled_from([7, 7, 7 << 33, 0]),
        st.sampled_from([1, 1, 1, 20, 21]),
        *[st.integers(0, 3).map(lambda one: one == 0)] * 3,
    ),
    max_size=50,
)


@settings(max_examples=1000, deadline=None)
@given(LINES)
def test_compiled_loops_find_the_same_events(
    lines: list[tuple[Kind, int, int, int, bool, bool, bool]],
) -> None:
    """Lines of any kinds, at any times, in several streams."""
    assert kernels.load(1 << 20) is not None

    def column(at: int, dtype: type[Number]) -> NDArray[Number]:
        return np.array([line[at] for line in lines], dtype)

    def starts() -> list[int]:
        found = joining.event_starts(
            kind=column(0, np.int8),
            syntax=column(4, np.bool_),
            opens=column(5, np.bool_),
            stream=column(2, np.uint64),
            us=10**9 + np.cumsum(column(1, np.int64)),
            line=np.cumsum(column(3, np.int64)),
            raw=column(6, np.bool_),
        )
        return [int(start) for start in found]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(joining, "WORTH", 0)
        compiled = starts()

        patch.setattr(grouping, "_MOST_ROWS", 0)
        refused = starts()

    assert compiled == refused == starts()
