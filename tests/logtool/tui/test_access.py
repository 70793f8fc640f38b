"""What an access log says of requests, in their list and in the detail of a line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from logtool.clocks.options import ClockOptions
from logtool.events.access_logs import AccessLogs
from logtool.sources.opening import open_sources
from logtool.tui.model.found.request_search import RequestSearch
from logtool.tui.model.found.requests import RequestOfLine
from logtool.tui.model.reading.beside import AccessBeside
from logtool.tui.model.reading.builder import Builder
from logtool.tui.model.session import Session
from logtool.tui.model.told.fitting import fitted
from logtool.tui.model.told.request_listing import request_listing
from tests.logtool.tui.pilots import DJANGO, SAMPLES, Flight, fly

QUIET = SAMPLES / "quiet_server" / "error.log"


def alone(log: Path, folder: Path) -> Path:
    """The log without what stands beside it."""
    shutil.copy(log, folder)
    return folder / log.name


def test_the_list_of_requests_tells_status_and_path() -> None:
    """On the narrowest screen too, and the detail tells more."""

    async def steps(flight: Flight) -> None:
        await flight.press("R")
        await flight.until(lambda: "listed" in flight.dump())
        screen = flight.dump()
        assert re.search(r"first line +status +request +says", screen)
        assert re.search(
            r"2026-11-11 09:30:00 +500\? +GET /early/fail +RuntimeError: order", screen
        )
        assert "In the access log" in screen
        assert "GET /early/fail HTTP/1.1" in screen

    fly([QUIET], steps)


def test_without_an_access_log_nothing_changes(tmp_path: Path) -> None:
    """The columns are those that an error log can fill."""

    async def steps(flight: Flight) -> None:
        await flight.press("R")
        await flight.until(lambda: "listed" in flight.dump())
        assert re.search(r"first line +client +worst +says", flight.dump())

    fly([alone(QUIET, tmp_path)], steps)


def test_the_detail_of_a_line_tells_its_request() -> None:
    """Above its message; a line of no request has none."""

    async def steps(flight: Flight) -> None:
        await flight.press("enter")
        assert "In the access log" not in flight.dump()
        await flight.press("q", "e")
        await flight.press("enter")
        screen = flight.dump()
        assert screen.index("In the access log") < screen.index(" Message")
        assert re.search(r"request +GET /early/fail HTTP/1.1", screen)
        assert re.search(r"status +500", screen)
        assert "perhaps" in screen
        await flight.press("k")
        assert "In the access log" not in flight.dump()

    fly([QUIET], steps, (120, 60))


@pytest.mark.parametrize("log", [DJANGO, QUIET, SAMPLES / "log_ids" / "error.log"])
def test_a_line_alone_tells_what_the_list_does(log: Path) -> None:
    """Of each request, whichever of its lines is asked."""
    with open_sources([str(log)]) as sources:
        builder = Builder(sources)
        session = Session(builder)
        builder.start(lambda: None)
        assert builder._thread is not None
        builder._thread.join()
        assert builder.table is not None
        parts = builder.index, builder.logs, builder.opened, builder.table
        search = RequestSearch(*parts, builder.access)
        search.work()
        assert any(request.access for request in search.requests)
        for request in search.requests:
            row = builder.row_of(request.lines[-1]["file"], request.lines[-1]["line"])
            assert row is not None
            near = RequestOfLine(session.view.reader.line(row), builder)
            near.work()
            assert near.access == request.access
        builder.stop()


def test_named_and_unwanted(tmp_path: Path) -> None:
    """What the user names is asked instead; what is not to be looked for is not found."""
    named = tmp_path / "requests.txt"
    shutil.copy(QUIET.with_name("access.log"), named)
    options = ClockOptions(access_logs=(str(named),))
    found = AccessBeside([str(QUIET)], options).logs()
    assert isinstance(found, AccessLogs)
    assert [log.path for log in found._logs] == [named]
    assert AccessBeside([str(QUIET)], ClockOptions(neighbours=False)).logs() is None
    assert AccessBeside(["-"], ClockOptions()).logs() is None


def test_both_long_columns_give_way() -> None:
    """What is said is cut before the request's path, and both can still be read."""

    async def steps(flight: Flight) -> None:
        await flight.press("R")
        session = flight.session
        await flight.until(lambda: bool((found := session.requests()) and found.finished))
        listing = request_listing(session.view, session.requests())
        for width in (80, 100, 160):
            shown = dict(fitted(listing, width).columns)
            assert sum(shown.values()) + 2 * len(shown) <= width
            assert min(shown["request"], shown["says"]) >= 15

    fly([QUIET], steps)
