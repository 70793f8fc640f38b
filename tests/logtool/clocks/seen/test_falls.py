"""A clock may have gone back unseen where nobody vouches that less time passed."""

from __future__ import annotations

import numpy as np
import pytest

from logtool.clocks.options import ClockOptions
from logtool.clocks.seen import falls
from logtool.clocks.seen.falls import doubted, hidden_falls
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.lives import LIFE_PID
from logtool.clocks.seen.roles import Process
from logtool.clocks.seen.spans import UTC_PID
from logtool.clocks.seen.strands import Strands
from logtool.clocks.seen.voices import VOICE_PID
from tests.logtool.clocks.scenes import born, knots_of, line, resuming, solved

MINUTE = 60
#: Asked of process 7: two lines nine minutes apart.
FIRST, SECOND = (7, 0), (7, 9 * MINUTE)


def hidden(
    *rows: tuple[int, float], steady: int = 0, sibling: int = 0, born: bool = False
) -> list[int]:
    """Places of knots before which process 7 may have gone back."""
    strands = Strands.of(knots_of(*rows))
    pids = strands.pids
    party = np.where(pids == sibling, 7, pids)
    party[pids == steady] = -1
    found = hidden_falls(strands, party, pids == 7, (pids == 7) & born)
    return np.flatnonzero(found).tolist()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([FIRST, SECOND], [1], id="nobody else speaks"),
        pytest.param([(1, 0), FIRST, SECOND], [2], id="nobody speaks after"),
        pytest.param([FIRST, SECOND, (1, 9 * MINUTE)], [1], id="nobody speaks before"),
        pytest.param([(1, 0), FIRST, SECOND, (1, 10 * MINUTE)], [], id="another vouches"),
        pytest.param([(1, 0), (2, 0), FIRST, SECOND, (2, 70 * MINUTE)], [3], id="too long"),
        pytest.param(
            [(1, 0), FIRST, *((2, step) for step in range(40)), SECOND, (1, 10 * MINUTE)],
            [], id="far away, and yet it vouches",
        ),
        pytest.param(
            [(1, 70 * MINUTE), (1, 0), FIRST, SECOND, (1, 70 * MINUTE), (1, 0)], [3],
            id="after a jump it is another clock",
        ),
        pytest.param([FIRST, (7, 2 * MINUTE)], [], id="a step that hardly hides anything"),
        pytest.param([FIRST, (7, 2 * MINUTE + 1)], [1], id="a step that may hide it"),
        pytest.param([FIRST, (7, 11 * MINUTE)], [], id="a silence is told apart anyway"),
        pytest.param([FIRST, (7, -3600)], [], id="what fell was seen"),
        pytest.param([FIRST, (7, -11)], [1], id="time that steps back"),
        pytest.param([FIRST, (7, -10)], [], id="lines that race"),
        pytest.param([(7, 0), (8, 0), (7, 9 * MINUTE)], [2], id="nor does its own line vouch"),
    ],
)  # fmt: skip
def test_hidden_falls(rows: list[tuple[int, float]], expected: list[int]) -> None:
    """Only a process that spoke before and after tells how much time passed at most."""
    assert hidden(*rows) == expected


@pytest.mark.parametrize("at_once", [1, 3, 1000])
def test_all_processes_are_asked(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are asked in one step, the last of them may vouch for what the first did not."""
    monkeypatch.setattr(falls, "_AT_ONCE", at_once)
    far = [(9, 0.0)] * 5  # no line near these two is of another party
    between = [(pid, at * MINUTE) for at in (8, 16) for pid in (2, 3, 4, 6)]
    enclosed = [*far, FIRST, *between, SECOND, *far]
    slow = [(pid, 0.0) for pid in (2, 3, 4, 6)], [(pid, 25.0 * MINUTE) for pid in (2, 3, 4, 6)]
    rows = [*slow[0], (5, 0.0), *enclosed, *slow[1]]
    assert hidden(*rows, sibling=9) == [rows.index(SECOND)]
    assert hidden(*rows, (5, 9.0 * MINUTE), sibling=9) == []


def test_how_much_time_is_too_much() -> None:
    """A fall of a quarter of an hour hides in nine minutes that were twenty-four."""
    talk = [(1, 8 * MINUTE), (1, 16 * MINUTE)]
    for minutes, places in ((23.9, []), (24, [4])):
        assert hidden((1, 0), FIRST, *talk, SECOND, (1, minutes * MINUTE)) == places


def test_a_steady_clock_vouches_over_its_silences() -> None:
    """Twelve minutes may be a change of another's clock, and are twelve minutes of the parent's."""
    rows = [(1, 0), FIRST, SECOND, (1, 12 * MINUTE)]
    assert hidden(*rows) == [2]
    assert hidden(*rows, steady=1) == []


def test_siblings_do_not_vouch_for_each_other() -> None:
    """Both may have gone back in the same silence."""
    rows = [(1, 0), FIRST, SECOND, (1, 10 * MINUTE)]
    assert hidden(*rows) == []
    assert hidden(*rows, sibling=1) == [2]


def test_first_moments() -> None:
    """Steps may hide the change that an application makes as it is loaded, and the one after."""
    rows = [FIRST, (7, 1), (7, 3600), (7, 3601), (7, 7200)]
    assert hidden(*rows) == []
    assert hidden(*rows, born=True) == [1, 2]


def test_applications_that_change_the_clock_back_and_forth() -> None:
    """Any step may hide one more change: of the process, and of its siblings."""
    rows = [FIRST, (7, 1), (8, 0), (8, -3600), (8, 7200), (8, 3600)]
    assert hidden(*rows) == []
    assert hidden(*rows, sibling=8) == [1]
    assert hidden(*rows[:4], sibling=8) == []


def alone(pid: int) -> Knots:
    """Two lines of nobody but this process."""
    return knots_of((pid, 0), (pid, 9 * MINUTE))


@pytest.mark.parametrize(
    ("pid", "process", "asked"),
    [
        (7, Process("daemon", "app"), True),
        (7, Process("child", embedded=True), True),
        (7, None, True),
        (LIFE_PID - 3, Process("daemon", "app"), True),
        (7, Process("child"), False),
        (7, Process("parent"), False),
        (7, Process(serves=True), False),
        (UTC_PID, None, False),
        (VOICE_PID - 1, None, False),
    ],
)
def test_who_may_change_his_clock(pid: int, process: Process | None, asked: bool) -> None:
    """Who runs no application does not; lines without a pid are nobody's."""
    found = doubted(Strands.of(alone(pid)), {pid: process} if process else {})
    assert found.tolist() == [False, asked]


def test_what_a_silence_may_hide_is_not_certain() -> None:
    """A daemon's nine minutes may be an hour and nine, if its clock went back by an hour.

    So may what it writes afterwards; what others enclose stays certain.
    """
    log = [
        resuming("2026-06-05 10:00:00"),
        born("2026-06-05 10:00:00", 7),
        line("2026-06-05 10:00:01", 1, "AH00094: Command line: 'x'", "core:notice"),
        line("2026-06-05 10:12:11", 7),
        line("2026-06-05 10:12:12", 5, "[client 10.0.0.1:1] AH01964: Connection", "ssl:info"),
        line("2026-06-05 10:21:13", 7),
        line("2026-06-05 11:29:34", 5, "[client 10.0.0.1:2] AH01964: Connection", "ssl:info"),
        line("2026-06-05 10:29:37", 7),
        line("2026-06-05 11:29:44", 5, "[client 10.0.0.1:2] AH01998: Connection", "ssl:info"),
    ]
    _, answers = solved(log, ClockOptions(server_tz="UTC"))
    assert [answer[1] if answer else None for answer in answers] == [
        *["certain"] * 5, "likely", *["certain"] * 3,
    ]  # fmt: skip
    assert answers[7] == (-1.0, "certain")


def test_what_comes_next_after_the_first_second_is_not_certain() -> None:
    """A daemon that is loaded in its first second shows no other clock there.

    httpd keeps the local time of a second. A quarter of an hour later it may be half an hour later.
    """
    log = [
        resuming("2026-06-11 09:46:00"),
        born("2026-06-11 09:46:18.1", 7),
        line("2026-06-11 09:46:18.2", 7, "loaded"),
        line("2026-06-11 09:51:13", 1, "AH00094: Command line: 'x'", "core:notice"),
        line("2026-06-11 10:01:04", 7),
    ]
    _, answers = solved(log, ClockOptions(server_tz="Asia/Kathmandu"))
    assert answers == [(5.75, "certain")] * 4 + [(5.75, "likely")]
