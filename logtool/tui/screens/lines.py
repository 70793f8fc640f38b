"""LineScreen: the lines of a session between their bars; draws, but has no keys yet."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import Screen
from textual.timer import Timer

from logtool.tui.model.chosen.view import LogView
from logtool.tui.model.session import Session
from logtool.tui.model.told.bars import Bar, hints, status, title
from logtool.tui.model.told.detail import detail_of
from logtool.tui.model.told.pieces import Piece
from logtool.tui.widgets.bars import BarLine
from logtool.tui.widgets.bars_chart import BarChart
from logtool.tui.widgets.detail_pane import DetailPane
from logtool.tui.widgets.log_lines import LogLines
from logtool.tui.widgets.prompt import Prompt

#: Seconds for which something said stays.
_SAID_S = 4


class LineScreen(Screen[None]):
    """The lines of a session."""

    DEFAULT_CSS = """
    LineScreen {
    #title { background: $panel; }
    #status { background: $panel; }
    &.asking #hints { display: none; }
    }
    """

    def __init__(self, session: Session) -> None:
        """Show a session."""
        super().__init__()
        self.session = session
        self.count = ""
        self.wanted_row: int | None = None
        self._last_row: int | None = None
        self.stay_at_end = False
        self._said: Timer | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield BarLine(id="title")
        yield BarChart()
        yield LogLines()
        yield DetailPane()
        yield BarLine(id="status")
        yield Prompt()
        yield BarLine(id="hints")

    @property
    def lines(self) -> LogLines:
        """The lines."""
        return self.query_one(LogLines)

    @property
    def view(self) -> LogView:
        """What is shown."""
        return self.session.view

    def on_mount(self) -> None:
        """Show the head; the rest comes in the background. Who follows is at the end."""
        self.stay_at_end = self.view.following
        self.lines.focus()
        self.show()
        if self.view.restored:
            self.tell("only lines that pass the filter of last time: & Ctrl-U Enter shows all")
        self.call_after_refresh(self.session.start)
        self.set_interval(0.1, self._look)

    def _look(self) -> None:
        """See what the background has done."""
        before, row = self.view, self._row_here()
        if not self.session.refresh():
            return
        if before.rows is self.view.rows or not len(self.view):
            self.show()
        else:
            # While a filter works, the line that was left may still come.
            self.show(row if self.wanted_row is None else self.wanted_row)
            if self.view.choosing >= 1:
                self.wanted_row = None
        if self.stay_at_end:
            self.lines.cursor = len(self.view)
            self.stay_at_end = not self.view.progress.done or self.view.following
        elif self.lines.cursor == 0 and (kept_row := self.session.take_position()) is not None:
            self.lines.cursor = self.view.place_of(kept_row)
        self.view_changed()

    def _row_here(self) -> int:
        return self.view.row_at(self.lines.cursor) if self.lines.cursor < len(self.view) else 0

    def on_unmount(self) -> None:
        """Keep where the user was, and end what works in the background."""
        self.session.keep(self._last_row)
        self.session.stop()

    def view_changed(self) -> None:
        """The background has done something; what waited for it may go on."""

    def show(self, row: int | None = None) -> None:
        """Draw the view as it is now, the cursor on a row."""
        lines = self.lines
        lines.view = self.view
        if row is not None:
            lines.cursor = self.view.place_of(row)
        lines.cursor = lines.validate_cursor(lines.cursor)
        self.tell_place()

    def tell_place(self) -> None:
        """Bring bars and detail up to date."""
        view, place = self.view, self.lines.cursor
        letters, selected, left = self.app.no_color, len(self.lines.selected), self.lines.left
        self.query_one("#title", BarLine).bar = title(view, self.session.names, letters=letters)
        self.query_one("#status", BarLine).bar = status(view, place, self.count, selected, left)
        self._hint()
        self._last_row = view.row_at(place) if place < len(view) else None
        pane = self.query_one(DetailPane)
        if pane.is_open and self._last_row is not None:
            self.session.look_for_request(self._last_row)
            pane.show(detail_of(view, view.line_at(place)), self._last_row)

    def on_log_lines_moved(self, event: LogLines.Moved) -> None:
        """The cursor moved."""
        # Who is at the last line did not leave it: there are fewer, because events were folded.
        if event.upwards and self.lines.cursor < len(self.view) - 1:
            self.stay_at_end = False
            if self.view.following:
                self.session.change(following=False)
                self.lines.view = self.view
        self.tell_place()

    def _hint(self) -> None:
        """Teach some keys, where nothing is said."""
        if self._said is None:
            searching = self.view.found is not None
            self.query_one("#hints", BarLine).bar = hints(self.size.width, searching=searching)

    def tell(self, text: str) -> None:
        """Say something for a moment, in the place of the hints."""
        if self._said is not None:
            self._said.stop()
        self.query_one("#hints", BarLine).bar = Bar((Piece(text, "strong"),))
        self._said = self.set_timer(_SAID_S, self._said_enough)

    def hush(self) -> None:
        """What was said is of the key before."""
        if self._said is not None:
            self._said.stop()
            self._said_enough()

    def _said_enough(self) -> None:
        self._said = None
        self._hint()
