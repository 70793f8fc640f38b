"""Sums: what a loop adds up is what is counted line by line."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logtool.reports.period import Period
from logtool.reports.tallies.sums import Sums
from logtool.reports.tallies.tally import Groups
from parsers.compiled import kernel as kernels
from parsers.lines import NO_TIME

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HOUR = timedelta(hours=1)
_BEGIN = datetime(2026, 11, 26, 12, 30, tzinfo=UTC)
_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
#: Near the beginning of the period, and anywhere in the calendar.
_INSTANTS = st.one_of(
    st.integers(-4, 40).map(lambda quarters: _BEGIN + quarters * _HOUR / 4),
    st.datetimes(timezones=st.just(UTC)),
)
_LINES = st.lists(
    st.tuples(
        st.one_of(st.none(), _INSTANTS), st.integers(0, 3), st.sampled_from([0, 1, 2, 1 << 40])
    ),
    max_size=30,
)
_BAD = [True, False, False, True]


def _us(when: datetime | None) -> int:
    return NO_TIME if when is None else (when - _EPOCH) // _MICROSECOND


def _rows(groups: Groups) -> list[list[int]]:
    columns = groups.lines, groups.errors, groups.first_us, groups.last_us
    return [list(row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _counted(keys: list[object], us: list[int], bad: list[bool]) -> dict[object, list[int]]:
    """Lines, errors, the first and the last instant by key; keys of None count nothing."""
    told: dict[object, list[int]] = {}
    most = np.iinfo(np.int64)
    for key, instant, is_bad in zip(keys, us, bad, strict=True):
        one = told.setdefault(key, [0, 0, most.max, most.min])
        one[0] += 1
        one[1] += is_bad
        if instant != NO_TIME:
            one[2:] = min(one[2], instant), max(one[3], instant)
    told.pop(None, None)
    return told


@pytest.mark.parametrize("by_loops", [False, True])
@settings(deadline=None)
@given(_LINES, st.integers(0, 40), st.integers(1, 9))
@example([(_FIRST, 0, 1), (_LAST, 0, 1), (None, 0, 0)], 3, 2)
def test_lines_are_counted_by_writer_client_and_hour(
    by_loops: bool, lines: list[tuple[datetime | None, int, int]], hours: int, most: int
) -> None:
    """By writer and part, which is the nearest one of instants outside, and the first for none."""
    period = Period.of(_BEGIN, _BEGIN + hours * _HOUR, most)
    instants, writer, client = map(list, zip(*lines, strict=True)) if lines else ([], [], [])
    us = [_us(when) for when in instants]
    kernel = kernels.load(1 << 20) if by_loops else None
    assert by_loops is (kernel is not None)
    with patch.object(kernels, "loaded", lambda: kernel):
        sums = Sums.of(
            np.array(us, np.int64), np.array(writer, np.int32), np.array(_BAD),
            np.array(client, np.int64), period,
        )  # fmt: skip
    bad = [_BAD[one] for one in writer]
    part = [
        0 if when is None else min(max((when - period.start) // period.step, 0), period.parts - 1)
        for when in instants
    ]
    keys = list(zip(sums.writer.tolist(), sums.part.tolist(), strict=True))
    flow = dict(zip(keys, _rows(sums.of_writers), strict=True))
    assert flow == _counted(list(zip(writer, part, strict=True)), us, bad)
    clients = dict(zip(sums.clients.key.tolist(), _rows(sums.clients), strict=True))
    assert clients == _counted([one or None for one in client], us, bad)
    assert list(clients) == sorted(clients)
    week = Counter(24 * when.weekday() + when.hour for when in instants if when is not None)
    assert sums.hours.tolist() == [week[hour] for hour in range(168)]


def test_more_clients_than_a_loop_can_hold_are_counted_too() -> None:
    """All of them."""
    many = np.arange(1, 5001)
    period = Period.of(_EPOCH, _EPOCH, 1)
    kernel = kernels.load(1 << 20)
    with patch.object(kernels, "loaded", lambda: kernel):
        for _ in range(2):  # it has left nothing behind
            sums = Sums.of(many, np.zeros(5000, np.int32), np.array([True]), many, period)
            assert sums.clients.key.tolist() == many.tolist()
            assert sums.of_writers.lines.tolist() == sums.of_writers.errors.tolist() == [5000]
