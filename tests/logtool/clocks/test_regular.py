"""Jobs that run once in an hour or so: a silence between two runs is no change of clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import numpy as np
import pytest

from logtool.clocks.knots import MINUTE, SECOND
from logtool.clocks.options import ClockOptions
from logtool.clocks.regular import worth
from tests.logtool.clocks.scenes import HOUR, born, line, resuming, solved

IN_BERLIN = ClockOptions(server_tz="Europe/Berlin")
NOON = datetime.fromisoformat("2026-11-10 13:00:00")


def _after(seconds: float) -> str:
    return f"{NOON + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S.%f}"


def job(period_s: int, daemons: int, runs: int, jitter_s: float) -> list[str]:
    """A server with daemons of one application, all in one zone, that run a job by turns."""
    chance = Random(f"{period_s} {daemons} {jitter_s}")
    lines = [born(_after(0.1 * number), 101 + number) for number in range(daemons)]
    lines.append(resuming(_after(0.5), 100))
    for run in range(runs):
        stamp = _after(600 + run * period_s + chance.random() * jitter_s)
        lines.append(line(stamp, 101 + run % daemons, f"INFO job {run} done"))
    return lines


@pytest.mark.parametrize("options", [IN_BERLIN, ClockOptions()])
@pytest.mark.parametrize("daemons", [1, 2])
@pytest.mark.parametrize(
    ("period_s", "jitter_s"),
    [(900, 0.3), (1800, 2.5), (HOUR, 0.5), (2 * HOUR, 8.0), (24 * HOUR, 0.5)],
)
def test_a_regular_job_keeps_its_clock(
    period_s: int, jitter_s: float, daemons: int, options: ClockOptions
) -> None:
    """Nobody's clock changes with each run, and real time never runs backwards."""
    lines = job(period_s, daemons, 24, jitter_s)
    _, answers = solved(lines, options)
    told = [answer for answer in answers if answer]
    assert len(told) == len(lines)
    assert len({hours for hours, _ in told}) == 1
    if options is IN_BERLIN:
        assert {hours for hours, _ in told} == {1}


def test_round_silences_count_once() -> None:
    """But for one each time that local time runs back, as it does where a clock changes."""
    hour = HOUR * SECOND
    silences = [hour, hour + 30 * SECOND, 2 * hour, 5 * MINUTE, hour + 7 * MINUTE]
    assert worth(np.array(silences)).tolist() == [1 / 3, 1 / 3, 1 / 3, 1, 1]
    assert worth(np.array([*silences, -hour])).tolist() == [2 / 3, 2 / 3, 2 / 3, 1, 1, 1]
    assert worth(np.array([hour, -hour, hour])).tolist() == [1, 1, 1]
    assert worth(np.zeros(0, np.int64)).tolist() == []


def test_a_clock_that_goes_back_and_forth_still_does() -> None:
    """It has gone back for certain, and so often it went forward."""
    lines = [born("2026-11-10 13:00:00", 101)]
    for run in range(6):
        hour, minute = 13 + (run + 1) % 2, 5 + 2 * run
        lines.append(line(f"2026-11-10 {hour}:{minute:02}:00", 101, "job"))
    _, answers = solved(lines, IN_BERLIN)
    assert len({answer[0] for answer in answers if answer}) == 2
