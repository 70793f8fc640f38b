"""An hour that occurs twice: which of the two it was, and whether anything tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from logtool.__main__ import run
from logtool.clocks.evidence.neighbours import find_neighbours
from logtool.clocks.options import ClockOptions
from logtool.clocks.table import ClockTable
from parsers.units import SECOND
from tests.logtool.clocks.evidence.test_neighbours import access_line, berlin
from tests.logtool.clocks.scenes import at, born, line, resuming, solved

IN_NEW_YORK = ClockOptions(server_tz="America/New_York")
#: Two parents, one after the other, in the night in which New York's clocks go back at 06:00Z.
NIGHT = [
    line(f"2026-11-01 01:59:50.{thousandth}", pid, "AH01914: Configuring server x", "ssl:info")
    for thousandth, pid in (("028", 6817), ("034", 6817), ("064", 6821), ("077", 6821))
]


def told(table: ClockTable) -> set[str]:
    """What is said of the hour."""
    return {fact.text for clock in table.clocks for fact in clock.evidence if fact.kind == "twice"}


def test_a_toss_is_assumed() -> None:
    """Nothing tells which of the two it was: the other offset is said, and who assumes what."""
    table, answers = solved(NIGHT, IN_NEW_YORK)
    assert {answer and answer[1] for answer in answers} == {"assumed"}
    (offset,) = {answer and answer[0] for answer in answers}
    other = {-4: "-05:00", -5: "-04:00"}[round(offset or 0)]
    assert told(table) == {f"01:59:50 occurs twice in that night; {other} fits as well"}
    (note,) = [note.text for note in table.notes if note.kind == "assumed"]
    assert f"{other} fits as well" in note


@pytest.mark.parametrize(("hours", "other"), [(4, "-05:00"), (5, "-04:00")])
def test_the_file_s_time_tells_which(hours: int, other: str) -> None:
    """There is a reason: it is likely; the other offset is told all the same."""
    written = at(f"2026-11-01 0{1 + hours}:59:50.078")
    table, answers = solved(NIGHT, IN_NEW_YORK, mtime_us=written)
    assert {*answers} == {(-hours, "likely")}
    less = {f"01:59:50 occurs twice in that night; what is around it suits {other} less"}
    assert told(table) == less


@pytest.mark.parametrize(
    ("stamp", "offset"), [("2026-11-01 00:59:50", -4), ("2026-11-01 02:00:03", -5)]
)
def test_what_is_around_it_tells_which(stamp: str, offset: int) -> None:
    """A line some moments away, or an hour and some moments."""
    middle = line("2026-11-01 01:00:05" if offset == -4 else "2026-11-01 01:59:50", 6817,
                  "AH01914: x", "ssl:info")  # fmt: skip
    near = line(stamp, 6815, "AH01914: x", "ssl:info")
    lines = [near, middle] if offset == -4 else [middle, near]
    _, answers = solved(lines, IN_NEW_YORK)
    assert [answer and answer[0] for answer in answers] == [offset, offset]
    assert "assumed" not in {answer and answer[1] for answer in answers}


def test_an_hour_that_occurs_once() -> None:
    """An hour later there is nothing to choose."""
    lines = [text.replace("01:59", "02:59") for text in NIGHT]
    table, answers = solved(lines, IN_NEW_YORK)
    assert {*answers} == {(-5, "certain")}
    assert not told(table)


def test_it_is_explained(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Where one line is asked about, and in the table with -v; --strict bites."""
    log = tmp_path / "error.log"
    log.write_text("\n".join(NIGHT) + "\n")
    zone = ("--no-neighbours", "--server-tz", "America/New_York", str(log))
    for word in ("--explain=1", "-v"):
        assert run(["clocks", word, *zone]) == 0
        assert "01:59:50 occurs twice in that night; " in capfd.readouterr().out
    assert run(["normalize", "-q", "--strict", *zone]) == 1


def _night(quiet: str) -> list[str]:
    """A server in Berlin, and a daemon that sets London's zone and writes but a line in its night.

    Both zones go back at 01:00Z: 01:01 occurs twice in London.
    """
    busy = [
        text
        for day, server, daemon in ((24, 22, 21), (25, 8, 7))
        for second in range(10, 40, 2)
        for text in (
            line(f"2026-10-{day} {daemon:02}:00:{second}", 7),
            line(f"2026-10-{day} {server:02}:00:{second + 1}", 1, "AH00094: x", "core:notice"),
        )
    ]
    first = [resuming("2026-10-24 22:00:01"), born("2026-10-24 22:00:02", 7)]
    return [*first, *busy[:30], line(quiet, 7), *busy[30:]]


@pytest.mark.parametrize(("stamp", "confidence"), [("01:01", "assumed"), ("02:01", "likely")])
def test_an_hour_that_occurs_twice_in_a_zone_that_nobody_named(stamp: str, confidence: str) -> None:
    """Only what the daemon wrote before and after tells its zone, and either hour fits as well."""
    table, answers = solved(
        _night(f"2026-10-25 {stamp}:00"), ClockOptions(server_tz="Europe/Berlin")
    )
    assert [answer and answer[1] for answer in answers if answer][32] == confidence
    others = {answer[1] for row, answer in enumerate(answers) if answer and row != 32}
    assert others == {"certain"}
    assert bool(told(table)) == (confidence == "assumed")


#: A server in Berlin and its daemon in the night in which clocks go back at 01:00Z.
IN_BERLIN = ClockOptions(server_tz="Europe/Berlin")


def _child(clock: str, pid: int = 2, client: str = "") -> str:
    words = f"{client}AH01964: Connection to child 1 established"
    return line(f"2026-10-25 {clock}", pid, words, "ssl:info")


@pytest.mark.parametrize("silent", ["02:00", "02:41"])
def test_an_hour_is_missing_anywhere_in_it(silent: str) -> None:
    """Only one of the two hours was written in: each of its lines may be of either."""
    minutes = [f"02:{minute:02}" for minute in range(2, 60, 3) if f"02:{minute:02}" != silent]
    clocks = ["01:49", "01:52", "01:55", *minutes, "03:01", "03:04", "03:07"]
    lines = [resuming("2026-10-25 01:46:00"), *(_child(f"{clock}:00") for clock in clocks)]
    _, answers = solved(lines, IN_BERLIN)
    sure = [answer and answer[1] for answer in answers]
    assert {*sure[4:-3]} == {"assumed"}
    assert "assumed" not in {*sure[:4], *sure[-3:]}


def test_who_says_little_goes_back_with_all_others() -> None:
    """A parent that speaks twice in the hour does not show that none was missing in between."""
    minutes = [*range(2, 18, 3), *range(25, 60, 3)]
    clocks = ["01:49:00", "01:55:00", *(f"02:{minute:02}:00" for minute in minutes), "03:01:00"]
    words = "AH00493: SIGUSR1 received.  Doing graceful restart"
    parent = [line(f"2026-10-25 {x}", 1, words, "mpm_event:notice") for x in ("02:09", "02:40")]
    lines = sorted([resuming("2026-10-25 01:46:00"), *map(_child, clocks), *parent])
    _, answers = solved(lines, IN_BERLIN)
    sure = [answer and answer[1] for answer in answers]
    assert {*sure[3:-1]} == {"assumed"}
    assert "assumed" not in {*sure[:3], sure[-1]}


def test_a_clock_that_goes_back_to_where_it_was_some_seconds_ago() -> None:
    """After a silence of an hour a process's own time falls by less than tells much."""
    before = [_child(f"02:{minute:02}:30") for minute in (2, 5, 8, 11)]
    after = [_child(f"02:{minute:02}:27") for minute in (11, 14, 17, 20)]
    lines = [
        resuming("2026-10-25 01:46:00"),
        *before,
        _child("02:14:00", 3),
        *after,
        _child("03:02:00"),
    ]
    _, answers = solved(lines, IN_BERLIN)
    assert [answer and answer[0] for answer in answers] == [2] * 6 + [1] * 5


@pytest.mark.parametrize(("quiet", "before"), [(9, "assumed"), (0, "likely")])
def test_a_zone_that_nobody_told_may_have_gone_back(quiet: int, before: str) -> None:
    """In a silence of everybody; hardly between lines that come every minute."""
    minutes = [*range(90), *range(90 + quiet, 180)]
    clocks = [f"{minute // 60 + 1:02}:{minute % 60:02}:00" for minute in minutes]
    lines = [resuming("2026-10-25 00:59:00"), *(_child(clock) for clock in clocks)]
    _, answers = solved(lines, mtime_us=at("2026-10-25 02:59:00"))
    assert answers[0] == (1, before)
    assert answers[-1] == (1, "likely")


def test_while_apache_is_stopped_silence_is_no_surprise() -> None:
    """It may have been stopped for an hour, or not have written before for as long."""
    before = [_child(f"02:39:{second}") for second in range(50, 60, 2)]
    after = [_child(f"02:{41 + half // 2}:{half % 2}1", 3) for half in range(38)]
    lines = [
        resuming("2026-10-25 01:46:00"),
        _child("01:58:00"),
        *before,
        line(
            "2026-10-25 02:39:59", 1, "AH00491: caught SIGTERM, shutting down", "mpm_event:notice"
        ),
        resuming("2026-10-25 02:40:00", pid=11),
        *after,
        _child("03:00:05", 3),
    ]
    _, answers = solved(lines, IN_BERLIN)
    sure = [answer and answer[1] for answer in answers]
    assert {*sure[2:8]} == {"assumed"}
    assert "assumed" not in {*sure[8:]}


@pytest.mark.parametrize("hours", [2, 1])
def test_requests_tell_which(tmp_path: Path, hours: int) -> None:
    """Of a client that asks once an hour, but not in the one of the two that it was not."""
    wrong = at(f"2026-10-25 0{hours - 1}:30:00") // SECOND
    first = at("2026-10-24 12:30:00") // SECOND
    asked = [second for second in range(first, first + 86_400, 3600) if second != wrong]
    log = tmp_path / "access.log"
    log.write_text("".join(access_line(second, berlin(second)) for second in asked))
    beside = find_neighbours([], access_logs=[log], search=False)
    clocks = ("01:50:00", "02:30:00", "03:10:00")
    lines = [
        resuming("2026-10-25 01:46:00"),
        *(_child(x, 2, "[client 10.0.0.9:1] ") for x in clocks),
    ]
    _, answers = solved(lines, IN_BERLIN, beside=beside)
    assert answers[2] == (hours, "likely")
