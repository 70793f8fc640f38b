"""Period: hours are counted as the calendar has them, and parts of a trend are of equal length."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from logtool.reports.period import NO_PART, Period, hours_of_week
from parsers.lines import NO_TIME

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


@given(st.one_of(_INSTANTS, st.just(NO_TIME)), _INSTANTS, st.integers(0, 10**12))
@example(NO_TIME, 0, 0)
def test_one_instant_is_in_the_part_of_a_trend_that_many_are_in(
    instant: int, begin: int, length: int
) -> None:
    """Before, within and behind the period, and one that is not known."""
    first, last = (_EPOCH + timedelta(microseconds=us) for us in (begin, begin + length))
    period = Period.of(first, last, 1440)
    for us in (instant, begin, begin + length):
        many = np.array([us], np.int64)
        assert period.trend(period.part(many), many != NO_TIME).tolist() == [period.trend_of(us)]
    assert period.trend_of(NO_TIME) == NO_PART
