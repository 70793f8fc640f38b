"""Terminal: nothing of a log reaches the terminal as a command."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.people.terminal import _UNSAFE, legible, pointed, safe
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


def test_what_is_unsafe_is_not_printable() -> None:
    """So text that Python calls printable needs no closer look."""
    every = map(chr, range(sys.maxunicode + 1))
    assert not [letter for letter in every if re.match(_UNSAFE, letter) and letter.isprintable()]


@given(st.text(), st.integers(0, 200))
def test_a_caret_points_at_the_place(text: str, at: int) -> None:
    """Whatever is written out before it; both lines are safe."""
    at = min(at, len(text))
    shown, caret = pointed(text, at)
    place = caret.index("^")
    following = safe(text[at : at + 1])
    assert shown[place : place + len(following)] == following
    assert "\n" not in shown + caret


def _on_a_terminal(columns: int, *words: str, status: int = 0, out: bool = False) -> str:
    """What errlog writes to standard error where that is a terminal so wide, or to its output."""
    reads, writes = os.openpty()
    fcntl.ioctl(writes, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = [*ERRLOG, *words]
    others = subprocess.DEVNULL
    output, errors = (writes, others) if out else (others, writes)
    with subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=errors) as run:
        os.close(writes)
        said = b""
        try:
            while some := os.read(reads, 4096):
                said += some
        except OSError:  # how the end of a terminal is told
            pass
        assert run.wait() == status
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


@pytest.mark.parametrize(
    ("words", "status", "out"),
    [
        (("clocks", "--no-neighbours", "--explain", "38", str(SAMPLE)), 0, True),
        (("explain", "--list"), 0, True),
        (("query", "SELECT foo FROM log", str(SAMPLE)), 2, False),
    ],
    ids=["clocks --explain", "explain --list", "query"],
)
def test_words_of_eighty_columns(words: tuple[str, ...], status: int, out: bool) -> None:
    """What is told at length fits a terminal, and says there what a pipe gets."""
    ran = errlog(*words)
    whole = (ran.stdout if out else ran.stderr).decode()
    assert max(map(len, whole.splitlines())) > 80
    told = _on_a_terminal(80, *words, status=status, out=out)
    assert max(map(len, told.splitlines())) <= 80
    assert told.split() == whole.split()


def test_what_people_read() -> None:
    """What was typed is read as it was; controls are as httpd wrote them, and act on nobody."""
    assert legible(r"caf\xc3\xa9\tone\ntwo\x1b[2J \xff") == "café\\tone\\ntwo\\x1b[2J \\xff"
    assert legible("a\x1b[2J\u202e") == "a\\x1b[2J\\u202e"
