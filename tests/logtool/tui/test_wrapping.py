"""Wrapping of long lines."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from logtool.tui.widgets.wrapping import wrapped


def test_words_stay_whole() -> None:
    """A row ends at a space where it has one, else where the room ends."""
    text = "the session is resumed now"
    assert [text[a:b] for a, b in wrapped(text, 12, 9)] == ["the session", "is resumed", "now"]
    assert wrapped("abcdefgh", 3, 9) == [(0, 3), (3, 6), (6, 8)]
    assert wrapped("", 3, 9) == [(0, 0)]


@given(st.text("ab 漢"), st.integers(1, 9), st.integers(1, 5))
def test_nothing_is_lost(text: str, room: int, most: int) -> None:
    """Rows follow each other but for one space, none is too long, and not more are told."""
    rows = wrapped(text, room, most)
    assert 1 <= len(rows) <= most
    assert all(b - a <= room for a, b in rows)
    assert all(before[1] <= after[0] <= before[1] + 1 for before, after in pairwise(rows))
    if text.isascii():
        assert all(text[b:c] in ("", " ") for (_, b), (c, _) in pairwise(rows))
