"""LogLines: the lines on screen, each drawn when it comes into sight."""

from __future__ import annotations

from collections.abc import Sequence
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

from logtool.people.terminal import safe
from logtool.tui.model.chosen.view import LogView
from logtool.tui.model.told.pieces import Piece
from logtool.tui.model.told.row_text import row_head, row_message
from logtool.tui.widgets.colours import clock_style
from logtool.tui.widgets.wrapping import wrapped

_STYLES = (
    "plain", "crit", "error", "warn", "notice", "info", "debug", "time", "column", "mark", "flag",
    "fold", "raised", "hit",
)  # fmt: skip
#: A wrapped message has at least so many columns.
_LEAST_ROOM = 20


class LogLines(ScrollView, can_focus=True, inherit_bindings=False):
    """The lines of a view and a cursor; a line takes one row, or several where it is wrapped."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--cursor", "log--selected", "log--empty", *(f"log--{name}" for name in _STYLES)
    }  # fmt: skip
    DEFAULT_CSS = """
    LogLines {
        background: $background;
        scrollbar-size-vertical: 1;
        overflow-x: hidden;
        overflow-y: scroll;
        & > .log--cursor { background: $surface-lighten-2; }
        & > .log--selected { background: $primary-muted; }
        & > .log--empty { color: $text-muted; }
        & > .log--crit { color: $text-error; text-style: bold reverse; }
        & > .log--error { color: $text-error; }
        & > .log--warn { color: $text-warning; }
        & > .log--notice { color: $text-success; }
        & > .log--debug { color: $foreground-darken-3; }
        & > .log--time { color: $foreground-darken-2; }
        & > .log--column { color: $foreground-darken-2; }
        & > .log--mark { color: $text-accent; text-style: bold; }
        & > .log--flag { color: $text-error; text-style: bold; }
        & > .log--fold { color: $text-accent; text-style: bold; }
        & > .log--raised { color: $text-error; text-style: bold; }
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

    @dataclass
    class Dragged(Message):
        """The mouse is drawn from one line to another."""

        begin: int
        end: int

    def __init__(self) -> None:
        """Nothing to show yet."""
        super().__init__()
        self._anchor: int | None = None
        self._held: int | None = None
        self._rows: list[tuple[int, int]] = []

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

    @property
    def step(self) -> int:
        """Lines that are on screen as a whole: what a page is to a reader."""
        if self.view is None or not self.view.wrap:
            return self.page
        rows = self._rows_from(self._first)
        return max(rows[-1][0] - self._first + (len(rows) < self.page), 1) if rows else 1

    @property
    def selected(self) -> range:
        """The places from where the selection began to the cursor; empty without one."""
        if self._anchor is None:
            return range(0)
        return range(min(self._anchor, self.cursor), max(self._anchor, self.cursor) + 1)

    @property
    def _first(self) -> int:
        return round(self.scroll_y)

    def watch_view(self, before: LogView | None, view: LogView | None) -> None:
        """Another view: other lines, perhaps fewer."""
        anchor = None if view is None else view.anchor
        self._anchor = None if view is None or anchor is None else view.place_of(anchor)
        self._measure()
        full = before is not None and len(before) >= self._first + self.page
        if before is None or view is None or not full or not view.looks_like(before):
            self.refresh()

    def _measure(self) -> None:
        """Say how far one may scroll: a wrapped line may be alone at the top."""
        more = self.page - 1 if self.view is not None and self.view.wrap else 0
        size = Size(self.scrollable_content_region.width, len(self) + more)
        if size != self.virtual_size:
            self.virtual_size = size

    def on_resize(self, event: events.Resize) -> None:
        """Lines are as wide as the screen; the cursor stays in sight."""
        self._measure()
        self.call_after_refresh(self._show_cursor)

    def validate_cursor(self, place: int) -> int:
        """Stay inside the log."""
        return min(max(place, 0), max(len(self) - 1, 0))

    def watch_cursor(self, before: int, place: int) -> None:
        """Keep it in sight, and tell."""
        self._show_cursor()
        self.refresh()
        self.post_message(self.Moved(place, place < before))

    def validate_left(self, left: int) -> int:
        """Stay where some line in sight has text."""
        if self.view is None:
            return 0
        places = range(self._first, min(self._first + self.page, len(self)))
        longest = max((len(self.view.line_at(place).message) for place in places), default=0)
        return max(min(left, max(longest - 1, self.left)), 0)

    def watch_left(self) -> None:
        """Another part of the messages."""
        self.refresh()

    def put_cursor(self, place: int, top: int | None = None) -> None:
        """Move the cursor; `top` is how many lines shall stand above it."""
        if top is not None:
            self._put_top(place - top)
        self.cursor = place
        self._show_cursor()  # also where it stays and what is above it has grown

    def show_part(self, begin: int, end: int) -> None:
        """Bring some characters of the cursor's message into sight; from its begin, if they are."""
        if self.view is None or self.view.wrap:
            return
        head, _ = self._strips(self.cursor, Style.null())
        room = self._room(head)
        if end <= room:
            self.left = 0
        elif not self.left <= begin < end <= self.left + room:
            self.left = begin - room // 3

    def _show_cursor(self) -> None:
        first, page = self._first, self.page
        if self.cursor < first:
            jump = first - self.cursor > page
            self._put_top(self.cursor - (page // 2 if jump else 0))
        elif self.view is not None and self.view.wrap:
            self._put_top(self._first_above_cursor(max(first, self.cursor - page + 1)))
        elif self.cursor >= first + page:
            jump = self.cursor - first >= 2 * page
            self._put_top(self.cursor - (page // 2 if jump else page - 1))

    def _first_above_cursor(self, first: int) -> int:
        """The first line from `first` on from which the cursor's line is seen as a whole."""
        # A filter may just have left fewer lines, or none.
        heights = [self._height(place) for place in range(first, min(self.cursor + 1, len(self)))]
        while len(heights) > 1 and sum(heights) > self.page:
            heights.pop(0)
            first += 1
        return first

    def _put_top(self, first: int) -> None:
        self.scroll_to(y=max(first, 0), animate=False, immediate=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Wheel and scrollbar take the cursor along."""
        super().watch_scroll_y(old_value, new_value)
        first = round(new_value)
        last = first + self.step - 1
        if not first <= self.cursor <= last and self.is_mounted:
            self.cursor = min(max(self.cursor, first), last)

    def on_click(self, event: events.Click) -> None:
        """A second click opens."""
        if event.chain > 1 and self._place_at(event.y) is not None:
            self.post_message(self.Opened(self.cursor))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Put the cursor there; a selection may begin."""
        place = self._place_at(event.y)
        if event.button == 1 and place is not None:
            self._held = place
            self.capture_mouse()
            self.post_message(self.Dragged(place, place))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Draw the selection along."""
        place = self._place_at(min(max(event.y, 0), self.page - 1))
        if self._held is not None and place is not None and place != self.cursor:
            self.post_message(self.Dragged(self._held, place))

    def on_mouse_up(self) -> None:
        """The selection is made."""
        if self._held is not None:
            self._held = None
            self.release_mouse()

    def _place_at(self, y: int) -> int | None:
        """The line that is drawn in a row of the screen."""
        rows = self._rows_from(self._first)
        return rows[y][0] if 0 <= y < len(rows) else None

    def _rows_from(self, first: int) -> list[tuple[int, int]]:
        """For each row of the screen the line and which part of it, `first` at the top."""
        if self.view is None or not self.view.wrap:
            return [(place, 0) for place in range(first, min(first + self.page, len(self)))]
        rows: list[tuple[int, int]] = []
        for place in range(first, len(self)):
            rows += [(place, part) for part in range(self._height(place))]
            if len(rows) >= self.page:
                break
        return rows[: self.page]

    def _height(self, place: int) -> int:
        """Rows of a wrapped line; what would be more than a screen is left to the detail."""
        head, message = self._strips(place, Style.null())
        return len(wrapped(message.text, self._room(head), self.page))

    def _room(self, head: Strip) -> int:
        """Columns of a wrapped message."""
        width = self.scrollable_content_region.width
        return max(width - head.cell_length, min(_LEAST_ROOM, width), 1)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Read all lines in sight at once."""
        if self.view is not None:
            first = self._first
            rows = self.view.rows_at(first, min(first + self.page, len(self)))
            self.view.reader.lines(rows.tolist())
            self._rows = self._rows_from(first)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        width = self.scrollable_content_region.width
        if y >= len(self._rows) or self._rows[y][0] >= len(self):
            return self._beyond(y, width)
        place, part = self._rows[y]
        ground = self._ground(place)
        head, message = self._strips(place, ground)
        if self.view is not None and self.view.wrap:
            message = _part(message, *wrapped(message.text, self._room(head), self.page)[part])
            if part:
                head = Strip.blank(head.cell_length, ground)
        return Strip.join([head, message]).adjust_cell_length(width, ground)

    def _beyond(self, y: int, width: int) -> Strip:
        """Rows below the last line; where there is none at all, why."""
        if y == self.page // 2 and self.view is not None and not len(self):
            text = "No line passes the filter. Press & to change it, & Ctrl-U Enter to show all."
            if not self.view.filter.text:
                text = "Waiting for the first lines." if self.view.progress.doing else "Empty."
            elif self.view.choosing < 1:
                text = "No line passes the filter so far."
            style = self.rich_style + self.get_component_rich_style("log--empty")
            return Strip([Segment(text.center(width)[:width], style)])
        return Strip.blank(width, self.rich_style)

    def _ground(self, place: int) -> Style:
        """What all pieces of a line have under them."""
        ground = self.rich_style
        here, chosen = place == self.cursor, place in self.selected
        if here or chosen:
            under = self.get_component_rich_style("log--cursor" if here else "log--selected")
            few = self.app.no_color or self.app.native_ansi_color
            ground += Style(reverse=True) if few else Style(bgcolor=under.bgcolor)
        return ground

    def _strips(self, place: int, ground: Style) -> tuple[Strip, Strip]:
        """What stands before the message, and the message."""
        assert self.view is not None
        width = self.scrollable_content_region.width
        head = row_head(self.view, place, width, letters=self.app.no_color)
        message = row_message(self.view, place, 0 if self.view.wrap else self.left)
        return self._strip(head, ground), self._strip(message, ground)

    def _strip(self, pieces: Sequence[Piece], ground: Style) -> Strip:
        # Pieces are safe as they come; that none acts on the terminal is not left to that.
        return Strip(
            [Segment(safe(piece.text), ground + self._style(piece.style)) for piece in pieces]
        )

    def _style(self, name: str) -> Style:
        if name.startswith("clock"):
            return clock_style(self.app, name)
        return self.get_component_rich_style(f"log--{name}", partial=True)


def _part(strip: Strip, begin: int, end: int) -> Strip:
    """Some characters of a strip; to crop it by columns may part marks from their letters."""
    parts, at = [], 0
    for text, style, _ in strip:
        parts.append(Segment(text[max(begin - at, 0) : max(end - at, 0)], style))
        at += len(text)
    return Strip(parts)
