"""Spreadsheet cells do nothing, one by one and by the column."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.people.spreadsheet import cell, cells, shown_texts
from logtool.people.terminal import safe


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=HYPERLINK('x')", "'=HYPERLINK('x')"),
        ("+1", "'+1"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "' =1"),
        ("\x1b[31m=1", "\\x1b[31m=1"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_cell(text: str, shown: str) -> None:
    """A formula gets an apostrophe, a control is written out."""
    assert cell(text) == shown


@settings(deadline=None)
@given(st.lists(st.none() | st.text()))
def test_columns_agree(texts: list[str | None]) -> None:
    """A column is what its texts are one by one."""
    frame = pl.DataFrame({"text": texts}, {"text": pl.String})
    both = frame.select(cells=cells(pl.col("text")), shown=shown_texts(pl.col("text")))

    assert both["cells"].to_list() == [None if one is None else cell(one) for one in texts]
    assert both["shown"].to_list() == [None if one is None else safe(one) for one in texts]
