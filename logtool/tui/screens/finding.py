"""FindingScreen: searching, filtering, commands."""

from __future__ import annotations

from textual import work

from logtool.errors import ErrlogError
from logtool.people.terminal import safe
from logtool.tui.model.chosen.filters import NAMES
from logtool.tui.model.chosen.times import read_time
from logtool.tui.model.commands import COMMANDS, Command, parse_command
from logtool.tui.model.found.requests import request_pattern, rows_near
from logtool.tui.screens.moving import MovingScreen
from logtool.tui.widgets.prompt import Prompt
from parsers.error_log_format.items import LEVELS
from parsers.whole_numbers import whole_number


class FindingScreen(MovingScreen):
    """Lines one can find."""

    #: Where to look for a hit that is not found yet: (from place, forward).
    _awaited: tuple[int, bool] | None = None

    def action_search(self) -> None:
        """Ask what to search for."""
        self.query_one(Prompt).ask("/")

    def action_filter(self) -> None:
        """Ask what to show."""
        view = self.view
        known = [f"{name}>={level}" for name in ("level", "meant") for level in LEVELS[:8]]
        known += [f"module={name}" for name in view.index.modules]
        known += [f"{name}=" for name in NAMES]
        self.query_one(Prompt).ask("&", view.filter.text, known)

    def action_command(self) -> None:
        """Ask for a command."""
        self.query_one(Prompt).ask(":", "", [f"{command.word} " for command in COMMANDS])

    def action_save(self) -> None:
        """Ask where to write."""
        self.query_one(Prompt).ask(":", "save ")

    @work(thread=True, group="save")
    def _save(self, path: str, places: range, as_they_stand: bool) -> None:
        """Write in the background; the lines are those that are shown now."""
        try:
            count = self.session.save(path, places, as_they_stand=as_they_stand)
            told = f"{count:,} line{'' if count == 1 else 's'} written to {safe(path)}"
        except ErrlogError as fault:
            told = safe(str(fault))
        self.app.call_from_thread(self.tell, told)

    def on_prompt_given(self, event: Prompt.Given) -> None:
        """Do what was typed."""
        self.lines.focus()
        try:
            match event.sign:
                case "/":
                    self._start_search(event.text)
                case "&":
                    self.apply_filter(event.text)
                case _:
                    self.run_command(parse_command(event.text))
        except ErrlogError as fault:
            self.tell(safe(str(fault)))

    def on_prompt_dropped(self) -> None:
        """Back to the lines."""
        self.lines.focus()

    def apply_filter(self, text: str) -> None:
        """Show other lines, the cursor as near to where it was as can be."""
        row = self.view.row_at(self.lines.cursor) if len(self.view) else 0
        self.session.filter(text)
        self.wanted_row = row
        self.show(row)

    def _start_search(self, text: str) -> None:
        if not text and self.view.found is not None:
            text = self.view.found.pattern.text
        row = self.view.row_at(self.lines.cursor) if len(self.view) else 0
        self.session.search(text, row)
        self._awaited = (self.lines.cursor - 1, True) if text else None
        self.view_changed()
        self.show()

    def view_changed(self) -> None:
        """Go to the hit that was waited for, as soon as it is known."""
        if self._awaited is None or self.view.found is None:
            return
        place, forward = self._awaited
        found = self.view.seek(place, forward, self.view.found_test())
        finished = self.view.found.share >= 1
        if found is None and not finished:
            return
        self._awaited = None
        if found is None:
            where = "below" if forward else "above"
            self.tell(f"no hit {where}" if self.view.found.count else "no line matches")
        else:
            self.lines.cursor = found
            self._show_hit()

    def _show_hit(self) -> None:
        """Bring what matches into sight where it stands far to the right, or left."""
        if self.view.found is not None and len(self.view):
            message = self.view.line_at(self.lines.cursor).message
            if spans := self.view.found.pattern.spans(message):
                self.lines.show_part(*spans[0])
                self.tell_place()

    def _next_hit(self, forward: bool) -> None:
        if self.view.found is None:
            self.tell("nothing was searched for: / searches")
            return
        if self.view.found.share >= 1:
            self.seek(self.view.found_test(), forward, "hit")
            self._show_hit()
            return
        self._awaited = self.lines.cursor, forward
        self.view_changed()

    def action_next_hit(self) -> None:
        """The next hit."""
        self._next_hit(True)

    def action_previous_hit(self) -> None:
        """The hit before."""
        self._next_hit(False)

    def stop_searching(self) -> bool:
        """Stop what runs; tells whether something did."""
        self._awaited = None
        return self.session.cancel_search()

    def action_next_request(self) -> None:
        """The next line of the same request."""
        self._seek_request(True)

    def action_previous_request(self) -> None:
        """The line of the same request before."""
        self._seek_request(False)

    def _seek_request(self, forward: bool) -> None:
        view = self.view
        if not len(view):
            return
        row = view.row_at(self.lines.cursor)
        pattern = request_pattern(view.reader.line(row))
        if pattern is None:
            self.tell("this line tells neither log ID nor client")
            return
        hits = rows_near(pattern, row, view.index, view.reader.logs)
        self.seek(view.among(frozenset(hits)), forward, "line of this request nearby")

    def run_command(self, command: Command) -> None:
        """Do what was said after the colon."""
        match command:
            case Command("line", number, name):
                self.go_to_line(whole_number(number), name)
            case Command("goto", time):
                here = self.view.row_at(self.lines.cursor) if len(self.view) else 0
                near = self.view.index.near_us(here)
                self.lines.cursor = self.view.place_of_time(read_time(time, near))
            case Command("filter", text):
                self.apply_filter(text)
            case Command("search", text):
                self._start_search(text)
            case Command("zone", name):
                self.session.show_zone(name)
                self.show()
            case Command("save" | "write" as word, path):
                places = self.lines.selected or range(len(self.view))
                self._save(path, places, word == "write")
            case Command(word, _):
                self.call_later(self.run_action, word)
