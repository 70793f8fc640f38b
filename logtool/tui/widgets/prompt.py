"""Prompt: one line to type a search, a filter or a command into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label


class Prompt(Horizontal):
    """A sign such as `/`, and what is typed after it; hidden until it is asked."""

    DEFAULT_CSS = """
    Prompt { height: 1; display: none; }
    Prompt Label { width: auto; color: $text-accent; text-style: bold; }
    Prompt Input { border: none; height: 1; padding: 0; width: 1fr; background: $surface; }
    Prompt Input:focus { border: none; }
    """

    @dataclass
    class Given(Message):
        """The user typed something and pressed Enter."""

        sign: str
        text: str

    @dataclass
    class Dropped(Message):
        """The user thought better of it."""

    sign = "/"

    def compose(self) -> ComposeResult:
        """Sign and input."""
        yield Label(self.sign, markup=False)
        yield Input(compact=True, select_on_focus=False)

    @property
    def asking(self) -> bool:
        """It is open."""
        return self.display

    def ask(self, sign: str, text: str = "", known: Sequence[str] = ()) -> None:
        """Open, with something to begin with; `known` completes what is typed."""
        self.sign = sign
        self.query_one(Label).update(sign)
        box = self.query_one(Input)
        box.suggester = SuggestFromList(known) if known else None
        box.value = text
        box.cursor_position = len(text)
        self.display = True
        self.screen.add_class("asking")
        # At once: the next key may be there already.
        self.screen.set_focus(box)

    def take(self, text: str) -> None:
        """Add what was typed."""
        self.query_one(Input).insert_text_at_cursor(text)

    def close(self) -> None:
        """Hide."""
        self.display = False
        self.screen.remove_class("asking")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand it over."""
        event.stop()
        self.close()
        self.post_message(self.Given(self.sign, event.value))

    def on_key(self, event: events.Key) -> None:
        """Escape drops it."""
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self.close()
            self.post_message(self.Dropped())
