"""Stories to begin with: each is what its kind says, and the cheapest of its kind are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.clock_accuracy import reproduce
from logtool.clocks.search import suppositions
from logtool.clocks.search.prices import Prices
from logtool.clocks.search.second_zones import Zones
from logtool.clocks.search.suppositions import SUPPOSED, Suppositions, _Ranked
from logtool.clocks.search.told import Told
from logtool.clocks.search.zone_voices import SERVER, Voice
from logtool.clocks.seen.scene import Scene
from parsers.arrays import Ints
from tests.logtool.clocks.search.test_few_zones import SMALL, watch

Look = Callable[[Scene, Prices], None]


@pytest.fixture(params=SMALL, ids=lambda log: f"{log[0]} {log[1]}")
def seen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[Look], None]:
    """Has a test look at a log's scene and prices."""
    kind, seed, anchor = request.param
    return lambda look: watch(reproduce(kind, seed), anchor, look, monkeypatch)


def begun(prices: Prices) -> Ints:
    """Offsets to begin with that are right for nobody."""
    return np.arange(len(prices)) % 5 * 3600


def mended(prices: Prices, story: Ints) -> float:
    """The price of a story, of whose broken bounds four fifths are forgiven."""
    return prices.price(story)[0] - 0.8 * prices.of_bounds(story)


def test_groups_that_may_not_move_stay(seen: Callable[[Look], None]) -> None:
    """In every story; and the one that was begun with is left as it was."""

    def look(scene: Scene, prices: Prices) -> None:
        loose, before = prices.loose()[1:], begun(prices)
        held = np.setdiff1d(np.arange(len(prices)), loose)
        stories = Suppositions(scene, prices, loose).of(before)
        assert len(stories) > SUPPOSED
        assert all(np.array_equal(story[held], before[held]) for story in stories)
        assert np.array_equal(before, begun(prices))

    seen(look)


def keeps(story: Ints, prices: Prices, voice: Voice, kind: int, loose: list[int]) -> Ints:
    """A story in which those groups of a voice that may move keep a kind of zone."""
    story = story.copy()
    for group, first, above in zip(voice.group, voice.first, voice.above, strict=True):
        if group in loose:
            offset = prices.zones.kinds[kind].at_local(np.array([first]))[0][0]
            story[group] = offset - above
    return story


def led(prices: Prices, story: Ints, before: Ints, ahead: list[int], behind: list[int]) -> Ints:
    """All behind go as far as the one ahead whose first line is the last before theirs."""
    story = story.copy()
    ahead = sorted(ahead, key=lambda group: prices.first[group])
    for group in behind:
        leaders = [one for one in ahead if prices.first[one] <= prices.first[group]]
        leader = leaders[-1] if leaders else ahead[0]
        story[group] = before[group] + story[leader] - before[leader]
    return story


def test_others_go_along_with_a_voice(seen: Callable[[Look], None]) -> None:
    """Each as far as who wrote before it, or with the first of all."""

    def look(scene: Scene, prices: Prices) -> None:
        loose, before = prices.loose()[1:], begun(prices)
        every = Suppositions(scene, prices, loose)
        for (number, voice), kind in product(enumerate(prices.zones.voices), (0, 7, 20)):
            story = keeps(before, prices, voice, kind, loose)
            mine = [group for group in loose if group in voice.groups]
            ahead = mine or [group for group in range(len(prices)) if group not in loose]
            behind = [group for group in loose if group not in mine]
            expected = led(prices, story, before, ahead, behind)
            assert np.array_equal(every._led_by(number, kind, before), expected)

    seen(look)


def test_whom_bounds_forbid_a_zone_goes_along(seen: Callable[[Look], None]) -> None:
    """Where a voice's zone tells the zones of all, with whom no bound keeps from there."""
    broken = 0

    def look(scene: Scene, prices: Prices) -> None:
        nonlocal broken
        loose, before = prices.loose(), begun(prices)
        every = Suppositions(scene, prices, loose)
        free = np.isin(np.arange(len(prices)), loose)
        for number, kind in product(range(len(prices.zones.voices)), (0, 7, 20)):
            story = Told(prices.zones, number, free).offsets(kind, before)
            bad = prices.breaking(story)
            behind = [group for group in loose if bad[group]]
            ahead = [group for group in loose if not bad[group]]
            ahead = ahead or [group for group in range(len(prices)) if group not in behind]
            broken += len(behind)
            expected = led(prices, story, before, ahead, behind)
            assert np.array_equal(every._told_by(number, kind, before), expected)

    seen(look)
    assert broken


def test_the_cheapest_zones_of_one_voice_are_supposed(
    seen: Callable[[Look], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the server and the largest voices; one story where there are many groups."""

    def look(scene: Scene, prices: Prices) -> None:
        loose, before = prices.loose(), begun(prices)
        every = Suppositions(scene, prices, loose)
        sizes = [-len(voice.starts) for voice in prices.zones.voices]
        largest = np.argsort(sizes, kind="stable").tolist()
        kinds = range(len(prices.zones.kinds))

        def costs(leaders: set[int]) -> list[float]:
            all_of = product((every._told_by, every._led_by), leaders, kinds)
            stories = [tell(leader, kind, before) for tell, leader, kind in all_of]
            return sorted(mended(prices, x) for x in {x.tobytes(): x for x in stories}.values())

        found = [mended(prices, story) for story in every._supposed(before)]
        assert found == pytest.approx(costs({0, *largest[:2]})[:SUPPOSED])
        with monkeypatch.context() as fewer:  # the server is supposed, however little it says
            fewer.setattr(suppositions, "_LEADERS", 1)
            found = [mended(prices, story) for story in every._supposed(before)]
            assert found == pytest.approx(costs({0, largest[0]})[:SUPPOSED])
        monkeypatch.setattr(suppositions, "MANY", len(loose))
        assert len(every._supposed(before)) == len(every._thought_of(before)) == SUPPOSED
        monkeypatch.setattr(suppositions, "MANY", len(loose) - 1)
        found = [mended(prices, story) for story in every._supposed(before)]
        assert found == pytest.approx(costs({largest[0]})[:1])
        assert (len(every._thought_of(before)), every._moved(before)) == (1, [])

    seen(look)


def test_all_but_the_server_keep_one_zone(
    seen: Callable[[Look], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The two that cost least of bounds, silence and a zone that is new, where they are a crowd."""

    def look(scene: Scene, prices: Prices) -> None:
        loose, before = prices.loose()[1:], begun(prices)
        every = Suppositions(scene, prices, loose)
        crowd = [voice for voice in prices.zones.voices if voice.name != SERVER]
        stories = []
        for kind in range(len(prices.zones.kinds)):
            story = before
            for voice in crowd:
                story = keeps(story, prices, voice, kind, loose)
            cost = prices.of_bounds(story) + float(prices.zones.new[kind])
            cost += prices.of_silence(story, np.arange(len(prices.gaps.a)))
            stories.append((round(cost, 9), kind, story))
        expected = [story for _, _, story in sorted(stories, key=lambda row: row[:2])[:2]]
        monkeypatch.setattr(suppositions, "_CROWD", len(crowd))
        assert np.array_equal(every._crowded(before), expected)
        monkeypatch.setattr(suppositions, "_CROWD", len(crowd) + 1)
        assert every._crowded(before) == []

    seen(look)


def restarts(scene: Scene, prices: Prices, before: Ints) -> Iterator[Ints]:
    """All stories in which those before a stop keep another zone, and those after it stay or go."""
    loose = prices.loose()
    for stop in scene.stops:
        old = [group for group in loose if prices.first[group] < stop]
        new = [group for group in loose if prices.first[group] >= stop]
        here = scene.knots.local_us[prices.first[old[0]]]
        for kind, call in product(prices.zones.kinds, [0, *prices.called_for(before)[:2]]):
            story = before.copy()
            story[new] += call
            story[old] += int(kind.at_local(here)[0]) - prices.over_root(old[0]) - story[old[0]]
            yield story


def test_a_server_was_started_anew_under_another_zone(seen: Callable[[Look], None]) -> None:
    """Only where it was stopped: the three cheapest."""

    def look(scene: Scene, prices: Prices) -> None:
        before = begun(prices)
        found = Suppositions(scene, prices, prices.loose())._moved(before)
        every = {x.tobytes(): x for x in restarts(scene, prices, before)}
        assert all(story.tobytes() in every for story in found)
        costs = sorted(mended(prices, story) for story in every.values())[:3]
        assert [mended(prices, story) for story in found] == pytest.approx(costs)
        assert bool(found) == bool(scene.stops)
        for stop in scene.stops:
            for side in (prices.first < stop, prices.first >= stop):
                some = [group for group in prices.loose() if side[group]]
                assert Suppositions(scene, prices, some)._moved(before) == []

    seen(look)


def test_some_stories_are_not_for_all_logs(
    seen: Callable[[Look], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two zones need two groups, and some lines whose zone is not written; many take too long."""

    def look(scene: Scene, prices: Prices) -> None:
        loose, before = prices.loose(), begun(prices)
        every = Suppositions(scene, prices, loose)
        assert len(every._of_few(before)) == SUPPOSED // 2 * 2
        assert Suppositions(scene, prices, loose[:1])._of_few(before) == []
        assert len(Suppositions(scene, prices, loose[:2])._of_few(before)) == SUPPOSED // 2 * 2
        monkeypatch.setattr(suppositions, "_FEW_ZONED", len(loose))
        assert every._of_few(before)
        monkeypatch.setattr(suppositions, "_FEW_ZONED", len(loose) - 1)
        assert every._of_few(before) == []
        monkeypatch.setattr(suppositions, "_WIDTHS", ((len(loose) - 1, 64),))
        assert every._thought_of(before) == []
        monkeypatch.setattr(suppositions, "_WIDTHS", ((len(loose), 64),))
        assert every._thought_of(before)
        monkeypatch.setattr(prices.zones, "voices", [])
        assert every._supposed(before) == every._of_few(before) == []

    seen(look)


class _Costs:
    """Prices of stories of one group: offset -> what is quick to tell, zones, broken bounds."""

    def __init__(self, table: dict[int, tuple[int, int, int]]) -> None:
        self.table = table
        self.asked: list[int] = []

    def least(self, shift: Ints) -> float:
        return float(self.table[int(shift[0])][0])

    def price(self, shift: Ints) -> tuple[float, list[Zones]]:
        self.asked.append(int(shift[0]))
        return float(sum(self.table[int(shift[0])][:2])), []

    def of_bounds(self, shift: Ints) -> float:
        return float(self.table[int(shift[0])][2])


_COST = st.integers(0, 20)


@given(st.lists(st.tuples(_COST, _COST, _COST), max_size=30), st.integers(1, 4))
def test_only_who_may_be_among_the_cheapest_is_priced(
    rows: list[tuple[int, int, int]], count: int
) -> None:
    """The same stories are kept as if all were priced, each once, the first of equals first."""
    costs = _Costs({at: (row[0] + row[2], *row[1:]) for at, row in enumerate(rows)})
    ranked = _Ranked(cast("Prices", costs), count)
    for at in (*range(len(rows)), *range(len(rows))):
        ranked.add(np.array([at]))
    worth = [sum(costs.table[at][:2]) - 0.8 * costs.table[at][2] for at in range(len(rows))]
    order = sorted(range(len(rows)), key=lambda at: worth[at])
    assert [int(story[0]) for story in ranked.best()] == order[:count]
    for at in set(costs.asked[count:]):
        before = sorted(worth[:at])[count - 1]
        assert costs.table[at][0] - 0.8 * costs.table[at][2] < before
    assert len(costs.asked) == len(set(costs.asked))
