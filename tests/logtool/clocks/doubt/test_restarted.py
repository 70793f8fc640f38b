"""Apache that was stopped, and started anew in another zone than the one that is told."""

from __future__ import annotations

import pytest

from logtool.clocks.options import ClockOptions
from logtool.clocks.table import ClockTable
from tests.logtool.clocks.scenes import Answer, at, born, line, resuming, solved

#: In Berlin, with an application that sets UTC.
IN_BERLIN = [
    born("2026-06-10 17:00:00", 10),
    resuming("2026-06-10 17:00:00.1", 1),
    *(line(f"2026-06-10 15:0{minute}:00", 10) for minute in range(1, 5)),
    line("2026-06-10 17:04:30", 1, "AH00052: child pid 11 exit signal Segmentation fault (11)"),
    line("2026-06-10 15:05:00", 10),
    line("2026-06-10 17:05:01", 1, "AH00491: caught SIGTERM, shutting down", "mpm_event:notice"),
]


def started_anew(hour: int, parent: int) -> list[str]:
    """The same a minute later, its parent's clock at such an hour."""
    return [
        born(f"2026-06-10 {hour}:06:00", 20),
        resuming(f"2026-06-10 {hour}:06:00.1", parent),
        *(line(f"2026-06-10 15:0{minute}:00", 20) for minute in range(7, 9)),
        line(f"2026-06-10 {hour}:08:30", parent, "AH00052: child pid 21 exit signal Aborted (6)"),
        line("2026-06-10 15:09:00", 20),
    ]


def told(zone: str, lines: list[str], mtime: str = "") -> tuple[ClockTable, list[Answer], set[str]]:
    """The answers, and the notes on the zone that is told."""
    mtime_us = at(mtime) if mtime else None
    table, answers = solved(lines, ClockOptions(server_tz=zone), mtime_us=mtime_us)
    return table, answers, {note.text for note in table.notes if note.kind == "server-tz"}


@pytest.mark.parametrize("parent", [2, 1])  # in a container each parent has the same pid
@pytest.mark.parametrize(("zone", "first"), [("UTC", 0), ("Europe/Berlin", 2)])
def test_a_zone_is_only_assumed_where_a_start_would_be_too_early(
    zone: str, first: int, parent: int
) -> None:
    """Each life's clock differs from the other's by what order tells."""
    _, answers, notes = told(zone, [*IN_BERLIN, *started_anew(15, parent)])
    servers = [answers[at] for at in (1, 6, 8, 10, 13)]
    assert servers == [(first + away, "assumed") for away in (0, 0, 0, -2, -2)]
    assert {answer and answer[1] for answer in answers} == {"assumed"}
    assert notes == {
        f"--server-tz {zone} contradicts the log: by it Apache, started anew before line 11 of "
        "error.log, would write 01:59 earlier than it wrote before. It was started in another "
        f"zone then or before, so {zone} is no more than assumed of any start"
    }


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_witness_tells_which_start_keeps_it(zone: str) -> None:
    """The file's time is that of its last line, which an application wrote in UTC."""
    _, answers, notes = told(zone, [*IN_BERLIN, *started_anew(15, 2)], "2026-06-10 15:09:00.004")
    servers = [answer and answer[0] for answer in (answers[at] for at in (1, 6, 8, 10, 13))]
    assert servers == [2, 2, 2, 0, 0]
    assert {answer and answer[1] for answer in answers} == {"assumed"}
    assert len(notes) == 1


def test_two_servers_in_one_file_are_only_assumed_where_the_zone_is_contradicted() -> None:
    """The second, with the same pids and in UTC, begins two hours before the first."""
    second = [text.replace(" 17:0", " 13:0").replace(" 15:0", " 13:0") for text in IN_BERLIN]
    _, answers, notes = told("Europe/Berlin", [*IN_BERLIN, *second], "2026-06-10 13:05:01")
    assert {answer and answer[1] for answer in answers} == {"assumed"}
    assert any("started anew before line 11" in note for note in notes)


@pytest.mark.parametrize(("minutes", "before"), [(17, "assumed"), (1, "likely")])
def test_how_long_apache_was_stopped_no_line_tells(minutes: int, before: str) -> None:
    """Who was not started anew at once may have written before in any other zone to the west."""
    lines = [*IN_BERLIN]
    for text in started_anew(15, 2):
        for minute in (6, 7, 8, 9):
            text = text.replace(f":0{minute}:", f":{5 + minutes + minute - 6:02}:")
        lines.append(text)
    ended = f"2026-06-10 15:{minutes + 8:02}:00.004"
    _, answers = solved(lines, mtime_us=at(ended))
    assert {answer and answer[1] for answer in answers[: len(IN_BERLIN)]} == {before}
    assert {*answers[len(IN_BERLIN) :]} == {(0, "likely")}


def test_a_start_in_the_same_zone_leaves_it_certain() -> None:
    """Nothing runs back."""
    _, answers, notes = told("Europe/Berlin", [*IN_BERLIN, *started_anew(17, 2)])
    assert [answers[at] for at in (1, 6, 8)] == [(2, "certain")] * 3
    assert not notes
