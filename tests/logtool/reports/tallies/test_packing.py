"""Numbers are found in their key again."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from logtool.reports.tallies.packing import Packing


@given(st.integers(0, 7), st.integers(0, 1023), st.integers(0, 1))
def test_packing(a: int, b: int, c: int) -> None:
    """What is packed into a key comes out again."""
    packing = Packing(a=3, b=10, c=1)
    key = packing.pack(a=np.array([a]), b=np.array([b]), c=c)

    assert {name: value.tolist() for name, value in packing.unpack(key).items()} == {
        "a": [a], "b": [b], "c": [c]
    }  # fmt: skip
