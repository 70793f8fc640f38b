"""ViewApp: the Textual application behind `errlog view`."""

from __future__ import annotations

from textual.app import App
from textual.screen import Screen

from logtool.tui.model.session import Session
from logtool.tui.screens.log import LogScreen


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

    def get_default_screen(self) -> Screen[None]:
        """The lines."""
        return LogScreen(self.session)
