"""MovingScreen: the keys that move among the lines."""

from __future__ import annotations

from pathlib import PurePath
from typing import ClassVar

from textual.binding import Binding, BindingType

from logtool.people.terminal import safe
from logtool.tui.model.chosen.view import Test
from logtool.tui.model.keys import KEYS
from logtool.tui.screens.lines import LineScreen
from parsers.error_log_format.items import LEVELS

_ERROR, _WARN = LEVELS.index("error"), LEVELS.index("warn")
_MINUTE_US = 60_000_000


class MovingScreen(LineScreen):
    """Lines one can move among."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(key.keys), key.action, key.text, show=False) for key in KEYS
    ]

    def take_digit(self, character: str | None) -> bool:
        """Add a digit to the count of the key that follows; False if it is none.

        A zero that begins a count is none.
        """
        digit = character or ""
        if not (digit.isdecimal() and digit.isascii()) or (digit == "0" and not self.count):
            return False
        self._set_count(f"{self.count}{digit}"[:9])
        return True

    def take_count(self, default: int = 1) -> int:
        """The number typed before the key, which is used up."""
        count = self.count
        if count:
            self._set_count("")
        return int(count) if count else default

    def _set_count(self, digits: str) -> None:
        self.count = digits
        self.tell_place()

    def _move(self, places: int) -> None:
        self.lines.cursor += places

    def action_down(self) -> None:
        """A line down."""
        self._move(self.take_count())

    def action_up(self) -> None:
        """A line up."""
        self._move(-self.take_count())

    def _page(self, pages: float) -> None:
        lines = self.lines
        step = max(int(lines.step * abs(pages)) - (abs(pages) >= 1), 1) * self.take_count()
        step = step if pages > 0 else -step
        lines.put_cursor(lines.cursor + step, lines.cursor - round(lines.scroll_y))

    def action_page_down(self) -> None:
        """A page down."""
        self._page(1)

    def action_page_up(self) -> None:
        """A page up."""
        self._page(-1)

    def action_half_down(self) -> None:
        """Half a page down."""
        self._page(0.5)

    def action_half_up(self) -> None:
        """Half a page up."""
        self._page(-0.5)

    def action_top(self) -> None:
        """The first line, or the one whose number was typed."""
        if self.count:
            self.go_to_line(self.take_count())
        else:
            self.lines.cursor = 0

    def action_bottom(self) -> None:
        """The last line, or the one whose number was typed."""
        if self.count:
            self.go_to_line(self.take_count())
        else:
            self.lines.cursor = len(self.view) - 1
            self.stay_at_end = not self.view.progress.done

    def go_to_line(self, number: int, name: str = "") -> None:
        """Move to a line by its number in the log of that name, or in the one under the cursor.

        Where the line is inside a folded event, that is gone to; where a filter hides it, the next
        shown line. Beyond the end of the log, its last line.
        """
        view = self.view
        self.stay_at_end = False
        if not len(view):
            return
        here = view.index.stretch_of(view.row_at(self.lines.cursor)).log
        log = self._log_named(name, here) if name else here
        row = None if log is None else view.index.row_near(log, number)
        if log is None or row is None:
            self.tell(f"no log {safe(name)} here")
            return
        last = view.index.line_of(row)[1]
        if last < number:
            ended = view.index.known >= view.total and view.progress.done
            told = "ends with" if ended else "is read up to"
            self.tell(f"{safe(PurePath(view.reader.logs[log].name).name)} {told} line {last:,}")
        self.lines.cursor = view.place_of(row)

    def _log_named(self, name: str, here: int) -> int | None:
        """The log of a name or of the end of a path; of several the one here, or the first."""
        names = [PurePath(log.name).parts for log in self.view.reader.logs]
        wanted = PurePath(name).parts
        alike = [log for log, parts in enumerate(names) if parts[-len(wanted) :] == wanted]
        return here if here in alike else next(iter(alike), None)

    def action_percent(self) -> None:
        """A place by its share of all: the start, or what was counted."""
        share = min(self.take_count(0), 100)
        self.lines.cursor = len(self.view) * share // 100

    def action_next_log(self) -> None:
        """The first line of the next log."""
        self._seek_log(1)

    def action_previous_log(self) -> None:
        """The first line of the log before."""
        self._seek_log(-1)

    def _seek_log(self, step: int) -> None:
        view = self.view
        if not len(view):
            return
        here = view.index.stretch_of(view.row_at(self.lines.cursor)).log
        wanted = here + step * self.take_count()
        firsts = {
            stretch.log: stretch.first_row for stretch, _ in reversed([*view.index.stretches()])
        }
        if wanted not in firsts:
            self.tell(f"no log {'after' if step > 0 else 'before'} this one")
            return
        self.lines.cursor = view.place_of(firsts[wanted])
        self.tell(safe(view.reader.logs[wanted].name))

    def action_left(self) -> None:
        """Half a screen to the left."""
        self.lines.left -= self.size.width // 2
        self.tell_place()

    def action_right(self) -> None:
        """Half a screen to the right."""
        self.lines.left += self.size.width // 2
        self.tell_place()

    def seek(self, test: Test, forward: bool, what: str) -> None:
        """Move to the next line that passes a test, as often as was counted."""
        place = self.lines.cursor
        for _ in range(self.take_count()):
            found = self.view.seek(place, forward, test)
            if found is None:
                break
            place = found
        self.go(place, what, forward)

    def go(self, place: int, what: str, forward: bool) -> None:
        """Move to a place that was sought; where nothing was found, say so."""
        if place == self.lines.cursor:
            known = "" if self.view.index.known >= self.view.total else " in what is read so far"
            self.tell(f"no {what} {'below' if forward else 'above'}{known}")
        self.lines.cursor = place

    def action_next_error(self) -> None:
        """The next error or worse."""
        self._seek_level(True, 0, _ERROR, "error")

    def action_previous_error(self) -> None:
        """The error before."""
        self._seek_level(False, 0, _ERROR, "error")

    def action_next_warning(self) -> None:
        """The next warning."""
        self._seek_level(True, _WARN, _WARN, "warning")

    def action_previous_warning(self) -> None:
        """The warning before."""
        self._seek_level(False, _WARN, _WARN, "warning")

    def _seek_level(self, forward: bool, worst: int, least: int, what: str) -> None:
        place = self.lines.cursor
        for _ in range(self.take_count()):
            found, is_one = self.view.seek_level(place, forward, worst, least)
            if found is None:
                break
            place = found
            if not is_one:
                self.tell(f"no {what} so far; the same key looks further")
                self.lines.cursor = place
                return
        self.go(place, what, forward)

    def action_next_mark(self) -> None:
        """The next bookmark."""
        self.seek(self.view.among(self.view.marks), True, "bookmark")

    def action_previous_mark(self) -> None:
        """The bookmark before."""
        self.seek(self.view.among(self.view.marks), False, "bookmark")

    def action_next_gap(self) -> None:
        """The next silence."""
        self._seek_gap(True)

    def action_previous_gap(self) -> None:
        """The silence before."""
        self._seek_gap(False)

    def _seek_gap(self, forward: bool) -> None:
        minutes = self.take_count()
        found = self.view.seek_gap(self.lines.cursor, forward, minutes * _MINUTE_US)
        place = self.lines.cursor if found is None else found
        self.go(place, f"silence of {minutes} min", forward)
