"""Wrapping of long lines."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from logtool.tui.widgets.wrapping import wrapped


def test_words_stay_whole() -> None:
    """A row ends at a space where it has one, else where the room ends."""
    text = "the session is resumed now"
    assert [text[a:b] for a, b in wrapped(text, 12, 9)] == ["the session", "is resumed", "now"]
    assert wrapped("abcdefgh", 3, 9) == [(0, 3), (3, 6), (6, 8)]
    assert wrapped("", 3, 9) == [(0, 0)]


@given(st.text("ab 漢✈\ufe0f\u0301मी"), st.integers(2, 9), st.integers(1, 5))
@example("aa ", 2, 2)
def test_nothing_is_lost(text: str, room: int, most: int) -> None:
    """Rows follow each other, and the end the last, but for one space; none is too wide."""
    rows = wrapped(text, room, most)
    assert 1 <= len(rows) <= most
    assert all(cell_len(text[a:b]) <= room for a, b in rows)
    assert all(text[b:c] in ("", " ") for (_, b), (c, _) in pairwise(rows))
    if len(rows) < most:
        assert cell_len(text[rows[-1][1] :].removeprefix(" ")) == 0


def test_wide_characters_at_the_edge() -> None:
    """One that has no room for its second half begins the next row, with the marks on it."""
    text = "a漢字e\u0301漢"
    rows = wrapped(text, 4, 9)
    assert [text[a:b] for a, b in rows] == ["a漢", "字e\u0301", "漢"]
