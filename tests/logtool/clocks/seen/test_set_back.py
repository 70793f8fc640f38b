"""Places at which the host's clock was set back."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.clocks.options import ClockOptions
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.roles import Process
from logtool.clocks.seen.set_back import SetBack, set_back
from logtool.clocks.seen.strands import Strands
from parsers.units import SECOND
from tests.logtool.clocks.scenes import HOUR, at, knots_of, line, scene, solved

#: In June, when no zone goes back.
START = at("2026-06-10 12:00:00") // SECOND
CHILD, OTHER, DAEMON = 1, 2, 3
OFFSET = {CHILD: 2 * HOUR, OTHER: 2 * HOUR, DAEMON: -5 * HOUR}
ROLES = {CHILD: Process("child"), OTHER: Process("child"), DAEMON: Process("daemon", "app")}


def written(rows: list[tuple[int, float]], back: float = 0, where: int = 0) -> Knots:
    """Lines of processes at instants; from one on the host's clock is so many seconds late."""
    return knots_of(
        *(
            (pid, START + second + OFFSET[pid] - (back if row >= where else 0))
            for row, (pid, second) in enumerate(rows)
        )
    )


def found(knots: Knots, roles: dict[int, Process] = ROLES) -> tuple[SetBack, ...]:
    """What is found in these lines alone."""
    return set_back(Strands.of(knots), roles, (), scene(knots).breaks)


def busy(seed: int) -> list[tuple[int, float]]:
    """Sixty lines, some seconds apart, every third of each process."""
    rng, second, rows = Random(seed), 0.0, []
    for _ in range(20):
        for pid in rng.sample([*OFFSET], 3):
            second += rng.uniform(0.1, 10)
            rows.append((pid, second))
    return rows


@given(st.integers(0, 999), st.integers(100, 30_000), st.integers(4, 56))
def test_it_is_where_all_fall_together(seed: int, back: int, where: int) -> None:
    """Between the lines before it and after it, and by no more than it was set back."""
    (place,) = found(written(busy(seed), back, where))
    assert place.low < where <= place.high
    assert back - 60 <= place.back_us / SECOND <= back


@given(st.integers(0, 999), st.sampled_from([-7 * HOUR, -2 * HOUR, 3 * HOUR]), st.integers(4, 56))
def test_a_process_that_falls_alone_has_changed_its_own_clock(
    seed: int, away: int, where: int
) -> None:
    """Whoever it is."""
    for who in OFFSET:
        rows = [
            (pid, second + (away if pid == who and row >= where else 0))
            for row, (pid, second) in enumerate(busy(seed))
        ]
        assert not found(written(rows))


@pytest.mark.parametrize(
    "roles",
    [
        {**ROLES, CHILD: Process("child", embedded=True)},
        {**ROLES, DAEMON: Process("child")},
        {pid: Process("daemon", "app") for pid in ROLES},
    ],
)
def test_applications_may_move_all_clocks(roles: dict[int, Process]) -> None:
    """Where they run in children, or where nobody but daemons speaks."""
    assert not found(written(busy(1), HOUR, 30), roles)


def test_who_goes_on_as_before_refutes_it() -> None:
    """Two fall in the same moment, and the third's time goes on meanwhile."""
    rows = busy(2)
    moved = [(pid, second - (HOUR if pid != OTHER and row >= 30 else 0))
             for row, (pid, second) in enumerate(rows)]  # fmt: skip
    assert not found(written(moved))


def test_a_night_in_which_zones_go_back_is_none() -> None:
    """At the local time at which clocks go back from three to two in Berlin."""
    rows = busy(3)
    away = at("2026-10-25 01:00:00") // SECOND - START - rows[30][1]
    rows = [(pid, away + second) for pid, second in rows]
    assert not found(written(rows, HOUR, 30))


def test_a_log_that_stands_back_to_front_was_not_set_back_at_every_line() -> None:
    """Then nothing is found."""
    assert not found(written([*reversed(busy(4))]))


def log_with(between: list[str]) -> list[str]:
    """A child in Berlin and a daemon in New York, set back by an hour; lines in between."""
    lines = []
    for minute in range(40, 60):
        lines.append(
            line(f"2026-06-10 14:{minute}:00", 11, "AH00128: File does not exist: /x", "core:info")
            .replace("] AH", "] [client 10.0.0.1:1] AH")
        )  # fmt: skip
        lines.append(
            line(f"2026-06-10 08:{minute}:01", 12, "").rstrip() + " [remote 10.0.0.1:1] hello"
        )
    again = [text.replace(":4", ":0").replace(":5", ":1") for text in lines]
    return [*lines, *between, *again]


def test_no_process_changes_its_clock_there() -> None:
    """All lines have the offsets that they had before, as surely as before."""
    lines = log_with([])
    table, answers = solved(lines, ClockOptions(server_tz="Europe/Berlin"))
    assert {answer and answer[0] for answer in answers[::2]} == {2}
    assert {answer and answer[0] for answer in answers[1::2]} == {-4}
    assert {answer and answer[1] for answer in answers} <= {"certain", "likely"}
    (note,) = [note.text for note in table.notes if note.kind == "set-back"]
    assert note.startswith("the host's clock was set back before line 41 of error.log, by 3540 s")


def test_a_start_of_apache_tells_that_its_zone_may_be_another() -> None:
    """Processes of a container that is started anew have the pids of those before."""
    words = "AH00489: Apache/2.4.62 (Debian) configured -- resuming normal operations"
    start = line("2026-06-10 14:00:00", 1, words, "mpm_event:notice")
    table, _ = solved(log_with([start]), ClockOptions(server_tz="Europe/Berlin"))
    assert not [note for note in table.notes if note.kind == "set-back"]


def test_an_application_that_is_loaded_meanwhile_hides_nothing() -> None:
    """A daemon that was seen being born moves its clock by hours as it sets its zone."""
    rows = [(pid, second + OFFSET[CHILD] - OFFSET[pid]) for pid, second in busy(1)[:24]]
    rows += busy(1)[24:]
    knots = written(rows, 2400, 30)
    born = ROLES | {DAEMON: Process("daemon", "app", born=True)}
    (place,) = found(knots, born)
    assert place.low < 30 <= place.high
    assert found(knots) == ()
