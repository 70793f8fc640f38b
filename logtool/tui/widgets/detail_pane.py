"""DetailPane: all that is known of one line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from logtool.tui.model import keys
from logtool.tui.model.told.pieces import Section

_NAME_WIDTH = 14


class DetailPane(VerticalScroll, can_focus=True):
    """Sections of names and texts, with the keys of the lines; hidden until it is asked for."""

    DEFAULT_CSS = """
    DetailPane {
        display: none; height: 50%; border-top: solid $primary; background: $surface; padding: 0 1;
        scrollbar-size-vertical: 1;
    }
    DetailPane:focus { border-top: heavy $accent; }
    DetailPane.open { display: block; }
    """

    _sections: Sequence[Section] = ()
    _whose: object = None

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(keys.DOWN, "scroll_down", show=False),
        Binding(keys.UP, "scroll_up", show=False),
        Binding(keys.PAGE_DOWN, "page_down", show=False),
        Binding(keys.PAGE_UP, "page_up", show=False),
        Binding(keys.TOP, "scroll_home", show=False),
        Binding(keys.BOTTOM, "scroll_end", show=False),
    ]

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(markup=False)

    @property
    def is_open(self) -> bool:
        """It is in sight."""
        return self.has_class("open")

    def show(self, sections: Sequence[Section], whose: object = None) -> None:
        """Show other sections, from the top unless they are of the same as before.

        Args:
            sections: what is shown.
            whose: tells of what it is; None is of nothing that was shown before.
        """
        same, self._whose = whose is not None and whose == self._whose, whose
        if same and sections == self._sections:
            return
        self._sections = [*sections]
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
        if not same:
            self.scroll_home(animate=False)
