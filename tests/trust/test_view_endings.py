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
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
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
_VIEW = (sys.executable, "-m", "logtool", "view", str(LOG))
#: Starts `view` in the background as a shell does, and at a key has it end, or brings it in front.
_SHELL = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
def begin():
    os.setpgid(0, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
child = subprocess.Popen(sys.argv[1:], preexec_fn=begin)
if input() == "end":
    os.kill(child.pid, signal.SIGTERM)
else:
    os.tcsetpgrp(0, child.pid)
os.kill(child.pid, signal.SIGCONT)
sys.exit(child.wait())
"""
#: Starts `view`, and outlives its terminal, which is why the kernel tells `view` nothing.
_DEAF = """
import os, signal, subprocess, sys
child = subprocess.Popen(sys.argv[2:])
signal.signal(signal.SIGHUP, signal.SIG_IGN)
child.wait()
with open(sys.argv[1], "w") as out:
    out.write(str(child.returncode))
"""
#: `view` that hears late that an editor has been started, as on a busy machine.
_LATE = """
import runpy, subprocess, sys, time
class Late(subprocess.Popen):
    def __init__(self, command, **others):
        super().__init__(command, **others)
        if command[0].endswith("/editor"):
            time.sleep(2)
subprocess.Popen = Late
sys.argv[0] = "errlog"
runpy.run_module("logtool", run_name="__main__")
"""


class Seat:
    """A program in a terminal of its own, which can be looked at after its end."""

    def __init__(self, home: Path, command: tuple[str, ...] = _VIEW) -> None:
        self.said = b""
        self._mine, self._its = pty.openpty()
        fcntl.ioctl(self._its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._before = termios.tcgetattr(self._its)
        self.pid = os.fork()
        if not self.pid:
            self._become(home, command)

    def _become(self, home: Path, command: tuple[str, ...]) -> None:
        with suppress(OSError):
            os.setsid()
            fcntl.ioctl(self._its, termios.TIOCSCTTY, 0)
            for fd in (0, 1, 2):
                os.dup2(self._its, fd)
            os.close(self._mine)
            os.close(self._its)
            os.chdir(ROOT)
            env = {**os.environ, "XDG_STATE_HOME": str(home), "TERM": "xterm-256color"}
            os.execve(sys.executable, command, env)
        os._exit(1)

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._mine, keys.encode())

    def until(self, text: str) -> None:
        """Wait until it has written a text."""
        self.until_count(text.encode(), 1)

    def until_count(self, text: bytes, count: int) -> None:
        """Wait until it has written a text so many times."""
        end = time.monotonic() + _PATIENCE_S
        while self.said.count(text) < count:
            assert time.monotonic() < end, self.said[-2000:]
            self.hear()

    def hear(self) -> None:
        """Take what it has written, if it has."""
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
                self.hear()
            else:
                time.sleep(0.01)
        self.pid = 0
        return os.waitstatus_to_exitcode(ended[1])

    def is_as_before(self) -> bool:
        """The terminal shows what it showed, and takes keys as it did."""
        while self._mine >= 0 and select.select([self._mine], [], [], 0.05)[0]:
            self.hear()
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
def seat_of(home: Path) -> Iterator[Callable[..., Seat]]:
    """Gives a terminal in which a log is viewed, when all is prepared for it."""
    with ExitStack() as seats:
        yield lambda command=_VIEW: seats.enter_context(closing(Seat(home, command)))


@pytest.fixture
def seat(seat_of: Callable[[], Seat]) -> Seat:
    """A terminal in which a log is viewed."""
    return seat_of()


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


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What `v` opens: it tells its pid there, takes keys in its way, and ends after a line."""
    script = tmp_path / "editor"
    script.write_text(f"#!/bin/sh\nstty -echo\necho $$ > {script}.pid\necho editing\nread line\n")
    script.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(script))
    return script.with_suffix(".pid")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_while_an_editor_is_open(
    number: signal.Signals, editor: Path, seat_of: Callable[[], Seat]
) -> None:
    """The editor is told to end as well, and the terminal is as it was before both."""
    seat = seat_of()
    seat.until(_KNOWN)
    seat.press("v")
    seat.until("editing")
    os.kill(seat.pid, number)
    assert seat.status() == 128 + number
    assert seat.is_as_before()
    with pytest.raises(ProcessLookupError):
        os.kill(int(editor.read_text()), 0)


def test_hangup_while_an_editor_is_open(editor: Path, seat_of: Callable[[], Seat]) -> None:
    """Nothing is asked of the terminal that both have lost."""
    seat = seat_of()
    seat.until(_KNOWN)
    seat.press("v")
    seat.until("editing")
    seat.hang_up()
    assert seat.status() == 128 + signal.SIGHUP


@pytest.mark.usefixtures("editor")
@pytest.mark.parametrize(
    "command", [_VIEW, (sys.executable, "-c", _LATE, *_VIEW[3:])], ids=["open", "just started"]
)
def test_interrupt_while_an_editor_is_open(
    command: tuple[str, ...], seat_of: Callable[..., Seat]
) -> None:
    """It is the editor's matter, as is Ctrl-C there; lines are shown again when that has ended."""
    seat = seat_of(command)
    seat.until(_KNOWN)
    seat.press("v")
    seat.until("editing")
    os.kill(seat.pid, signal.SIGINT)
    taken = seat.said.count(_TAKES)
    seat.press("\n")
    seat.until_count(_TAKES, taken + 1)
    seat.press("q")
    assert seat.status() == 0
    assert seat.is_as_before()


def test_editor_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, seat_of: Callable[[], Seat]
) -> None:
    """It is told where the lines are, which are there as before."""
    monkeypatch.setenv("VISUAL", "no-such-editor")
    seat = seat_of()
    seat.until(_KNOWN)
    seat.press("v")
    seat.until("no-such-editor: No such file")
    seat.press("q")
    assert seat.status() == 0
    assert seat.is_as_before()


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


def test_hangup_after_leaving(seat: Seat) -> None:
    """A terminal that goes away just after q, and has it go on, is not taken once more."""
    seat.until(_KNOWN)
    seat.press("q")
    seat.until(_GIVES_BACK.decode())
    os.kill(seat.pid, signal.SIGCONT)
    seat.hang_up()
    assert seat.status() in (0, 128 + signal.SIGHUP, -signal.SIGHUP)


def test_signal_to_go_on(seat: Seat) -> None:
    """SIGCONT without a stop, as a hangup brings it: one thread goes on with keys; q ends."""
    seat.until(_KNOWN)
    os.kill(seat.pid, signal.SIGCONT)
    seat.until_count(_TAKES, 2)
    seat.press("q")
    assert seat.status() == 0
    assert seat.is_as_before()


def test_hangup_of_which_nobody_tells(home: Path, tmp_path: Path) -> None:
    """Where what was started first outlives the terminal, it sees by itself that that is gone."""
    told = tmp_path / "status"
    with closing(Seat(home, (sys.executable, "-c", _DEAF, str(told), *_VIEW))) as seat:
        seat.until(_KNOWN)
        seat.hang_up()
        assert seat.status() == 0
    assert told.read_text() == str(128 + signal.SIGHUP)


@pytest.mark.parametrize(("key", "status"), [("end", 256 - signal.SIGTERM), ("front", 0)])
def test_background(key: str, status: int, home: Path) -> None:
    """It says that it waits and stops; SIGTERM ends it there, and in front it goes on."""
    with closing(Seat(home, (sys.executable, "-c", _SHELL, *_VIEW))) as seat:
        seat.until("waits until it is in the foreground")
        seat.press(f"{key}\n")
        if key == "front":
            seat.until(_KNOWN)
            seat.press("q")
        assert seat.status() in (status, 128 + signal.SIGTERM if key == "end" else 0)
        assert seat.is_as_before()


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
