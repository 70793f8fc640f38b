"""ViewApp: the Textual application behind `errlog view`."""

from __future__ import annotations

from textual import events
from textual.app import App
from textual.screen import Screen

from logtool.tui.model.session import Session
from logtool.tui.screens.log import LogScreen
from logtool.tui.widgets.prompt import Prompt


class ViewApp(App[int]):
    """Shows a session until the user leaves."""

    TITLE = "errlog view"
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, session: Session) -> None:
        """Show a session."""
        super().__init__()
        self.session = session

    @property
    def log_screen(self) -> LogScreen:
        """The lines, also while another screen is above them."""
        return next(screen for screen in self.screen_stack if isinstance(screen, LogScreen))

    def on_key(self, event: events.Key) -> None:
        """Give the prompt what was typed, or pasted, before it had the focus."""
        prompt = self.log_screen.query_one(Prompt)
        if prompt.asking and event.character is not None and event.is_printable:
            event.prevent_default()
            prompt.take(event.character)

    def get_default_screen(self) -> Screen[None]:
        """The lines."""
        return LogScreen(self.session)
