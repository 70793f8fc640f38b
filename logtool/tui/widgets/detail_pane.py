"""DetailPane: all that is known of one line."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from logtool.tui.model.pieces import Section

_NAME_WIDTH = 14


class DetailPane(VerticalScroll, can_focus=True):
    """Sections of names and texts; hidden until it is asked for."""

    DEFAULT_CSS = """
    DetailPane {
        display: none; height: 50%; border-top: solid $primary; background: $surface; padding: 0 1;
        scrollbar-size-vertical: 1;
    }
    DetailPane:focus { border-top: heavy $accent; }
    DetailPane.open { display: block; }
    """

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(markup=False)

    @property
    def is_open(self) -> bool:
        """It is in sight."""
        return self.has_class("open")

    def show(self, sections: Sequence[Section]) -> None:
        """Show other sections."""
        parts: list[RenderableType] = []
        for section in sections:
            named = any(name for name, _ in section.pairs)
            grid = Table.grid(padding=(0, 1))
            grid.add_column(min_width=_NAME_WIDTH if named else 1, style="dim", no_wrap=True)
            grid.add_column(ratio=1, overflow="fold")
            for name, value in section.pairs:
                grid.add_row(f"  {name}", Text(value))
            parts += [Text(section.heading, "bold"), grid]
        self.query_one(Static).update(Group(*parts))
        self.scroll_home(animate=False)
