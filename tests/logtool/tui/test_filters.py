"""Filters of `errlog view`: which lines they show."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from logtool.errors import UsageError
from logtool.sources.opening import open_sources
from logtool.tui.model.chosen.filters import parse_filter
from logtool.tui.model.chosen.times import read_time
from logtool.tui.model.reading.builder import Builder
from logtool.tui.model.session import Session
from parsers.error_log_format.items import LEVELS
from tests.logtool.tui.pilots import DJANGO, SAMPLES
from tests.logtool.tui.test_model import looking_at, raw_lines, wait


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("level>=warn", rb":(?:emerg|alert|crit|error|warn)\]"),
        ("level=info", rb":info\]"),
        ("!level=info", rb":(?!info)\w+\] \[pid"),
        ("module=ssl", rb"\[ssl:"),
        ("process=shop", rb"\[pid (?:12558|12559):"),
        ("django request", rb"django request"),
        ("django", rb"(?i)django"),
        ("Django", rb"Django"),
        ("!django", rb"^(?!.*(?i:django))"),
        ("module=wsgi !info", rb"^(?=.*\[wsgi:)(?!.*(?i:info))"),
        ('"level=info"', rb"level=info"),
        ("took=3", rb"took=3"),
        ('"modul=wsgi"', rb"modul=wsgi"),
    ],
)
def test_filter_shows(text: str, wanted: bytes) -> None:
    """A filter shows the lines that an expression over the raw lines matches."""
    with looking_at(DJANGO, folding=False) as session:
        session.filter(text)
        wait(session)
        expected = [line for line in DJANGO.read_bytes().splitlines() if re.search(wanted, line)]
        assert raw_lines(session) == expected


def test_a_process_is_not_all_who_had_its_pid(tmp_path: Path) -> None:
    """A group's lines are those of its daemons; `pid=` takes every life of a pid."""
    head = "[Mon Nov 23 19:58:%02d.000000 2026] [%s] [pid %d:tid 7] %s"
    starts = "mod_wsgi (pid=71): Starting process '%s' with uid=33, gid=33 and threads=5."
    resumes = "AH00489: Apache/2.4.71 (Debian) configured -- resuming normal operations"
    lines = [
        head % (1, "mpm_event:notice", 70, resumes),
        head % (2, "wsgi:info", 71, starts % "shop"),
        head % (3, "wsgi:error", 71, "of the shop"),
        head % (4, "mpm_event:notice", 70, resumes),
        head % (5, "wsgi:info", 71, starts % "kiosk"),
        head % (6, "wsgi:error", 71, "of the kiosk"),
    ]
    log = tmp_path / "error.log"
    log.write_text("".join(f"{line}\n" for line in lines))
    shown = {}
    with looking_at(log, folding=False) as session:
        for text in ("process=shop", "process=kiosk", "pid=71", "process=71", "!process=shop"):
            session.filter(text)
            wait(session)
            shown[text] = [lines.index(line.decode()) for line in raw_lines(session)]

    assert shown == {
        "process=shop": [1, 2], "process=kiosk": [4, 5], "pid=71": [1, 2, 4, 5],
        "process=71": [1, 2, 4, 5], "!process=shop": [0, 3, 4, 5],
    }  # fmt: skip


def test_a_pid_is_a_number() -> None:
    """Who looks for a group by it is told how."""
    with pytest.raises(UsageError, match="process=shop takes"):
        parse_filter("pid=shop")


_AT_EACH_LEVEL = b"".join(
    b"[Mon Nov 23 19:58:24.%06d 2026] [%s:%s] [pid 12558:tid 7] [client 127.0.0.1:9] %s\n"
    % (number, module, level, text)
    for number, (module, level, text) in enumerate(
        (module, level, text)
        for module in (b"wsgi", b"ssl")
        for level in (b"error", b"info")
        for text in (
            *(b"WARNING shop: slow", b"[script /shop] INFO:root:started", b"FATAL: over", b"text"),
            *(b"[21/Nov/2026 10:11:12] DEBUG [shop:3] here", b"WARN \xff torn", b"ERROR in app: x"),
        )
    )
)


@pytest.mark.parametrize(
    ("text", "fulfils"),
    [
        ("meant>=warn", lambda level: level in ("crit", "error", "warn")),
        ("meant=INFO", lambda level: level == "info"),
        ("!meant<warning", lambda level: LEVELS.index(level) <= LEVELS.index("warn")),
        ("meant>error", lambda level: level == "crit"),
        ("meant<=error meant>=warn wsgi", lambda level: level in ("error", "warn")),
    ],
)
def test_filter_by_the_level_that_was_meant(
    tmp_path: Path, text: str, fulfils: Callable[[str], bool]
) -> None:
    """Python's where mod_wsgi logs its text, else httpd's: what the level column shows."""
    log = tmp_path / "error.log"
    log.write_bytes(_AT_EACH_LEVEL + b"no line of httpd: ERROR\n" + DJANGO.read_bytes())
    with looking_at(log, folding=False) as session:
        every = session.view.reader.lines(range(session.view.total))
        session.filter(text)
        wait(session)
        assert session.view.rows_at(0, len(session.view)).tolist() == [
            line.row
            for line in every
            if (line.level < 0 and text.startswith("!"))
            or (line.level >= 0 and fulfils(LEVELS[line.meant]))
            if "wsgi" not in text or b"wsgi" in line.raw
        ]


def test_filter_by_the_level_that_was_meant_in_what_is_new(tmp_path: Path) -> None:
    """Lines that come later are chosen as those before."""
    log = tmp_path / "error.log"
    log.write_bytes(_AT_EACH_LEVEL)
    with looking_at(log, folding=False) as session:
        session.filter("meant=crit")
        wait(session)
        before = len(session.view)
        assert before == _AT_EACH_LEVEL.count(
            b"[wsgi:error] [pid 12558:tid 7] [client 127.0.0.1:9] FATAL"
        )
        session.follow()
        with log.open("ab") as more:
            more.write(_AT_EACH_LEVEL)
        while len(session.view) < 2 * before:
            session.refresh()
        assert len(session.view) == 2 * before


def test_filter_by_clock_and_time() -> None:
    """Only one clock's lines; only those since an instant."""
    with looking_at(DJANGO, folding=False) as session:
        session.filter("clock=UTC")
        wait(session)
        assert {session.view.offset_of(int(row)) for row in session.view.rows_at(0, 999)} == {0}
        session.filter("since=19:58:24 until=19:58:25")
        wait(session)
        times = [session.view.time_at(place) for place in range(len(session.view))]
        begin = read_time("2026-11-23 19:58:24", 0)
        assert begin <= min(times) <= max(times) < begin + 1_000_000


def test_filter_by_log_and_exception() -> None:
    """A log of a set by its name; all that an exception's fingerprint was found in."""
    logs = sorted((SAMPLES / "rotated").glob("error.log*"))
    with looking_at(*logs, folding=False) as session:
        session.filter(f"log={logs[0].name}")
        wait(session)
        shown = session.view.rows_at(0, len(session.view)).tolist()
        assert {session.view.index.line_of(row)[0] for row in shown} == {
            session.builder.index.names.index(str(logs[0]))
        }
    with looking_at(DJANGO) as session:
        analysis = session.analyse()
        assert analysis is not None
        [(fingerprint, group)] = analysis.exceptions.items()
        session.filter(f"exception={fingerprint}")
        wait(session)
        assert session.view.rows_at(0, 99).tolist() == list(group.rows)
        session.filter(f"!exception={fingerprint}")
        wait(session)
        assert len(session.view) == 127 - len(group.rows)
        session.filter("!KeyError")  # stands in the last line of each traceback
        wait(session)
        assert len(session.view) == 127 - len(group.rows)


def test_filter_waits_for_what_it_asks_for(tmp_path: Path) -> None:
    """A filter on clocks shows nothing before they are known, one on text shows what it finds."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes() * 5)
    with open_sources([str(log)]) as sources:
        session = Session(Builder(sources))
        session.builder._locate()
        session.refresh()
        session.filter("clock=UTC")
        assert (len(session.view), session.view.choosing) == (0, 0.0)
        session.filter("report started")
        while session.view.choosing < 1:
            session.refresh()
        assert len(session.view) == DJANGO.read_bytes().count(b"report started") * 5
        session.stop()


def test_filter_keeps_events_whole() -> None:
    """A line inside a traceback shows its whole event, folded."""
    with looking_at(DJANGO) as session:
        session.filter("get_response")
        wait(session)
        view = session.view
        assert len(view) > 0
        assert all(len(view.event_of(int(row))) > 1 for row in view.rows_at(0, len(view)))
        before = len(view)
        session.unfold(view.row_at(0))
        assert len(session.view) > before


@pytest.mark.parametrize(
    "text",
    [
        "level>=loud",
        "meant=odd",
        "levl>=warn",
        "modul=wsgi",
        "clock=here",
        "since=soon",
        "(",
        "module>wsgi",
    ],
)
def test_filter_says_what_is_wrong(text: str) -> None:
    """A filter that makes no sense is refused."""
    with pytest.raises(UsageError):
        parse_filter(text)
