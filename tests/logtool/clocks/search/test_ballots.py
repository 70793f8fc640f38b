"""Votes that a story goes against."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from logtool.clocks.search.ballots import Ballot, BallotBox, lost, lost_if

GROUPS = 4
offsets = st.integers(-2, 2).map(lambda quarters: 900 * quarters)
groups = st.integers(0, GROUPS - 1)
weights = st.floats(0.0, 50.0, allow_nan=False)
ballots = st.tuples(
    groups, groups, st.frozensets(offsets, min_size=1, max_size=3), weights,
    st.sampled_from(["kept", "born", "host"]), st.booleans(),
)  # fmt: skip
shifts = st.lists(offsets, min_size=GROUPS, max_size=GROUPS)


@given(st.lists(ballots, max_size=30), shifts)
def test_as_columns(some: list[Ballot], shift: list[int]) -> None:
    """Votes counted as columns weigh the same as one by one, to the last bit."""
    offset_s = np.array(shift, np.int64)
    assert BallotBox(some).lost(offset_s) == lost(some, offset_s)


@given(st.lists(ballots, max_size=6), shifts, st.sets(groups), st.lists(offsets, max_size=4))
def test_groups_that_move(
    some: list[Ballot], shift: list[int], moved: set[int], deltas: list[int]
) -> None:
    """What would be lost if they moved is what is lost once they have, to the last bit."""
    there = [
        np.array([at + delta * (one in moved) for one, at in enumerate(shift)], np.int64)
        for delta in deltas
    ]
    asked = lost_if(some, moved, deltas, np.array(shift, np.int64))
    assert asked == [BallotBox(some).lost(one) for one in there]


def test_content_votes_outweigh_those_of_their_voice() -> None:
    """Only what a lost vote weighs more than a content one of its voice counts."""
    some: list[Ballot] = [
        (0, 1, frozenset({0}), 5.0, "kept", False),
        (0, 1, frozenset({900}), 3.0, "kept", False),
        (0, 1, frozenset({0}), 1.0, "born", False),
    ]
    for shift, expected in (([0, 900], 3.0), ([0, 0], 0.0), ([0, 1800], 6.0)):
        assert lost(some, np.array(shift)) == expected
        assert BallotBox(some).lost(np.array(shift)) == expected
