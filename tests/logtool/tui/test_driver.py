"""The terminal's driver: whose a terminal is, and what is done where it is not ours."""

from __future__ import annotations

import errno
import os
import pty
import select
import signal
import termios
import threading
from collections.abc import Callable, Iterator

import pytest
from textual.drivers.linux_driver import LinuxDriver

from logtool.errors import ReadError
from logtool.tui import driver as module
from logtool.tui.driver import TerminalDriver, is_gone, is_ours, wait_for_foreground


class Terminal:
    """A terminal that controls nobody, and its other end."""

    def __init__(self) -> None:
        self.other, self.fd = pty.openpty()
        self._open = {self.other, self.fd}

    def hang_up(self) -> None:
        """Nobody is at the other end any more."""
        self._open.remove(self.other)
        os.close(self.other)

    def close(self) -> None:
        """Close what is open."""
        for fd in self._open:
            os.close(fd)

    @property
    def echoes(self) -> bool:
        """Whether it writes out what is typed, as it does at first."""
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def take_keys(self) -> None:
        """Have it write out nothing."""
        attributes = termios.tcgetattr(self.fd)
        attributes[3] &= ~termios.ECHO
        termios.tcsetattr(self.fd, termios.TCSANOW, attributes)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    """A terminal."""
    made = Terminal()
    yield made
    made.close()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What Textual's own driver is asked to do, and does not."""
    asked: list[str] = []

    def noted(name: str) -> Callable[..., None]:
        return lambda self, *given: asked.append(" ".join([name, *map(str, given)][:2]))

    for name in (
        "start_application_mode", "stop_application_mode", "suspend_application_mode",
        "resume_application_mode", "write", "close", "_sigtstp_application",
    ):  # fmt: skip
        monkeypatch.setattr(LinuxDriver, name, noted(name))
    return asked


def _driver(terminal: Terminal) -> TerminalDriver:
    """A driver of that terminal, which has taken it, without an application."""
    made = TerminalDriver.__new__(TerminalDriver)
    made.fileno = terminal.fd
    made.attrs_before = termios.tcgetattr(terminal.fd)
    made.exit_event = threading.Event()
    made._key_thread = made._writer_thread = None
    made._auto_restart = True
    return made


def test_whose_a_terminal_is(terminal: Terminal) -> None:
    """One that controls nobody is ours as long as somebody is at the other end, who may type."""
    assert is_ours(terminal.fd)
    os.write(terminal.other, b"a key\n")
    assert not is_gone(terminal.fd)
    terminal.hang_up()
    assert is_gone(terminal.fd)
    assert not is_ours(terminal.fd)


def test_in_front_is_who_the_terminal_says(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that controls somebody is ours where our group is in its foreground."""
    for group, ours in ((os.getpgrp(), True), (os.getpgrp() + 1, False)):
        monkeypatch.setattr(os, "tcgetpgrp", {terminal.fd: group}.__getitem__)
        assert is_ours(terminal.fd) == ours


@pytest.mark.parametrize(
    ("leaving", "restarts", "away", "gone", "done"),
    [
        (False, True, True, False, ["resume_application_mode"]),
        (False, True, False, False, ["suspend_application_mode", "resume_application_mode"]),
        (True, True, True, False, []),
        (False, False, True, False, []),
        (False, True, True, True, []),
    ],
)
def test_a_signal_to_go_on(
    terminal: Terminal, told: list[str], leaving: bool, restarts: bool, away: bool, gone: bool,
    done: list[str],
) -> None:  # fmt: skip
    """The terminal is taken anew, unless we are leaving or it is not there any more."""
    driver = _driver(terminal)
    driver.leaving, driver._auto_restart, driver._away = leaving, restarts, away
    if gone:
        terminal.hang_up()
    driver._sigcont_application(signal.SIGCONT, None)
    assert told == done


def test_a_signal_to_stop(terminal: Terminal, told: list[str]) -> None:
    """Who is leaving does not stop."""
    driver = _driver(terminal)
    driver.leaving = True
    driver._sigtstp_application(signal.SIGTSTP, None)
    assert told == []
    driver.leaving = False
    driver._sigtstp_application(signal.SIGTSTP, None)
    assert told == ["_sigtstp_application"]


def test_the_terminal_is_given_back_once(terminal: Terminal, told: list[str]) -> None:
    """Until it is taken again."""
    driver = _driver(terminal)
    driver._watched = True
    driver.stop_application_mode()
    driver.stop_application_mode()
    assert told == ["stop_application_mode"]
    driver.start_application_mode()
    driver.stop_application_mode()
    assert told == ["stop_application_mode", "start_application_mode", "stop_application_mode"]


def test_a_terminal_that_is_not_there_is_left_alone(terminal: Terminal, told: list[str]) -> None:
    """Only the thread that reads keys is ended, and may begin again."""
    driver = _driver(terminal)
    terminal.hang_up()
    driver.stop_application_mode()
    asked = threading.Event()
    driver._key_thread = threading.Thread(
        target=lambda: asked.set() if driver.exit_event.wait(60) else None
    )
    driver._key_thread.start()
    driver._away = False
    driver.stop_application_mode()
    assert asked.is_set()
    assert not driver._key_thread.is_alive()
    assert not driver.exit_event.is_set()
    assert driver._away
    assert told == []


def test_nobody_writes(terminal: Terminal, told: list[str]) -> None:
    """Without the thread that writes nothing is written, nor is it ended."""
    driver = _driver(terminal)
    driver.write("a word")
    driver.close()
    ended = threading.Thread(target=lambda: None)
    ended.start()
    ended.join()
    driver._writer_thread = ended  # type: ignore[assignment]
    driver.write("a word")
    driver.close()
    assert told == []
    more = threading.Event()
    writing = threading.Thread(target=more.wait)
    writing.start()
    driver._writer_thread = writing  # type: ignore[assignment]
    driver.write("a word")
    driver.close()
    assert told == ["write a word", "close"]
    more.set()
    writing.join()


def test_who_does_not_answer_gives_the_terminal_back(terminal: Terminal) -> None:
    """Keys, the cursor and the screen before, whatever the application does."""
    driver = _driver(terminal)
    terminal.take_keys()
    driver._away = True
    driver.give_back()
    assert not terminal.echoes
    driver._away = False
    driver.give_back()
    assert terminal.echoes
    given = os.read(terminal.other, 1000)
    assert b"\x1b[?1049l" in given  # the screen before
    assert b"\x1b[?25h" in given  # the cursor
    assert b"\x1b[?1000l" in given  # no mouse
    terminal.hang_up()
    driver.give_back()


def test_what_goes_away_meanwhile_is_no_fault(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot be given back any more, then."""
    write = os.write

    def refused(fd: int, data: bytes) -> int:
        if fd == terminal.fd:
            raise OSError(errno.EIO, "it is gone")
        return write(fd, data)

    def unset(*given: object) -> None:
        raise termios.error(errno.EIO, "it is gone")

    monkeypatch.setattr(os, "write", refused)
    monkeypatch.setattr(termios, "tcsetattr", unset)
    _driver(terminal).give_back()


def test_a_terminal_that_takes_nothing_is_not_waited_for(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who stopped it (Ctrl-S) gets the keys back, and no more."""
    asked: list[tuple[object, ...]] = []

    def full(*given: object) -> tuple[list[int], list[int], list[int]]:
        asked.append(given)
        return [], [], []

    monkeypatch.setattr(select, "select", full)
    _driver(terminal).give_back()
    assert asked == [([], [terminal.fd], [], 0)]


def test_keys_that_were_never_taken(terminal: Terminal) -> None:
    """Nothing is given back."""
    driver = _driver(terminal)
    driver.attrs_before = None
    terminal.take_keys()
    driver.give_keys_back()
    assert not terminal.echoes


@pytest.mark.parametrize("leaving", [False, True])
def test_a_terminal_that_goes_away(
    terminal: Terminal, told: list[str], leaving: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """We are told as if the kernel had told us, once, unless we are leaving anyway."""
    signals: list[tuple[int, int, bool]] = []

    def sent(pid: int, number: int) -> None:
        signals.append((pid, number, is_gone(terminal.fd)))
        raise OSError(errno.ESRCH, "no such process")

    monkeypatch.setattr(os, "kill", sent)
    os.write(terminal.other, b"a key\n")
    driver, before = _driver(terminal), threading.enumerate()
    driver.start_application_mode()
    driver.start_application_mode()
    (watching,) = (one for one in threading.enumerate() if one not in before)
    assert watching.name == "hangup"
    assert watching.daemon
    driver.leaving = leaving
    watching.join(0.1)
    assert watching.is_alive()
    terminal.hang_up()
    watching.join()
    assert signals == ([] if leaving else [(os.getpid(), signal.SIGHUP, True)])


def test_waiting_for_the_foreground(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Who is in it goes on; others say once that they wait, and try until they are."""
    wait_for_foreground(terminal.fd)
    assert capfd.readouterr().err == ""
    ours = iter([False, False, False, True])
    same = (terminal.fd, termios.TCSANOW, termios.tcgetattr(terminal.fd))
    tried: list[object] = []

    def stopped(*given: object) -> None:
        tried.append(given)
        assert len(tried) < 9
        if len(tried) == 1:
            raise termios.error(errno.EINTR, "a signal")

    monkeypatch.setattr(module, "is_ours", lambda fd: next(ours) if fd == terminal.fd else None)
    monkeypatch.setattr(termios, "tcsetattr", stopped)
    wait_for_foreground(terminal.fd)
    assert tried == [same] * 2
    told = capfd.readouterr().err
    assert told.startswith("errlog: view waits until it is in the foreground: `fg` brings it there")
    assert told.count("\n") == 1


def test_nobody_brings_us_to_the_foreground(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is told, and where the kernel is not to stop us it is not waited for."""
    tries = iter(range(9))

    def refused(fd: int, when: int, attributes: object) -> None:
        next(tries)
        raise termios.error(errno.EIO, "an orphan")

    monkeypatch.setattr(module, "is_ours", lambda fd: False)
    monkeypatch.setattr(termios, "tcsetattr", refused)
    with pytest.raises(ReadError, match=r"^view is in the background for ever: start"):
        wait_for_foreground(terminal.fd)
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        wait_for_foreground(terminal.fd)
    finally:
        signal.signal(signal.SIGTTOU, before)
