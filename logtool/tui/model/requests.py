"""Requests: takes a line, gives what other lines of the same request or connection hold."""

from __future__ import annotations

from logtool.tui.model.lines import Line
from logtool.tui.model.matching import Pattern

#: Fields that lines of one request share, the surest first.
_SHARED = ("log_id", "connection_log_id", "client", "peer")


def request_pattern(line: Line) -> Pattern | None:
    """What to search for; None where the line tells neither log ID nor client."""
    for name in _SHARED:
        value = line.fields.get(name)
        if value and value != "-":
            return Pattern.literally(value.encode())
    return None
