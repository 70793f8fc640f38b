"""Python text: the level that Python's logging wrote inside a line."""

from __future__ import annotations

import polars as pl
import pytest

from logtool.frame.python_text import has_level, levels_of, python_level
from parsers.python_levels import level_of


@pytest.mark.parametrize(
    ("text", "level"),
    [
        # logging.basicConfig
        ("ERROR:root:it failed", "ERROR"),
        ("WARNING:django.request:Not Found: /x", "WARNING"),
        # the usual formats
        ("WARNING shop slow", "WARNING"),
        ("2026-11-23 10:00:00,123 ERROR shop.views failed", "ERROR"),
        ("2026-11-23 10:00:00,123 - shop - CRITICAL - failed", "CRITICAL"),
        ("2026-11-23T10:00:00.123Z [INFO] shop: done", "INFO"),
        ("[WARN] slow", "WARNING"),
        ("shop.views - DEBUG - x", "DEBUG"),
        # Flask
        ("[2026-11-23 10:00:00,123] ERROR in app: Exception on / [GET]", "ERROR"),
        # Django's documentation: verbose, and django.server
        ("ERROR 2026-11-23 10:00:00,123 views 12 34 failed", "ERROR"),
        ("[23/Nov/2026 10:00:00] ERROR [django.request:230] failed", "ERROR"),
        # none
        ("INFORMATION is power", None),
        ("an ERROR in the middle", None),
        ("Not Found: /ERROR", None),
        ("ERRORS: 3", None),
        ("", None),
    ],
)
def test_levels(text: str, level: str | None) -> None:
    """Layouts of the standard library, Django, Flask and the usual tutorials; nothing else."""
    frame = pl.DataFrame({"text": [text]}).select(
        python_level(pl.col("text")).alias("level"), has_level(pl.col("text")).alias("has")
    )
    assert frame.row(0) == (level, level is not None)
    assert level_of(text) == (level or "")


def test_levels_of_a_column() -> None:
    """Also behind the words that mod_wsgi 6 puts first; null where there is none."""
    texts = ["[script app.wsgi] INFO shop: done", "no level", "WARN shop slow", "FATAL x"]

    assert levels_of(pl.Series(texts)).to_list() == ["INFO", None, "WARNING", "CRITICAL"]
