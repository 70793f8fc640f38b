"""Apache that was stopped, and started anew in another zone than the one that is told."""

from __future__ import annotations

import numpy as np
import pytest

from logtool.clocks.doubt.restarted import beyond_strangers
from logtool.clocks.doubt.server_lives import ServerLives, unannounced
from logtool.clocks.engine import ClockFinder
from logtool.clocks.evidence.placed import Placed
from logtool.clocks.file_facts import FileFacts
from logtool.clocks.options import ClockOptions
from logtool.clocks.seen.constraints import Link, Tie
from logtool.clocks.seen.roles import Process
from logtool.clocks.seen.spans import UTC
from logtool.clocks.table import ClockTable, Confidence
from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.detection.detect import detect
from tests.logtool.clocks.scenes import (
    Answer,
    at,
    born,
    knots_of,
    line,
    resuming,
    sample,
    scene,
    solved,
)

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


#: What the first parent says of its end.
_SAID = {
    "": IN_BERLIN[:-1],
    "stopped": IN_BERLIN,
    "restarted": [
        *IN_BERLIN[:-1],
        line("2026-06-10 17:05:01", 1, "AH00493: SIGUSR1 received.  Doing graceful restart"),
    ],
}


@pytest.mark.parametrize(
    ("said", "application", "expected"),
    [
        ("", 15, "certain"),
        ("", 16, "assumed"),
        ("stopped", 16, "certain"),
        ("restarted", 16, "certain"),
    ],
)
def test_a_start_that_nobody_announced_may_be_another_servers(
    said: str, application: int, expected: str
) -> None:
    """It is so where no application goes on in its zone; who was only killed starts the same."""
    before, parent = _SAID[said], 1 if said == "restarted" else 2
    after = [text.replace(" 15:", f" {application}:") for text in started_anew(17, parent)]
    _, answers, _ = told("Europe/Berlin", [*before, *after])
    start = len(before) + 1
    assert [answers[at] for at in (1, 6, start, start + 3)] == [(2, expected)] * 4


def test_where_another_file_begins_a_start_is_awaited() -> None:
    """What was written between the two files may be missing, and with it the word of the end."""
    after = [text.replace(" 15:", " 16:") for text in started_anew(17, 2)]
    finder = ClockFinder(ClockOptions(server_tz="Europe/Berlin"))
    for number, lines in enumerate([IN_BERLIN[:-1], after]):
        block = Block.of("".join(f"{text}\n" for text in lines).encode())
        decoder = Decoder([found.layout for found in detect([block])])
        finder.add(number, block, decoder.stamps(block), decoder)
    table = finder.finish([FileFacts("error.log.1"), FileFacts("error.log")])
    server = [one for one in table.clocks if one.role == "parent"]
    assert {(one.offset_s, one.confidence) for one in server} == {(7200, Confidence.CERTAIN)}


def test_of_two_applications_each_may_have_spoken_on_one_side_only() -> None:
    """Who says nothing after the start is not missed; who is known from before it goes on."""
    lines = [line(f"2026-06-10 16:0{minute}:40", 12) for minute in range(1, 5)]
    lines = [born("2026-06-10 17:00:00", 12, "other"), *lines]
    before = sorted([*IN_BERLIN[:-1], *lines], key=lambda text: text.split(":")[1:3])
    _, answers, _ = told("Europe/Berlin", [*before, *started_anew(17, 2)])
    assert answers[-2] == (2, "certain")


def test_what_order_ties_to_such_a_server_falls_with_it() -> None:
    """It rests on the zone that is told as well; less so in a life of which a witness agrees."""
    knots = knots_of((1, 0), (10, 60), (2, 400), (20, 460))
    words = "AH00489: Apache/2.4.71 (Debian) configured -- resuming normal operations"
    heads = [sample(words, line=number, pid=pid) for number, pid in ((1, 1), (3, 2))]
    roles = {1: "parent", 10: "daemon", 2: "parent", 20: "daemon"}
    seen = scene(knots, {pid: Process(role) for pid, role in roles.items()}, heads)
    span_of = {pid: span for span, pid in enumerate(seen.spans.pid.tolist())}
    by_zone, by_access = (
        tuple(Link(UTC, span_of[2], 0, 12.0, kind, kind, kind) for kind in kinds)
        for kinds in (("server-tz",), ("server-tz", "requests"))
    )
    ties = {1: by_zone, 10: (), 2: by_access, 20: ()}
    held = {
        span_of[pid]: Tie(UTC, span_of[pid], 0, True, links=links) for pid, links in ties.items()
    }
    offset = np.zeros(len(seen.spans), np.int64)
    sudden = unannounced(seen)
    lives = ServerLives.of(seen, sudden)
    assert lives.starts == [2]
    assert beyond_strangers(Placed(seen, (), offset, held, {}), lives, sudden) == ([], [])
    offset[span_of[20]] = 3600
    known, strange = beyond_strangers(Placed(seen, (), offset, held, {}), lives, sudden)
    assert (known, sorted(strange)) == ([], sorted(span_of[pid] for pid in (1, 10, 20)))
    known, strange = beyond_strangers(Placed(seen, by_access, offset, held, {}), lives, sudden)
    assert (known, sorted(strange)) == ([span_of[20]], sorted(span_of[pid] for pid in (1, 10)))
