"""Solver: votes add up, whoever tells them and from whichever side."""

from __future__ import annotations

from itertools import pairwise

import pytest

from logtool.clocks.constraints import Groups, Link
from logtool.clocks.solver import _strongest

HOUR = 3600


def _link(a: int, b: int, delta_s: int, weight: float, voice: str) -> Link:
    return Link(a, b, delta_s, weight, voice, "requests", "told")


@pytest.mark.parametrize("turned", [(False, False), (True, False), (True, True)])
def test_votes_for_one_difference_add_up(turned: tuple[bool, bool]) -> None:
    """That b is an hour east of a is what a says of b who is an hour west of it."""
    same = [
        _link(2, 1, -HOUR, 2.0, f"v{at}") if turn else _link(1, 2, HOUR, 2.0, f"v{at}")
        for at, turn in enumerate(turned)
    ]
    ties = _strongest(Groups(3), [_link(1, 2, 0, 3.0, "other"), *same])

    assert [len(tie.links) for tie in ties] == [2, 1]
    assert {link.voice for link in ties[0].links} == {"v0", "v1"}
    assert abs(ties[0].delta_s) == HOUR


def test_differences_that_are_opposite_do_not() -> None:
    """An hour east and an hour west are two answers."""
    ties = _strongest(Groups(3), [_link(1, 2, HOUR, 2.0, "x"), _link(2, 1, HOUR, 2.5, "y")])

    assert [[link.voice for link in tie.links] for tie in ties] == [["y"], ["x"]]


def test_a_voice_counts_once() -> None:
    """All children of a server say the same: their strongest word counts."""
    links = [_link(1, 2, 0, weight, "children") for weight in (2.0, 3.0, 2.5)]
    ties = _strongest(Groups(4), [*links, _link(1, 3, 0, 3.5, "one")])

    assert [sum(link.weight for link in tie.links) for tie in ties] == [3.5, 3.0]
    assert all(a.links[0].weight >= b.links[0].weight for a, b in pairwise(ties))
