"""The program in a real terminal."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.logtool.tui.pilots import DJANGO
from tests.places import ROOT

_PATIENCE = 120.0


class Terminal:
    """A tmux server of its own, with one pane."""

    def __init__(self, socket: Path) -> None:
        self._tmux = ["tmux", "-S", str(socket), "-f", "/dev/null"]

    def run(self, command: str, home: Path) -> None:
        """Start a command in 80 columns and 24 rows; its exit status follows it."""
        env = {
            **os.environ,
            "XDG_STATE_HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "TERM": "screen",
        }
        self._do("new-session", "-d", "-x", "80", "-y", "24", f"{command}; echo status $?; read x",
                 env=env)  # fmt: skip

    def press(self, *keys: str) -> None:
        """Press keys, as tmux names them."""
        self._do("send-keys", *keys)

    def screen(self, *options: str) -> str:
        """What the terminal shows."""
        return self._do("capture-pane", "-p", *options)

    def until(self, text: str, without: str = "") -> str:
        """Wait for a text, and for another to be gone."""
        end = time.monotonic() + _PATIENCE
        while text not in (shown := self.screen()) or (without and without in shown):
            assert time.monotonic() < end, shown
            time.sleep(0.05)
        return shown

    def close(self) -> None:
        """End the server."""
        self._do("kill-server")

    def _do(self, *words: str, env: dict[str, str] | None = None) -> str:
        done = subprocess.run(
            [*self._tmux, *words], env=env, capture_output=True, text=True, check=True,
            timeout=_PATIENCE,
        )  # fmt: skip
        return done.stdout


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed: the real terminal was NOT tested")
    terminal = Terminal(tmp_path / "tmux")
    yield terminal
    terminal.close()


def _view(*words: object) -> str:
    return " ".join([sys.executable, "-m", "logtool", "view", *map(str, words)])


def test_browse_and_leave(terminal: Terminal, tmp_path: Path) -> None:
    """Lines, detail, search, help; leaving gives the terminal back with status 0."""
    terminal.run(_view(DJANGO), tmp_path)
    shown = terminal.until("2 clocks  ▌+01:00 ▌UTC")
    assert "19:58:22.844 ▌ warn" in shown
    assert "\x1b[" in terminal.screen("-e")
    terminal.press("/", "report started", "Enter")
    terminal.until("hits: /report started")
    terminal.press("Enter")
    terminal.until("confidence")
    terminal.press("?")
    terminal.until("Esc closes")
    terminal.press("q", "q", "q")
    terminal.until("status 0")


def test_a_mistake_is_one_line(terminal: Terminal, tmp_path: Path) -> None:
    """The terminal is given back, and what follows is no traceback, and status 3."""
    script = tmp_path / "mistaken.py"
    script.write_text(
        "from logtool.__main__ import main\n"
        "from logtool.tui.screens.log import LogScreen\n"
        "LogScreen.action_where = lambda self: 1 // 0\n"
        "main()\n"
    )
    terminal.run(f"env -u ERRLOG_TRACEBACK {sys.executable} {script} view {DJANGO}", tmp_path)
    terminal.until("160 lines   2 clocks")
    terminal.press("C-g")
    shown = terminal.until("status 3")
    assert "errlog: a mistake in errlog" in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize("words", [f"{_view(DJANGO)}", f"(cat {DJANGO}; sleep 600) | {_view('-')}"])
def test_to_the_shell_and_back(terminal: Terminal, tmp_path: Path, words: str) -> None:
    """Ctrl-z stops errlog and who writes into its pipe; the shell's fg brings it back."""
    terminal.run("env PS1='ready$ ' bash --norc --noprofile -i", tmp_path)
    terminal.until("ready$")
    terminal.press(words, "Enter")
    terminal.until("? help")
    terminal.press("C-z")
    terminal.until("Stopped")
    terminal.press("fg", "Enter")
    terminal.until("? help")
    terminal.press("q")
    terminal.until("Stopped")
    terminal.press("C-c")
    terminal.press("exit", "Enter")
    terminal.until("status")


def test_without_a_shell_nothing_stops(terminal: Terminal, tmp_path: Path) -> None:
    """Where nobody would bring it back Ctrl-z only says so."""
    terminal.run(_view(DJANGO), tmp_path)
    terminal.until("160 lines   2 clocks")
    terminal.press("C-z")
    terminal.until("no shell is there that could bring errlog back")
    terminal.press("q")
    terminal.until("status 0")


def test_log_through_a_pipe(terminal: Terminal, tmp_path: Path) -> None:
    """Keys come from the terminal while the log comes through standard input."""
    terminal.run(f"gzip -c {DJANGO} | {_view('-')}", tmp_path)
    terminal.until("160 lines")
    terminal.press("G")
    terminal.until("100%")
    terminal.press("q")
    terminal.until("status 0")


@pytest.mark.parametrize("redirected", ["2>/dev/null", "2>told", "2>&-"])
def test_standard_error_goes_elsewhere(terminal: Terminal, tmp_path: Path, redirected: str) -> None:
    """The screen is drawn where standard output goes, and given back there."""
    terminal.run(f"cd {tmp_path}; {_view(DJANGO)} {redirected}", tmp_path)
    terminal.until("160 lines   2 clocks")
    terminal.press("G")
    terminal.until("100%")
    terminal.press("q")
    assert "160 lines" not in terminal.until("status 0")


def test_strict(terminal: Terminal, tmp_path: Path) -> None:
    """Leaving tells what is not sure, with status 1; nothing is told of a log that is."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes() + b"a raw line\n")
    terminal.run(_view("--strict", "--server-tz", "Europe/Berlin", log), tmp_path)
    terminal.until("161 lines   2 clocks")
    terminal.press("q")
    assert "errlog: --strict: 1 line without a layout" in terminal.until("status 1")


def test_strict_where_all_is_sure(terminal: Terminal, tmp_path: Path) -> None:
    """--strict says nothing, and the status is 0."""
    terminal.run(_view("--strict", "--server-tz", "Europe/Berlin", DJANGO), tmp_path)
    terminal.until("160 lines   2 clocks")
    terminal.press("q")
    assert "--strict" not in terminal.until("status 0")


@pytest.mark.parametrize(
    ("make", "told"),
    [("touch error.log", "empty, nothing to view"), ("true", "No such file or directory")],
)
def test_what_cannot_be_viewed_is_told(
    terminal: Terminal, tmp_path: Path, make: str, told: str
) -> None:
    """An empty or missing file gets one clear line and status 3."""
    terminal.run(f"cd {tmp_path}; {make}; {_view('error.log')}", tmp_path)  # told in one row
    assert f"errlog: error.log: {told}" in terminal.until("status 3")


def test_terminal_without_cursor(terminal: Terminal, tmp_path: Path) -> None:
    """TERM=dumb says that nothing can be drawn there: one clear line, status 2."""
    terminal.run(f"TERM=dumb {_view(DJANGO)}", tmp_path)
    assert "TERM=dumb says" in terminal.until("status 2").replace("\n", " ")


def test_follow_waits_for_lines(terminal: Terminal, tmp_path: Path) -> None:
    """-f of a log that is not there, then empty, waits and says so; its first lines are shown."""
    log = tmp_path / "e.log"
    terminal.run(f"cd {tmp_path}; {_view('-f', log.name)}", tmp_path)  # told in one row
    terminal.until("waiting for the first one")
    log.touch()
    with log.open("ab") as out:
        out.write(DJANGO.read_bytes())
    terminal.until("following")
    terminal.press("q")
    terminal.until("status 0")


def test_reading_anew_what_is_not_there(terminal: Terminal, tmp_path: Path) -> None:
    """F5 while a log is missing or empty says so and changes nothing; later it reads what came."""
    log = tmp_path / "e.log"
    log.write_bytes(DJANGO.read_bytes())
    terminal.run(f"cd {tmp_path}; {_view(log.name)}", tmp_path)
    terminal.until("2 clocks")
    log.rename(tmp_path / "other")
    terminal.press("\x1b[15~")
    assert "160 lines" in terminal.until("not read anew: e.log: No such file or directory")
    log.touch()
    terminal.press("\x12")
    assert "160 lines" in terminal.until("not read anew: e.log: empty")
    log.write_bytes(DJANGO.read_bytes() + b"more\n")
    terminal.press("\x12")
    terminal.until("161 lines")
    terminal.press("q")
    terminal.until("status 0")


def test_reading_anew_what_was_rotated(terminal: Terminal, tmp_path: Path) -> None:
    """F5 reads the rotated files that are shown, in this order; what comes then is followed."""
    log = tmp_path / "e.log"
    log.write_bytes(DJANGO.read_bytes())
    terminal.run(f"cd {tmp_path}; {_view(log.name)}", tmp_path)
    terminal.until("2 clocks")
    terminal.press("F")
    terminal.until("following")
    for number in range(161, 164):
        log.rename(tmp_path / f"e.log.{number - 160}")
        log.write_bytes(f"line {number}\n".encode())
        terminal.until(f"{number} lines")
    terminal.press("\x12")
    terminal.until("163 lines   2 clocks", without="following")
    terminal.press("F")
    terminal.until("following")
    with log.open("ab") as out:
        out.write(b"line 164\n")
    shown = re.findall(r" line \d+", terminal.until("line 164"))
    assert shown == [" line 161", " line 162", " line 163", " line 164"]
    terminal.press("q")
    terminal.until("status 0")


def test_following_waits_where_all_logs_are_empty(terminal: Terminal, tmp_path: Path) -> None:
    """-f of a folder of empty logs waits, too: they have just been rotated."""
    folder = tmp_path / "logs"
    folder.mkdir()
    log = folder / "error.log"
    log.touch()
    terminal.run(f"cd {tmp_path}; {_view('-f', folder.name)}", tmp_path)
    terminal.until("waiting for the first one")
    log.write_bytes(DJANGO.read_bytes())
    terminal.until("following")
    terminal.press("q")
    terminal.until("status 0")


def test_silent_pipe_is_told(terminal: Terminal, tmp_path: Path) -> None:
    """A pipe into which nobody writes is not waited for without a word."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    terminal.run(f"cd {tmp_path}; {_view(pipe.name)}", tmp_path)  # told in one row
    terminal.until("waiting for somebody to write")
    pipe.write_bytes(DJANGO.read_bytes())
    terminal.until("160 lines")
    terminal.press("q")
    terminal.until("status 0")


def test_options_hold_for_once(terminal: Terminal, tmp_path: Path) -> None:
    """A filter from options is not kept."""
    terminal.run(_view("-l", "warn", DJANGO), tmp_path)
    assert "filter: level>=warn (httpd" in terminal.until("2 clocks")
    terminal.press("q")
    terminal.until("status 0")
    kept = next((tmp_path / "errlog" / "view").glob("*.json"))
    assert json.loads(kept.read_text())["filter"] == ""
