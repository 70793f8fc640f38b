"""What is told of clocks: lines, runs, roles, evidence and notes."""

from __future__ import annotations

import sys
from typing import NoReturn

import pytest

from logtool.clocks.options import ClockOptions
from logtool.clocks.table import Clock, ClockTable
from logtool.clocks.telling.telling import tell
from tests.logtool.clocks.scenes import at, born, line, resuming, solved

IN_BERLIN = ClockOptions(server_tz="Europe/Berlin")
LOG = [
    resuming("2026-06-05 12:00:00"),
    born("2026-06-05 12:00:01", 7, "shop"),
    *[text for minute in range(1, 6) for text in (
        line(f"2026-06-05 12:0{minute}:00", 1), line(f"2026-06-05 10:0{minute}:01", 7),
    )],
]  # fmt: skip


@pytest.fixture(name="table")
def _table() -> ClockTable:
    """The clocks of a parent in Berlin and a daemon in UTC."""
    return solved(LOG, IN_BERLIN)[0]


def of(table: ClockTable, pid: int) -> list[Clock]:
    """The clocks of a process."""
    return [clock for clock in table.clocks if clock.pid == pid]


def test_a_process_has_a_clock_for_each_offset(table: ClockTable) -> None:
    """The parent has one clock; the daemon the server's at its birth, then its own."""
    assert [(c.offset_s, c.lines, c.runs, c.role, c.group) for c in of(table, 1)] == [
        (7200, 6, 1, "parent", "")
    ]
    assert [(c.offset_s, c.lines, c.runs, c.role, c.group) for c in of(table, 7)] == [
        (7200, 1, 1, "daemon", "shop"),
        (0, 5, 1, "daemon", "shop"),
    ]


@pytest.mark.parametrize(("hour", "runs"), [("12", [1, 1]), ("10", [2, 1])])
def test_an_offset_that_is_surer_for_some_lines_is_no_other(hour: str, runs: list[int]) -> None:
    """Who writes the offset that was found for him in some lines has not left it for those."""
    written = f"[2026-06-05 {hour}:03:00 +0{int(hour) - 10}00] [core:error] [pid 1] hello"
    lines = [line(f"2026-06-05 12:0{minute}:00", 1) for minute in (1, 2, 4, 5)]
    clocks = solved([*lines[:2], written, *lines[2:]], IN_BERLIN)[0].clocks
    assert [clock.runs for clock in clocks] == runs


def test_where_and_when(table: ClockTable) -> None:
    """A clock's first and last line and instant are those of its lines."""
    clock = of(table, 7)[1]
    assert (clock.first_line, clock.last_line) == (4, 12)
    assert (clock.first_us, clock.last_us) == (at("2026-06-05 10:01:01"), at("2026-06-05 10:05:01"))


def test_instants_where_time_steps_back() -> None:
    """They reach from the smallest to the largest, wherever these stand in the file."""
    seconds = (10, 40, 5, 20)
    clocks = solved([line(f"2026-06-05 12:00:{one:02}", 1) for one in seconds], IN_BERLIN)[0].clocks
    (clock,) = clocks
    assert (clock.first_us, clock.last_us) == (at("2026-06-05 10:00:05"), at("2026-06-05 10:00:40"))


def test_processes_are_numbered_as_they_appear(table: ClockTable) -> None:
    """Clocks of one process share its number."""
    assert [(clock.process, clock.pid) for clock in table.clocks] == [(0, 1), (1, 7), (1, 7)]


def test_the_zone_that_the_user_named(table: ClockTable) -> None:
    """The server's zone is named for what keeps it, and for nothing else."""
    assert [clock.zone for clock in of(table, 1)] == ["Europe/Berlin"]
    assert of(table, 7)[1].zone == ""


def test_evidence_leads_to_the_anchor(table: ClockTable) -> None:
    """Each clock tells why, the anchor first, with the place of the line."""
    for clock in table.clocks:
        assert clock.evidence[0].kind == "server-tz"
        assert all(fact.file == 0 and 1 <= fact.line <= len(LOG) for fact in clock.evidence)
    assert "order" in {fact.kind for fact in of(table, 7)[1].evidence}
    assert table.notes == ()


def test_evidence_is_looked_for_when_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wants nothing but offsets does not wait for it."""

    def asked(*_: object) -> NoReturn:
        raise AssertionError

    monkeypatch.setattr(sys.modules[tell.__module__], "Grounds", asked)
    table, _ = solved(LOG, IN_BERLIN)
    assert {clock.offset_s for clock in table.clocks} == {7200, 0}
    with pytest.raises(AssertionError):
        table.clocks[0].evidence[0]

    assumed, _ = solved(LOG)  # a note says so, and why
    assert assumed.first_notes == ()
    with pytest.raises(AssertionError):
        assert assumed.notes


def test_what_is_against_it_is_told() -> None:
    """An anchor that loses is a conflict of the clock, and a note on the whole."""
    table, _ = solved(LOG, IN_BERLIN, mtime_us=at("2026-06-05 04:05:01"))
    assert {fact.kind for clock in of(table, 7) for fact in clock.conflicts} == {"mtime"}
    assert "conflict" in {note.kind for note in table.notes}


@pytest.mark.parametrize(
    ("pid", "whom"), [("[pid 7] ", "pid 7"), ("", "lines without pid")], ids=["pid", "none"]
)
def test_against_whom(pid: str, whom: str) -> None:
    """A note names the process, or says that its lines have no pid."""
    words = f"[core:error] {pid}[client 192.0.2.1:4711] AH00128: File does not exist: /x"
    lines = [f"[Fri Jun 05 10:42:{second} 2026] {words}" for second in range(36, 50)]
    table, _ = solved(lines, IN_BERLIN, mtime_us=at("2026-06-05 04:42:50"))
    (note,) = (note.text for note in table.notes if note.kind == "conflict")
    assert note.startswith(f"against the answer for {whom}: error.log was modified ")


def test_what_is_assumed_is_noted() -> None:
    """Lines that rest on an assumption are counted in a note."""
    table, _ = solved(LOG)
    assert [note.text.split()[:2] for note in table.notes if note.kind == "assumed"] == [
        [str(len(LOG)), "lines"]
    ]
    (note,) = solved(LOG[:1])[0].notes
    assert note.text.startswith("1 line rests on an assumption")
