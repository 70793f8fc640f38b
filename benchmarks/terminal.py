"""Terminal: runs a program in a terminal of its own, tells when its screen shows something."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

#: Columns and rows.
SIZE = (120, 40)
_AT_ONCE = 1 << 16
_TICKS = os.sysconf("SC_CLK_TCK")

Seen = Callable[[str], bool]


class Terminal:
    """A running program and the screen it draws.

    Attributes:
        started: when it was started, on the clock of `time.perf_counter`.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a program."""
        self._screen = pyte.Screen(*SIZE)
        self._stream = pyte.ByteStream(self._screen)
        self.started = time.perf_counter()
        self._pid, self._fd = pty.fork()
        if not self._pid:
            os.execvpe(command[0], list(command), {**environment, "TERM": "xterm-256color"})
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(self._screen.display)

    def press(self, keys: str) -> float:
        """Press keys; gives when."""
        at = time.perf_counter()
        os.write(self._fd, keys.encode())
        return at

    def until(self, seen: Seen, patience_s: float, since: float | None = None) -> float:
        """Seconds until the screen shows something, from `since` or the start of the program.

        The time is that of the read that brought it; what it costs to draw it here is not counted.
        """
        since = self.started if since is None else since
        end = time.perf_counter() + patience_s
        while (left := end - time.perf_counter()) > 0:
            if not select.select([self._fd], [], [], left)[0]:
                break
            try:
                data = os.read(self._fd, _AT_ONCE)
            except OSError:
                break
            at = time.perf_counter()
            self._stream.feed(data)
            if seen(self.text):
                return at - since
        raise SystemExit(f"never seen; the screen was\n{self.text}")

    def settle(self, quiet_s: float = 0.5, most_s: float = 5.0) -> None:
        """Until nothing has been drawn for a while; a program that shows a clock never rests."""
        end = time.perf_counter() + most_s
        while time.perf_counter() < end and select.select([self._fd], [], [], quiet_s)[0]:
            self._stream.feed(os.read(self._fd, _AT_ONCE))

    def cpu_s(self) -> float:
        """Seconds of processors it has used, user and system."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def peak_mib(self) -> float:
        """The most memory it has had at once."""
        lines = Path(f"/proc/{self._pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024

    def close(self) -> None:
        """End the program."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._fd)
