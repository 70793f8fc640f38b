"""What the TUI shows, without the TUI."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import logtool
from logtool.errors import UsageError, WriteError
from logtool.moments import moment
from logtool.people.instants import instant
from logtool.sources.opening import open_sources
from logtool.tui.model import session as session_module
from logtool.tui.model.chosen.matching import Pattern, matches
from logtool.tui.model.chosen.times import TimeColumn, TimeMode, elapsed, read_time, utc_offset
from logtool.tui.model.commands import Command, parse_command
from logtool.tui.model.found.analysis import ANALYSED_AT_ONCE
from logtool.tui.model.reading.builder import Builder
from logtool.tui.model.session import Session
from logtool.tui.model.told.detail import detail_of
from logtool.tui.model.told.listings import finding_listing
from parsers.lines import NO_TIME
from tests.logtool.tui.pilots import DJANGO, SAMPLES


@contextmanager
def looking_at(*files: Path, folding: bool = True) -> Iterator[Session]:
    """A session whose background is done; without `folding` as of a log of a million lines."""
    most = ANALYSED_AT_ONCE if folding else 0
    with (
        open_sources([str(file) for file in files]) as sources,
        patch.object(session_module, "ANALYSED_AT_ONCE", most),
    ):
        session = Session(Builder(sources))
        session.start()
        wait(session)
        yield session
        session.stop()


def wait(session: Session) -> None:
    """Until the background is done."""
    session.refresh()
    while session.busy:
        for job in (session._chooser._job, session._searching._search, session._together._analysis):
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
        ("gto.log:144", Command("line", "144", "gto.log")),
        ("2026-11-23 08:42", Command("goto", "2026-11-23 08:42")),
    ],
)
def test_commands(text: str, command: Command) -> None:
    """Words, their beginnings, line numbers and times are commands."""
    assert parse_command(text) == command


@pytest.mark.parametrize("text", ["frobnicate", "zone", "save", "gto 08:25"])
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
    assert read_time("2026-06-05T08:42:36+02:00", 0) == read_time("2026-06-05 06:42:36", 0)
    assert read_time("1533503364", 0) == 1_533_503_364_000_000
    with pytest.raises(UsageError, match="is no time, such as"):
        read_time("nowhere", 0)
    with pytest.raises(UsageError, match="'EST' is not taken for a time zone; write -0500"):
        read_time("14:30 EST", 0)


def test_a_rule_that_asks_for_another_line(tmp_path: Path) -> None:
    """Lines that count only where another is missing are marked only there."""
    log = tmp_path / "error.log"
    stamp, crash = "[Sun Nov 22 14:26:42.5349{:02} 2026] ", "child pid 7 exit signal Aborted (6)"
    ended = "[wsgi:info] [pid 5:tid 5] mod_wsgi (pid={}): Process 'shop' terminated by signal 6"
    lines = [f"[core:notice] [pid 5:tid 5] AH00052: {crash}", ended.format(7), ended.format(8)]
    log.write_text("".join(f"{stamp.format(n)}{text}\n" for n, text in enumerate(lines)))
    with looking_at(log) as session:
        analysis = session.analyse()
        assert analysis is not None
        assert {rule: rows.tolist() for rule, rows in analysis.flagged.items()} == {
            "daemon-crashed": [0], "daemon-exited": [2],
        }  # fmt: skip


def test_a_code_of_mod_wsgi_is_told(tmp_path: Path) -> None:
    """A code that no rule names is a known problem too: in P, beside its line and as a filter."""
    log = tmp_path / "error.log"
    log.write_text(
        "[Sun Nov 22 14:26:42.534901 2026] [wsgi:error] [pid 5:tid 5] "
        "WSGI0091: Unable to add '/srv/gone' to the module search path.\n"
    )
    with looking_at(log) as session:
        title = "Known problem: A python-path entry could not be added"
        assert title in [
            section.heading for section in detail_of(session.view, session.view.reader.line(0))
        ]
        listing = finding_listing(session.view, session.analyse())
        assert [(entry.cells[3], entry.row) for entry in listing.entries] == [("WSGI0091", 0)]
        session.filter("rule=WSGI0091")
        wait(session)
        assert len(session.view) == 1


@pytest.mark.parametrize(("deaths", "marked"), [(1, 0), (4, 0), (6, 6)])
def test_marks_are_what_flags_counts(tmp_path: Path, deaths: int, marked: int) -> None:
    """A rule that asks for several lines marks none where they are too few, else all of them."""
    log = tmp_path / "error.log"
    head = "[Sun Nov 22 14:26:{:02}.534901 2026] [wsgi:info] [pid 5:tid 5] mod_wsgi (pid={}): "
    texts = (
        "Process 'shop' has died, deregister and restart it.",
        "Process 'shop' terminated normally",
    )
    log.write_text(
        "".join(f"{head.format(n, n + 7)}{text}\n" for n in range(deaths) for text in texts)
    )
    with looking_at(log) as session:
        rules = {finding.rule for finding in logtool.flags([log])}
        assert len(session.view.flagged) == marked
        assert ("daemon-restarting" in rules) == bool(marked)
