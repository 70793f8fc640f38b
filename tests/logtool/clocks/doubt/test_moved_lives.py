"""Apache that was killed and started in another zone than the one that is told, with witnesses."""

from __future__ import annotations

from pathlib import Path

import pytest

from logtool.clocks.evidence.neighbours import NeighbourFacts, find_neighbours
from logtool.clocks.options import ClockOptions
from tests.logtool.clocks.scenes import Answer, line, resuming, solved

#: Children of a life.
_CHILDREN = 4


def minutes(hour: int) -> list[int]:
    """When in an hour each child is asked for what is not there; no two hours are alike."""
    return [minute + hour % 7 for minute in (1, 7, 17, 31)]


def life(hour: int, parent: int) -> list[str]:
    """A life of Apache from an hour on: its parent's words, and its children's of requests."""
    lines = [
        line(
            f"2026-07-01 {hour}:{minute:02}:{child:02}",
            parent + child,
            f"[client 192.0.2.{child}:4000] AH00128: File does not exist: /favicon.ico",
            "core:info",
        )
        for minute in minutes(hour)
        for child in range(1, _CHILDREN + 1)
    ]
    start = resuming(f"2026-07-01 {hour}:00:30", parent)
    end = line(f"2026-07-01 {hour}:40:00", parent, "AH00094: Command line: 'x'", "core:notice")
    return [start, *lines, end]


def requests(folder: Path, *lives: tuple[int, str], astray: int = 0) -> NeighbourFacts:
    """The access log of lives that began at such hours, in such offsets.

    Of one child, if any is astray, it has the requests three hours later.
    """
    path = folder / "access.log"
    path.write_text(
        "".join(
            f"192.0.2.{child} - - [01/Jul/2026:{hour + 3 * (child == astray)}:{minute:02}:"
            f'{child:02} {offset}] "GET /favicon.ico HTTP/1.1" 404 5\n'
            for hour, offset in lives
            for minute in minutes(hour)
            for child in range(1, _CHILDREN + 1)
        )
    )
    return find_neighbours([], access_logs=[path], search=False)


UTC, BERLIN = "+0000", "+0200"
#: In UTC from 10:00 on; in Berlin from 16:00 UTC on; and once more, at 20:00 UTC.
FIRST, SECOND, THIRD = life(10, 100), life(18, 200), life(22, 300)


def of_lives(answers: list[Answer]) -> list[set[Answer]]:
    """The answers of each life."""
    size = len(FIRST)
    return [{*answers[at : at + size]} for at in range(0, len(answers), size)]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_witness_is_believed_of_the_life_that_it_tells_of(tmp_path: Path, zone: str) -> None:
    """The zone that is told holds for one life, and no more than likely even there."""
    told = ClockOptions(server_tz=zone)
    table, answers = solved(
        [*FIRST, *SECOND], told, beside=requests(tmp_path, (10, UTC), (18, BERLIN))
    )
    assert of_lives(answers) == [{(0.0, "likely")}, {(2.0, "likely")}]
    start, way = (1, "west") if zone == "Europe/Berlin" else (len(FIRST) + 1, "east")
    assert [note.text for note in table.notes if note.kind == "server-tz"] == [
        f"--server-tz {zone} does not hold from line {start} of error.log on, where Apache starts: "
        f"witnesses put it 02:00 further {way}, and are believed there"
    ]


def test_of_a_life_without_a_witness_the_zone_is_assumed_then(tmp_path: Path) -> None:
    """It holds for one of two others; nothing tells for which sort this one is."""
    told = ClockOptions(server_tz="UTC")
    _, answers = solved(
        [*FIRST, *SECOND, *THIRD], told, beside=requests(tmp_path, (10, UTC), (18, BERLIN))
    )
    assert of_lives(answers) == [{(0.0, "likely")}, {(2.0, "likely")}, {(0.0, "assumed")}]


def test_who_alone_denies_makes_the_zone_assumed_in_his_life(tmp_path: Path) -> None:
    """Where no life has a witness that agrees, the user is believed, and doubted."""
    told = ClockOptions(server_tz="UTC")
    table, answers = solved([*FIRST, *SECOND], told, beside=requests(tmp_path, (18, BERLIN)))
    assert of_lives(answers) == [{(0.0, "assumed")}, {(0.0, "assumed")}]
    assert not [note for note in table.notes if note.kind == "server-tz"]


def test_a_life_that_a_witness_confirms_is_likely_beside_one_that_is_denied(
    tmp_path: Path,
) -> None:
    """Two children deny it in the second life: too few to be followed, enough for doubt."""
    told = ClockOptions(server_tz="UTC")
    beside = requests(tmp_path, (10, UTC), (18, BERLIN))
    second = [text for text in SECOND if "[pid 203:" not in text and "[pid 204:" not in text]
    _, answers = solved([*FIRST, *second], told, beside=beside)
    assert {*answers[: len(FIRST)]} == {(0.0, "likely")}
    assert {*answers[len(FIRST) :]} == {(0.0, "assumed")}


def test_a_zone_that_holds_in_both_lives_stays_certain(tmp_path: Path) -> None:
    """A start is no doubt by itself."""
    told = ClockOptions(server_tz="UTC")
    _, answers = solved([*FIRST, *SECOND], told, beside=requests(tmp_path, (10, UTC), (18, UTC)))
    assert of_lives(answers) == [{(0.0, "certain")}, {(0.0, "certain")}]


def test_who_denies_where_another_agrees_is_no_doubt_of_other_lives(tmp_path: Path) -> None:
    """It may be chance; two witnesses that disagree leave nothing certain, and no more is said."""
    told = ClockOptions(server_tz="UTC")
    beside = requests(tmp_path, (10, UTC), astray=4)
    _, answers = solved([*FIRST, *SECOND], told, beside=beside)
    assert of_lives(answers) == [{(0.0, "likely")}, {(0.0, "likely")}]
