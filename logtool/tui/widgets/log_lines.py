"""LogLines: the lines on screen, each drawn when it comes into sight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from logtool.tui.model.row_text import row_pieces
from logtool.tui.model.view import LogView

#: Colours of the clocks, to be told apart on dark and on light ground.
CLOCK_HUES = (
    "#4c8dff", "#e8890c", "#2fa84f", "#c054c8", "#18a3ac", "#d9534f", "#9c8b1e", "#8a7ae6",
)  # fmt: skip
_STYLES = (
    "plain", "crit", "error", "warn", "notice", "info", "debug", "time", "column", "mark", "flag",
    "fold", "hit",
)  # fmt: skip


class LogLines(ScrollView, can_focus=True, inherit_bindings=False):
    """The lines of a view, one to a row, and a cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"log--cursor", *(f"log--{name}" for name in _STYLES)}
    DEFAULT_CSS = """
    LogLines {
        background: $background;
        scrollbar-size-vertical: 1;
        overflow-x: hidden;
        & > .log--cursor { background: $surface-lighten-2; }
        & > .log--crit { color: $text-error; text-style: bold reverse; }
        & > .log--error { color: $text-error; }
        & > .log--warn { color: $text-warning; }
        & > .log--notice { color: $text-success; }
        & > .log--debug { color: $foreground-darken-3; }
        & > .log--time { color: $foreground-darken-2; }
        & > .log--column { color: $foreground-darken-2; }
        & > .log--mark { color: $text-accent; text-style: bold; }
        & > .log--flag { color: $text-error; text-style: bold; }
        & > .log--fold { color: $text-accent; }
        & > .log--hit { text-style: reverse; }
    }
    """

    view: reactive[LogView | None] = reactive(None, always_update=True)
    cursor: reactive[int] = reactive(0)
    left: reactive[int] = reactive(0)

    @dataclass
    class Moved(Message):
        """The cursor is somewhere else."""

        place: int
        upwards: bool

    @dataclass
    class Opened(Message):
        """The line under the cursor was chosen with the mouse."""

        place: int

    def __len__(self) -> int:
        """How many lines are shown."""
        return 0 if self.view is None else len(self.view)

    def __bool__(self) -> bool:
        """A widget without lines is a widget."""
        return True

    @property
    def page(self) -> int:
        """Rows of the screen."""
        return max(self.scrollable_content_region.height, 1)

    def watch_view(self, before: LogView | None, view: LogView | None) -> None:
        """Another view: other lines, perhaps fewer."""
        size = Size(self.scrollable_content_region.width, len(self))
        if size != self.virtual_size:
            self.virtual_size = size
        full = before is not None and len(before) >= round(self.scroll_y) + self.page
        if before is None or view is None or not full or not view.looks_like(before):
            self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Lines are as wide as the screen; the cursor stays in sight."""
        self.virtual_size = Size(self.scrollable_content_region.width, len(self))
        self.call_after_refresh(self._show_cursor)

    def validate_cursor(self, place: int) -> int:
        """Stay inside the log."""
        return min(max(place, 0), max(len(self) - 1, 0))

    def watch_cursor(self, before: int, place: int) -> None:
        """Keep it in sight, and tell."""
        self._show_cursor()
        self.refresh()
        self.post_message(self.Moved(place, place < before))

    def watch_left(self) -> None:
        """Another part of the messages."""
        self.refresh()

    def put_cursor(self, place: int, top: int | None = None) -> None:
        """Move the cursor; `top` is the row of the screen it shall stand in."""
        if top is not None:
            self._put_top(place - top)
        self.cursor = place

    def _show_cursor(self) -> None:
        first = round(self.scroll_y)
        if self.cursor < first:
            jump = first - self.cursor > self.page
            self._put_top(self.cursor - (self.page // 2 if jump else 0))
        elif self.cursor >= first + self.page:
            jump = self.cursor - first >= 2 * self.page
            self._put_top(self.cursor - (self.page // 2 if jump else self.page - 1))

    def _put_top(self, first: int) -> None:
        self.scroll_to(y=max(first, 0), animate=False, immediate=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Wheel and scrollbar take the cursor along."""
        super().watch_scroll_y(old_value, new_value)
        first = round(new_value)
        if not first <= self.cursor < first + self.page and self.is_mounted:
            self.cursor = min(max(self.cursor, first), first + self.page - 1)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor there; a second click opens."""
        self.cursor = round(self.scroll_y) + event.y
        if event.chain > 1:
            self.post_message(self.Opened(self.cursor))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Read all lines in sight at once."""
        if self.view is not None:
            first = round(self.scroll_y) + crop.y
            rows = self.view.rows_at(first, min(first + crop.height, len(self)))
            self.view.reader.lines(rows.tolist())
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        place = round(self.scroll_y) + y
        width = self.scrollable_content_region.width
        if self.view is None or place >= len(self):
            return Strip.blank(width, self.rich_style)
        under = (
            self.get_component_rich_style("log--cursor") if place == self.cursor else Style.null()
        )
        base = self.rich_style
        segments = [
            Segment(piece.text, base + self._style(piece.style) + Style(bgcolor=under.bgcolor))
            for piece in row_pieces(self.view, place, width, self.left, self.app.no_color)
        ]
        fill = base + Style(bgcolor=under.bgcolor)
        if place == self.cursor and self.app.no_color:
            segments = [Segment(s.text, (s.style or base) + Style(reverse=True)) for s in segments]
            fill += Style(reverse=True)
        return Strip(segments).adjust_cell_length(width, fill)

    def _style(self, name: str) -> Style:
        if name.startswith("clock"):
            return Style(color=CLOCK_HUES[int(name.removeprefix("clock"))])
        return self.get_component_rich_style(f"log--{name}", partial=True)
