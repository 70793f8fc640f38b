"""Bookmarks, selections, copies, files, the editor."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.logtool.tui.pilots import DJANGO, Flight, fly


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


def test_selection_is_copied_with_the_insides_of_its_events() -> None:
    """V begins, J and K stretch it, c copies whole events and ends it."""
    lines = DJANGO.read_text().splitlines()

    async def steps(flight: Flight) -> None:
        await flight.press("V", "2", "J", "K")
        assert "2 selected" in flight.dump()
        await flight.press("c")
        assert flight.app.clipboard.splitlines() == lines[:2]
        assert "selected" not in flight.dump()
        await flight.type("/")
        await flight.type("Traceback")
        await flight.press("enter", "c")
        copied = flight.app.clipboard.splitlines()
        assert len(copied) > 3
        assert any("KeyError" in line for line in copied)
        await flight.press("J", "escape")
        assert flight.session.view.anchor is None
        await flight.press("V", "V")
        assert flight.session.view.anchor is None

    fly([DJANGO], steps)


def test_mouse_selects() -> None:
    """What the mouse is drawn over is selected; a click ends it."""

    async def steps(flight: Flight) -> None:
        await flight.drag((40, 4), (40, 7))
        assert "4 selected" in flight.dump()
        await flight.click(40, 9)
        assert flight.session.view.anchor is None

    fly([DJANGO], steps)


@pytest.mark.parametrize(("word", "begin"), [("save", b"[2026-11-23 19:58:2"), ("write", b"[Mon ")])
def test_selection_is_saved(tmp_path: Path, word: str, begin: bytes) -> None:
    """:save writes the selection in UTC, :write as it stands; without one all that is shown."""

    async def steps(flight: Flight) -> None:
        await flight.press("3", "g", "J", "J", "colon")
        await flight.type(f"{word} {tmp_path / 'some.log'}")
        await flight.press("enter", "escape", "ctrl+s")
        await flight.press(*["backspace"] * 5)
        await flight.type(f"{word} {tmp_path / 'all.log'}")
        await flight.press("enter")
        assert "160 lines written" in flight.dump()

    fly([DJANGO], steps, (300, 24))
    some = (tmp_path / "some.log").read_bytes().splitlines()
    assert len(some) == 3
    assert all(line.startswith(begin) for line in some)
    every = (tmp_path / "all.log").read_bytes()
    assert every.count(b"\n") == 160
    assert (every == DJANGO.read_bytes()) == (word == "write")


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    """What cannot be written is told."""
    there = tmp_path / "there"
    there.write_text("mine")

    async def steps(flight: Flight) -> None:
        await flight.press("ctrl+s")
        await flight.type(str(there))
        await flight.press("enter")
        assert "File exists" in flight.dump()

    fly([DJANGO], steps, (300, 24))
    assert there.read_text() == "mine"
