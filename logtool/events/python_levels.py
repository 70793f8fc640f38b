"""Python levels: take messages of `wsgi:error`, give the level that Python's logging wrote inside.

mod_wsgi logs all that an application prints as `error`, whatever its own level.
"""

from __future__ import annotations

import polars as pl

_LEVEL = r"(DEBUG|INFO|WARNING|WARN|ERROR|CRITICAL|FATAL)"
_DATE = (
    r"(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^\]\sA-Z]*(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?"
    r"|\d\d/[A-Z][a-z]{2}/\d{4} \d\d:\d\d:\d\d(?:[.,]\d+)?)"
)

#: Layouts of the standard library, Django, Flask and the usual tutorials, from the start of the
#: text. Each has the level as its only capture.
_LAYOUTS = (
    # `ERROR:root:text`, `WARNING shop text`, `ERROR 2026-11-23 10:00:00,123 views 12 34 text`,
    # `INFO - text`, `ERROR [shop.views] text`
    rf"{_LEVEL}(?:[: ]|$)",
    # `[ERROR] text`, `[ERROR 2026-…] text`, `(ERROR) text`, `<WARNING> text`
    rf"[\[(<]{_LEVEL}[\])>: ]",
    # `2026-11-23 10:00:00,123 ERROR shop text`, `[2026-… 10:00:00,123] ERROR in app: text` (Flask),
    # `2026-… - shop - ERROR - text`, `2026-… [ERROR] shop: text`,
    # `[21/Nov/2026 10:11:12] ERROR [shop:3] text`
    rf"\[?{_DATE}\]?[ :|-]{{0,3}}(?:\[?[\w./:-]{{1,60}}\]?[ :|-]{{1,3}}){{0,3}}?"
    rf"[\[(<]?{_LEVEL}[\])>: ]",
    # `shop.views - ERROR - text`, `shop.views: ERROR: text`
    rf"[\w.]+ - {_LEVEL} - ",
    rf"\w+(?:\.\w+)+[: ] ?\[?{_LEVEL}\]?[: ]",
)
_PATTERNS = tuple(rf"^(?:{layout})" for layout in _LAYOUTS)


def python_level(text: pl.Expr) -> pl.Expr:
    """The level inside the text as logging names it (WARN is WARNING, FATAL CRITICAL), or null."""
    near = text.str.head(120)
    level = pl.coalesce([near.str.extract(pattern, 1) for pattern in _PATTERNS])
    return level.replace({"WARN": "WARNING", "FATAL": "CRITICAL"})


def has_level(text: pl.Expr) -> pl.Expr:
    """Whether the text has a Python level: much cheaper than to read it."""
    return text.str.contains("|".join(_PATTERNS))
