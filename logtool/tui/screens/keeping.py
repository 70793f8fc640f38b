"""KeepingScreen: bookmarks, selections, copies, and the editor."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual.app import SuspendNotSupported

from logtool.people.terminal import safe
from logtool.tui.screens.charting import ChartingScreen
from logtool.tui.widgets.log_lines import LogLines

if TYPE_CHECKING:
    from logtool.tui.app import ViewApp

#: More lines do not fit into the clipboard of most terminals.
_MOST_COPIED = 10_000


class KeepingScreen(ChartingScreen):
    """Lines one can keep."""

    def action_mark(self) -> None:
        """Bookmark the line, or take its bookmark away."""
        if len(self.view):
            row = self.view.row_at(self.lines.cursor)
            self.session.change(marks=self.view.marks ^ {row})
            self.show()

    def action_select(self) -> None:
        """Begin a selection here, or end it."""
        if self.view.anchor is not None or not len(self.view):
            self.end_selection()
        else:
            self._anchor_at(self.lines.cursor)

    def action_select_down(self) -> None:
        """Select the next line too."""
        self._select_to(self.lines.cursor + self.take_count())

    def action_select_up(self) -> None:
        """Select the line before too."""
        self._select_to(self.lines.cursor - self.take_count())

    def _select_to(self, place: int) -> None:
        if not len(self.view):
            return
        if self.view.anchor is None:
            self._anchor_at(self.lines.cursor)
        self.lines.cursor = place

    def _anchor_at(self, place: int) -> None:
        self.session.change(anchor=self.view.row_at(place))
        self.show()

    def end_selection(self) -> bool:
        """Select nothing any more; tells whether something was selected."""
        if self.view.anchor is None:
            return False
        self.session.change(anchor=None)
        self.show()
        return True

    def on_log_lines_dragged(self, event: LogLines.Dragged) -> None:
        """Select with the mouse; a mere click selects nothing."""
        if event.begin == event.end and self.view.anchor is None:
            self.lines.cursor = event.end
            return
        anchor = None if event.begin == event.end else self.view.row_at(event.begin)
        if anchor != self.view.anchor:
            self.session.change(anchor=anchor)
            self.lines.view = self.view
        self.lines.cursor = event.end

    def action_copy(self) -> None:
        """Copy lines by OSC 52, as they stand, without control characters."""
        view, place = self.view, self.lines.cursor
        counted = range(place, min(place + self.take_count(), len(view)))
        rows = self.session.whole_events(self.lines.selected or counted)
        if len(rows) > _MOST_COPIED:
            self.tell(f"{len(rows):,} lines are too many to copy; :save or :write them")
            return
        raws = [view.reader.raw(row).decode("utf-8", "backslashreplace") for row in rows.tolist()]
        self.app.copy_to_clipboard("\n".join(map(safe, raws)))
        self.end_selection()
        self.tell("1 line copied" if len(raws) == 1 else f"{len(raws):,} lines copied")

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
        try:
            cast("ViewApp", self.app).edit([*shlex.split(editor), f"+{line.number}", name])
        except (OSError, ValueError) as fault:
            self.tell(f"{safe(editor)}: {getattr(fault, 'strerror', None) or fault}")
        except SuspendNotSupported:
            self.tell("no editor can be opened from here")
