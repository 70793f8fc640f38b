"""What ends some work in the background is told: nobody waits for it for ever."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from logtool.errors import ReadError
from logtool.tui.model import analysis, builder, jobs
from tests.logtool.tui.pilots import Flight, fly

LOG = Path(__file__).parents[3] / "sample_logs" / "berlin_utc_django" / "error.log"
FAULTS = [
    (ValueError("nine"), "a mistake in errlog"),
    (ReadError("error.log: gone"), "error.log: gone"),
]


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


def test_interrupt_of_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polars raises one in the background too: work ends by it without a word of Python's."""

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    async def steps(flight: Flight) -> None:
        await flight.press("P")
        assert "interrupted" in flight.dump()

    monkeypatch.setattr(analysis.Analysis, "_work", fail)
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
