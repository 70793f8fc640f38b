"""Terminal: nothing of a log reaches the terminal as a command."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import termios
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from logtool.terminal import pointed, safe
from tests.test_cli import ERRLOG, ROOT, SAMPLE, errlog


def test_escapes_are_written_out() -> None:
    """Escape sequences, bidirectional marks and invisible characters show as text."""
    assert safe("\x1b]0;x\x07 a\u202eb\u200b\tc") == r"\x1b]0;x\x07 a\u202eb\u200b c"


@given(st.text())
def test_nothing_unsafe_is_left(text: str) -> None:
    """No control, format or surrogate character but the soft hyphen's kin remains."""
    left = {unicodedata.category(letter) for letter in safe(text)}
    assert not left & {"Cc", "Cs", "Zl", "Zp"}
    assert unicodedata.bidirectional("\u202e") not in {
        unicodedata.bidirectional(letter) for letter in safe(text)
    }


@given(st.text(), st.integers(0, 200))
def test_a_caret_points_at_the_place(text: str, at: int) -> None:
    """Whatever is written out before it; both lines are safe."""
    at = min(at, len(text))
    shown, caret = pointed(text, at)
    place = caret.index("^")
    following = safe(text[at : at + 1])
    assert shown[place : place + len(following)] == following
    assert "\n" not in shown + caret


def _on_a_terminal(columns: int, *words: str) -> str:
    """What errlog writes to standard error where that is a terminal so wide."""
    reads, writes = os.openpty()
    fcntl.ioctl(writes, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = [*ERRLOG, *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=writes) as run:
        os.close(writes)
        said = b""
        try:
            while some := os.read(reads, 4096):
                said += some
        except OSError:  # how the end of a terminal is told
            pass
        assert run.wait() == 0
    os.close(reads)
    shown = said.decode().replace("\r\n", "\n")
    return shown.rpartition("\r\x1b[K")[2]  # where it took long, that was told before


def test_what_is_said_fits_the_terminal() -> None:
    """A summary is broken between words, a pipe gets each of its lines whole."""
    words = ("normalize", "--no-neighbours", "--server-tz", "Europe/Berlin", str(SAMPLE))
    whole = errlog(*words).stderr.decode()
    assert max(map(len, whole.splitlines())) > 120
    for columns in (80, 120):
        said = _on_a_terminal(columns, *words)
        assert max(map(len, said.splitlines())) <= columns
        assert said.split() == whole.split()
        heads = [line for line in said.splitlines() if not line.startswith(" " * 6)]
        assert len(heads) == len(whole.splitlines())
    assert _on_a_terminal(1000, *words) == whole
