"""ViewApp: the Textual application behind `errlog view`."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context, copy_context
from functools import partial
from typing import Any, ClassVar

from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.css.query import NoMatches
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen

from logtool.machine.ending import leave
from logtool.tui import RELOAD
from logtool.tui.driver import TerminalDriver, has_shell
from logtool.tui.model.keys import KEYS
from logtool.tui.model.reading.moved import moved_logs
from logtool.tui.model.session import Session
from logtool.tui.screens.log import LogScreen
from logtool.tui.widgets.colours import few_colours
from logtool.tui.widgets.prompt import Prompt

#: What a dark theme becomes with 16 colours is hard to read.
_FEW_COLOURS = "ansi-dark"
#: What ends it; the last comes where the terminal goes away.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: What a driver hears beside them.
_HEARD = (signal.SIGCONT, signal.SIGTSTP, signal.SIGWINCH)
#: Seconds after such a signal in which the application may leave by itself, on a busy machine too:
#: what is shown and marked is kept only then.
_GRACE_S = 60.0


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
        Binding("ctrl+z", "suspend_process", show=False, priority=True),
    ]

    _loop_of_keys: asyncio.AbstractEventLoop | None = None
    _first_context: Context | None = None
    _is_there = False
    _wanted: int | None = None
    _editing = False
    _editor: subprocess.Popen[bytes] | None = None
    _heard: int | None = None

    def __init__(
        self,
        session: Session,
        theme: str = "",
        reopen: Callable[[Sequence[str], str], None] = lambda files, gone: None,
    ) -> None:
        """Show a session.

        Args:
            session: what is looked at.
            theme: one of Textual's; a terminal of 16 colours keeps its own.
            reopen: opens the logs anew before they are left to be read so, and with them files that
                were rotated while they were shown; takes also what to tell of those that are gone.
                Raises ErrlogError.
        """
        super().__init__()
        self.session = session
        self._reopen = reopen
        self.theme = theme or (_FEW_COLOURS if few_colours(self) else self.theme)

    def get_driver_class(self) -> type[Driver]:
        """Of a terminal our own, which lets go of it."""
        found = super().get_driver_class()
        return TerminalDriver if found is LinuxDriver else found

    def on_load(self) -> None:
        """Before the terminal is taken: from here on, leaving is a matter of the loop."""
        self._loop_of_keys = asyncio.get_running_loop()
        self._first_context = copy_context()

    def show(self) -> int:
        """Run until the user leaves or a signal comes; gives the exit status.

        What went wrong within it is raised when the terminal is as it was.
        """
        with _told_by_signals(self._end):
            status = self.run() or 0
        if self._exception is not None:
            raise self._exception
        return status

    def exit(
        self, result: int | None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """Leave; from here on nothing takes the terminal again."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.leaving = True
        super().exit(result, return_code, message)

    def reload(self) -> None:
        """Leave, to be started once more on the logs as they are by then.

        What was rotated while it was shown is one of them, under the name that it has by now. Of
        what is in no file any more the lines are gone, and that is told.

        Raises:
            ErrlogError: they cannot be opened anew.
        """
        logs = self.session.builder.logs
        moved, gone = moved_logs(logs)
        lines = self.session.builder.index.lines_of(gone)
        told = f"{lines:,} lines are gone with their files" if lines else ""
        self._reopen([*moved.values()], told)
        for number, path in moved.items():
            logs[number].name = path  # the place is kept under the name that is read next
        self.exit(RELOAD)

    def edit(self, command: Sequence[str]) -> None:
        """Leave the terminal to an editor until it has ended.

        Raises:
            OSError, ValueError: it cannot be started.
            SuspendNotSupported: the terminal cannot be left.
        """
        fault = None
        with self.suspend():  # what is raised in it leaves the terminal where it is
            self._editing = True  # it may be there before Popen tells us so
            try:
                self._editor = subprocess.Popen(command)
                if self._heard is not None:  # while the editor was started
                    self._editor.send_signal(self._heard)
                self._editor.wait()
            except (OSError, ValueError) as error:
                fault = error
            self._editor = None
            self._editing = False
            if isinstance(self._driver, TerminalDriver):
                self._driver.give_keys_back()
        if fault:
            raise fault

    def _end(self, number: int) -> None:
        """Leave as the user would, and put the terminal back; at once if that does not happen.

        While an editor has the terminal, an interrupt is its own matter; any other signal ends it
        as well, as we wait for it.
        """
        if self._editing and number == signal.SIGINT:
            return
        self._heard = number
        if self._editor is not None:
            self._editor.send_signal(number)
        if isinstance(self._driver, TerminalDriver):
            self._driver.leaving = True
        if self._loop_of_keys is None or self._loop_of_keys.is_closed():
            leave(number)
        # Whoever is interrupted is not the one that leaves.
        leaving = partial(self._leave, 128 + number)
        self._loop_of_keys.call_soon_threadsafe(leaving, context=self._first_context)
        threading.Thread(target=self._insist, args=(number,), name="ending", daemon=True).start()

    def _leave(self, status: int) -> None:
        """Leave as soon as there is something on the screen: what is half made cannot be left."""
        if self._is_there:
            self.exit(status)
        else:
            self._wanted = status

    def on_ready(self) -> None:
        """All is on the screen; a signal may have come before."""
        self._is_there = True
        self.app_resume_signal.subscribe(self, self._draw_anew)
        if self._wanted is not None:
            self.exit(self._wanted)

    def _draw_anew(self, _: object) -> None:
        """All of the screen: a shell wrote on it, and Textual does not know."""
        self.screen.refresh(layout=True)
        self.refresh(repaint=True, layout=True)

    def _insist(self, number: int) -> None:
        time.sleep(_GRACE_S)
        if isinstance(self._driver, TerminalDriver):
            self._driver.give_back()
        leave(number)

    def _handle_exception(self, error: Exception) -> None:
        """A screen that was still being made when we left misses its parts, and nobody minds."""
        if not (self._exit and isinstance(error, NoMatches)):
            super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """End without Textual's traceback, of hundreds of lines: whoever called us tells it."""
        self._close_messages_no_wait()

    def action_interrupt(self) -> None:
        """Stop what searches, else leave."""
        self.log_screen.action_interrupt()

    def action_suspend_process(self) -> None:
        """Stop, as who writes into our pipe, until the shell brings us back; not without one."""
        if self._driver is not None and self._driver.can_suspend and has_shell():
            os.kill(0, signal.SIGTSTP)
        else:
            self.log_screen.tell("no shell is there that could bring errlog back")

    @property
    def log_screen(self) -> LogScreen:
        """The lines, also while another screen is above them."""
        return next(screen for screen in self.screen_stack if isinstance(screen, LogScreen))

    def on_key(self, event: events.Key) -> None:
        """Give the prompt what is typed; else digits are the count of the key that follows.

        Keys come here in order, and before what they do: several may have been typed, or pasted,
        before the prompt got the focus.
        """
        self.log_screen.hush()
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


@contextmanager
def _told_by_signals(end: Callable[[int], None]) -> Iterator[None]:
    """Have `end` called at the signals that end us; after that all signals are as they were."""
    before = {number: signal.getsignal(number) for number in (*_SIGNALS, *_HEARD)}
    # Else whoever waits for signals beside the main thread ends us, the terminal not given back.
    told = signal.set_wakeup_fd(-1)
    for number in _SIGNALS:
        # Without its terminal it is nothing, also where nohup started it.
        if number == signal.SIGHUP or before[number] is not signal.SIG_IGN:
            signal.signal(number, lambda number, _: end(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(told)
