"""ListingScreen: a table of things found, what is known of the chosen one below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import DataTable

from logtool.tui.model import keys
from logtool.tui.model.told.bars import Bar, hint_pieces
from logtool.tui.model.told.fitting import fitted
from logtool.tui.model.told.listings import Entry, Listing, Maker
from logtool.tui.model.told.pieces import Piece, clock_piece
from logtool.tui.screens.help import HelpScreen
from logtool.tui.widgets.bars import BarLine
from logtool.tui.widgets.colours import clock_style
from logtool.tui.widgets.detail_pane import DetailPane
from parsers.classes import dataclass

_HINTS = (
    ("Enter", "to its first line"), ("&", "only its lines"), ("Tab", "detail"), ("Esc", "back"),
    ("?", "help"),
)  # fmt: skip


#: Keys that do here what they do over the lines: the action there, and here.
_LISTINGS = ("clocks", "findings", "exceptions", "requests")
_SHARED = {name: f"open('{name}')" for name in (*_LISTINGS, "reload")} | {"help": "help"}
#: Columns of the screen that the sign of a clock takes.
_SIGN = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen: a row to go to, a filter, or another listing (or to read anew)."""

    row: int | None
    filter: str = ""
    listing: str = ""


class ListingScreen(Screen[Choice]):
    """A listing that may still grow."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "back"),
        Binding(keys.DOWN, "down", "next", show=False),
        Binding(keys.UP, "up", "before", show=False),
        Binding(keys.PAGE_DOWN, "page(1)", "next page", show=False),
        Binding(keys.PAGE_UP, "page(-1)", "page before", show=False),
        Binding(keys.TOP, "top", "first", show=False),
        Binding(keys.BOTTOM, "bottom", "last", show=False),
        Binding("ampersand", "filter", "only its lines"),
        Binding("tab", "pane", "detail", show=False),
        Binding("enter", "choose", show=False),  # the table has its own
        *(
            Binding(",".join(key.keys), _SHARED[key.action], key.text, show=False)
            for key in keys.KEYS
            if key.action in _SHARED
        ),
    ]
    DEFAULT_CSS = """
    ListingScreen {
        .bar { background: $panel; }
        DataTable { height: 1fr; }
        DetailPane { display: block; }
    }
    """

    def __init__(
        self, make: Maker, as_of: Callable[[], str], state: Callable[[], object] = lambda: None
    ) -> None:
        """Show what `make` gives, again and again until it is finished, then if `state` changes.

        `as_of` dates the title.
        """
        super().__init__()
        self._make, self._as_of, self._state = make, as_of, state
        self._seen: object = None
        self._listing = Listing("", (), ())
        self._drawn: tuple[Entry, ...] = ()

    def compose(self) -> ComposeResult:
        """Title, table, detail, hints."""
        yield BarLine(classes="bar")
        yield DataTable[Text](cursor_type="row", zebra_stripes=False)
        yield DetailPane()
        hints = BarLine(classes="hints")
        hints.bar = Bar(tuple(hint_pieces(_HINTS)))
        yield hints

    @property
    def table(self) -> DataTable[Text]:
        """The table."""
        return self.query_one(DataTable)

    def on_mount(self) -> None:
        """Fill the table, and look for more while more may come."""
        self.table.focus()
        self._fill()
        self.set_interval(0.3, self._look)

    def _look(self) -> None:
        if not self._listing.finished or self._state() != self._seen:
            self._fill()
        self._entitle()

    def _fill(self) -> None:
        self._seen = self._state()
        listing, before = self._make(), self._listing
        self._listing = listing
        self._entitle()
        if listing.entries != before.entries or not before.columns:
            self._draw()

    def _entitle(self) -> None:
        listing = self._listing
        count = f"{len(listing.entries):,} listed" if listing.entries else ""
        title = self.query_one(".bar", BarLine)
        left = Piece(listing.title + self._as_of(), "strong"), Piece(f"   {listing.note}")
        title.bar = Bar(left, (Piece(count),))

    def on_resize(self) -> None:
        """Other columns may have room."""
        if self._listing.columns:
            self._draw()

    def _draw(self) -> None:
        listing, table = self._listing, self.table
        chosen, scrolled = self._place(), table.scroll_y
        table.clear(columns=True)
        shown = fitted(listing, self.app.size.width)
        signed = any(entry.clock is not None for entry in listing.entries)
        for at, (name, width) in enumerate(shown.columns):
            table.add_column(name, width=width + (_SIGN if signed and not at else 0))
        for entry, cells in zip(listing.entries, shown.rows, strict=True):
            table.add_row(*_cells(self.app, entry.clock, cells))
        self._drawn = listing.entries
        table.move_cursor(row=chosen, scroll=False)
        table.scroll_to(y=scrolled, animate=False, immediate=True)
        self._tell()

    def _place(self) -> int:
        """Where what was chosen stands by now, or what has come in its place."""
        entries, row = self._listing.entries, self.table.cursor_row
        if row < len(self._drawn):
            whose = self._drawn[row].filter
            alike = [at for at, entry in enumerate(entries) if entry.filter == whose]
            row = min(alike, key=lambda at: abs(at - row), default=row) if whose else row
        return min(row, max(len(entries) - 1, 0))

    def _entry(self) -> Entry | None:
        row = self.table.cursor_row
        return self._listing.entries[row] if 0 <= row < len(self._listing.entries) else None

    def on_data_table_row_highlighted(self) -> None:
        """Another entry is under the cursor."""
        self._tell()

    def _tell(self) -> None:
        entry = self._entry()
        whose = (entry.filter, entry.row) if entry else None
        self.query_one(DetailPane).show(entry.detail if entry else (), whose)

    def on_data_table_row_selected(self) -> None:
        """Go to its first line."""
        self.action_choose()

    def action_choose(self) -> None:
        """Go to its first line, also from the detail."""
        entry = self._entry()
        if entry is not None and entry.row is not None:
            self.dismiss(Choice(entry.row))

    def action_filter(self) -> None:
        """Show only its lines."""
        entry = self._entry()
        if entry is not None and entry.filter:
            self.dismiss(Choice(entry.row, entry.filter))

    def action_leave(self) -> None:
        """Back to the lines."""
        self.dismiss(Choice(None))

    def action_open(self, listing: str) -> None:
        """Another listing."""
        self.dismiss(Choice(None, listing=listing))

    def action_help(self) -> None:
        """List all keys."""
        self.app.push_screen(HelpScreen())

    def action_pane(self) -> None:
        """From the table to the detail, and back."""
        pane = self.query_one(DetailPane)
        (self.table if pane.has_focus else pane).focus()

    def action_down(self) -> None:
        """The next entry."""
        self.table.action_cursor_down()

    def action_up(self) -> None:
        """The entry before."""
        self.table.action_cursor_up()

    def action_page(self, pages: int) -> None:
        """A page down or up."""
        table = self.table
        (table.action_page_down if pages > 0 else table.action_page_up)()

    def action_top(self) -> None:
        """The first entry."""
        self.table.action_scroll_top()

    def action_bottom(self) -> None:
        """The last entry."""
        self.table.action_scroll_bottom()


def _cells(app: App[Any], clock: int | None, texts: Sequence[str]) -> list[Text]:
    cells = [Text(text, no_wrap=True) for text in texts]
    if clock is not None:
        sign = clock_piece(clock, letters=app.no_color)
        cells[0] = Text.assemble((f"{sign.text} ", clock_style(app, sign.style)), texts[0])
    return cells
