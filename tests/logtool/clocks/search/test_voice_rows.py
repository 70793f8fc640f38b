"""Thousands of voices priced at once cost what they cost one after the other."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest

from logtool.clocks.search.second_zones import Zones
from logtool.clocks.search.told import Told
from logtool.clocks.search.zone_prices import SAME_ZONE, ZonePrices
from logtool.clocks.search.zone_voices import SERVER, Voice
from parsers.arrays import Floats, Ints, Mask
from parsers.units import SECOND
from tests.logtool.clocks.scenes import at, knots_of, scene

#: Prices of zone_prices, for one voice after the other.
NO_ZONE, MOST_ASTRAY = 15.0, 2
BEGIN, END = at("2026-10-20"), at("2026-11-06")
HOURS = (-5, -4, 0, 1, 2, 3)


def zone_prices(voices: list[Voice]) -> ZonePrices:
    """The prices of these voices' zones in a log of the days in which summer time ends."""
    knots = knots_of((7, BEGIN / SECOND), (7, END / SECOND))
    return ZonePrices(scene(knots), voices)


def some_voices(rng: Random, count: int, groups: int) -> list[Voice]:
    """Voices of a few spans each, some in the same groups."""
    voices = []
    for number in range(count):
        chosen = sorted(rng.choices(range(groups), k=rng.choice((1, 1, 1, 2, 3, 12))))
        group = np.array(chosen, np.int64)
        first = np.array([rng.randrange(BEGIN, END) for _ in chosen], np.int64)
        last = first + np.array([rng.choice((0, 60, 86_400)) * SECOND for _ in chosen], np.int64)
        above = np.array([rng.choice((0, 0, 0, 1, -1)) * 3600 for _ in chosen], np.int64)
        starts = np.flatnonzero(np.append(True, np.diff(group) > 0))
        sizes = np.diff(np.append(starts, len(group)))
        name = SERVER if number == 0 else f"pid {number}"
        weight = float(np.minimum(sizes, 4).sum())
        knot = np.array(rng.sample(range(1000), len(group)), np.int64)
        pid = np.array([rng.choice((7, 8)) for _ in chosen], np.int64)
        voices.append(Voice(name, group, first, last, above, starts, weight, knot, pid))
    return voices


def fit_one_by_one(prices: ZonePrices, shift: Ints) -> tuple[list[Zones], float]:
    """What `fit` tells, voice by voice."""
    keepers = np.zeros(len(prices.kinds), np.int64)
    cost, chosen = 0.0, []
    for voice in prices.voices:
        price = prices.of_next(keepers, keepers.sum())
        fits = prices.fits(voice.first, voice.last, voice.above + shift[voice.group])
        odd = NO_ZONE * np.minimum(voice.by_group(~fits), MOST_ASTRAY)
        miss = odd.sum(axis=1)
        kind = int((miss + price).argmin())
        cost += float(miss[kind] + price[kind])
        keepers[kind] += 1
        zones: Zones = ((kind, 0.0),)
        if miss[kind] > 0:
            zones, saved = relief(voice, fits, kind, float(miss[kind]), price)
            cost -= saved
            keepers[[zone for zone, _ in zones[1:]]] += 1
        chosen.append(zones)
    return chosen, cost


def relief(voice: Voice, fits: Mask, kind: int, miss: float, price: Floats) -> tuple[Zones, float]:
    """The zones of a voice that keeps more than one, and what the others save."""
    cost, zones, counts, told, paid = miss, [kind], [0.0], fits[kind], 0.0
    returned = voice.name == SERVER
    while len(zones) < 3 and not told.all():
        right = voice.by_group(fits & ~told)
        left = voice.by_group(~told[None, :]) - right
        gained = np.minimum(right, 4).sum(axis=1).astype(np.float64)
        total = NO_ZONE * np.minimum(left, MOST_ASTRAY).sum(axis=1)
        telling = apart(gained, voice)
        if voice.name == SERVER:
            moments = [moving(told, one, voice) for one in fits]
            telling = np.minimum(telling, np.array(moments))
        more = price + (7.0 if voice.name == SERVER else 5.0) + telling
        total += more + paid
        best = int(total.argmin())
        back = 0.0
        if not returned and goes_back([*(fits[zone] for zone in zones), fits[best]], voice):
            back = 5.0
        if total[best] + back >= cost:
            break
        paid += float(more[best]) + back
        returned |= back > 0
        price[best] = SAME_ZONE
        cost = float(total[best]) + back
        zones.append(best)
        counts.append(float(gained[best]))
        told = told | fits[best]
    if voice.name == SERVER:
        return tuple((zone, 0.0) for zone in zones), miss - cost
    counts[0] = max(0.0, voice.weight - sum(counts))
    shares = [(count + 0.5) / (voice.weight + 0.5 * len(zones)) for count in counts]
    told_zones = ((zone, -math.log(share)) for zone, share in zip(zones, shares, strict=True))
    return tuple(told_zones), miss - cost


def apart(some: Floats, voice: Voice) -> Floats:
    """What it costs to tell some of many spans from the rest."""
    every = voice.weight
    share = np.clip(some / max(every, 1.0), 1e-9, 1 - 1e-9)
    entropy: Floats = -every * (share * np.log(share) + (1 - share) * np.log(1 - share))
    return entropy


def moving(one: Mask, other: Mask, voice: Voice) -> float:
    """What it costs a server to move from one zone to another, and again."""
    side, often = "", 0
    for row in np.argsort(voice.knot).tolist():
        if one[row] != other[row]:
            here = "one" if one[row] else "other"
            often += side not in ("", here)
            side = here
    often = max(often, 1)
    return often * float(np.log1p(voice.weight)) + (often - 1) * 7.0


def goes_back(zones: list[Mask], voice: Voice) -> bool:
    """Whether a process goes back to a zone that it has left."""
    for pid in (7, 8):
        course: list[int] = []
        for row in np.argsort(voice.knot).tolist():
            own = [number for number, zone in enumerate(zones) if zone[row]][:2]
            if voice.pid[row] == pid and own not in ([], [0, 1]) and course[-1:] != own[:1]:
                course += own[:1]
        if len(course) > len(set(course)):
            return True
    return False


def told_one_by_one(prices: ZonePrices, leader: int, kind: int, before: Ints, free: Mask) -> Ints:
    """What `Told` tells, voice by voice."""
    shift, left, price = before.copy(), free.copy(), prices.new.copy()
    for number in sorted(range(len(prices.voices)), key=lambda one: one != leader):
        voice = prices.voices[number]
        if number != leader:
            placed = ~left[voice.group]
            offsets = voice.above[placed] + shift[voice.group[placed]]
            fits = prices.fits(voice.first[placed], voice.last[placed], offsets)
            kind = int((NO_ZONE * (~fits).sum(axis=1) + price).argmin())
        price[kind] = SAME_ZONE
        mine = left[voice.group]
        if mine.any():
            offset = prices.kinds[kind].at_local(voice.first[mine])[0]
            shift[voice.group[mine]] = offset - voice.above[mine]
            left[voice.group] = False
    return shift


@pytest.mark.parametrize("seed", range(40))
def test_fit(seed: int) -> None:
    """The same zones at the same price, to the last bit."""
    rng = Random(seed)
    groups = rng.choice((3, 40))
    prices = zone_prices(some_voices(rng, rng.choice((1, 5, 60, 300)), groups))
    for _ in range(3):
        shift = np.array([rng.choice(HOURS) * 3600 for _ in range(groups)], np.int64)
        assert prices.fit(shift) == fit_one_by_one(prices, shift)


@pytest.mark.parametrize("seed", range(12))
def test_told(seed: int) -> None:
    """The same offsets, whichever voice leads and whichever groups may move."""
    rng = Random(seed)
    groups = rng.choice((3, 40))
    prices = zone_prices(some_voices(rng, rng.choice((2, 5, 60)), groups))
    before = np.array([rng.choice(HOURS) * 3600 for _ in range(groups)], np.int64)
    free = np.array([rng.random() < 0.8 for _ in range(groups)])
    for leader in {0, len(prices.voices) - 1}:
        told = Told(prices, leader, free)
        for kind in range(0, len(prices.kinds), 7):
            expected = told_one_by_one(prices, leader, kind, before, free)
            assert told.offsets(kind, before).tolist() == expected.tolist()
