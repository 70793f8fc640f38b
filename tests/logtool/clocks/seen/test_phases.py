"""All clocks on earth show the same minute of a quarter of an hour: where that tells of changes."""

from __future__ import annotations

import numpy as np
import pytest

from logtool.clocks.seen.phases import hidden_changes
from logtool.clocks.seen.strands import Strands
from logtool.clocks.seen.voices import VOICE_PID
from tests.logtool.clocks.scenes import HOUR, knots_of

MINUTE = 60


def found(*rows: tuple[int, float], broken: int = -1) -> list[int]:
    """The rows before which a clock has changed unseen."""
    knots = knots_of(*rows)
    breaks = np.arange(len(knots)) == broken
    return np.flatnonzero(hidden_changes(Strands.of(knots), breaks)).tolist()


@pytest.mark.parametrize(
    ("others", "changed"),
    [
        pytest.param(5, False, id="nothing is missing"),
        pytest.param(10 * MINUTE, True, id="another's minute lies between"),
        pytest.param(10 * MINUTE + 5 * HOUR, True, id="whatever that one's zone"),
        pytest.param(5 * HOUR + 5, False, id="who is elsewhere shows the same minute"),
        pytest.param(-50, False, id="a line came late"),
        pytest.param(5 * HOUR - 50, False, id="one from elsewhere came late"),
        pytest.param(15 * MINUTE + 5, False, id="a quarter later the minute is the same"),
    ],
)
def test_a_minute_that_lies_between(others: float, changed: bool) -> None:
    """Ten seconds of a process cannot hold ten minutes of another, nor five hours and ten."""
    assert found((7, 0), (8, others), (7, 10)) == ([2] if changed else [])


def test_minutes_add_up() -> None:
    """Three processes of which each moves on by six minutes: that are more than the first's ten."""
    rows = [(8, 6 * MINUTE), (9, 12 * MINUTE + HOUR), (10, 18 * MINUTE - HOUR)]
    assert found((7, 0), *rows, (7, 10 * MINUTE)) == [4]
    assert found((7, 0), *rows, (7, 18 * MINUTE)) == []


def test_each_process_for_itself() -> None:
    """Also of one that is not the first to speak, and of two lines of one instant."""
    assert found((6, 0), (7, 1), (8, 10 * MINUTE), (7, 11)) == [3]
    assert found((7, 0), (8, 10 * MINUTE), (7, 0)) == [2]


def test_a_clock_that_went_back_is_seen() -> None:
    """What falls is a change anyway; nothing hides in it."""
    assert found((7, 0), (8, 10 * MINUTE), (7, -HOUR)) == []


def test_across_files_of_another_set() -> None:
    """Between files that do not continue each other no time is known to have passed."""
    rows = [(7, 0.0), (8, 10.0 * MINUTE), (7, 10.0)]
    assert [found(*rows, broken=row) for row in (0, 1, 2)] == [[2], [], []]


def test_lines_without_a_pid() -> None:
    """A voice stands for many processes; one of its lines says nothing of the next."""
    assert found((VOICE_PID, 0), (8, 10 * MINUTE), (VOICE_PID, 10)) == []


@pytest.mark.parametrize("count", [0, 1])
def test_hardly_any_lines(count: int) -> None:
    """No line has another before it."""
    assert found(*[(7, 0.0)] * count) == []
