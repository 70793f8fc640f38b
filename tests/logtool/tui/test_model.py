"""What the TUI shows, without the TUI."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.errors import UsageError, WriteError
from logtool.moments import instant, moment
from logtool.sources.opening import open_sources
from logtool.tui.model.builder import Builder
from logtool.tui.model.commands import Command, parse_command
from logtool.tui.model.detail import detail_of
from logtool.tui.model.filters import parse_filter
from logtool.tui.model.matching import Pattern, matches
from logtool.tui.model.session import Session
from logtool.tui.model.times import TimeColumn, TimeMode, elapsed, read_time, utc_offset
from parsers.items import LEVELS
from parsers.lines import NO_TIME
from tests.logtool.tui.pilots import DJANGO, SAMPLES


@contextmanager
def looking_at(*files: Path, folding: bool = True) -> Iterator[Session]:
    """A session whose background is done."""
    with open_sources([str(file) for file in files]) as sources:
        session = Session(Builder(sources), folding=folding)
        session.start()
        wait(session)
        yield session
        session.stop()


def wait(session: Session) -> None:
    """Until the background is done."""
    session.refresh()
    while session.busy:
        for job in (session._chooser._job, session._search, session._analysis):
            if job is not None:
                job.wait()
        if (thread := session.builder._thread) is not None:
            thread.join()
        session.refresh()


def raw_lines(session: Session) -> list[bytes]:
    """The shown lines as they stand."""
    view = session.view
    return [view.reader.raw(row) for row in view.rows_at(0, len(view)).tolist()]


def truth_us(sample: Path) -> list[int | None]:
    """The instants that the capture knows."""
    texts = (sample / "truth.txt").read_text().split()
    return [None if text == "-" else read_time(text[:26], 0) for text in texts]


@pytest.mark.parametrize("name", ["berlin_utc_django", "three_groups", "z_format"])
def test_index_has_true_instants(name: str) -> None:
    """Every line's instant is what the capture knows."""
    with looking_at(SAMPLES / name / "error.log") as session:
        found = session.view.index.time_us.values
        for row, true in enumerate(truth_us(SAMPLES / name)):
            if true is not None:
                assert abs(int(found[row]) - true) < 1000


def test_head_is_there_before_anything_is_started() -> None:
    """The first lines can be read at once, as logged."""
    with open_sources([str(DJANGO)]) as sources:
        session = Session(Builder(sources))
        assert len(session.view) > 20
        assert session.view.line_at(0).raw == DJANGO.read_bytes().split(b"\n")[0]
        assert not session.view.index.settled
        session.stop()


def test_lines_are_those_of_the_file() -> None:
    """All lines, in order, byte for byte."""
    with looking_at(DJANGO, folding=False) as session:
        assert raw_lines(session) == DJANGO.read_bytes().splitlines()


def test_compressed_log_is_read_at_any_place(tmp_path: Path) -> None:
    """A compressed log shows the same lines as the plain one."""
    import gzip

    packed = tmp_path / "error.log.1.gz"
    packed.write_bytes(gzip.compress(DJANGO.read_bytes()))
    with looking_at(packed, folding=False) as session:
        assert raw_lines(session) == DJANGO.read_bytes().splitlines()


def test_several_logs_are_merged_by_utc(tmp_path: Path) -> None:
    """Two servers' logs stand in one order of instants."""
    for name in ("one.log", "two.log"):
        (tmp_path / name).write_bytes(DJANGO.read_bytes())
    with looking_at(tmp_path / "one.log", tmp_path / "two.log") as session:
        view = session.view
        times = view.index.time_us.values[view.rows_at(0, len(view))]
        assert len({view.index.line_of(row)[0] for row in view.rows_at(0, 20).tolist()}) == 2
        assert bool((np.diff(times) >= 0).all())


def test_rotated_set_is_one_log() -> None:
    """The members of a rotated set follow each other."""
    with looking_at(SAMPLES / "rotated") as session:
        names = [log.name[-6:] for log in session.builder.logs]
        assert names == [".log.2", ".log.1", "or.log"]
        assert session.builder.order is None


def test_untimed_line_has_the_time_of_the_line_before(tmp_path: Path) -> None:
    """So it stays where it is in a merged view."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes().replace(b"\n", b"\nno stamp at all\n", 3))
    with looking_at(log) as session:
        time = session.view.index.time_us.values
        assert time[1] == time[0] != NO_TIME


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
    ],
)
def test_filter_shows(text: str, wanted: bytes) -> None:
    """A filter shows the lines that an expression over the raw lines matches."""
    with looking_at(DJANGO, folding=False) as session:
        session.filter(text)
        wait(session)
        expected = [line for line in DJANGO.read_bytes().splitlines() if re.search(wanted, line)]
        assert raw_lines(session) == expected


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
    "text", ["level>=loud", "meant=odd", "clock=here", "since=soon", "(", "module>wsgi"]
)
def test_filter_says_what_is_wrong(text: str) -> None:
    """A filter that makes no sense is refused."""
    with pytest.raises(UsageError):
        parse_filter(text)


_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=12)


@given(st.lists(_TEXT, min_size=1, max_size=8), st.sampled_from([r"\s+", "a", "^a", "A.*b", "b$"]))
def test_places_are_those_of_each_line(lines: list[str], text: str) -> None:
    """Searching many lines at once finds the lines that match one by one."""
    raws = [line.encode() for line in lines]
    pattern = Pattern.of(text)
    flags = re.IGNORECASE if pattern.ignore_case else 0
    expected = [number for number, raw in enumerate(raws) if re.search(text.encode(), raw, flags)]
    data = b"\n".join(raws) + b"\n"
    found = [data.count(b"\n", 0, place) for place in pattern.places(data)]
    assert found == expected


def test_lines_appended_after_the_index_are_not_hit(tmp_path: Path) -> None:
    """What came later belongs to no row."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())
    with looking_at(log) as session:
        with log.open("ab") as out:
            out.write(b"appended\n")
        view = session.view
        hits = matches(Pattern.of("appended"), view.index, view.reader.logs, 0, view.total)
        assert [row for _, rows in hits for row in rows] == []


def test_search_counts_and_finds() -> None:
    """Hits are counted; next and previous hits are found from any place."""
    with looking_at(DJANGO) as session:
        session.search("report started", 0)
        wait(session)
        found = session.view.found
        assert found is not None
        assert found.count == DJANGO.read_bytes().count(b"report started")
        first = session.view.seek(-1, True, session.view.found_test())
        assert first is not None
        second = session.view.seek(first, True, session.view.found_test())
        assert second is not None
        assert session.view.seek(second, False, session.view.found_test()) == first


def test_detail_tells_why() -> None:
    """The offset, its confidence and its evidence are told."""
    with looking_at(DJANGO) as session:
        view = session.view
        row = next(r for r in range(view.total) if view.offset_of(r) == 3600)
        time = dict(detail_of(view, view.reader.line(row))[0].pairs)
        assert time["offset"] == "+01:00"
        assert time["confidence"] in ("certain", "likely")
        assert time["because"]


def test_save_writes_utc(tmp_path: Path) -> None:
    """The shown lines are written as normalize writes them, never over a file."""
    with looking_at(DJANGO) as session:
        session.filter("AH01964")
        wait(session)
        path = tmp_path / "saved.log"
        assert session.save(str(path), range(len(session.view))) == len(session.view)
        first = path.read_bytes().splitlines()[0]
        assert first.startswith(b"[2026-11-23 19:58:2")
        assert b" +0000] [ssl:info]" in first
        with pytest.raises(WriteError):
            session.save(str(path), range(1))


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("42", Command("line", "42")),
        ("1,234", Command("line", "1234")),
        ("q", Command("app.quit")),
        ("filter level>=warn", Command("filter", "level>=warn")),
        ("zone Europe/Berlin", Command("zone", "Europe/Berlin")),
        ("08:42", Command("goto", "08:42")),
        ("error.log:144", Command("line", "144", "error.log")),
        ("/var/log/my site/error.log:7", Command("line", "7", "/var/log/my site/error.log")),
        ("2026-11-23 08:42", Command("goto", "2026-11-23 08:42")),
    ],
)
def test_commands(text: str, command: Command) -> None:
    """Words, their beginnings, line numbers and times are commands."""
    assert parse_command(text) == command


@pytest.mark.parametrize("text", ["frobnicate", "zone", "save"])
def test_commands_say_what_is_wrong(text: str) -> None:
    """An unknown command, or one that lacks its argument, is refused."""
    with pytest.raises(UsageError):
        parse_command(text)


def test_times() -> None:
    """One instant in UTC, as logged, and in a zone."""
    local = read_time("2026-06-05 10:42:36", 0)
    assert TimeColumn().text(local, 7200, 3) == "2026-06-05 08:42:36.000"
    assert TimeColumn(TimeMode.LOGGED).text(local, 7200, 0) == "2026-06-05 10:42:36"
    assert TimeColumn(TimeMode.ZONE, "Asia/Tokyo").text(local, 7200, 0) == "2026-06-05 17:42:36"
    assert TimeColumn().text(local, None, 0).endswith("?")


@pytest.mark.parametrize(
    ("us", "text"),
    [(0, "+0.000"), (-4000, "-0.004"), (65_000_000, "+1:05"), (3_600_000_000, "+1h 00m")],
)
def test_elapsed(us: int, text: str) -> None:
    """Spans of time are short."""
    assert elapsed(us) == text


def test_utc_offset() -> None:
    """Offsets as people write them."""
    assert [utc_offset(s) for s in (0, 7200, -12600)] == ["UTC", "+02:00", "-03:30"]


def test_times_as_people_say_them() -> None:
    """What `--since` takes is taken here too; what is no time is wrong usage."""
    before, told, after = (
        moment("yesterday", datetime.now(UTC)),
        read_time("yesterday", 0),
        moment("yesterday", datetime.now(UTC)),
    )
    assert before <= instant(told) <= after
    with pytest.raises(UsageError, match="is no time, such as"):
        read_time("nowhere", 0)
