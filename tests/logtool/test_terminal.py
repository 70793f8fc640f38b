"""Terminal: nothing of a log reaches the terminal as a command."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from logtool.terminal import pointed, safe


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
