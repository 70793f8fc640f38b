"""The slowest requests against a recount in plain Python, by the rules of docs/events.md."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from logtool.reports.numbers import Report
from tests.logtool.reports.conftest import SAMPLES
from tests.small_blocks import read_in_blocks

#: Samples in httpd's built-in format with daemons, whose clients have ports.
NAMES = (
    "berlin_utc_django", "daemon_crash_and_rebirth", "fall_back", "flips", "hard_restart",
    "prefork", "spring_forward", "three_groups", "tzset_mid_life",
)  # fmt: skip
LINE = re.compile(
    r"\[[^\]]+\] \[(?P<module>[^:]*):\w+\] \[pid (?P<pid>\d+):tid (?P<tid>\d+)\] "
    r"(?:\S+\(\d+\): )?(?:\(\d+\)[^:]+: )?"
    r"\[(?:client|remote) (?P<client>[^\]]+:\d+)\] (?P<text>.*)"
)
DAEMON = re.compile(r"mod_wsgi \(pid=(\d+)\): Starting process '")
#: What a traceback begins with, and what the first line of one may follow.
HEADS = ("Traceback (most", "During handling of the above", "The above exception was")
BEFORE = re.compile(r"Exception occurred processing|Internal Server Error: ")
MICRO, EPOCH = timedelta(microseconds=1), datetime(1970, 1, 1, tzinfo=UTC)
#: Shown, and so compared.
MOST = 20


@dataclass
class Line:
    """A line about a client."""

    us: int
    module: str
    thread: tuple[str, str]
    text: str
    is_daemon: bool


def lines_by_client(log: Path) -> dict[str, list[Line]]:
    """The lines about each client, in the order of the file, with their recorded instants."""
    text = log.read_text("utf-8", "surrogateescape")
    daemons = set(DAEMON.findall(text))
    found: defaultdict[str, list[Line]] = defaultdict(list)
    truth = log.with_name("truth.txt").read_text().split()
    for line, instant in zip(text.splitlines(), truth, strict=True):
        if match := LINE.match(line):
            us = (datetime.fromisoformat(instant) - EPOCH) // MICRO
            thread = match["pid"], match["tid"]
            found[match["client"]].append(
                Line(us, match["module"], thread, match["text"], match["pid"] in daemons)
            )
    return found


def goes_on(before: Line, line: Line) -> bool:
    """Whether a daemon's line is of the event of the one before it."""
    if before.thread != line.thread:
        return False
    within = before.text.startswith((" ", *HEADS))
    return (
        (line.text.startswith("  ") and within)
        or (line.text.startswith(HEADS) and (bool(BEFORE.search(before.text)) or not before.text))
        or (line.text == "")
        or within
    )


def requests(lines: list[Line]) -> Iterator[list[Line]]:
    """The lines of one client, cut where another request, or another connection, begins."""
    some: list[Line] = []
    for before, line in pairwise([None, *lines]):
        assert line is not None
        if before is not None and begins(some, before, line):
            yield some
            some = []
        some.append(line)
    yield some


def begins(some: list[Line], before: Line, line: Line) -> bool:
    """Whether a line begins a connection or a request; `some` are those of the one before it."""
    workers = [one.thread[0] for one in some if not one.is_daemon]
    threads = [one.thread for one in some if one.is_daemon]
    if line.text.startswith(("AH01964", "AH02034")):
        return True
    if re.match("AH01998|AH01999|AH0200[01]", before.text):
        return True
    if line.us - before.us > 15 * 60 * 1_000_000:
        return True
    # Other modules of a worker speak of requests that no daemon serves; mod_ssl of connections.
    served = [one.is_daemon for one in some if one.is_daemon or one.module not in ("ssl", "wsgi")]
    elsewhere = not line.is_daemon and line.module not in ("ssl", "wsgi")
    if served and (elsewhere if served[-1] else line.is_daemon):
        return True
    if not line.is_daemon:
        return bool(workers) and line.thread[0] not in workers
    failed = any(BEFORE.search(one.text) for one in some) and not goes_on(before, line)
    return bool(threads) and (line.thread not in threads or failed)


def durations(log: Path) -> list[tuple[str, float]]:
    """The clients of requests of which one event of a daemon tells, longest first."""
    found = []
    for client, lines in lines_by_client(log).items():
        for some in requests(lines):
            talk = [one for one in some if one.is_daemon]
            # What a worker says may be of another request; mod_ssl speaks of the connection.
            others = [one for one in some if not one.is_daemon and one.module != "ssl"]
            events = sum(not goes_on(a, b) for a, b in pairwise(talk)) + 1
            ends = [one.us for one in some if one.module != "ssl"]
            pids = {one.thread[0] for one in some}
            if len(pids) > 1 and ends and events == 1 and not others and max(ends) > some[0].us:
                found.append((client, (max(ends) - min(one.us for one in some)) / 1000))
    return sorted(found, key=lambda one: -one[1])[:MOST]


@pytest.mark.parametrize("name", NAMES)
def test_slowest(name: str, report_of: Callable[..., Report]) -> None:
    """Whose they are, and how long each took."""
    log = SAMPLES / name / "error.log"
    told = [(one.client, one.duration_ms) for one in report_of(log).hosts[0].slowest]

    assert told == durations(log)
    assert told


@pytest.mark.parametrize("name", NAMES)
def test_slowest_of_many_blocks(
    name: str, report_of: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same where the lines of some requests are in two blocks."""
    read_in_blocks(10_000, monkeypatch)
    log = SAMPLES / name / "error.log"
    told = [(one.client, one.duration_ms) for one in report_of(log).hosts[0].slowest]

    assert told == durations(log)
