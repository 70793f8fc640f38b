"""Ordinary lines: takes a text, tells whether everyday logs are full of it.

Only the speed of a search depends on this, never what it finds.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path


def is_ordinary(text: str) -> bool:
    """Whether the text stands in a line of `rules/ordinary.txt`."""
    return text in ordinary_lines()


@cache
def ordinary_lines() -> str:
    """What stands in `rules/ordinary.txt`."""
    return (Path(__file__).with_name("rules") / "ordinary.txt").read_text("utf-8")
