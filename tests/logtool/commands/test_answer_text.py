"""What a query gave, as text for people on a terminal."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.commands.answer_text import answer_text

MESSAGE = "the quick brown fox jumps over the lazy dog, and over the fence behind the house"
TIME = datetime(2026, 11, 23, 20, 58, 22, 844548, UTC)


def test_what_fits_is_a_table_as_it_is() -> None:
    """Nothing is cut, and nothing is said, where the rows are narrower than the terminal."""
    text, cut = answer_text(pl.DataFrame({"level": ["error"], "n": [7]}), 80)

    assert not cut
    assert "│ error ┆ 7 │" in text


def test_where_there_is_no_terminal_nothing_is_cut() -> None:
    """A pipe gets each row on one line, however long."""
    text, cut = answer_text(pl.DataFrame({"a": [MESSAGE], "b": [MESSAGE]}), None)

    assert not cut
    assert f"│ {MESSAGE} ┆ {MESSAGE} │" in text


def test_long_texts_are_cut_to_fit() -> None:
    """Times and numbers stay whole, and the longest texts give way."""
    answer = pl.DataFrame({"utc": [TIME], "level": ["error"], "n": [7], "message": [MESSAGE]})
    text, cut = answer_text(answer, 80)

    assert cut
    assert "│ 2026-11-23 20:58:22.844548Z ┆ error ┆ 7 ┆ the quick" in text
    assert "…" in text
    assert {len(line) for line in text.splitlines()} == {80}


def test_many_columns_come_row_by_row() -> None:
    """Nothing is cut then: a line for each value, longer ones broken; what is null is left out."""
    columns = {f"column{number}": ["a value", None] for number in range(12)}
    text, cut = answer_text(pl.DataFrame({**columns, "message": [MESSAGE, "short"]}), 80)
    first, second = text.split("── row 2 ")

    assert not cut
    assert first.startswith("── row 1 ──")
    assert first.count("a value") == 12
    assert " ".join(first.partition("message")[2].split()) == MESSAGE
    assert "column" not in second
    assert max(map(len, text.splitlines())) <= 80


@settings(deadline=None)
@given(
    st.lists(st.lists(st.text("ab ", max_size=90), min_size=3, max_size=3), max_size=4),
    st.integers(60, 200),
)
def test_no_line_is_wider_than_the_terminal(rows: list[list[str]], width: int) -> None:
    """Whatever the rows hold."""
    answer = pl.DataFrame(rows, {"a": pl.String, "b": pl.String, "c": pl.String}, orient="row")
    text, _ = answer_text(answer, width)

    assert all(len(line) <= width for line in text.splitlines())
