"""Logs of several servers in one run: each has its own clocks; virtual hosts share theirs."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from logtool.clocks.options import ClockOptions
from logtool.clocks.seen.servers import folder_of, servers_of
from logtool.clocks.table import NOBODY, ClockTable, Confidence
from logtool.passes.first import find_clocks, open_logs
from logtool.sources.opening import open_sources
from parsers.lines import NO_PID
from tests.logtool.clocks.scenes import HOUR, born, knots_of, line, resuming, sample
from tests.places import SAMPLE_LOGS

NAMES = sorted(path.name for path in SAMPLE_LOGS.iterdir() if (path / "error.log").exists())


def clocks_of(*logs: Path, **said: object) -> ClockTable:
    """The clocks of some logs in one run."""
    with open_sources([str(log) for log in logs], 1 << 30) as sources:
        return find_clocks(open_logs(sources), ClockOptions(**said))  # type: ignore[arg-type]


def told(table: ClockTable, file: int = 0) -> list[tuple[int, int, int, Confidence, str]]:
    """Who keeps which offset from which line of a file on, and how sure that is."""
    return [
        (clock.pid, clock.first_line, clock.offset_s, clock.confidence, clock.role)
        for clock in table.clocks
        if clock.file == file
    ]


@pytest.mark.parametrize("place", range(len(NAMES)), ids=NAMES)
def test_another_server_beside(place: int) -> None:
    """A log's clocks are those that it has alone, whatever other server's log is read with it."""
    one, other = (SAMPLE_LOGS / NAMES[at % len(NAMES)] / "error.log" for at in (place, place + 1))

    both = clocks_of(one, other)

    assert told(both, 0) == told(clocks_of(one))
    assert told(both, 1) == told(clocks_of(other))
    assert [note.kind for note in both.notes].count("servers") == 1


def split(folder: Path, name: str, *, beside: bool) -> tuple[Path, Path]:
    """A sample as a server's log and a virtual host's: every other line about clients."""
    main, site = folder / "main" / "error.log", folder / "site" / "error.log"
    site = main.with_name("site-error.log") if beside else site
    for log in (main, site):
        log.parent.mkdir(exist_ok=True)
    lines = (SAMPLE_LOGS / name / "error.log").read_bytes().splitlines(keepends=True)
    about = [at for at, line in enumerate(lines) if b"[client " in line or b"[remote " in line]
    chosen = set(about[::2])
    main.write_bytes(b"".join(line for at, line in enumerate(lines) if at not in chosen))
    site.write_bytes(b"".join(lines[at] for at in sorted(chosen)))
    return main, site


@pytest.mark.parametrize("beside", [True, False], ids=["one folder", "two folders"])
@pytest.mark.parametrize("name", ["berlin_utc_django", "prefork", "three_groups"])
def test_virtual_host(name: str, tmp_path: Path, *, beside: bool) -> None:
    """The log of a virtual host, in whatever folder, is of the server whose children write it."""
    main, site = split(tmp_path, name, beside=beside)
    shutil.copy(SAMPLE_LOGS / name / "access.log", main.parent)
    whole = {
        (pid, offset) for pid, _, offset, _, _ in told(clocks_of(SAMPLE_LOGS / name / "error.log"))
    }

    table = clocks_of(main, site)

    assert {(clock.pid, clock.offset_s) for clock in table.clocks if clock.file == 1} <= whole
    assert min(clock.confidence for clock in table.clocks) >= Confidence.LIKELY
    assert "servers" not in [note.kind for note in table.notes]


def test_containers(tmp_path: Path) -> None:
    """Two containers have the same pids at the same time; their parents start each for itself."""
    logs = []
    for name, hour in (("one", "20"), ("two", "09")):
        log = tmp_path / name / "error.log"
        log.parent.mkdir()
        shutil.copy(SAMPLE_LOGS / "berlin_utc_django" / "error.log", log)
        text = log.read_bytes().replace(b" 20:58:", f" {hour}:58:".encode())
        log.write_bytes(text)
        offset = b"+0100" if name == "one" else b"-1000"
        access = (SAMPLE_LOGS / "berlin_utc_django" / "access.log").read_bytes()
        access = access.replace(b":20:58:", f":{hour}:58:".encode()).replace(b"+0100", offset)
        (log.parent / "access.log").write_bytes(access)
        logs.append(log)

    table = clocks_of(*logs)

    parents = {(c.file, c.offset_s, c.confidence) for c in table.clocks if c.role == "parent"}
    assert parents == {(0, 3600, Confidence.CERTAIN), (1, -36000, Confidence.CERTAIN)}
    processes = [{clock.process for clock in table.clocks if clock.file == file} for file in (0, 1)]
    assert not processes[0] & processes[1]


def test_no_process_is_known(tmp_path: Path) -> None:
    """Logs without pids in different folders are not tied to each other."""
    copy = tmp_path / "error.log"
    shutil.copy(SAMPLE_LOGS / "no_pid" / "error.log", copy)

    table = clocks_of(SAMPLE_LOGS / "no_pid" / "error.log", copy, neighbours=False)

    assert [note.kind for note in table.notes].count("servers") == 1


def test_zone_told_for_one_server_only() -> None:
    """A process that the user named need be of one of the servers only."""
    logs = [SAMPLE_LOGS / name / "error.log" for name in ("berlin_utc_django", "prefork")]

    known = clocks_of(*logs, clocks=(("shop", "UTC"),))
    unknown = clocks_of(*logs, clocks=(("nobody", "UTC"),))

    assert NOBODY not in [note.kind for note in known.notes]
    assert [note.kind for note in unknown.notes].count(NOBODY) == 1


#: What is known of a log: lines of pids at local seconds.
Lines = list[tuple[int, float]]
#: Clocks of one moment differ by no more.
WIDEST = 26 * HOUR


def together(*logs: Lines, parents: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    """Which logs of as many folders are of one server; `parents` start it, one in each log."""
    knots = knots_of(*(row for log in logs for row in log))
    file = np.repeat(np.arange(len(logs), dtype=np.int32), [len(log) for log in logs])
    samples = [
        replace(sample("Apache/2.4.68 configured -- resuming normal operations", pid=pid), file=at)
        for at, pid in enumerate(parents)
    ]
    folders = [f"/logs/{at}" for at in range(len(logs))]
    return servers_of(folders, replace(knots, file=file), samples)


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("there", "same"),
    [
        ([(7, 20.0)], True),  # while it wrote here
        ([(7, 10.0), (7, 100.0)], True),  # in part
        ([(7, 0.0), (7, 100.0)], True),
        ([(7, 30.0), (7, 30.0 + 2 * WIDEST)], True),  # and long after
        ([(7, 30.0 - 2 * WIDEST), (7, 30.0)], True),  # and long before
        ([(7, 100.0), (7, 0.0)], True),  # its times step back as its clock does
        ([(7, 40.0 + WIDEST)], True),  # by the easternmost clock
        ([(7, 40.000001 + WIDEST)], False),
        ([(8, 20.0)], False),
        ([(NO_PID, 20.0)], False),
        ([], False),
    ],
)
def test_processes_write_into_all_logs_of_their_server(
    there: Lines, same: bool, swapped: bool
) -> None:
    """A pid that writes into both at a time, in whatever zones, is one process."""
    here: Lines = [(7, 20.0), (NO_PID, 20.0), (7, 40.0)]
    logs = (there, here) if swapped else (here, there)
    assert together(*logs) == ([(0, 1)] if same else [(0,), (1,)])


@pytest.mark.parametrize(
    ("here", "there", "shared", "same"),
    [(20, 20, 2, True), (20, 20, 1, False), (30, 10, 1, True), (11, 30, 1, False), (1, 1, 1, True)],
)
def test_a_pid_may_be_given_twice(here: int, there: int, shared: int, same: bool) -> None:
    """One in ten of the fewer processes must be in both, and at least one."""
    one: Lines = [(pid, 0.0) for pid in range(here)]
    other: Lines = [(pid, 0.0) for pid in range(here - shared, here - shared + there)]
    assert together(one, other) == ([(0, 1)] if same else [(0,), (1,)])


@pytest.mark.parametrize(
    ("parents", "begin", "same"),
    [
        ((1, 1), 9.0, False),  # containers
        ((1, 1), 10.0, False),  # at the moment of the last line of the other
        ((1, 1), 11.0, True),  # the logs of a server before and after a move
        ((1, 2), 11.0, False),
        ((1,), 9.0, True),  # a virtual host has no line of a parent
    ],
)
def test_a_server_has_one_parent(parents: tuple[int, ...], begin: float, same: bool) -> None:
    """Two logs with lines of a parent are of two servers that run at a time."""
    one: Lines = [(1, 0.0), (7, 10.0)]
    other: Lines = [(1, begin), (7, 20.0)]
    assert together(one, other, parents=parents) == ([(0, 1)] if same else [(0,), (1,)])


def test_logs_are_tied_through_others() -> None:
    """What shares a process with one shares the server with all whom that one is tied to."""
    logs: list[Lines] = [[(1, 0.0)], [(2, 0.0)], [(3, 0.0), (4, 0.0)], [(2, 0.0), (3, 0.0)]]
    assert together(*logs) == [(0,), (1, 2, 3)]


DAY = 24 * HOUR


@pytest.mark.parametrize(
    ("logs", "parents", "same"),
    [
        ([[(1, 0.0), (3, 9.0)], [(2, 5.0), (4, 9.0)]], {0, 1}, [(0,), (1,)]),
        ([[(1, 0.0), (3, 9.0)], [(2, 5.0), (3, 9.0)]], {0, 1}, [(0, 1)]),  # a process in common
        ([[(1, 0.0), (3, 9.0)], [(2, 5.0), (4, 9.0)]], {0}, [(0, 1)]),  # a virtual host's
        ([[(1, 0.0), (3, 9.0)], [(2, 5.0), (4, 9.0)]], set(), [(0, 1)]),
        ([[(1, 0.0), (3, 9.0)], [(2, 2.0 * DAY)]], {0, 1}, [(0, 1)]),  # stopped and begun anew
        ([[(1, 0.0)], [(2, 0.0), (5, 1.0)], [(5, 2.0)]], {0, 1}, [(0,), (1, 2)]),
        ([[(1, 0.0)], [(2, 0.0), (5, 1.0)], [(6, 2.0)]], {0, 1}, [(0,), (1,), (2,)]),  # whose?
        ([[(1, 0.0)], [(2, 0.0)], [(NO_PID, 2.0)]], {0, 1}, [(0,), (1,), (2,)]),
        ([[(NO_PID, 0.0)], [(NO_PID, 0.0)]], {0, 1}, [(0, 1)]),
    ],
)
def test_logs_of_one_folder(logs: list[Lines], parents: set[int], same: list[tuple[int]]) -> None:
    """They are of one server, unless at one time each has a parent and processes of its own."""
    file = np.repeat(np.arange(len(logs), dtype=np.int32), [len(log) for log in logs])
    knots = replace(knots_of(*(row for log in logs for row in log)), file=file)
    words = "AH00489: Apache/2.4.68 configured -- resuming normal operations"
    samples = [replace(sample(words, pid=logs[at][0][0]), file=at) for at in parents]
    folders, sets = ["/logs"] * len(logs), range(len(logs))
    assert servers_of(folders, knots, samples, sets) == same
    # Members of a rotated set are one log.
    assert servers_of(folders, knots, samples, [0] * len(logs)) == [tuple(sets)]


#: When the second of two servers begins, minutes after the first.
LATER = 3


def conversation(log: Path, server: str, application: str, parent: int, minute: int) -> None:
    """A server and a daemon of its group `shop` speak by turns, in two zones."""
    begin = datetime(2026, 6, 5, 8, 42, 36, tzinfo=UTC) + timedelta(minutes=minute)
    here, there = (
        [
            (begin + timedelta(seconds=70 * turn)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            for turn in range(9)
        ]
        for zone in (server, application)
    )
    made = [resuming(f"{here[0]}", parent), born(f"{here[0]}", parent + 7, "shop")]
    for own, other in zip(here[1:], there[1:], strict=True):
        made.append(line(f"{own}", parent, "a word", "core:error"))
        made.append(line(f"{other}", parent + 7))
    log.write_text("".join(f"{text}\n" for text in made))
    modified = (begin + timedelta(seconds=560.2)).timestamp()
    os.utime(log, (modified, modified))


@pytest.mark.parametrize("beside", [True, False], ids=["one folder", "two folders"])
def test_two_servers(tmp_path: Path, *, beside: bool) -> None:
    """What ties the clocks of one to UTC, such as a modification time, says nothing of another."""
    one, other = tmp_path / "a-error.log", tmp_path / "b" / "error.log"
    other = tmp_path / "b-error.log" if beside else other
    other.parent.mkdir(exist_ok=True)
    conversation(one, "America/Bogota", "Asia/Tokyo", 4000, 0)
    conversation(other, "Asia/Kolkata", "UTC", 5000, LATER)
    os.utime(other, (10**9, 10**9))

    both = clocks_of(one, other)

    assert told(both, 0) == told(clocks_of(one))
    assert told(both, 1) == told(clocks_of(other))
    assert {offset for _, _, offset, *_ in told(both, 0)} == {-5 * HOUR, 9 * HOUR}
    assert [note.kind for note in both.notes].count("servers") == 1


def test_a_server_and_who_knows_whose(tmp_path: Path) -> None:
    """A log without a parent in the same folder is taken for the server's; a note says so.

    Here that puts a process where no zone on earth is, which leaves everything assumed.
    """
    one, other = tmp_path / "a-error.log", tmp_path / "b-error.log"
    conversation(one, "America/Bogota", "Asia/Tokyo", 4000, 0)
    conversation(other, "Asia/Kolkata", "UTC", 5000, LATER)
    other.write_text("".join(other.read_text().splitlines(keepends=True)[1:]))
    os.utime(other, (10**9, 10**9))

    both = clocks_of(one, other)

    assert {clock.server for clock in both.clocks} == {0}
    assert {confidence for *_, confidence, _ in told(both, 1)} == {Confidence.ASSUMED}
    (note,) = (note.text for note in both.notes if note.kind == "servers")
    assert note.startswith("2 logs are taken for one server's")


def test_a_folder_given_no_sets_is_of_one_server() -> None:
    """Whoever writes its logs; what comes through a pipe lies nowhere."""
    knots = replace(knots_of((1, 0.0), (2, 0.0)), file=np.array([0, 2], np.int32))
    assert servers_of(["a", "a"], knots, []) == [(0, 1)]
    assert servers_of(["a", "b", "a"], knots, []) == [(0, 2), (1,)]
    assert folder_of("-") == ""
    assert folder_of("/logs/error.log") == "/logs"
