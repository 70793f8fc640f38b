"""Of all pairs and triples of zones, each group gets the one that suits its neighbours."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest

from benchmarks.clock_accuracy import anchors_of, load, reproduce
from logtool.clocks.search.ballots import lost
from logtool.clocks.search.few_zones import FewZones
from logtool.clocks.search.prices import Evidence, Prices
from logtool.clocks.seen.constraints import Groups
from logtool.clocks.seen.scene import Scene
from parsers.arrays import Floats, Ints
from tests.logtool.clocks.simulate import Simulated

solver = importlib.import_module("logtool.clocks.solver")
ENGINE = load("benchmarks.clock_accuracy:errlog")
#: Few groups; among them a clock that changes in the log, what may not move, and broken bounds.
SMALL = [("hard", 90_004, "none"), ("moved", 501_195, "mtime"), ("embedded", 90_001, "none")]
#: What a story pays for a zone that no clock on earth shows.
OFF_EARTH = 1000.0
WEST_S, EAST_S = -12 * 3600, 14 * 3600


def watch(
    log: Simulated,
    anchor: str,
    look: Callable[[Scene, Prices], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Have a look at a log's scene and prices, before anything is known of its clocks."""

    def watched(scene: Scene, evidence: Evidence, start: Groups) -> Ints:
        look(scene, Prices(scene, evidence))
        offsets: Ints = start.above_s - start.above_s[0]
        return offsets

    monkeypatch.setattr(solver, "cheapest", watched)
    ENGINE(log.log, **anchors_of(log, anchor))


def test_all_groups_find_their_zone_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two applications fight over the zone of each process, none right to begin with.

    What differs by one shift of all is the same story.
    """
    log = reproduce("flips", 630046)
    shares: list[float] = []

    def look(scene: Scene, prices: Prices) -> None:
        wrong = np.zeros(len(prices), np.int64)
        loose = prices.loose()
        rows = scene.knots.line[prices.first[loose]] - 1
        true = np.array([(log.process_zone[row] or ("", 0))[1] for row in rows.tolist()])
        true -= np.array([prices.over_root(group) for group in loose])
        for story in FewZones(scene, prices, loose).stories(wrong, 3):
            away = story[loose] - true
            shares.append(float(np.mean(away == np.median(away))))

    watch(log, "none", look, monkeypatch)
    assert max(shares) > 0.9


def test_stories_are_no_shift_of_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing ties the log to UTC, one story at other places on earth is not told again."""
    courses: list[list[bytes]] = []

    def look(scene: Scene, prices: Prices) -> None:
        loose = prices.loose()
        stories = FewZones(scene, prices, loose).stories(np.zeros(len(prices), np.int64), 3)
        two, three = stories[:3], stories[3:]
        for told in (two, three):
            courses.append([(story[loose] - story[loose[0]]).tobytes() for story in told])

    watch(reproduce("flips", 1203332), "none", look, monkeypatch)
    assert [len({*some}) for some in courses] == [3, 3]


def plain(prices: Prices, group: int, story: Ints) -> float:
    """What speaks against a group in a story: bounds, silence, and each vote by itself.

    (In the price of a story, votes of one voice for other offsets outweigh each other.)
    """
    near = prices.near[group]
    cost = prices.of_bounds(story, near.bounds) + prices.of_silence(story, near.gaps)
    return cost + sum(lost([ballot], story) for ballot in near.ballots)


@pytest.mark.parametrize(("kind", "seed", "anchor"), SMALL)
def test_a_group_pays_what_stories_cost(
    kind: str, seed: int, anchor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where all others stay, each offset costs as much as in a story, and more off the earth."""
    pairs = 0

    def look(scene: Scene, prices: Prices) -> None:
        nonlocal pairs
        loose = prices.loose()
        before = np.arange(len(prices)) % 5 * 3600
        for number, group in enumerate(loose):
            (step,) = FewZones(scene, prices, [group])._steps(before)
            over = prices.over_root(group)
            first = scene.knots.local_us[prices.first[group]]
            kinds = [kind.at_local(first)[: step.choice.shape[1]] for kind in prices.zones.kinds]
            assert np.array_equal(step.shift[step.choice] + over, kinds)
            for offset, alone in zip(step.shift.tolist(), step.alone.tolist(), strict=True):
                story = before.copy()
                story[group] = offset
                earthly = WEST_S <= offset + over <= EAST_S
                assert alone == pytest.approx(
                    plain(prices, group, story) + (0 if earthly else OFF_EARTH)
                )
            if number:
                one, two = FewZones(scene, prices, [loose[number - 1], group])._steps(before)
                pairs += 1
                for row, offset in enumerate(one.shift.tolist()):
                    held = before.copy()
                    held[one.group] = offset
                    (step,) = FewZones(scene, prices, [group])._steps(held)
                    assert step.alone == pytest.approx(two.alone + two.after[row])

    watch(reproduce(kind, seed), anchor, look, monkeypatch)
    assert pairs > 5


def cheapest(few: FewZones, before: Ints, sets: Ints) -> tuple[Floats, list[Ints]]:
    """The cost of each set of zones and its cheapest story: all paths are walked, one by one."""
    steps = few._steps(before)
    folds = steps[0].choice.shape[1]
    best = np.full(len(sets), np.inf)
    stories = np.repeat(before[None], len(sets), axis=0)
    for path in product(range(sets.shape[1] * folds), repeat=len(steps)):
        cost = few._prices.zones.new[sets].sum(axis=1)
        told = np.repeat(before[None], len(sets), axis=0)
        last = None
        for step, state in zip(steps, path, strict=True):
            now = step.choice[sets[:, state // folds], state % folds]
            cost += step.alone[now]
            if last is not None:
                cost += step.after[last, now]
            if few._server and state < folds:  # the first of the zones is the server's
                cost += 0 if step.served else 1.5
            elif few._server:
                cost += 15 if step.served else 0
            told[:, step.group] = step.shift[now]
            last = now
        better = cost < best - 1e-9
        best[better], stories[better] = cost[better], told[better]
    return best, list(stories)


@pytest.mark.parametrize("known", [True, False], ids=["server", "nobody"])
@pytest.mark.parametrize(("kind", "seed", "anchor"), SMALL)
def test_paths_are_the_cheapest(
    kind: str, seed: int, anchor: str, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all pairs of zones, and of the best pairs with all third zones."""
    count, looked = 3, 0

    def look(scene: Scene, prices: Prices) -> None:
        nonlocal looked
        few = FewZones(scene, prices, prices.loose()[1:4])
        if not known:
            few._server.clear()
        before = np.arange(len(prices)) % 3 * 3600
        kinds = range(len(prices.zones.kinds))
        found = few.stories(before, count)
        pairs = [(a, b) for a in kinds for b in kinds if (a != b if few._server else a < b)]
        costs, stories = cheapest(few, before, np.array(pairs))
        order = np.argsort(costs.round(9), kind="stable")
        for told, cost in zip(found[:count], np.sort(costs)[:count], strict=True):
            assert any(np.array_equal(told, stories[at]) for at in _near(costs, cost))
        triples = [(*pairs[at], c) for at in order[:6] for c in kinds if c not in pairs[at]]
        costs, stories = cheapest(few, before, np.array(triples))
        for told, cost in zip(found[count:], np.sort(costs)[:count], strict=True):
            assert any(np.array_equal(told, stories[at]) for at in _near(costs, cost))
            looked += 1

    watch(reproduce(kind, seed), anchor, look, monkeypatch)
    assert looked == count


def _near(costs: Floats, cost: float) -> list[int]:
    rows: list[int] = np.flatnonzero(np.abs(costs - cost) < 1e-6).tolist()
    return rows
