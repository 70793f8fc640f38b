"""Python levels: take messages of `wsgi:error`, give the level that Python wrote inside."""

from __future__ import annotations

import polars as pl

from parsers.python_levels import NEAR, PATTERNS, SAME


def python_level(text: pl.Expr) -> pl.Expr:
    """The level inside the text as logging names it (WARN is WARNING, FATAL CRITICAL), or null."""
    near = text.str.head(NEAR)
    level = pl.coalesce([near.str.extract(pattern, 1) for pattern in PATTERNS])
    return level.replace(SAME)


def has_level(text: pl.Expr) -> pl.Expr:
    """Whether the text has a Python level: much cheaper than to read it."""
    return text.str.contains("|".join(PATTERNS))
