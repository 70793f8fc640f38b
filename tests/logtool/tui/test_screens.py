"""Every key and every screen, without a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from logtool.tui.app import ViewApp
from logtool.tui.model.keys import KEYS
from logtool.tui.screens.help import HelpScreen
from logtool.tui.screens.listing import ListingScreen
from logtool.tui.screens.log import LogScreen
from logtool.tui.widgets.detail_pane import DetailPane
from parsers.items import LEVELS
from tests.logtool.tui.pilots import DJANGO, SAMPLES, Flight, fly

GOLDEN = Path(__file__).parent / "golden"
_GAPS = SAMPLES / "quiet_server" / "error.log"


def test_every_key_has_an_action() -> None:
    """The table of keys names actions that are there, and no key twice."""
    keys = [key for row in KEYS for key in row.keys]
    assert len(keys) == len(set(keys))
    for row in KEYS:
        owner, _, name = row.action.rpartition(".")
        assert hasattr(ViewApp if owner == "app" else LogScreen, f"action_{name}")


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ("j", 1), ("down", 1), ("j j k", 1), ("1 0 j", 10), ("1 0 j 3 k", 7), ("j up", 0),
        ("space", 19), ("pagedown", 19), ("space b", 0), ("ctrl+d", 10), ("d", 10),
        ("d ctrl+u", 0), ("3 0 g", 29), ("3 0 G", 29), ("5 G home", 4 - 4), ("j g", 0),
        ("2 space", 38),
    ],
)  # fmt: skip
def test_moving(keys: str, place: int) -> None:
    """Keys of less move as in less."""

    async def steps(flight: Flight) -> None:
        await flight.press(*keys.split())
        assert flight.place == place

    fly([DJANGO], steps)


@pytest.mark.parametrize("key", ["G", "end"])
def test_bottom(key: str) -> None:
    """The last line comes into sight."""

    async def steps(flight: Flight) -> None:
        await flight.press(key)
        assert flight.place == len(flight.session.view) - 1
        assert "100%" in flight.dump()

    fly([DJANGO], steps)


@pytest.mark.parametrize(
    ("forward", "back", "levels"), [("e", "E", {"error"}), ("w", "W", {"warn"})]
)
def test_levels(forward: str, back: str, levels: set[str]) -> None:
    """Next and previous errors and warnings, by Python's own level where it is written."""

    async def steps(flight: Flight) -> None:
        await flight.press("G", back)
        last = flight.place
        assert LEVELS[flight.session.view.line_at(last).meant] in levels
        await flight.press("g", *("9" * 3), forward)
        assert flight.place == last

    fly([DJANGO], steps)


def test_requests_lines() -> None:
    """O and O go among the lines of one client's connection."""

    async def steps(flight: Flight) -> None:
        await flight.type("/")
        await flight.type("established")
        await flight.press("enter")
        place = flight.place
        client = flight.session.view.line_at(place).fields["client"]
        await flight.press("o")
        assert flight.place > place
        assert flight.session.view.line_at(flight.place).fields["client"] == client
        await flight.press("O")
        assert flight.place == place

    fly([DJANGO], steps)


def test_gaps() -> None:
    """S finds silences and S goes back."""

    async def steps(flight: Flight) -> None:
        view = flight.session.view
        await flight.press("s")
        place = flight.place
        assert place == 0 or view.time_at(place) - view.time_at(place - 1) >= 60_000_000
        assert place > 0
        await flight.press("G", "S")
        assert flight.place >= place

    fly([_GAPS], steps)


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


def test_columns_and_sideways() -> None:
    """X takes columns away; the arrows move messages."""

    async def steps(flight: Flight) -> None:
        assert "parent" in flight.dump().splitlines()[2]
        await flight.press("x", "x")
        assert "parent" not in flight.dump().splitlines()[2]
        await flight.press("right")
        assert "AH01882" not in flight.dump().splitlines()[2]
        await flight.press("left")
        assert "AH01882" in flight.dump().splitlines()[2]

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


def test_bookmarks() -> None:
    """M marks, u and U go there, m again takes it away."""

    async def steps(flight: Flight) -> None:
        await flight.press("5", "g", "m", "9", "g", "m", "g", "u")
        assert flight.place == 4
        await flight.press("u")
        assert flight.place == 8
        await flight.press("U", "m")
        assert flight.place == 4
        assert flight.session.view.marks == {8}
        assert "◆" in flight.dump()

    fly([DJANGO], steps)


def test_copy() -> None:
    """C copies the line, 3c three."""

    async def steps(flight: Flight) -> None:
        lines = DJANGO.read_text().splitlines()
        await flight.press("c")
        assert flight.app.clipboard == lines[0]
        await flight.press("3", "c")
        assert flight.app.clipboard == "\n".join(lines[:3])

    fly([DJANGO], steps)


def test_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    """V opens the log at the line; without a terminal it says what it cannot do."""

    async def steps(flight: Flight) -> None:
        await flight.press("5", "g", "v")
        assert "no editor" in flight.dump()

    monkeypatch.setenv("VISUAL", "editor-that-is-not-there")
    fly([DJANGO], steps)


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


def test_listing_filters() -> None:
    """& in a listing shows only the lines of its entry; Escape leaves all as it was."""

    async def steps(flight: Flight) -> None:
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
