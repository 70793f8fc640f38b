"""LogScreen: all keys of the log screen."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

from textual.app import SuspendNotSupported

from logtool.terminal import safe
from logtool.tui.model.detail import where
from logtool.tui.model.listings import (
    Maker,
    clock_listing,
    exception_listing,
    finding_listing,
    request_listing,
)
from logtool.tui.model.times import TimeMode
from logtool.tui.model.view import COLUMNS
from logtool.tui.screens.charting import ChartingScreen
from logtool.tui.screens.help import HelpScreen
from logtool.tui.screens.listing import Choice, ListingScreen
from logtool.tui.widgets.detail_pane import DetailPane
from logtool.tui.widgets.log_lines import LogLines

_MOST_COPIED = 10_000


class LogScreen(ChartingScreen):
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
        """Fewer columns, then all again."""
        self.session.change(columns=(self.view.columns + 1) % len(COLUMNS))
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

    def action_mark(self) -> None:
        """Bookmark the line, or take its bookmark away."""
        if len(self.view):
            row = self.view.row_at(self.lines.cursor)
            self.session.change(marks=self.view.marks ^ {row})
            self.show()

    def action_copy(self) -> None:
        """Copy lines by OSC 52, as they stand, without control characters."""
        view, place = self.view, self.lines.cursor
        count = min(self.take_count(), len(view) - place, _MOST_COPIED)
        rows = view.rows_at(place, place + count).tolist()
        raws = [view.reader.raw(row).decode("utf-8", "backslashreplace") for row in rows]
        self.app.copy_to_clipboard("\n".join(map(safe, raws)))
        self.tell("1 line copied" if count == 1 else f"{count:,} lines copied")

    def action_editor(self) -> None:
        """Open the log in $EDITOR at this line."""
        if not len(self.view):
            return
        line = self.view.line_at(self.lines.cursor)
        name = self.view.reader.logs[line.log].name
        if not Path(name).is_file() or self.view.reader.logs[line.log].source.compression:
            self.tell(f"{safe(name)} cannot be edited as it is")
            return
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        command = [*shlex.split(editor), f"+{line.number}", name]
        fault = ""
        try:
            with self.app.suspend():
                subprocess.run(command, check=False)
        except OSError as error:
            fault = f"{editor}: {error.strerror}"
        except SuspendNotSupported:
            fault = "no editor can be opened from here"
        if fault:
            self.tell(fault)

    def action_follow(self) -> None:
        """Follow the end."""
        self.session.follow()
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

    def action_help(self) -> None:
        """List all keys."""
        self.app.push_screen(HelpScreen())

    def action_clocks(self) -> None:
        """The clocks."""
        self._open(lambda: clock_listing(self.view))

    def action_findings(self) -> None:
        """Known problems."""
        self._open(lambda: finding_listing(self.view, self.session.analyse()))

    def action_exceptions(self) -> None:
        """Exceptions."""
        self._open(lambda: exception_listing(self.view, self.session.analyse()))

    def action_requests(self) -> None:
        """Requests."""
        self._open(lambda: request_listing(self.view, self.session.requests()))

    def _open(self, make: Maker) -> None:
        self.app.push_screen(ListingScreen(make), self._take_chosen)

    def _take_chosen(self, choice: Choice | None) -> None:
        """Go where another screen led."""
        if choice is None:
            return
        if choice.filter:
            self.apply_filter(choice.filter)
        if choice.row is not None:
            self.wanted_row = choice.row if choice.filter else None
            self.lines.cursor = self.view.place_of(choice.row)

    def action_unfold(self) -> None:
        """Show the lines of an event, or hide them again."""
        if len(self.view):
            row = self.view.row_at(self.lines.cursor)
            self.session.unfold(row)
            self.show(row)
