"""Places: take where facts stand, tell it for people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from logtool.clocks.table import Evidence

#: Kinds of facts that speak of another log, whose line it is not.
_OF_OTHER_LOGS = ("access-log", "audit", "config")


def place(file: int, line: int, names: Sequence[str], before: str = "") -> str:
    """` (error.log:7)`, or nothing where the file or line is not known."""
    return f" ({before}{names[file]}:{line})" if 0 <= file < len(names) and line else ""


def at(fact: Evidence, names: Sequence[str]) -> str:
    """Where a fact stands, if it does not say so; the file is told where there are several."""
    if len(names) != 1 or fact.file < 0 or not fact.line:
        return place(fact.file, fact.line, names)
    if f"line {fact.line} " in fact.text:
        return ""
    if fact.kind in _OF_OTHER_LOGS:
        return f" (at line {fact.line} of {Path(names[0]).name})"
    return f" (line {fact.line})"
