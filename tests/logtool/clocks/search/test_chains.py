"""Chains of bounds that are kept up tell what all bounds tell when they are reckoned anew."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.clocks.search.chains import Chains
from logtool.clocks.seen.constraints import Brackets, Edges, Groups, Tie, closure, tie_by_order
from parsers.units import SECOND

_SPANS = 9
_SPAN = st.integers(0, _SPANS - 1)
#: Bounds that order may allow or contradict, in seconds; many are of a few quarters of an hour.
_BOUND = st.tuples(_SPAN, _SPAN, st.integers(-1500, 4000)).filter(lambda row: row[0] != row[1])
_TIE = st.tuples(_SPAN, _SPAN, st.integers(-3, 3))


def bounds(rows: list[tuple[int, int, int]]) -> Edges:
    """o_b - o_a <= seconds."""
    a, b, bound = np.array(rows or np.zeros((0, 3)), np.int64).T
    return Edges(a, b, bound * SECOND).smallest()


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    order=st.lists(_BOUND, min_size=2, max_size=40),
    rounds=st.lists(st.lists(_TIE, max_size=3), max_size=6),
    sure=st.booleans(),
)
def test_what_is_kept_up_is_what_is_reckoned_anew(
    order: list[tuple[int, int, int]], rounds: list[list[tuple[int, int, int]]], sure: bool
) -> None:
    """After each round the same groups are there, by the same ties, and the same is told."""
    edges = bounds(order)
    groups, anew = Groups(_SPANS), Groups(_SPANS)
    chains = Chains.of(groups, edges)
    if chains is None:
        return
    brackets = Brackets.of(closure(edges) or edges)
    for ties in [[], *rounds]:
        for a, b, quarters in ties:
            for each in (groups, anew):
                each.merge(Tie(a, b, quarters * 900, False))
        if ties:
            chains.tie_by_order(sure=sure)
            brackets = tie_by_order(anew, edges, sure=sure)
        assert groups.ties == anew.ties
        assert groups.root.tolist() == anew.root.tolist()
        assert groups.above_s.tolist() == anew.above_s.tolist()
        roots = sorted(set(groups.root.tolist()))
        votes = [(a, b, 450 * n) for a, b in combinations(roots, 2) for n in range(-9, 10)]
        one, other, shift_s = np.array(votes or np.zeros((0, 3)), np.int64).T
        assert chains.allow(votes) == brackets.hold(one, other, shift_s * SECOND).tolist()
        held = set(zip(brackets.a.tolist(), brackets.b.tolist(), strict=True))
        for a, b in combinations(roots, 2):
            assert chains.relate(a, [b]) == chains.relate(b, [a]) == ((a, b) in held)


@pytest.mark.parametrize("number", [2, 301])
def test_chains_of_so_many_are_not_looked_for(number: int) -> None:
    """Two groups have none, and of more than 300 they would take too long."""
    edges = bounds([(a, a + 1, 0) for a in range(number - 1)])
    assert Chains.of(Groups(number), edges) is None
