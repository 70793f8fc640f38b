"""`errlog view` ended at any moment: the terminal as it was, the kept state whole."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from logtool.tui.model.state import State, read_state, state_path
from tests.trust.running import ROOT, SAMPLE_LOGS

LOG = SAMPLE_LOGS / "berlin_utc_django" / "error.log"
#: What the title tells when clocks are known.
_KNOWN = "2 clocks"
_TAKES, _GIVES_BACK = b"\x1b[?1049h", b"\x1b[?1049l"
_PATIENCE_S = 120.0
_OLD = State(position=(str(LOG), 7), filter="level>=debug")


class Seat:
    """A program in a terminal of its own, which can be looked at after its end."""

    def __init__(self, home: Path) -> None:
        self.said = b""
        self._mine, self._its = pty.openpty()
        fcntl.ioctl(self._its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._before = termios.tcgetattr(self._its)
        self.pid = os.fork()
        if not self.pid:
            self._become_view(home)

    def _become_view(self, home: Path) -> None:
        with suppress(OSError):
            os.setsid()
            fcntl.ioctl(self._its, termios.TIOCSCTTY, 0)
            for fd in (0, 1, 2):
                os.dup2(self._its, fd)
            os.close(self._mine)
            os.close(self._its)
            os.chdir(ROOT)
            env = {**os.environ, "XDG_STATE_HOME": str(home), "TERM": "xterm-256color"}
            command = [sys.executable, "-m", "logtool", "view", str(LOG)]
            os.execve(sys.executable, command, env)
        os._exit(1)

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._mine, keys.encode())

    def until(self, text: str) -> None:
        """Wait until it has written a text."""
        end = time.monotonic() + _PATIENCE_S
        while text.encode() not in self.said:
            assert time.monotonic() < end, self.said[-2000:]
            self._hear()

    def _hear(self) -> None:
        if select.select([self._mine], [], [], 0.01)[0]:
            with suppress(OSError):
                self.said += os.read(self._mine, 1 << 16)

    def hang_up(self) -> None:
        """Take the terminal away, as a closed window or a lost connection does."""
        os.close(self._its)
        os.close(self._mine)
        self._mine = self._its = -1

    def status(self) -> int:
        """Its exit status when it has ended; minus the signal that killed it."""
        end = time.monotonic() + _PATIENCE_S
        while not (ended := os.waitpid(self.pid, os.WNOHANG))[0]:
            assert time.monotonic() < end, self.said[-2000:]
            if self._mine >= 0:
                self._hear()
            else:
                time.sleep(0.01)
        self.pid = 0
        return os.waitstatus_to_exitcode(ended[1])

    def is_as_before(self) -> bool:
        """The terminal shows what it showed, and takes keys as it did."""
        while self._mine >= 0 and select.select([self._mine], [], [], 0.05)[0]:
            self._hear()
        quiet = b"Traceback" not in self.said
        put_back = self.said.count(_TAKES) == self.said.count(_GIVES_BACK)
        return quiet and put_back and termios.tcgetattr(self._its) == self._before

    def close(self) -> None:
        """End what still runs."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self._mine >= 0:
            self.hang_up()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the state is kept: of a visit before."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = state_path([str(LOG)])
    path.parent.mkdir(parents=True)
    kept = {"position": [str(LOG), 7], "filter": _OLD.filter, "time": "UTC", "columns": 0}
    path.write_text(json.dumps({**kept, "marks": []}))
    assert read_state(path) == _OLD
    return tmp_path


@pytest.fixture
def seat(home: Path) -> Iterator[Seat]:
    """A terminal in which a log is viewed."""
    seat = Seat(home)
    yield seat
    seat.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("keys", ["", "P", "XGR", "/shop\r&level>=warn\rmi?"])
def test_signals_put_the_terminal_back(
    keys: str, number: signal.Signals, seat: Seat, home: Path
) -> None:
    """Whatever it is doing: 128 and the signal's number, no trace, the place and marks kept."""
    seat.until(_TAKES.decode() if not keys else _KNOWN)
    seat.press(keys)
    os.kill(seat.pid, number)
    assert seat.status() == 128 + number
    assert seat.is_as_before()
    kept = read_state(state_path([str(LOG)]))
    assert kept.position is not None
    assert kept.position[0] == str(LOG)


@pytest.mark.parametrize("keys", ["", "P"])
def test_hangup(keys: str, seat: Seat, home: Path) -> None:
    """A terminal that goes away ends it, and it keeps where it was."""
    seat.until(_KNOWN)
    seat.press(keys)
    seat.hang_up()
    assert seat.status() == 128 + signal.SIGHUP
    assert read_state(state_path([str(LOG)])).position is not None


def test_hangup_that_is_ignored(home: Path) -> None:
    """Also one that nohup started ends with its terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        seat = Seat(home)
    finally:
        signal.signal(signal.SIGHUP, before)
    seat.until(_KNOWN)
    seat.hang_up()
    assert seat.status() == 128 + signal.SIGHUP
    seat.close()


@pytest.mark.parametrize("moment", range(6))
def test_killed_while_leaving(moment: int, seat: Seat, home: Path) -> None:
    """Killed without a word, the kept state is the old or the new one, and nothing beside it."""
    seat.until(_KNOWN)
    seat.press("Gq")
    time.sleep(moment * 0.03)
    os.kill(seat.pid, signal.SIGKILL)
    assert seat.status() in (-signal.SIGKILL, 0)
    path = state_path([str(LOG)])
    kept = read_state(path)
    assert kept == _OLD or kept.position not in (None, _OLD.position)
    assert [one.name for one in path.parent.iterdir() if one.suffix == ".json"] == [path.name]
