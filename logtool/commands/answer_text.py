"""Answer text: takes the rows that a query gave, gives text for people, at most so wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import polars as pl
from polars import selectors

from logtool.frame.writing import times
from logtool.people.spreadsheet import shown_texts

#: Characters shown of a text; the time polars takes for a table grows with the square. `--json`
#: shows all.
_LONGEST_TEXT = 1 << 13
_ANY_WIDTH = 1 << 15
#: A column cut to less than that tells nothing.
_LEAST = 20
#: What a table draws beside a cell, and once more.
_FRAME, _EDGE = 3, 1
#: Columns of text at least beside a name, however long that is.
_LEAST_VALUE = 20


def answer_text(answer: pl.DataFrame, width: int | None) -> tuple[str, bool]:
    """The rows as a table, or one by one where a table would be too wide.

    Args:
        answer: the rows.
        width: columns of the terminal; None for as many as the rows need.

    Returns:
        The text, and whether some of it was cut off to fit.
    """
    texts = answer.select(selectors.string()).columns
    shown = answer.with_columns(shown_texts(pl.col(name)).alias(name) for name in texts)
    shown = shown.with_columns(times(answer, " "))
    text = _table(shown)
    if width is None or all(len(line) <= width for line in text.splitlines()):
        return text, False
    cells = pl.DataFrame([_as_texts(column) for column in shown])
    widths = _cut_widths(cells, {*texts, *answer.select(selectors.nested()).columns}, width)
    if widths is None:
        return "".join(_row_by_row(cells, width)), False
    cut = cells.with_columns(_cut(pl.col(name), most) for name, most in widths.items())
    return _table(cut), True


def _table(shown: pl.DataFrame) -> str:
    with pl.Config(
        tbl_rows=-1, tbl_cols=-1, tbl_width_chars=_ANY_WIDTH, fmt_str_lengths=_LONGEST_TEXT,
        tbl_formatting="UTF8_FULL_CONDENSED", tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True, fmt_table_cell_list_len=-1,
    ):  # fmt: skip
        return f"{shown}\n"


def _as_texts(column: pl.Series) -> pl.Series:
    """A column as it is shown; null stays null."""
    if column.dtype.is_nested() or column.dtype == pl.Binary:
        told = [None if one is None else str(one) for one in column.to_list()]
        return pl.Series(column.name, told, pl.String)
    return column.cast(pl.String)


def _cut_widths(cells: pl.DataFrame, texts: set[str], width: int) -> dict[str, int] | None:
    """How wide texts may be so that all columns fit, the widest cut most; None if it is no use."""
    longest = cells.select(pl.all().str.len_chars().max().fill_null(0))
    null = {one.name: len("null") if one.null_count() else 0 for one in cells}
    wide = {name: max(longest[name][0], len(name), null[name]) for name in cells.columns}
    room = width - _FRAME * len(wide) - _EDGE
    room -= sum(own for name, own in wide.items() if name not in texts)
    for most in range(width, _LEAST - 1, -1):
        if sum(min(wide[name], most) for name in texts) <= room:
            return {name: most for name in texts if wide[name] > most}
    return None


def _cut(text: pl.Expr, most: int) -> pl.Expr:
    long = text.str.len_chars() > most
    return pl.when(long).then(pl.concat_str(text.str.head(most - 1), pl.lit("…"))).otherwise(text)


def _row_by_row(cells: pl.DataFrame, width: int) -> Iterator[str]:
    """Each row beneath a rule, a line for each value; what is null is left out."""
    names = max(len(name) for name in cells.columns)
    for number, row in enumerate(cells.iter_rows(), 1):
        yield f"── row {number} ".ljust(width, "─") + "\n"
        for name, value in zip(cells.columns, row, strict=True):
            if value is not None:
                yield from _value(name.ljust(names), value, width)


def _value(name: str, value: str, width: int) -> Iterator[str]:
    """A value behind its name, broken to fit."""
    wide = max(width - len(name) - 2, _LEAST_VALUE)
    lines = textwrap.wrap(value, wide, break_on_hyphens=False)
    for number, line in enumerate(lines or [""]):
        yield f"{name if not number else ' ' * len(name)}  {line}\n"
