"""Prices that are told for several moves at once are those of each move, to the last bit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from benchmarks.clock_accuracy import Engine, anchors_of, errlog, reproduce
from logtool.clocks.search.prices import Prices
from logtool.clocks.search.second_zones import Zones
from logtool.clocks.search.zone_prices import _MOST_ASTRAY, NO_ZONE, ZonePrices
from logtool.clocks.search.zone_voices import MOST_ELSEWHERE
from parsers.arrays import Ints

_around, _of_part, _price = Prices.around, ZonePrices.of_part, Prices.price


def _checked(
    prices: Prices, groups: Sequence[int], deltas: Sequence[int], shift: Ints, zones: list[Zones]
) -> tuple[float, int, float]:
    """What `around` gives, held against moving the groups and asking of each alone."""
    before = shift.copy()
    told = _around(prices, groups, deltas, shift, zones)
    assert np.array_equal(shift, before)
    costs = []
    for delta in (0, *deltas):
        moved = shift.copy()
        moved[list(groups)] += delta
        plain = 0.0
        for group in groups:
            plain += prices.trouble(group, moved, zones)
            plain += prices.of_silence(moved, prices.near[group].gaps)
        costs.append(plain)
    assert told == (costs[0], costs[1:].index(min(costs[1:])), min(costs[1:]))
    return told


def _part_checked(prices: ZonePrices, voice: int, group: int, shift: int, zones: Zones) -> float:
    """What `of_part` gives, held against counting spans zone by zone."""
    told = _of_part(prices, voice, group, shift, zones)
    part = prices.voices[voice].part(group)
    first, last, above = (
        getattr(prices.voices[voice], name)[part] for name in ("first", "last", "above")
    )
    fits = prices.fits(first, last, above + shift)
    left, plain = np.ones(fits.shape[1], np.bool_), 0.0
    for kind, price in zones:
        plain += price * min(int((left & fits[kind]).sum()), MOST_ELSEWHERE)
        left &= ~fits[kind]
    if len(zones) > 1 and not fits[zones[0][0]].all():
        assert told == plain + NO_ZONE * min(int(left.sum()), _MOST_ASTRAY)
    return told


def _least_checked(prices: Prices, shift: Ints) -> tuple[float, list[Zones]]:
    """What `price` gives, held against `least`."""
    told = _price(prices, shift)
    assert told[0] >= prices.least(shift)
    return told


@pytest.mark.parametrize(
    ("kind", "seed", "anchor"),
    [("embedded", 90_001, "none"), ("flips", 90_002, "mtime"), ("autumn", 90_003, "none")],
)
def test_moves_at_once(kind: str, seed: int, anchor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all groups, in every story that is thought of; none costs less than its least."""
    log = reproduce(kind, seed)
    engine: Engine = errlog
    answers = engine(log.log, **anchors_of(log, anchor))
    monkeypatch.setattr(Prices, "around", _checked)
    monkeypatch.setattr(ZonePrices, "of_part", _part_checked)
    monkeypatch.setattr(Prices, "price", _least_checked)
    assert engine(log.log, **anchors_of(log, anchor)) == answers
