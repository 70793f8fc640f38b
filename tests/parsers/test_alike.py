"""Alike: equal rows, and only those, are told to be alike."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from parsers.alike import alike


@given(st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=2), min_size=1, max_size=60))
def test_equal_rows_are_like_one_of_them(rows: list[list[int]]) -> None:
    """Each row is like a row with the same words; no head stands for another text."""
    columns = [np.array(column, np.uint64) for column in zip(*rows, strict=True)]
    heads, like = alike(columns)
    for row, head in enumerate(heads[like].tolist()):
        assert rows[row] == rows[head]
    assert len({tuple(rows[head]) for head in heads.tolist()}) == len({*map(tuple, rows)})
