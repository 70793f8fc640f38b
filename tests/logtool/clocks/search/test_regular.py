"""Jobs that run once in an hour or so: a silence between two runs is no change of clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import numpy as np
import pytest

from logtool.clocks.options import ClockOptions
from logtool.clocks.search.regular import worth
from parsers.units import MINUTE, SECOND
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


def counted(*silences: tuple[int, int, int]) -> list[float]:
    """How much silences count, each with the process before it and the one behind it."""
    away, before, after = np.array(silences, np.int64).reshape(-1, 3).T
    return [float(count) for count in worth(away, before, after)]


def test_round_silences_count_once() -> None:
    """But for one each time that local time runs back, as it does where a clock changes."""
    hour = HOUR * SECOND
    some = [hour, hour + 30 * SECOND, 2 * hour, 5 * MINUTE, hour + 7 * MINUTE]
    silences = [(silence, 7, 7) for silence in some]
    assert counted(*silences) == [1 / 3, 1 / 3, 1 / 3, 1, 1]
    for process in [(7, 7), (7, 8), (8, 7)]:
        assert counted(*silences, (-hour, *process)) == [2 / 3, 2 / 3, 2 / 3, 1, 1, 1]
    assert counted(*silences, (-hour, 8, 8)) == [1 / 3, 1 / 3, 1 / 3, 1, 1, 1]
    assert counted((hour, 7, 7), (-hour, 7, 7), (hour, 7, 7)) == [1, 1, 1]
    assert counted() == []


def test_each_process_may_set_its_clock_once() -> None:
    """What one process does tells nothing of another."""
    hour = HOUR * SECOND
    assert counted((hour, 7, 8), (hour, 8, 9), (hour, 9, 9)) == [1, 1 / 2, 1 / 2]


def test_a_clock_that_goes_back_and_forth_still_does() -> None:
    """It has gone back for certain, and so often it went forward."""
    lines = [born("2026-11-10 13:00:00", 101)]
    for run in range(6):
        hour, minute = 13 + (run + 1) % 2, 5 + 2 * run
        lines.append(line(f"2026-11-10 {hour}:{minute:02}:00", 101, "job"))
    _, answers = solved(lines, IN_BERLIN)
    assert len({answer[0] for answer in answers if answer}) == 2


def hourly_deployment(hours: int) -> tuple[list[str], list[float]]:
    """A daemon that ends once an hour, in its application's clock; and how far east each line is.

    All that each says in its first second is in the server's clock, for the second's time is kept.
    """
    lines, east = [resuming("2026-11-10 12:59:59", 100)], [1.0]

    def say(hour: int, second: float, zone: int, pid: int, message: str, module: str) -> None:
        stamp = f"2026-11-10 {hour + zone:02}:10:{second:09.6f}"
        lines.append(line(stamp, pid, message, module))
        east.append(zone)

    for hour in range(12, 12 + hours):
        pid, old = 200 + hour, 199 + hour
        if hour > 12:
            client = f"[client 127.0.0.1:{51_000 + hour}] "
            words = f"{client}mod_wsgi (pid={old}): Force restart of process 'shop'."
            say(hour, 0.02, 0, old, words, "wsgi:info")
            words = (
                f"{client}mod_wsgi (pid=50): Connect after WSGI daemon process restart, attempt #1."
            )
            say(hour, 0.0201, 1, 50, words, "wsgi:info")
            for at, words in enumerate(["Shutdown requested 'shop'.", "Exiting process 'shop'."]):
                say(hour, 0.03 + at / 100, 0, old, f"mod_wsgi (pid={old}): {words}", "wsgi:info")
        words = f"mod_wsgi (pid={old}): Process 'shop' has died, deregister and restart it."
        say(hour, 0.28, 1, 100, words, "wsgi:info")
        for at, words in enumerate(
            ["Starting process 'shop' with uid=33, gid=33 and threads=3.", "Initializing Python."]
        ):
            say(hour, 0.3 + at / 100, 1, pid, f"mod_wsgi (pid={pid}): {words}", "wsgi:info")
        words = (
            f"mod_wsgi (pid={pid}, process='shop', application=''): Loading Python script file 'a'."
        )
        say(hour, 0.34, 1, pid, words, "wsgi:info")
        late = hour % 2  # the second may be over by then
        say(hour, 0.7 + late, 1 - late, pid, "home", "wsgi:error")
    return lines, east


def test_a_daemon_restarts_once_an_hour() -> None:
    """What a daemon says an hour later in its other clock is not what it said at its birth."""
    lines, east = hourly_deployment(8)
    _, answers = solved(lines, IN_BERLIN)
    told = [answer for answer in answers if answer]
    assert len(told) == len(lines)
    wrong = [sure for (hours, sure), right in zip(told, east, strict=True) if hours != right]
    assert set(wrong) <= {"assumed"}
    assert sum(sure != "assumed" for _, sure in told) > len(lines) / 2
    waiting = [
        answer for answer, text in zip(told, lines, strict=True) if "Connect after WSGI" in text
    ]
    assert {*waiting} == {(1, "certain")}  # only a child waits for a daemon, and it runs nothing
