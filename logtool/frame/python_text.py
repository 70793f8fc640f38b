"""Python text: takes lines, tells which may hold what Python wrote, and its level in there."""

from __future__ import annotations

import polars as pl

from parsers.python_levels import LEVELS, MODULES, NEAR, PATTERNS, SAME
from parsers.wsgi_prefix import SCRIPT

#: Most severe first, as the level of httpd.
PYTHON_LEVEL = pl.Enum(LEVELS)


def may_be_python(module: pl.Expr) -> pl.Expr:
    """Whether a line of this module may hold Python's text."""
    return module.is_null() | module.is_in(MODULES)


def unscripted(message: pl.Expr) -> pl.Expr:
    """The message without mod_wsgi 6's `[script …] `, which Python's lines carry there."""
    return (
        pl.when(message.str.starts_with("[script "))
        .then(message.str.replace(f"^{SCRIPT}", ""))
        .otherwise(message)
    )


def python_level(text: pl.Expr) -> pl.Expr:
    """The level inside the text as logging names it (WARN is WARNING, FATAL CRITICAL), or null."""
    near = text.str.head(NEAR)
    level = pl.coalesce([near.str.extract(pattern, 1) for pattern in PATTERNS])
    return level.replace(SAME)


def has_level(text: pl.Expr) -> pl.Expr:
    """Whether the text has a Python level: much cheaper than to read it."""
    return text.str.contains("|".join(PATTERNS))


def levels_of(messages: pl.Series) -> pl.Series:
    """The level in each of some messages that may be Python's: PYTHON_LEVEL[n]."""
    text = unscripted(pl.col("message"))
    frame = messages.to_frame("message").with_row_index("place")
    some = frame.filter(has_level(text))
    if not some.height:
        return pl.repeat(None, len(messages), dtype=PYTHON_LEVEL, eager=True).alias("python_level")
    told = some.select("place", level=python_level(text).cast(PYTHON_LEVEL))
    answer = frame.join(told, on="place", how="left", maintain_order="left")
    return answer["level"].alias("python_level")
