"""Distinct: the same as numpy's own."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from parsers.distinct import distinct


@given(st.lists(st.integers(-3, 3)))
def test_different_values(values: list[int]) -> None:
    """Each once, ascending."""
    assert distinct(np.array(values, np.int64)).tolist() == sorted(set(values))
