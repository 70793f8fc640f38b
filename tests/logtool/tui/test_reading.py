"""What stands to the right, below, in the detail: keys that hands know bring it into sight."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import DataTable

from logtool.tui.model.chosen.view import LogView
from logtool.tui.model.told.detail import detail_of, fact_text
from logtool.tui.widgets.detail_pane import DetailPane
from tests.logtool.tui.pilots import DJANGO, Flight, fly


def test_sideways_ends_where_text_does() -> None:
    """However often → is pressed, something of the longest line stays, and it is told what went."""

    async def steps(flight: Flight) -> None:
        assert "to the left" not in flight.dump()
        await flight.press(*["right"] * 30)
        lines = flight.app.log_screen.lines
        rows = [flight.session.view.line_at(at).message for at in range(lines.page)]
        assert lines.left == max(map(len, rows)) - 1
        assert f"{lines.left:,} to the left" in flight.dump()
        await flight.press(*["left"] * 30)
        assert lines.left == 0
        assert "to the left" not in flight.dump()

    fly([DJANGO], steps)


def test_a_hit_far_to_the_right_comes_into_sight(tmp_path: Path) -> None:
    """Search and n show what matches, and the beginning of the line where that is enough."""
    log = tmp_path / "error.log"
    head = DJANGO.read_bytes().splitlines()[0]
    log.write_bytes(head + b" " + b"x" * 300 + b" needle\n" + head + b"\n" + b"needle\n")

    async def steps(flight: Flight) -> None:
        await flight.type("/")
        await flight.type("needle")
        await flight.press("enter")
        assert "needle" in flight.dump().splitlines()[2]
        assert flight.app.log_screen.lines.left > 200
        await flight.press("n")
        assert flight.app.log_screen.lines.left == 0
        await flight.press("N", "ctrl+w", "n", "N")
        assert flight.place == 0

    fly([log], steps)


def test_a_search_that_finds_nothing() -> None:
    """It is not said that there may be hits above."""

    async def steps(flight: Flight) -> None:
        await flight.type("/")
        await flight.type("nowhere to be found")
        await flight.press("enter")
        assert "no line matches" in flight.dump()

    fly([DJANGO], steps)


def test_keys_of_the_lines_scroll_the_detail() -> None:
    """Whoever went there with Tab moves in it, and the lines stay."""

    async def steps(flight: Flight) -> None:
        await flight.press("e", "enter", "tab")
        place, pane = flight.place, flight.app.screen.query_one(DetailPane)
        for key, moved in (("j", 1), ("k", 0), ("G", pane.max_scroll_y), ("g", 0)):
            await flight.press(key)
            await flight.until(lambda moved=moved: pane.scroll_y == moved)  # type: ignore[misc]
        await flight.press("space")
        await flight.until(lambda: pane.scroll_y > 1)
        assert flight.place == place

    fly([DJANGO], steps)


def test_pages_of_a_listing() -> None:
    """Keys that turn pages of lines turn those of a listing."""

    async def steps(flight: Flight) -> None:
        await flight.press("R")
        await flight.until(lambda: "listed" in flight.dump())
        table = flight.app.screen.query_one(DataTable)
        await flight.press("space")
        assert table.cursor_row > 1
        await flight.press("b")
        assert table.cursor_row == 0
        await flight.press("greater_than_sign")
        assert table.cursor_row == table.row_count - 1

    fly([DJANGO], steps)


def test_evidence_does_not_hide_the_message() -> None:
    """Of a long chain of evidence the first facts come before the message, the others behind."""

    async def steps(flight: Flight) -> None:
        view = flight.session.view
        places = range(len(view))
        place = max(places, key=lambda at: len(_facts(view, at)))
        facts = _facts(view, place)
        assert len(facts) > 2
        sections = {one.heading: one.pairs for one in detail_of(view, view.line_at(place))}
        order = [*sections]
        assert order.index("Message") < order.index("More evidence of its clock")
        before = [text for _, text in sections["Time"]]
        behind = [text for _, text in sections["More evidence of its clock"]]
        assert [text for text in facts if text in before] == facts[:2]
        assert behind == facts[2:]
        assert before[-1] == f"and {len(facts) - 2} more below"

    fly([DJANGO], steps)


def _facts(view: LogView, place: int) -> list[str]:
    clock = view.clocks.who(view.line_at(place)).clock
    return [fact_text(view, fact) for fact in clock.evidence] if clock else []
