"""What was counted of each kind is what its groups hold together."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logtool.reports.finished.summed import Summed
from logtool.reports.period import NEW_PARTS, NO_PART, TREND
from logtool.reports.tallies.packing import Packing
from logtool.reports.tallies.tally import Tally, grouped
from parsers.lines import NO_TIME

KEYS = Packing(kind=8, part=5)
PARTS = st.sampled_from((0, 3, TREND - NEW_PARTS - 1, TREND - NEW_PARTS, TREND - 1))
TIMED = st.tuples(st.integers(0, 4), PARTS, st.integers(-9, 99))
UNTIMED = st.tuples(st.integers(0, 4), st.just(NO_PART), st.just(NO_TIME))


@settings(deadline=None)
@given(st.lists(TIMED | UNTIMED))
@example([(1, NO_PART, NO_TIME)])
@example([(1, NO_PART, NO_TIME), (1, TREND - 1, 5)])
def test_each_kind_is_summed_up(events: list[tuple[int, int, int]]) -> None:
    """Events, the first and the last instant, the trend, and whether it is new; kinds rise."""
    kind, part, us = np.array(events, np.int64).reshape(-1, 3).T
    tally = Tally()
    tally.add(grouped(KEYS.pack(kind=kind, part=part), us))
    by_kind = defaultdict(list)
    for number, *rest in sorted(events):
        by_kind[number].append(rest)

    summed = Summed(tally.groups(), KEYS)

    assert KEYS.number(summed.key, "kind").tolist() == [*by_kind]
    assert summed.events.tolist() == [*map(len, by_kind.values())]
    for at, some in enumerate(by_kind.values()):
        times = [us for _, us in some if us != NO_TIME]
        if times:
            assert (summed.first_us[at], summed.last_us[at]) == (min(times), max(times))
        else:
            assert summed.first_us[at] > summed.last_us[at]
        trend = [sum(part == one for part, _ in some) for one in range(TREND)]
        assert [*summed.trend(at)] == trend
        assert bool(summed.is_new[at]) == (any(trend) and not any(trend[:-NEW_PARTS]))
