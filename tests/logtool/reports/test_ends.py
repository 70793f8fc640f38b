"""Ends of blocks: the last instants that are known there, also where last lines have none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.reports.counted import counting, stacks
from parsers.lines import NO_TIME

INSTANTS = st.lists(st.sampled_from([5, 7, 11, -3, NO_TIME, NO_TIME]), max_size=9)


@given(INSTANTS)
def test_the_end_of_a_block_is_told_by_its_last_known_instants(instants: list[int]) -> None:
    """The least of so many is when it ends, the very last one is what later lines come behind."""
    known = [one for one in instants if one != NO_TIME]
    column = np.array(instants, np.int64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stacks, "_LAST", 3)
        assert stacks._now_us(column) == min(known[-3:], default=NO_TIME)
    assert counting._last(column, 99) == (known[-1] if known else 99)
