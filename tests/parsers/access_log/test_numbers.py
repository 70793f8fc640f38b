"""Digits and calendars, all rows at once."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.access_log.numbers import calendar_days, number_between


def test_every_day() -> None:
    """Every day of three centuries, leap days too, has its place from 1970."""
    first, last = date(1900, 1, 1).toordinal(), date(2200, 12, 31).toordinal()
    days = [date.fromordinal(ordinal) for ordinal in range(first, last + 1)]
    columns = (np.array([getattr(day, part) for day in days]) for part in ("year", "month", "day"))
    found, exists = calendar_days(*columns)
    assert exists.all()
    assert found.tolist() == list(range(first - date(1970, 1, 1).toordinal(), found[-1] + 1))


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(2026, 2, 29), (2100, 2, 29), (2026, 4, 31), (2026, 0, 1), (2026, 1, 0)],
)
def test_days_that_do_not_exist(year: int, month: int, day: int) -> None:
    """A day that no calendar has is told."""
    _, exists = calendar_days(np.array([year]), np.array([month]), np.array([day]))
    assert not exists[0]


@given(st.lists(st.one_of(st.integers(0, 10**18 - 1).map(str), st.sampled_from(["", "-", "1x"]))))
def test_number_between(texts: list[str]) -> None:
    """Spans of digits give their number, others -1."""
    ends = np.cumsum([len(text) for text in texts]).astype(np.int64)
    starts = np.append(0, ends)[: len(texts)].astype(np.int64)
    data = np.frombuffer("".join(texts).encode() + bytes(20), np.uint8)
    expected = [int(text) if text.isdecimal() else -1 for text in texts]
    assert number_between(data, starts, ends).tolist() == expected
