"""A zone that is told where no line tells who keeps it."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest

from logtool.clocks.options import ClockOptions
from tests.logtool.clocks.scenes import at, line, resuming, solved

BEGIN = datetime.fromisoformat("2026-02-03T10:00")


def requests(kind: str, hours: float) -> list[str]:
    """Lines of four processes, all in one clock, so many hours apart; nobody is seen starting."""
    rng, when, lines = Random(1), BEGIN, []
    for _ in range(40):
        when += timedelta(seconds=round(rng.expovariate(1 / (hours * 3600))))
        pid, client = rng.choice((11, 12, 13, 14)), f"10.0.0.1:{rng.randrange(2000, 60_000)}"
        if kind == "child":
            told = f"[client {client}] AH01964: Connection to child 1 established"
            lines.append(line(f"{when}", pid, told, "ssl:info"))
        lines.append(line(f"{when}", pid, f"[{KINDS[kind]} {client}] Not Found: /x"))
    return lines


#: How a format marks the client where an application runs in a child or in a daemon.
KINDS = {"child": "client", "daemon": "remote"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hours", [0.3, 12])
@pytest.mark.parametrize(
    ("zone", "offset"), [("Asia/Kathmandu", 5.75), ("Pacific/Chatham", 13.75), ("UTC", 0)]
)
def test_who_may_keep_it_keeps_it(kind: str, hours: float, zone: str, offset: float) -> None:
    """However rare the zone is; an application runs in each, and nothing shows who keeps it."""
    _, answers = solved(requests(kind, hours), ClockOptions(server_tz=zone))
    assert {*answers} == {(offset, "assumed")}


#: The first lines of a server in Berlin that writes warnings, and of two daemons; one keeps New
#: York's zone. Of a capture, moved to another evening.
OF_WARNINGS = [
    line("2026-10-24 20:30:54", 16299, "AH01882: Init: this version of mod_ssl was", "ssl:warn"),
    resuming("2026-10-24 20:30:54", 16299),
    line("2026-10-24 20:57:24", 16301, "INFO loaded"),
    line("2026-10-24 20:57:24", 16300, "INFO loaded"),
    line("2026-10-24 18:48:01", 16300, "[client 127.0.0.1:46850] slow query: 1204 ms"),
    line("2026-10-24 20:22:37", 16300, "[client 127.0.0.1:46862] ValueError"),
]


def test_who_is_new_begins_with_the_server_s_clock() -> None:
    """Nobody is seen starting, but one is seen to be moved: by that order tells of both."""
    _, answers = solved(OF_WARNINGS, ClockOptions(server_tz="Europe/Berlin"))
    assert answers == [(2, "certain")] * 2 + [(2, "likely")] * 2 + [(-4, "likely")] * 2


#: An application's lines in Sydney, of two daemons that nothing marks as such.
SYDNEY = [
    line(f"2026-11-27 07:58:{second}", pid, "[client 127.0.0.1:58758] INFO plain: report started")
    for second, pid in ((20, 3701), (21, 3701), (24, 3919), (29, 3919), (31, 3919))
]
IN_NEW_YORK = ClockOptions(server_tz="America/New_York")


def test_a_witness_of_an_application_outweighs_the_servers_zone() -> None:
    """The zone is Apache's, every line an application's; a file's time is that of its last line."""
    table, answers = solved(SYDNEY, IN_NEW_YORK, mtime_us=at("2026-11-26 20:58:31.004"))
    assert {answer and answer[0] for answer in answers} == {11}
    assert answers[-1] == (11, "likely")
    (note,) = [one.text for one in table.notes if one.kind == "server-tz"]
    assert note == (
        "--server-tz America/New_York contradicts the log: no process here was found to keep it; "
        "every line is an application's, which may have set another zone"
    )


def test_the_servers_zone_alone_is_assumed_of_applications() -> None:
    """A file's time that is no line's tells nothing, and one that suits the zone vouches for it."""
    for mtime, sure in (
        (None, "assumed"),
        ("2026-11-27 16:03:08", "assumed"),
        ("2026-11-27 12:58:31.004", "likely"),
    ):
        _, answers = solved(SYDNEY, IN_NEW_YORK, mtime_us=at(mtime) if mtime else None)
        assert {*answers} == {(-5, sure)}


def test_a_line_of_httpd_itself_shows_who_keeps_it() -> None:
    """The same with a line of a child: the zone is that of who serves, and its time counts more."""
    child = line("2026-11-27 07:58:32", 4000, "[client 127.0.0.1:5] AH00128: x", "core:info")
    _, answers = solved([*SYDNEY, child], IN_NEW_YORK)
    assert {*answers} == {(-5, "likely")}


def test_applications_that_leave_it_show_nothing_of_who_keeps_one_clock() -> None:
    """Berlin's, until a process sets New York's: of one that sets none in sight nothing is known.

    It may have done so before its first line, though the file's time vouches for another one.
    """
    leaves = [line(f"2026-11-24 10:00:0{second}", 11, "x") for second in range(3)]
    leaves += [line(f"2026-11-24 04:00:0{second}", 11, "x") for second in range(3, 6)]
    stays = [line(f"2026-11-25 04:00:0{second}", 12, "x") for second in range(6)]
    vouched = [line(f"2026-11-26 10:00:0{second}", 13, "x") for second in range(3)]
    in_berlin = ClockOptions(server_tz="Europe/Berlin")
    mtime_us = at("2026-11-26 09:00:02.004")

    _, answers = solved([*leaves, *stays, *vouched], in_berlin, mtime_us=mtime_us)
    assert answers[:6] == [(1, "likely")] * 3 + [(-5, "likely")] * 3
    assert {answer and answer[1] for answer in answers[6:12]} == {"assumed"}
    assert {*answers[12:]} == {(1, "likely")}

    _, answers = solved([*stays, *vouched], in_berlin, mtime_us=mtime_us)
    assert {answer and answer[1] for answer in answers} == {"likely"}  # nobody was seen to leave


#: Two children that an application moved before their first line, and what the server says of one.
MOVED = [
    line(f"2026-11-27 03:56:0{second}", 20 + second % 2, f"[client 10.0.0.1:5{second}] INFO x")
    for second in range(8)
]
SERVES = line("2026-11-27 03:56:09", 30, "[client 10.0.0.1:59] AH00128: x", "core:info")


def test_a_files_time_that_contradicts_leaves_nothing_but_an_assumption() -> None:
    """A child in which no application was seen is taken to keep Berlin's, not the UTC it keeps."""
    in_berlin = ClockOptions(server_tz="Europe/Berlin")
    for mtime, sure in (
        ("2026-11-27 03:56:09.004", "assumed"),
        ("2026-11-27 02:56:09.004", "likely"),
        ("2026-11-27 07:11:33", "likely"),
    ):
        _, answers = solved([*MOVED, SERVES], in_berlin, mtime_us=at(mtime))
        assert {*answers} == {(1, sure)}


def test_what_is_sure_stays_so_against_a_files_time() -> None:
    """A parent keeps the zone that Apache was started in; the file may have been copied."""
    ends = resuming("2026-11-27 03:56:08")
    table, answers = solved(
        [resuming("2026-11-27 03:56:00"), *MOVED, ends, SERVES],
        ClockOptions(server_tz="Europe/Berlin"),
        mtime_us=at("2026-11-27 03:56:09.004"),
    )
    assert {*answers[:-1]} == {(1, "likely")}
    assert answers[-1] == (1, "assumed")  # a child after the parent's last word
    assert any(note.kind == "conflict" for note in table.notes)


def test_a_child_that_left_unseen_shows_that_others_may_have() -> None:
    """The file's time is UTC of one embedded child; of another, hours before, nothing is known.

    What runs in one child may run in any: it is taken to keep what that one keeps.
    """
    before = [line("2026-11-26 20:15:00", 40, "[client 10.0.0.1:7] AH00128: x", "core:info")]
    waits = (
        "[client 10.0.0.1:8] Timeout when reading response headers from daemon process 'shop': /"
    )
    embedded = [line("2026-11-27 03:55:00", 20, waits)]
    embedded += [
        line(f"2026-11-27 03:56:0{second}", 20, "[client 10.0.0.1:9] INFO x") for second in range(5)
    ]
    in_berlin = ClockOptions(server_tz="Europe/Berlin")

    _, answers = solved([*before, *embedded], in_berlin, mtime_us=at("2026-11-27 03:56:04.004"))
    assert [*dict.fromkeys(answers)] == [(0, "assumed"), (0, "likely")]

    _, answers = solved([*before, *embedded], in_berlin, mtime_us=at("2026-11-27 02:56:04.004"))
    assert {*answers} == {(1, "likely")}
