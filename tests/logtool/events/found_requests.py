"""Requests found, for tests: takes lines in short, gives the requests they are of."""

from __future__ import annotations

import polars as pl

from logtool.events.folding import fold
from logtool.events.requests import Request, requests
from tests.logtool.events.rows import rows

OPENED = "AH01964: Connection to child 1 established (server x:443)"
CLOSED = "AH01998: Connection closed to child 1 with abortive shutdown (server x:443)"


def line(at: str, who: str, message: str, client: str = "1.2.3.4:5") -> str:
    """One line: `who` is `worker` or `daemon`, with pid and tid if they matter."""
    name, pid, tid = (*who.split("/"), "5", "50")[:3]
    module, marker = ("ssl:info", "client") if name == "worker" else ("wsgi:error", "remote")
    return (
        f"[Sun Nov 22 10:{at} 2026] [{module}] [pid {pid}:tid {tid}] [{marker} {client}] {message}"
    )


def found(*lines: str, **columns: list[str | None]) -> list[Request]:
    """The requests in these lines."""
    frame = rows("\n".join(lines)).with_columns(
        pl.Series(name, values, pl.String) for name, values in columns.items()
    )
    return list(requests(fold(frame)))


def messages(found: list[Request]) -> list[list[str]]:
    """The first word of each line of each request."""
    return [[line["message"].split()[0] for line in request.lines] for request in found]
