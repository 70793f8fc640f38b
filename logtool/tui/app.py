"""ViewApp: the Textual application behind `errlog view`."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.screen import Screen

from logtool.tui.model.keys import KEYS
from logtool.tui.model.session import Session
from logtool.tui.screens.log import LogScreen
from logtool.tui.widgets.colours import few_colours
from logtool.tui.widgets.prompt import Prompt

#: What a dark theme becomes with 16 colours is hard to read.
_FEW_COLOURS = "ansi-dark"
#: What ends it; the last comes where the terminal goes away.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class KeyCommands(Provider):
    """All that the keys of the lines do, by name, for the command palette."""

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for text, run in self._known():
            yield DiscoveryHit(text, run)

    async def search(self, query: str) -> Hits:
        """What is like what was typed."""
        matcher = self.matcher(query)
        for text, run in self._known():
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(text), run)

    def _known(self) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        screen = self.screen
        for key in KEYS if isinstance(screen, LogScreen) else ():
            yield f"{key.shown}: {key.text}", partial(screen.run_action, key.action)


class ViewApp(App[int]):
    """Shows a session until the user leaves."""

    TITLE = "errlog view"
    COMMANDS: ClassVar[set[Any]] = {*App.COMMANDS, KeyCommands}
    BINDINGS: ClassVar[list[BindingType]] = [
        # Above what Textual binds it to: everywhere it leads out.
        Binding("ctrl+c", "interrupt", show=False, priority=True),
    ]

    def __init__(self, session: Session, theme: str = "") -> None:
        """Show a session in one of Textual's themes; a terminal of 16 colours keeps its own."""
        super().__init__()
        self.session = session
        self.theme = theme or (_FEW_COLOURS if few_colours(self) else self.theme)

    def on_load(self) -> None:
        """Before the terminal is taken: end at signals as the user would, and put it back."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            # Without its terminal it is nothing, also where nohup started it.
            if number == signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                with suppress(RuntimeError, ValueError, NotImplementedError):  # not the main thread
                    loop.add_signal_handler(number, self.exit, 128 + number)

    def action_interrupt(self) -> None:
        """Stop what searches, else leave."""
        self.log_screen.action_interrupt()

    @property
    def log_screen(self) -> LogScreen:
        """The lines, also while another screen is above them."""
        return next(screen for screen in self.screen_stack if isinstance(screen, LogScreen))

    def on_key(self, event: events.Key) -> None:
        """Give the prompt what is typed; else digits are the count of the key that follows.

        Keys come here in order, and before what they do: several may have been typed, or pasted,
        before the prompt got the focus.
        """
        prompt = self.log_screen.query_one(Prompt)
        if prompt.asking:
            if event.character is not None and event.is_printable:
                event.prevent_default()
                prompt.take(event.character)
        elif self.screen is self.log_screen and self.log_screen.take_digit(event.character):
            event.prevent_default()

    def get_default_screen(self) -> Screen[None]:
        """The lines."""
        return LogScreen(self.session)
