"""Waiting: for input, for a signal, or for nobody to read our output any more."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from types import FrameType

from logtool.commands.output import PipeClosedError

_STDOUT = 1
#: Seconds to wait at most, where nothing else ends the wait.
PATIENCE_S = 3600.0


class Waiting:
    """A context in which signals that end only end the wait, so that nothing is cut in half.

    They are SIGINT, SIGTERM, and SIGHUP unless `nohup` has it ignored.

    Attributes:
        signal: the signal that came, or None.
    """

    def __init__(self, *, input_fd: int | None = None, to_stdout: bool) -> None:
        """Wait for an input, if one is given, and watch standard output if we write there."""
        self.signal: signal.Signals | None = None
        self._input = input_fd
        self._poll = select.poll()
        if to_stdout:
            self._poll.register(_STDOUT, 0)  # errors are always told
        if input_fd is not None:
            self._poll.register(input_fd, select.POLLIN)
        self._wake, self._awaken = os.pipe()
        self._before: dict[int, object] = {}
        self._wakeup = -1

    def __enter__(self) -> Waiting:
        for fd in (self._wake, self._awaken):
            os.set_blocking(fd, False)
        self._poll.register(self._wake, select.POLLIN)
        self._wakeup = signal.set_wakeup_fd(self._awaken, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        signal.set_wakeup_fd(self._wakeup)
        for fd in (self._wake, self._awaken):
            os.close(fd)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.signal = signal.Signals(number)

    def go_on(self) -> None:
        """Forget the signal."""
        self.signal = None

    @property
    def exit_status(self) -> int:
        """What to end with: 130 when interrupted, 129 when the terminal has gone, else 0."""
        ended = self.signal in (signal.SIGINT, signal.SIGHUP)
        return 128 + self.signal if self.signal and ended else 0

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; gives whether there is something to read, or its end.

        Raises:
            PipeClosedError: nobody reads our output any more.
        """
        events = dict(self._poll.poll(max(0.0, seconds) * 1000))
        if self._wake in events:
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake, 64)
        if events.get(_STDOUT, 0) & (select.POLLERR | select.POLLNVAL):
            raise PipeClosedError
        return self._input in events
