"""Lines without a pid are given one for each clock."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.clocks.options import ClockOptions
from logtool.clocks.seen.voices import (
    VOICE_PID,
    _Clocks,
    _step,
    _story,
    _turn,
    _unsure,
    give_voices,
)
from parsers.lines import NO_PID
from tests.logtool.clocks.scenes import HOUR, knots_of, sample, solved

QUARTER = 900


def voices(*rows: tuple[int, float]) -> list[int]:
    """The pids that knots get."""
    return [int(pid) for pid in give_voices(knots_of(*rows), []).knots.pid]


def test_two_clocks_take_turns() -> None:
    """Jumps there and back are two clocks; the first line's is the first."""
    rows = [(NO_PID, 10.0 * turn + (5 * HOUR if turn % 2 else 0)) for turn in range(10)]
    assert voices(*rows) == [VOICE_PID, VOICE_PID - 1] * 5


def test_one_clock() -> None:
    """Time that only moves on is one clock's, silences included."""
    rows = [(NO_PID, second) for second in (0, 10, 5 * HOUR, 5 * HOUR + 5, 30 * HOUR)]
    assert voices(*rows) == [VOICE_PID] * 5


@pytest.mark.parametrize(
    ("apart", "silence", "unsure"),
    [(1800, 2000, True), (2700, 2000, True), (1800, 0, False),
     (3600, 2000, False), (5 * HOUR, 2000, False)],
)  # fmt: skip
def test_after_a_silence_either_of_two_close_clocks_may_speak(
    apart: int, silence: int, unsure: bool
) -> None:
    """Where they take turns, those before are not doubted: who spoke is told by who speaks then."""
    rows = [(NO_PID, 10.0 * turn + apart * (turn % 2)) for turn in range(20)]
    found = give_voices(knots_of((7, 0.0), *rows, (NO_PID, 200 + apart + silence)), []).unsure()
    assert found[-1] == unsure
    assert not found[0]
    assert not np.any(found[2:-2])


@given(
    st.lists(st.sampled_from([5.0, 900.0, -900.0, 1805.0, -1795.0, 4000.0]), max_size=4),
    st.lists(st.floats(0, 9), min_size=15, max_size=15),
)
def test_who_is_unsure_has_a_story_that_costs_hardly_more(
    jumps: list[float], cost: list[float]
) -> None:
    """Every story is tried; of three clocks, a quarter of an hour and more than an hour apart."""
    runs = len(jumps) + 1
    clocks = _Clocks.constant([0, 900, 5 * HOUR], runs)
    prices = np.array(cost[: 3 * runs]).reshape(runs, 3)
    states, reached = _story(jumps, clocks, prices)
    steps = [_step(clocks, run, jump, _turn(clocks)) for run, jump in enumerate(jumps, 1)]
    worth = {
        story: reached[0][story[0]]
        + sum(float(step[pair]) for step, pair in zip(steps, pairwise(story), strict=True))
        + sum(float(prices[run, state]) for run, state in enumerate(story) if run)
        for story in product(range(3), repeat=runs)
    }
    least = min(worth.values())
    assert worth[tuple(states.tolist())] == pytest.approx(least)
    unsure = _unsure(jumps, clocks, prices, states, reached)
    for run, state in enumerate(states.tolist()):
        others = [value for story, value in worth.items() if story[run] == 1 - state]
        more = min(others, default=math.inf) - least
        assert unsure[run] == (more < 3.0) or more == pytest.approx(3.0)


def test_a_pid_stays() -> None:
    """Lines that have a pid keep it."""
    assert voices((7, 0.0), (NO_PID, 1.0), (8, 2.0)) == [7, VOICE_PID, 8]


def test_samples_follow_their_lines() -> None:
    """A sample gets the voice of the knot at or before its line; one with a pid keeps it."""
    rows = [(NO_PID, 10.0 * turn + (5 * HOUR if turn % 2 else 0)) for turn in range(6)]
    lines = [sample("a", line=n, pid=NO_PID) for n in (1, 2, 6)] + [sample("b", line=3, pid=7)]
    samples = give_voices(knots_of(*rows), lines).samples
    assert [one.pid for one in samples] == [VOICE_PID, VOICE_PID - 1, VOICE_PID - 1, 7]


@pytest.mark.parametrize(("word", "clock"), [("\u00dcberlauf: 2", 1), ("AH00052: child", 0)])
def test_who_says_such_things(word: str, clock: int) -> None:
    """A line that either of two clocks may have stamped is of the one that says such things.

    It is an hour late for the second clock, which spoke last, or six hours for the first.
    """
    rows = [(NO_PID, 10.0 * turn + (5 * HOUR if turn % 2 else 0)) for turn in range(40)]
    words = ["\u00dcberlauf: 1" if turn % 2 else "AH00052: child" for turn in range(40)]
    lines = [sample(said, line=n, pid=NO_PID) for n, said in enumerate([*words, word], 1)]
    knots = give_voices(knots_of(*rows, (NO_PID, 400 + 6 * HOUR)), lines).knots
    assert knots.pid[-1] == knots.pid[clock]
    assert knots.pid[0] != knots.pid[1]


@settings(derandomize=True, deadline=None, max_examples=50)
@given(
    quarters=st.integers(2, 40).flatmap(lambda n: st.sampled_from((n, -n))),
    runs=st.lists(st.integers(1, 4), min_size=6, max_size=30),
    gap=st.integers(0, 40),
)
def test_two_clocks_apart(quarters: int, runs: list[int], gap: int) -> None:
    """Whatever the difference, and however many lines each writes in turn, both are found."""
    rows: list[tuple[int, float]] = []
    expected = []
    for turn, count in enumerate(runs):
        for _ in range(count):
            shift = quarters * QUARTER if turn % 2 else 0
            rows.append((NO_PID, float(len(rows) * gap + shift)))
            expected.append(turn % 2)
    found = voices(*rows)
    assert len(set(found)) == 2
    assert [pid != found[0] for pid in found] == [bool(which) for which in expected]


@settings(derandomize=True, deadline=None)
@given(falls=st.lists(st.integers(0, 7 * 60), max_size=20), quarters=st.integers(2, 40))
def test_a_line_that_is_late(falls: list[int], quarters: int) -> None:
    """What stands minutes too late lets nobody think of another clock where none is seen."""
    rows = [(NO_PID, 1000.0 * turn - fall) for turn, fall in enumerate(falls, 1)]
    late = [(NO_PID, 1000.0 * turn) for turn in range(1, len(rows) + 1)]
    every = [row for pair in zip(late, rows, strict=True) for row in pair]
    assert voices((NO_PID, 0.0), *every) == [VOICE_PID] * (2 * len(rows) + 1)
    hours = 10.0 * 40 + quarters * QUARTER
    turns = [(NO_PID, 10.0 * turn + (quarters * QUARTER if turn % 2 else 0)) for turn in range(40)]
    found = voices(*turns, (NO_PID, hours), (NO_PID, hours - 12), (NO_PID, hours + 1))
    assert len({*found[-4:]}) == 1


@pytest.mark.parametrize("behind", [60, 200, 360])
def test_a_clock_shortly_behind(behind: int) -> None:
    """Minutes behind the line before is another clock, where one is known that suits them."""
    turns = [(NO_PID, 10.0 * turn + (2 * QUARTER if turn % 2 else 0)) for turn in range(40)]
    found = voices(*turns, (NO_PID, turns[-1][1] - behind))
    assert found[-1] == found[0] != found[-2]


@pytest.mark.parametrize("round_", range(4))
def test_a_night_in_which_a_clock_changes(round_: int) -> None:
    """Lines hours apart, before and after Halifax leaves summer time, go to the clocks of zones.

    Offsets that never change would make two clocks of the server, or one of it and the application.
    """
    server, application = ZoneInfo("America/Halifax"), ZoneInfo("Pacific/Kiritimati")
    now, lines, hours = datetime(2023, 11, 4, 6, tzinfo=UTC), [], []
    for turn in range(120):
        now += timedelta(minutes=3 + (7 * turn**2 + 13 * round_) % 43, seconds=17 * turn % 60)
        app = (turn**2 + turn // 3 + round_) % 3 > 0
        here = now.astimezone(application if app else server)
        words = "KeyError: 4711" if app else "Invalid URI in request GET /"
        lines.append(f"[{here:%a %b %d %H:%M:%S %Y}] [error] [client 192.0.2.1] {words}")
        hours.append((here.utcoffset() or timedelta()) / timedelta(hours=1))
    _, answers = solved(lines, ClockOptions(server_tz="America/Halifax"))
    assert [answer[0] for answer in answers if answer] == hours


@pytest.mark.parametrize("words", ["hello", "AH00037: Symbolic link not allowed: /srv/shop"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu"])
def test_nobody_known_to_keep_the_servers_clock(words: str, zone: str) -> None:
    """Where no line tells who wrote it, the zone that is told is no worse than none."""
    lines = [f"[Fri Jun 05 10:42:{second} 2026] [core:error] {words}" for second in range(30, 35)]
    _, answers = solved(lines, ClockOptions(server_tz=zone))
    hours = {"Europe/Berlin": 2.0, "Asia/Kathmandu": 5.75}[zone]
    assert answers == [(hours, "likely")] * len(lines)
