"""Brackets between spans, and the offsets that follow from them."""

from __future__ import annotations

import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.clocks.search.voting import tie_by_links
from logtool.clocks.seen.constraints import (
    Brackets,
    Edges,
    Groups,
    Link,
    Tie,
    closure,
    tie_by_order,
    tie_strained,
)
from logtool.clocks.seen.shortest import INFINITE
from logtool.clocks.seen.spans import UTC
from logtool.clocks.seen.turns import RACE_US
from parsers.units import MINUTE, SECOND

QUARTER = 900


def edges(*rows: tuple[int, int, float]) -> Edges:
    """Bounds o_b - o_a <= seconds."""
    a, b, bound = zip(*rows, strict=True) if rows else ((), (), ())
    return Edges(np.array(a, np.int64), np.array(b, np.int64), np.array(bound, np.int64) * SECOND)


def order(spans: list[int], seconds: list[float], *, coarse: bool = False) -> Edges:
    """The bounds of neighbouring lines."""
    return Edges.of_order(
        np.array(spans), np.array([round(x * SECOND) for x in seconds]),
        np.full(len(spans), coarse), np.zeros(len(spans), np.bool_),
    )  # fmt: skip


def bracket(a: int, b: int, low: float, high: float) -> Edges:
    """Low <= o_b - o_a <= high, in seconds."""
    return edges((a, b, high), (b, a, -low))


def link(a: int, b: int, delta_s: int, weight: float = 1.0, voice: str = "v") -> Link:
    """A vote."""
    return Link(a, b, delta_s, weight, voice, "test", "a test")


def difference(groups: Groups, a: int, b: int) -> int | None:
    """The offset of b minus that of a, or None where they are not tied."""
    if groups.root[a] != groups.root[b]:
        return None
    return int(groups.above_s[b] - groups.above_s[a])


class TestOrder:
    """Neighbouring lines bound the difference of offsets."""

    def test_a_bound_is_the_step_and_the_race(self) -> None:
        """o_b - o_a <= t_b - t_a, and two seconds for racing writers."""
        found = order([1, 2], [0, 5])
        assert (found.a.tolist(), found.b.tolist()) == ([1], [2])
        assert found.bound_us.tolist() == [5 * SECOND + RACE_US]

    def test_whole_seconds_may_hide_one(self) -> None:
        """Where stamps have no fraction the bound is a second wider."""
        assert order([1, 2], [0, 5], coarse=True).bound_us.tolist() == [6 * SECOND + RACE_US]

    def test_the_tightest_bound_of_a_pair_is_kept(self) -> None:
        """Of many neighbours the nearest counts."""
        found = order([1, 2, 1, 2], [0, 50, 60, 63])
        bounds = dict(zip(zip(found.a, found.b, strict=True), found.bound_us, strict=True))
        assert bounds[1, 2] == 3 * SECOND + RACE_US

    def test_nothing_binds_across_a_break(self) -> None:
        """A file that does not continue the one before says nothing of it."""
        breaks = np.array([False, True])
        found = Edges.of_order(np.array([1, 2]), np.array([0, 5]), np.zeros(2, np.bool_), breaks)
        assert len(found.a) == 0

    def test_an_impossible_fall_binds_nothing(self) -> None:
        """No two zones are 27 hours apart: such a stamp is forged."""
        assert len(order([1, 2], [0, -27 * 3600]).a) == 0
        assert len(order([1, 2], [0, -25 * 3600]).a) == 1

    def test_both_directions_tie(self) -> None:
        """Lines there and back leave one multiple of a quarter of an hour."""
        groups = Groups(3)
        tie_by_order(groups, order([1, 2, 1], [0, -7200 + 100, 300]))
        assert difference(groups, 1, 2) == -7200

    def test_one_direction_ties_nothing(self) -> None:
        """Who only speaks at the end is bounded on one side."""
        groups = Groups(3)
        tie_by_order(groups, order([1, 2], [0, -7200]))
        assert difference(groups, 1, 2) is None

    def test_two_values_tie_nothing(self) -> None:
        """A bracket that holds two values is not guessed at."""
        groups = Groups(3)
        tie_by_order(groups, order([1, 2, 1], [0, 0, 16 * 60]))
        assert difference(groups, 1, 2) is None

    @settings(derandomize=True, deadline=None, max_examples=60)
    @given(
        quarters=st.lists(st.integers(-48, 56), min_size=2, max_size=6),
        turns=st.lists(st.integers(0, 5), min_size=1, max_size=40),
        gaps=st.lists(st.integers(0, 80), min_size=60, max_size=60),
    )
    def test_differences_are_found(
        self, quarters: list[int], turns: list[int], gaps: list[int]
    ) -> None:
        """Processes that answer one another are tied at their true difference, whatever it is."""
        count = len(quarters)
        spans = [1 + turn % count for turn in turns]
        spans += [*range(1, count + 1), *range(count, 0, -1)]
        clock, seconds = 0, []
        for span, gap in zip(spans, gaps, strict=False):
            clock += gap
            seconds.append(float(clock + quarters[span - 1] * QUARTER))
        groups = Groups(count + 1)
        tie_by_order(groups, order(spans, seconds))
        for span in range(2, count + 1):
            assert difference(groups, 1, span) == (quarters[span - 1] - quarters[0]) * QUARTER


class TestBrackets:
    """The two directions of a pair, side by side."""

    def test_only(self) -> None:
        """A bracket that holds one multiple of 15 minutes gives it."""
        rows, values = Brackets.of(bracket(1, 2, 3500, 3700)).only()
        assert (rows.tolist(), values.tolist()) == ([0], [3600])

    def test_the_direction_does_not_matter(self) -> None:
        """A bracket told from the other side is the same."""
        _, values = Brackets.of(bracket(2, 1, -3700, -3500)).only()
        assert values.tolist() == [3600]

    def test_no_clocks_are_further_apart_than_the_world(self) -> None:
        """A value of more than 26 hours is none."""
        rows, _ = Brackets.of(bracket(1, 2, 26.2 * 3600, 26.3 * 3600)).only()
        assert len(rows) == 0

    def test_an_open_bracket_holds_nothing(self) -> None:
        """One side alone gives no value and no strain."""
        half = Brackets.of(edges((1, 2, 10)))
        assert half.low_us.tolist() == [-INFINITE]
        assert [len(rows) for rows in (half.only()[0], half.strained()[0], half.torn())] == [0] * 3

    @pytest.mark.parametrize(
        ("low", "high", "strained", "torn"),
        [
            (3605, 3595, [], False),  # still holds nothing else, but contradicts itself
            (3700, 3650, [3600], False),
            (3600 + 430, 3600 + 20, [3600], False),
            (4050, 3150, [], True),
            (4050, 4000, [], False),
            # Exactly a day off: no clock, but another date.
            (86_399, 86_401, [], True),
            (-86_401, -86_399, [], True),
            (23 * 3600 - 1, 23 * 3600 + 1, [], False),
        ],
    )
    def test_strained_and_torn(
        self, low: float, high: float, strained: list[int], torn: bool
    ) -> None:
        """A small contradiction still points at one value; a large one, or a day, at none."""
        found = Brackets.of(bracket(1, 2, low, high))
        if strained:
            assert found.strained()[1].tolist() == strained
        assert bool(len(found.torn())) == torn


@pytest.mark.parametrize("spans", [300, 70_000])
def test_the_tightest_of_many_bounds_are_kept(spans: int) -> None:
    """However many bounds there are, and however high the numbers of their spans."""
    rng = np.random.default_rng(7)
    a, b = rng.integers(0, spans, (2, 9000)) // 50 * 50
    seconds = rng.integers(-5000, 5000, 9000)
    tightest: dict[tuple[int, int], int] = {}
    for one, other, bound in zip(a.tolist(), b.tolist(), seconds.tolist(), strict=True):
        tightest[one, other] = min(bound, tightest.get((one, other), bound))
    found = Edges(a, b, seconds).smallest()
    told = zip(found.a.tolist(), found.b.tolist(), found.bound_us.tolist(), strict=True)
    assert [*told] == [(*pair, tightest[pair]) for pair in sorted(tightest)]


class TestClosure:
    """Chains of bounds."""

    def test_a_chain_adds_up(self) -> None:
        """What holds from 1 to 2 and from 2 to 3 holds from 1 to 3."""
        closed = closure(edges((1, 2, 5), (2, 3, 7)))
        assert closed is not None
        assert (1, 3, 12 * SECOND) in list(
            zip(closed.a.tolist(), closed.b.tolist(), closed.bound_us.tolist(), strict=True)
        )

    def test_a_negative_cycle_proves_nothing(self) -> None:
        """Bounds that contradict each other have no closure."""
        assert closure(edges((1, 2, -4), (2, 3, 1), (3, 1, 2))) is None

    def test_two_groups_need_none(self) -> None:
        """A single pair is its own closure."""
        assert closure(edges((1, 2, 5), (2, 1, 5))) is None

    def test_a_chain_ties(self) -> None:
        """Three processes in a ring are tied though no two of them answer each other."""
        groups = Groups(4)
        tie_by_order(groups, edges((1, 2, 100), (2, 3, 100), (3, 1, 100)))
        assert [difference(groups, 1, span) for span in (2, 3)] == [0, 0]


class TestGroups:
    """Spans tied at known differences."""

    def test_differences_add_up(self) -> None:
        """Ties along a chain give the difference of its ends, in whatever order they come."""
        groups = Groups(5)
        for a, b, delta in ((3, 4, 40), (1, 2, 10), (2, 3, 20)):
            assert groups.merge(Tie(a, b, delta, True))
        assert difference(groups, 1, 4) == 70
        assert difference(groups, 4, 2) == -60

    def test_what_is_one_is_not_merged_again(self) -> None:
        """A tie inside a group is refused."""
        groups = Groups(3)
        assert groups.merge(Tie(1, 2, 10, True))
        assert not groups.merge(Tie(1, 2, 99, True))
        assert difference(groups, 1, 2) == 10

    def test_doubt_spreads(self) -> None:
        """What order says of a group that a vote put together is no surer than the vote."""
        groups = Groups(4)
        groups.merge(Tie(1, 2, 0, False, links=(link(1, 2, 0),)))
        groups.merge(Tie(2, 3, 0, True))
        assert [tie.sure for tie in groups.ties] == [False, False]

    def test_a_copy_goes_its_own_way(self) -> None:
        """What is merged in a copy leaves the original as it was."""
        groups = Groups(3)
        twin = groups.copy()
        twin.merge(Tie(1, 2, 10, True))
        assert difference(groups, 1, 2) is None
        assert groups.ties == []

    def test_bounds_are_between_roots(self) -> None:
        """A bound between members is shifted to their groups; one inside a group is gone."""
        groups = Groups(4)
        groups.merge(Tie(1, 2, 100, True))
        found = groups.bounds(edges((2, 3, 150), (1, 2, 5)))
        root = int(groups.root[2])
        expected = 150 + int(groups.above_s[2])
        assert (found.a.tolist(), found.b.tolist()) == ([root], [3])
        assert found.bound_us.tolist() == [expected * SECOND]


class TestStrain:
    """Clocks that were stepped."""

    def test_a_strained_tie_is_not_sure(self) -> None:
        """Order that contradicts itself by a little ties, marked so."""
        groups = Groups(3)
        assert tie_strained(groups, bracket(1, 2, 3700, 3650))
        assert difference(groups, 1, 2) == 3600
        assert [(tie.sure, tie.strained) for tie in groups.ties] == [(False, True)]


class TestLinks:
    """Votes, where order leaves a choice."""

    def test_the_stronger_vote_wins(self) -> None:
        """Of two votes on a pair the heavier is taken."""
        groups = Groups(3)
        tie_by_links(groups, edges(), [link(1, 2, 0, 3), link(1, 2, 3600, 4)])
        assert difference(groups, 1, 2) == 3600

    def test_votes_of_several_voices_add_up(self) -> None:
        """Two weaker votes of different voices outweigh one; of one voice they do not."""
        votes = [link(1, 2, 0, 3, "a"), link(1, 2, 3600, 4)]
        for voice, expected in (("b", 0), ("a", 3600)):
            groups = Groups(3)
            tie_by_links(groups, edges(), [*votes, link(1, 2, 0, 3, voice)])
            assert difference(groups, 1, 2) == expected

    def test_no_vote_against_a_bracket(self) -> None:
        """However strong, a vote that order forbids loses."""
        groups = Groups(3)
        votes = [link(1, 2, 7200, 1000), link(1, 2, 3600, 1)]
        tie_by_links(groups, bracket(1, 2, 0, 4000), votes)
        assert difference(groups, 1, 2) == 3600

    def test_votes_are_likely_only(self) -> None:
        """A tie by a vote that is not sure is not sure."""
        groups = Groups(3)
        tie_by_links(groups, edges(), [link(1, 2, 0)])
        assert [tie.sure for tie in groups.ties] == [False]

    def test_the_world_ends(self) -> None:
        """No clock is behind UTC-12 or ahead of UTC+14."""
        world = Edges.of_the_world(np.array([UTC, 1]))
        for hours, fits in ((14, True), (14.25, False), (-12, True), (-12.25, False)):
            groups = Groups(2)
            tie_by_links(groups, world, [link(UTC, 1, round(hours * 3600))])
            assert (difference(groups, UTC, 1) is not None) == fits


@pytest.mark.parametrize("related", [False, True])
def test_many_groups_join_one_in_a_round(related: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Votes are counted anew only where groups have to do with each other, not once a group."""
    rounds = []

    def tie_by_order(groups: Groups, edges: Edges, *, sure: bool) -> None:
        rounds.append(sure)

    monkeypatch.setattr(sys.modules[tie_by_links.__module__], "tie_by_order", tie_by_order)
    many = 200
    groups = Groups(many + 1)
    to_utc = [link(UTC, span, 3600, 2.0) for span in range(1, many + 1)]
    to_each_other = [link(span, span + 1, 0, 1.0, "w") for span in range(1, many)]
    tie_by_links(groups, edges(), [*to_utc, *(to_each_other if related else [])])
    assert {difference(groups, UTC, span) for span in range(1, many + 1)} == {3600}
    # Of neighbours only every other one may join at first.
    assert len(rounds) == (2 if related else 1)


def test_a_race_is_shorter_than_a_bracket() -> None:
    """The slack for races can never hide a quarter of an hour."""
    assert all(low < high for low, high in pairwise((0, RACE_US, MINUTE, QUARTER * SECOND)))
