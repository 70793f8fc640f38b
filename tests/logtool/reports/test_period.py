"""Period: hours are counted as the calendar has them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from logtool.reports.period import hours_of_week

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANTS = st.integers(-(10**15), 10**16)


@given(st.lists(st.one_of(_INSTANTS, st.sampled_from([0, 3_599_999_999, 3_600_000_000, -1]))))
def test_hours_of_the_week(instants: list[int]) -> None:
    """In any order, before 1970 too."""
    times = [_EPOCH + timedelta(microseconds=one) for one in instants]
    expected = Counter(time.weekday() * 24 + time.hour for time in times)

    told = hours_of_week(np.array(instants, np.int64))

    assert told.dtype == np.int64
    assert told.tolist() == [expected[hour] for hour in range(168)]
