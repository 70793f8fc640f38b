"""What ends some work in the background is told: nobody waits for it for ever."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest

from logtool.clocks import engine
from logtool.clocks.evidence import neighbours
from logtool.errors import ReadError, WriteError
from logtool.passes import first
from logtool.sources.opening import open_sources
from logtool.sources.temporary import TemporaryBytes
from logtool.tui.model.chosen import jobs
from logtool.tui.model.found import analysis
from logtool.tui.model.indexed.index import LineIndex
from logtool.tui.model.reading import builder
from logtool.tui.model.session import Session
from tests import places
from tests.logtool.tui.pilots import Flight, fly

LOG = places.SAMPLE_LOGS / "berlin_utc_django" / "error.log"
FAULTS = [
    (ValueError("nine"), "a mistake in errlog"),
    (ReadError("error.log: gone"), "error.log: gone"),
]


def test_no_room_for_what_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of a pipe for which there is no room are told to be missing."""
    pipe, full, done = tmp_path / "pipe", threading.Event(), threading.Event()
    os.mkfifo(pipe)

    def write() -> None:
        with pipe.open("wb", buffering=0) as out:
            out.write(LOG.read_bytes())
            full.wait(300)
            out.write(LOG.read_bytes()[:1000])
            done.wait(300)

    def fail(*_: object) -> None:
        raise WriteError("no room")

    async def steps(flight: Flight) -> None:
        await flight.press("F")
        with monkeypatch.context() as patched:
            patched.setattr(TemporaryBytes, "write_at", fail)
            full.set()
            await flight.until(lambda: "lines are missing: no room" in flight.dump())

    writer = threading.Thread(target=write)
    writer.start()
    try:
        fly([pipe], steps, (120, 24))
    finally:
        full.set()
        done.set()
        writer.join()


@pytest.mark.parametrize(("fault", "told"), FAULTS, ids=["mistake", "foreseen"])
@pytest.mark.parametrize(
    ("place", "name", "keys"),
    [
        (analysis.Analysis, "_work", ("P",)),
        (jobs.Search, "work", ("slash", "A", "H", "enter")),
        (jobs.Choice, "work", ("ampersand", "A", "H", "enter")),
        (builder.Builder, "_locate", ()),
    ],
    ids=["analysis", "search", "filter", "reading"],
)
def test_fault_is_told(
    place: type,
    name: str,
    keys: tuple[str, ...],
    fault: Exception,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In the screen that waits for the work, or in the line of status."""

    def fail(*_: object) -> None:
        raise fault

    async def steps(flight: Flight) -> None:
        for key in keys:
            await flight.press(key)
        await flight.settle()
        assert told in " ".join(flight.dump().split())

    monkeypatch.setattr(place, name, fail)
    fly([LOG], steps, (120, 40))


def test_fault_of_a_search_that_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is shown with the end of the search, not when something else comes to be shown."""

    def fail(*_: object) -> None:
        raise ReadError("error.log: gone")

    def begin_and_end(search: jobs.Search) -> None:
        start(search)
        search.wait()

    async def steps(flight: Flight) -> None:
        await flight.settle()
        flight.session.search("AH", 0)
        assert flight.session.view.found is not None
        assert flight.session.view.progress.fault == "error.log: gone"

    start = jobs.Search.start
    monkeypatch.setattr(jobs.Search, "work", fail)
    monkeypatch.setattr(jobs.Search, "start", begin_and_end)
    fly([LOG], steps, (120, 40))


def test_an_analysis_that_failed_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """By whoever asks what it found, after a while: memory or a disk may have been short."""
    faults: list[Exception] = [MemoryError("no memory"), MemoryError("still none")]

    def fail(self: analysis.Analysis) -> None:
        if faults:
            raise faults.pop(0)
        work(self)

    work = analysis.Analysis._work
    monkeypatch.setattr(analysis.Analysis, "_work", fail)
    monkeypatch.setattr(analysis, "_AFTER_FAULT_S", 0.0)
    with open_sources([str(LOG)]) as sources:
        session = Session(builder.Builder(sources))
        session.start()
        while session.busy:
            session.refresh()
        told = []
        for _ in range(3):
            asked = session.analyse_anew()
            assert asked is not None
            told.append(asked.fault)
            if session._together._anew is not None:
                session._together._anew.wait()
            session.refresh()
        session.stop()

    assert told == ["no memory", "still none", ""]
    assert session.view.folds is not None
    assert len(session.view.folds) == session.view.total


def test_a_failed_analysis_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for it asks many times a second."""

    def fail(self: analysis.Analysis) -> None:
        made.append(self)
        raise MemoryError("no memory")

    made: list[analysis.Analysis] = []
    monkeypatch.setattr(analysis.Analysis, "_work", fail)
    with open_sources([str(LOG)]) as sources:
        session = Session(builder.Builder(sources))
        session.start()
        for _ in range(9):
            while session.busy:
                session.refresh()
            session.analyse_anew()
        session.stop()

    assert len(made) == 1


def test_interrupt_of_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polars raises one in the background too: work ends by it without a word of Python's."""

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    async def steps(flight: Flight) -> None:
        await flight.press("P")
        assert "interrupted" in flight.dump()

    monkeypatch.setattr(analysis.Analysis, "_work", fail)
    fly([LOG], steps, (120, 40))


@pytest.mark.parametrize("look", ["filter", "search"])
def test_clocks_come_whoever_looks_first(look: str) -> None:
    """A filter or a search that is begun just when the clocks are known keeps them from nobody."""
    with open_sources([str(LOG)]) as sources:
        session = Session(builder.Builder(sources))
        session.start()
        assert session.builder._thread is not None
        session.builder._thread.join()
        session.filter("AH") if look == "filter" else session.search("AH", 0)
        while session.busy:
            session.refresh()
        assert session.view.clocks.table is session.builder.table is not None
        session.stop()


@pytest.mark.parametrize(
    ("place", "name", "fault"),
    [
        (first, "open_logs", OSError(5, "Input/output error")),
        (first, "find_clocks", SystemExit(3)),
        (first, "read_once", MemoryError()),
        (neighbours, "find_neighbours", ReadError("access.log: gone")),
        (engine.ClockFinder, "finish", KeyError("nine")),
        (builder._Filling, "add", MemoryError()),
        (LineIndex, "settle", KeyboardInterrupt()),
        (LineIndex, "order", MemoryError()),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_clocks_that_cannot_be_found(
    place: object, name: str, fault: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it fails: title, status, listings and detail tell so, and nothing that is false."""

    def fail(*_: object, **__: object) -> None:
        raise fault

    async def steps(flight: Flight) -> None:
        screen = flight.dump().splitlines()
        assert "as logged: the clocks could not be found" in screen[0]
        assert screen[-2].startswith("the clocks could not be found: ")
        assert "(F5 tries again)" in screen[-2] + flight.session.view.progress.fault
        for listing in "CPXR":
            await flight.press(listing)
            assert "The clocks could not be found: " in flight.dump()
            await flight.press("escape")
        await flight.press("enter")
        assert "confidence" not in flight.dump()
        await flight.press("escape", "plus")
        assert "could not be found" in flight.dump().splitlines()[-1]

    monkeypatch.setattr(place, name, fail)
    fly([LOG], steps, (120, 40))


@pytest.mark.parametrize("ticks", range(4))
def test_leaving_while_a_screen_is_made(ticks: int) -> None:
    """However much of it there is."""

    async def steps(flight: Flight) -> None:
        await flight.app.log_screen.run_action("findings")
        for _ in range(ticks):
            await asyncio.sleep(0)
        flight.app.exit(0)

    fly([LOG], steps, (120, 40))
