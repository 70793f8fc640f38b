"""Every key and every screen, without a terminal."""

from __future__ import annotations

import pytest

from logtool.tui import RELOAD
from logtool.tui.model.keys import KEYS
from logtool.tui.screens.help import HelpScreen
from logtool.tui.screens.listing import ListingScreen
from logtool.tui.screens.log import LogScreen
from logtool.tui.widgets.detail_pane import DetailPane
from tests.logtool.tui.pilots import DJANGO, Flight, fly


def test_search() -> None:
    """A search goes to its first hit; n and N move; Esc ends it."""
    count = DJANGO.read_bytes().count(b"report started")

    async def steps(flight: Flight) -> None:
        await flight.type("/")
        await flight.type("report started")
        await flight.press("enter")
        first = flight.place
        assert "report started" in flight.session.view.line_at(first).message
        assert f"{count} hits: /report started" in flight.dump()
        await flight.press("n")
        second = flight.place
        assert second > first
        await flight.press(str(count), "n", "n")
        assert "no hit below" in flight.dump()
        await flight.press(str(count), "N")
        assert flight.place == first
        await flight.press("escape")
        assert flight.session.view.found is None

    fly([DJANGO], steps)


def test_filter_and_back() -> None:
    """A filter says what it hides; an empty one shows all again."""

    async def steps(flight: Flight) -> None:
        total = flight.session.view.total
        await flight.type("&")
        await flight.type("level>=warn")
        await flight.press("enter")
        events = flight.session.view.rows
        assert events is not None
        shown = sum(len(flight.session.view.event_of(row)) for row in events.tolist())
        assert 0 < len(events) < shown < total
        assert f"{shown} of {total} shown, filter: level>=warn" in flight.dump()
        await flight.type("&")
        await flight.press("ctrl+u", "enter")
        assert flight.session.view.filter.text == ""
        assert len(flight.session.view) > len(events)
        await flight.type("&")
        await flight.type("meant<=warn")
        await flight.press("enter")
        assert "filter: meant<=warn (< is milder)" in flight.dump()

    fly([DJANGO], steps)


def test_filter_that_hides_all() -> None:
    """Nothing shown is no fault, and every key goes on working."""

    async def steps(flight: Flight) -> None:
        await flight.type("&")
        await flight.type("nowhere to be found")
        await flight.press("enter")
        assert "0 of 160 shown" in flight.dump()
        await flight.press("j", "k", "G", "g", "e", "o", "s", "m", "c", "ctrl+g", "enter", "n")

    fly([DJANGO], steps)


def test_bad_filter_is_told() -> None:
    """The fault is told in the last line."""

    async def steps(flight: Flight) -> None:
        await flight.type("&")
        await flight.type("level>=loud")
        await flight.press("enter")
        assert "loud: no level" in flight.dump()

    fly([DJANGO], steps)


def test_prompt_can_be_dropped() -> None:
    """Escape leaves the prompt and changes nothing."""

    async def steps(flight: Flight) -> None:
        await flight.type("/")
        await flight.type("x")
        await flight.press("escape", "j")
        assert flight.session.view.found is None
        assert flight.place == 1

    fly([DJANGO], steps)


def test_commands() -> None:
    """A line, a time and a zone."""

    async def steps(flight: Flight) -> None:
        for text in ("50", "19:58:24", "zone Asia/Tokyo"):
            await flight.type(":")
            await flight.type(text)
            await flight.press("enter")
            if text == "50":
                assert flight.place == 49
        assert "Asia/Tokyo" in flight.dump()
        assert "04:58:24" in flight.dump()

    fly([DJANGO], steps)


def test_times() -> None:
    """T goes through all clocks, T tells spans, and the title says so."""

    async def steps(flight: Flight) -> None:
        first = flight.dump().splitlines()
        assert first[0].endswith("UTC")
        assert first[2].startswith("19:58:22.844")
        await flight.press("t")
        assert flight.dump().splitlines()[0].endswith("as logged")
        assert flight.dump().splitlines()[2].startswith("20:58:22.844")
        await flight.press("t", "t")
        assert flight.dump().splitlines()[0].endswith("UTC")
        await flight.press("T")
        assert flight.dump().splitlines()[3].split()[0] == "+0.000"

    fly([DJANGO], steps)


def test_detail() -> None:
    """Enter tells why, Tab goes there, Escape and q close it before they quit."""

    async def steps(flight: Flight) -> None:
        pane = flight.app.screen.query_one(DetailPane)
        await flight.press("enter")
        assert "confidence" in flight.dump()
        await flight.press("tab")
        assert pane.has_focus
        await flight.press("tab", "q")
        assert not pane.is_open
        await flight.press("enter", "escape")
        assert not pane.is_open

    fly([DJANGO], steps, (100, 40))


def test_where() -> None:
    """Ctrl-g tells file, line, process and clock."""

    async def steps(flight: Flight) -> None:
        await flight.press("j", "ctrl+g")
        assert "error.log:2" in flight.dump().splitlines()[-1]
        assert "+01:00" in flight.dump().splitlines()[-1]

    fly([DJANGO], steps, (160, 24))


def test_fold() -> None:
    """A traceback is one row that + opens."""

    async def steps(flight: Flight) -> None:
        await flight.type("/")
        await flight.type("Traceback")
        await flight.press("enter")
        assert "▸" in flight.dump()
        before = len(flight.session.view)
        await flight.press("plus")
        assert len(flight.session.view) > before
        assert "▾" in flight.dump()
        await flight.press("plus")
        assert len(flight.session.view) == before

    fly([DJANGO], steps)


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("C", "child"),
        ("P", "clock-differs-from-server"),
        ("X", "KeyError"),
        ("R", "127.0.0.1"),
    ],
)
def test_listings(key: str, word: str) -> None:
    """Each listing shows what was found, and Enter goes to a line."""

    async def steps(flight: Flight) -> None:
        await flight.press("G", key)
        screen = flight.app.screen
        assert isinstance(screen, ListingScreen)
        while not screen._listing.finished:
            await flight.press("j")
        await flight.press("G", "g", "j", "k", "tab", "tab")
        assert word in flight.dump()
        await flight.press("enter")
        assert isinstance(flight.app.screen, LogScreen)
        assert flight.place < len(flight.session.view) - 1

    fly([DJANGO], steps, (120, 40))


def test_enter_from_the_detail_of_a_listing() -> None:
    """Where Tab went to the detail Enter still goes to the first line."""

    async def steps(flight: Flight) -> None:
        await flight.press("G", "P")
        listing = flight.app.screen
        assert isinstance(listing, ListingScreen)
        await flight.until(lambda: listing._listing.finished)
        await flight.press("tab", "enter")
        assert isinstance(flight.app.screen, LogScreen)
        assert flight.place < len(flight.session.view) - 1

    fly([DJANGO], steps, (120, 40))


def test_from_listing_to_listing() -> None:
    """The keys of listings and of the help do in a listing what they do over the lines."""
    titles = {"C": "Clocks", "P": "Known problems", "X": "Exceptions", "R": "Requests"}

    async def steps(flight: Flight) -> None:
        for key in "CPXRPCX":
            await flight.press(key)
            assert isinstance(flight.app.screen, ListingScreen)
            assert flight.app.screen._listing.title == titles[key]
        await flight.press("question_mark")
        assert isinstance(flight.app.screen, HelpScreen)
        await flight.press("escape")
        assert isinstance(flight.app.screen, ListingScreen)
        await flight.press("escape")
        assert isinstance(flight.app.screen, LogScreen)

    fly([DJANGO], steps, (120, 40))


def test_listing_filters() -> None:
    """& in a listing shows only the lines of its entry; Escape leaves all as it was."""

    async def steps(flight: Flight) -> None:
        for key, begin in (("X", "exception="), ("R", '"127')):
            await flight.press(key)
            listing = flight.app.screen
            assert isinstance(listing, ListingScreen)
            await flight.until(lambda listing=listing: listing._listing.finished)  # type: ignore[misc]
            await flight.press("ampersand")
            assert flight.session.view.filter.text.startswith(begin)
            assert 0 < len(flight.session.view) < 20
        await flight.type("&")
        await flight.press("ctrl+u", "enter")
        await flight.press("C", "escape")
        assert flight.session.view.filter.text == ""
        await flight.press("C", "ampersand")
        assert flight.session.view.filter.text.startswith("clock=")

    fly([DJANGO], steps, (120, 40))


@pytest.mark.parametrize("key", ["question_mark", "f1"])
def test_help_lists_all_keys(key: str) -> None:
    """The help names every key; any of its keys closes it."""

    async def steps(flight: Flight) -> None:
        await flight.press(key)
        assert isinstance(flight.app.screen, HelpScreen)
        dump = flight.dump()
        assert all(row.text in dump for row in KEYS)
        await flight.press("j", "G", "g", "q")
        assert isinstance(flight.app.screen, LogScreen)

    fly([DJANGO], steps, (100, 120))


def test_palette() -> None:
    """The command palette opens."""

    async def steps(flight: Flight) -> None:
        await flight.press("ctrl+p")
        assert "CommandPalette" in type(flight.app.screen).__name__
        await flight.press("escape")

    fly([DJANGO], steps)


def test_mouse() -> None:
    """A click moves the cursor, a double click opens the detail."""

    async def steps(flight: Flight) -> None:
        await flight.click(30, 5)
        assert flight.place == 3
        await flight.click(30, 6, times=2)
        assert flight.app.screen.query_one(DetailPane).is_open

    fly([DJANGO], steps)


def test_detail_tells_the_request() -> None:
    """The other lines of the line's request are told, and marked among the lines."""

    async def steps(flight: Flight) -> None:
        await flight.type("/")
        await flight.type("front page")
        await flight.press("enter", "enter")
        assert "Request or connection of" in flight.dump()
        request = flight.session.view.request
        assert flight.session.view.row_at(flight.place) in request
        clients = {flight.session.view.reader.line(row).fields.get("client") for row in request}
        clients |= {flight.session.view.reader.line(row).fields.get("peer") for row in request}
        assert len(clients - {None}) == 1
        assert "•" in flight.dump()

    fly([DJANGO], steps, (100, 70))


def test_palette_finds_keys() -> None:
    """What a key does can be chosen by name."""

    async def steps(flight: Flight) -> None:
        await flight.press("ctrl+p")
        await flight.type("wrap long")
        await flight.press("enter")
        await flight.until(lambda: flight.session.view.wrap)

    fly([DJANGO], steps)


@pytest.mark.parametrize(("key", "status"), [("ctrl+c", 0), ("q", 0), ("f5", RELOAD)])
def test_ways_out(key: str, status: int) -> None:
    """Ctrl-c and q leave, F5 asks to be started once more."""

    async def steps(flight: Flight) -> None:
        await flight.press(key)
        assert flight.app.return_value == status

    fly([DJANGO], steps)


def test_repaint_changes_nothing() -> None:
    """Ctrl-l draws the same screen again."""

    async def steps(flight: Flight) -> None:
        before = flight.dump()
        await flight.press("ctrl+l")
        assert flight.dump() == before

    fly([DJANGO], steps)


def test_nothing_to_show_says_why() -> None:
    """A filter that hides all is named where the lines would be."""

    async def steps(flight: Flight) -> None:
        await flight.type("&")
        await flight.type("nowhere to be found")
        await flight.press("enter")
        assert "No line passes the filter. Press & to change it" in flight.dump()

    fly([DJANGO], steps, (100, 24))


def test_folded_traceback_tells_its_exception() -> None:
    """The row of a folded traceback names what was raised; unfolded it stands as it was written."""

    async def steps(flight: Flight) -> None:
        await flight.type("/")
        await flight.type("Traceback")
        await flight.press("enter")
        assert "▸12 KeyError: 9  ERROR django.request" in flight.dump()
        await flight.press("plus")
        assert "▾12 ERROR django.request" in flight.dump()

    fly([DJANGO], steps, (120, 40))
