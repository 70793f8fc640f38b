"""Witnesses: for how long the word of an access log holds."""

from __future__ import annotations

import numpy as np

from logtool.clocks.knots import SECOND
from logtool.clocks.witnesses import Witness
from logtool.clocks.zones import Rules, changes_between
from tests.logtool.clocks.scenes import at

_HOUR_US = 3600 * SECOND


def witness(first: str, last: str) -> Witness:
    """An access log that writes +01:00 from one time to another."""
    rules = Rules("access.log", np.zeros(0, np.int64), np.array([3600]))
    return Witness(rules, "access-log", "it writes +01:00", True, at(first), at(last))


def test_its_word_holds_until_a_zone_takes_up_or_leaves_the_offset() -> None:
    """Beyond its own time; not beyond the night in which Berlin's clocks went back to +01:00."""
    saw = witness("2026-10-26", "2026-10-27")
    assert saw.vouches((at("2026-10-25 12:00"), at("2026-10-28")))
    assert not saw.vouches((at("2026-10-24"), at("2026-10-28")))


def test_many_processes_ask_for_few_ranges() -> None:
    """Changes of all zones are looked up once for all processes of a season, not for each."""
    saw = witness("2026-06-01", "2026-06-02")
    changes_between.cache_clear()
    for hour in range(500):
        begin = at("2026-05-28") + hour * _HOUR_US // 7
        assert saw.vouches((begin, begin + 80 * _HOUR_US))
    assert changes_between.cache_info().misses <= 2
