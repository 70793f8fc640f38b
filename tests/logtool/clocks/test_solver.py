"""Solver: votes add up, whoever tells them and from whichever side."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from logtool.clocks.options import ClockOptions
from logtool.clocks.seen.constraints import Groups, Link
from logtool.clocks.solver import _strongest
from tests.logtool.clocks.scenes import at, line, solved

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


def test_a_crowd_that_sets_its_zone_to_and_fro() -> None:
    """Twelve daemons change among four zones: no line of theirs is taken for one of a clock alone.

    Any two lines may be of two clocks then, with a silence of all between them: 1,500 groups.
    """
    rng, when, lines, truth = Random(1), datetime.fromisoformat("2026-03-02T10:00"), [], []
    hours = dict.fromkeys(range(11, 23), 1.0)
    for _ in range(1500):
        when += timedelta(seconds=rng.expovariate(0.5))
        pid = rng.choice([*hours])
        if rng.random() < 1 / 60:
            hours[pid] = rng.choice([zone for zone in (0, 1, 5.5, -5) if zone != hours[pid]])
        lines.append(line(f"{when + timedelta(hours=hours[pid])}", pid, "[remote 10.0.0.1:5] x"))
        truth.append(hours[pid])
    _, answers = solved(lines, ClockOptions(server_tz="Europe/Berlin"), mtime_us=at(f"{when}"))
    assert [answer and answer[0] for answer in answers] == truth
