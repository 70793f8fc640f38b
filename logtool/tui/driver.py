"""TerminalDriver: Textual's, for a terminal that may go away or be somebody else's for a while."""

from __future__ import annotations

import errno
import os
import select
import signal
import sys
import termios
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from logtool.errors import ReadError

_WAITS = (
    "errlog: view waits until it is in the foreground: `fg` brings it there, and of timeout(1) the "
    "option --foreground"
)
#: The screen that was there before, the cursor, no mouse, keys as they were.
_GIVEN_BACK = (
    b"\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h"
    b"\x1b[?1004l"
)


class TerminalDriver(LinuxDriver):
    """Takes the terminal only while it is ours, and never again once we are leaving.

    A terminal that goes away sends SIGCONT beside SIGHUP, for which Textual would start anew: a
    thread that reads what is not there any more, and keeps the process alive for ever.
    """

    #: The application is ending: a signal to go on changes nothing.
    leaving = False
    _away = False
    _watched = False

    def __init__(self, app: App[Any], **given: Any) -> None:  # noqa: ANN401 - Textual's own
        """Draw on standard output where standard error, on which Textual draws, goes elsewhere."""
        super().__init__(app, **given)
        if sys.__stderr__ is None or not sys.__stderr__.isatty():
            self._file = open(  # noqa: SIM115 - a descriptor that stays open
                1, "w", encoding="utf-8", errors="backslashreplace", closefd=False
            )

    def start_application_mode(self) -> None:
        """Take the terminal, and look whether it goes away."""
        self._away = False
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if not self._watched:
            self._watched = True
            threading.Thread(target=self._await_hangup, name="hangup", daemon=True).start()

    def stop_application_mode(self) -> None:
        """Give the terminal back, if it was taken and is there."""
        if self._away:
            return
        self._away = True
        if is_ours(self.fileno):
            super().stop_application_mode()
            return
        self.exit_event.set()
        if self._key_thread is not None:
            self._key_thread.join()
        self.exit_event.clear()

    def write(self, data: str) -> None:
        """Write, unless there is nobody any more who does it."""
        if self._writer_thread is not None and self._writer_thread.is_alive():
            super().write(data)

    def close(self) -> None:
        """End the thread that writes."""
        if self._writer_thread is not None and self._writer_thread.is_alive():
            super().close()

    def give_back(self) -> None:
        """Put the terminal back without any help of the application, which does not answer."""
        if self._away or not is_ours(self.fileno):
            return
        self.give_keys_back()
        with suppress(OSError):
            if select.select([], [self.fileno], [], 0)[1]:
                os.write(self.fileno, _GIVEN_BACK)

    def give_keys_back(self) -> None:
        """Have the terminal take keys as it did before us, also after an editor that did not."""
        if self.attrs_before is not None and is_ours(self.fileno):
            with suppress(termios.error):
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)

    def _sigtstp_application(self, *_: object) -> None:
        if not self.leaving:
            super()._sigtstp_application()

    def _sigcont_application(self, *_: object) -> None:
        if self.leaving or not self._auto_restart or is_gone(self.fileno):
            return
        if not self._away:  # SIGSTOP stopped us, and a shell had the terminal since
            self.suspend_application_mode()
        self.resume_application_mode()

    def _await_hangup(self) -> None:
        """Have ourselves told, as whoever is in the background is not told by the kernel."""
        hangup = select.poll()
        hangup.register(self.fileno, 0)
        with suppress(OSError):
            hangup.poll()
            if not self.leaving:
                os.kill(os.getpid(), signal.SIGHUP)


def is_gone(fd: int) -> bool:
    """Whether nobody is at the other end of a terminal any more."""
    hangup = select.poll()
    hangup.register(fd, 0)
    return bool(hangup.poll(0))


def is_ours(fd: int) -> bool:
    """Whether we may set a terminal: it is there, and we are in its foreground."""
    try:
        return os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:
        return not is_gone(fd)  # a terminal that controls nobody is whoever's has it open


def has_shell() -> bool:
    """Whether somebody of our session is there who brings stopped programs back.

    Whoever has no parent outside its own process group has nobody, and would stop for ever.
    """
    group, session, parent = os.getpgrp(), os.getsid(0), os.getppid()
    with suppress(OSError, ValueError):
        while os.getsid(parent) == session:
            if os.getpgid(parent) != group:
                return True
            parent = int(Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[1])
    return False


def wait_for_foreground(fd: int) -> None:
    """Stop, as every program does that needs a terminal, until we are in its foreground.

    Raises:
        ReadError: nobody can bring us there.
    """
    if is_ours(fd) or signal.getsignal(signal.SIGTTOU) is signal.SIG_IGN:
        return
    print(_WAITS, file=sys.stderr, flush=True)
    while not is_ours(fd):
        try:
            # It changes nothing; the kernel stops whoever tries it in the background.
            termios.tcsetattr(fd, termios.TCSANOW, termios.tcgetattr(fd))
        except termios.error as fault:
            if fault.args[0] != errno.EINTR:  # that was a signal, which has been heard
                raise ReadError("view is in the background for ever: start it in front") from fault
