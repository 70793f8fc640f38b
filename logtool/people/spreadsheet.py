"""Spreadsheet: takes text that anyone may have written into a log, gives cells that do nothing."""

from __future__ import annotations

from functools import cache

import polars as pl

from logtool.people.terminal import safe

#: What makes a spreadsheet take a cell for a formula; some drop blanks before it.
_FORMULA = ("=", "+", "-", "@", "|", "%")

#: Where unsafe characters stand; all that `safe` looks for.
_PLANES = (range(0xD800), range(0xE000, 0x10000), range(0xE0000, 0xE0080))


def cell(text: str) -> str:
    """The text as a spreadsheet may show it: no controls, and an apostrophe before a formula."""
    shown = safe(text)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown


def cells(text: pl.Expr) -> pl.Expr:
    """What `cell` gives, for a column."""
    shown = shown_texts(text)
    begun = shown.str.strip_chars_start()
    formula = pl.any_horizontal(*(begun.str.starts_with(start) for start in _FORMULA))
    return pl.when(formula).then(pl.concat_str(pl.lit("'"), shown)).otherwise(shown)


def shown_texts(text: pl.Expr) -> pl.Expr:
    """What `logtool.people.terminal.safe` gives, for a column."""
    table = _written_out()
    unsafe = text.str.contains_any(list(table))
    return pl.when(unsafe).then(text.str.replace_many(table)).otherwise(text)


@cache
def _written_out() -> dict[str, str]:
    every = (chr(code) for plane in _PLANES for code in plane)
    return {one: safe(one) for one in every if safe(one) != one}
