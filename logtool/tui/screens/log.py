"""LogScreen: all keys of the log screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from logtool.errors import ErrlogError
from logtool.people.terminal import safe
from logtool.tui.model.chosen.times import TimeMode
from logtool.tui.model.chosen.view import COLUMNS
from logtool.tui.model.told.detail import where
from logtool.tui.model.told.listings import (
    Maker,
    as_of,
    clock_listing,
    exception_listing,
    finding_listing,
)
from logtool.tui.model.told.request_listing import request_listing
from logtool.tui.model.told.row_text import columns_at
from logtool.tui.screens.help import HelpScreen
from logtool.tui.screens.keeping import KeepingScreen
from logtool.tui.screens.listing import Choice, ListingScreen
from logtool.tui.widgets.detail_pane import DetailPane
from logtool.tui.widgets.log_lines import LogLines

if TYPE_CHECKING:
    from logtool.tui.app import ViewApp


class LogScreen(KeepingScreen):
    """The lines of a session, with all their keys."""

    def action_time(self) -> None:
        """Another way to tell times."""
        modes = list(TimeMode)
        time = self.view.time
        mode = modes[(modes.index(time.mode) + 1) % len(modes)]
        self.session.change(time=type(time)(mode, time.zone), elapsed=False)
        self.show()

    def action_elapsed(self) -> None:
        """Time since the line before, or not."""
        self.session.change(elapsed=not self.view.elapsed)
        self.show()

    def action_columns(self) -> None:
        """Fewer of the columns that have room, then all again."""
        width, here, many = self.lines.size.width, self.view.columns, len(COLUMNS)
        others = [(here + step) % many for step in range(1, many)]
        shown = columns_at(here, width)
        fewer = next(other for other in others if columns_at(other, width) != shown)
        self.session.change(columns=fewer)
        self.show()

    def action_detail(self) -> None:
        """Open the detail of the line, or close it; open or close an event first."""
        pane = self.query_one(DetailPane)
        pane.toggle_class("open")
        if not pane.is_open:
            self.lines.focus()
        self.tell_place()
        self.call_after_refresh(self.lines.put_cursor, self.lines.cursor)

    def on_log_lines_opened(self, event: LogLines.Opened) -> None:
        """A line was clicked twice."""
        self.action_detail()

    def action_pane(self) -> None:
        """From the lines to the detail, and back."""
        pane = self.query_one(DetailPane)
        (pane if pane.is_open and not pane.has_focus else self.lines).focus()

    def action_where(self) -> None:
        """Tell where the cursor is."""
        if len(self.view):
            self.tell(where(self.view, self.view.line_at(self.lines.cursor)))

    def action_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        self.session.change(wrap=not self.view.wrap)
        self.show()
        self.call_after_refresh(self.lines.put_cursor, self.lines.cursor)
        self.lines.refresh()

    def action_repaint(self) -> None:
        """Draw the whole screen anew, whatever else wrote on the terminal."""
        self.refresh(layout=True)
        self.app.refresh(repaint=True, layout=True)

    def action_reload(self) -> None:
        """Read the logs anew; the place is kept. Where they cannot be read now, nothing changes."""
        if self.session.builder.once_only:
            self.tell("what came through a pipe cannot be read again")
            return
        try:
            cast("ViewApp", self.app).reload()
        except ErrlogError as fault:
            self.tell(safe(f"not read anew: {fault.lines[0]}"))

    def action_follow(self) -> None:
        """Follow the end."""
        if not self.session.follow():
            self.tell("nothing to follow: these logs are compressed or came through a pipe")
            return
        self.stay_at_end = True
        self.lines.cursor = len(self.view)
        self.show()

    def action_back(self) -> None:
        """Close what is open, one thing after the other."""
        pane = self.query_one(DetailPane)
        if self.stop_searching():
            self.tell("search stopped")
        elif pane.is_open:
            self.action_detail()
        elif self.end_selection():
            pass
        elif self.view.found is not None:
            self.session.search("", 0)
            self.show()
        self.count = ""
        self.tell_place()

    def action_quit_view(self) -> None:
        """Close the detail, then leave."""
        if self.query_one(DetailPane).is_open:
            self.action_detail()
        else:
            self.app.exit(0)

    def action_interrupt(self) -> None:
        """Stop what searches; where nothing does, leave."""
        if self.stop_searching():
            self.tell("search stopped")
        else:
            self.app.exit(0)

    def action_help(self) -> None:
        """List all keys."""
        self.app.push_screen(HelpScreen())

    def action_clocks(self) -> None:
        """The clocks."""
        builder = self.session.builder
        self._open(
            lambda: clock_listing(self.view, builder.clocks_now()),
            lambda: "",
            lambda: self.view.total,
        )

    def action_findings(self) -> None:
        """Known problems."""
        self._open_analysed(lambda: finding_listing(self.view, self.session.analyse()))

    def action_exceptions(self) -> None:
        """Exceptions."""
        self._open_analysed(lambda: exception_listing(self.view, self.session.analyse()))

    def action_requests(self) -> None:
        """Requests."""
        self._open(
            lambda: request_listing(self.view, self.session.requests()),
            lambda: as_of(self.session.builder),
            lambda: self.view.raised,
        )

    def _open_analysed(self, make: Maker) -> None:
        """Open a listing of what an analysis found, which is made anew as lines come."""
        session = self.session
        self._open(make, lambda: as_of(session.builder, session.analyse()), session.analyse_anew)

    def _open(
        self, make: Maker, dated: Callable[[], str], state: Callable[[], object] = lambda: None
    ) -> None:
        self.app.push_screen(ListingScreen(make, dated, state), self._take_chosen)

    def _take_chosen(self, choice: Choice | None) -> None:
        """Go where another screen led."""
        if choice is None:
            return
        if choice.filter:
            self.apply_filter(choice.filter)
        if choice.listing:
            getattr(self, f"action_{choice.listing}")()
        if choice.row is not None:
            self.wanted_row = choice.row if choice.filter else None
            self.lines.cursor = self.view.place_of(choice.row)

    def action_unfold(self) -> None:
        """Show the lines of an event, or hide them again."""
        if len(self.view):
            row = self.view.row_at(self.lines.cursor)
            if self.view.folds is None:
                known = self.session.analyse() is not None
                self.tell("events are being looked for" if known else self.view.without_clocks)
                return
            if len(self.view.event_of(row)) == 1:
                self.tell("nothing is folded here: this line is an event of its own")
                return
            self.session.unfold(row)
            self.show(row)
