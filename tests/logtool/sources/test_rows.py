"""Rows: numbers of blocks are found by where blocks begin, in whatever order these came."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from logtool.sources.rows import Rows

_NUMBER = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(st.tuples(st.integers(0, 40), _NUMBER, _NUMBER), max_size=60))
def test_as_a_dict(puts: list[tuple[int, int, int]]) -> None:
    """The last numbers of each block, and none of one that was not told."""
    rows, expected = Rows(2), {}
    for offset, *numbers in puts:
        rows.put(offset, numbers)
        expected[offset] = numbers

    assert [rows.get(offset) for offset in range(42)] == [*map(expected.get, range(42))]
