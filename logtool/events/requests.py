"""Requests: take rows of lines, put those of worker and daemon that serve one request together.

A log ID (`%L`) says it outright, for mod_wsgi hands it to the daemon. Without one the client's
address and port say it, inside the connection's interval: a port is used again later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl

from logtool.events.access_lines import AccessLines
from logtool.events.certainty import is_certain, joined_by
from logtool.events.connections import with_requests
from logtool.events.tags import ENDS
from logtool.frame.python_text import may_be_python, python_level, unscripted
from logtool.people.instants import rfc3339
from parsers.classes import dataclass

#: What is asked of the logs.
COLUMNS = (
    *("file", "line", "utc", "confidence", "level", "module", "pid", "tid", "role", "group"),
    *("client", "client_marker", "tag", "message", "log_id", "connection_log_id"),
)

_LINE_COLUMNS = (
    *("utc", "file", "line", "side", "role", "group", "pid", "tid", "level", "module", "tag"),
    *("python_level", "message", "confidence"),
)
#: What is told of a request, of `connections.addressed` and of `connections.keyed`.
SAID = (
    *(name for name in _LINE_COLUMNS if name != "python_level"),
    *("client", "log_id", "connection_log_id", "event"),
)
KEYED = ("request_key", "connection", "number", "interleaved")
#: All that is told, what is told of lines first.
_TOLD = (*_LINE_COLUMNS, *(name for name in SAID if name not in _LINE_COLUMNS), *KEYED)
_KEY = _TOLD.index("request_key")
#: The order of lines of requests that begin in one instant.
IN_ORDER = ("request_key", "utc", "row")

#: What `with_requests` gives -> the lines of access logs that these requests may be of.
AskAccess = Callable[[pl.DataFrame], pl.DataFrame | None]


@dataclass(frozen=True, slots=True)
class Request:
    """Lines that belong to one request, in UTC order.

    Attributes:
        joined_by: `log-id`, `connection-log-id`, `client`, or `alone` where one process spoke.
        client: ip:port.
        log_id: the request's log ID, or None.
        connection: number of the connection in the log, from 1.
        number: which request of the connection it is, from 1, as far as the log tells.
        is_certain: False where the log cannot tell whether these are several requests.
        lines: the rows, as mappings.
        access: the access-log line's fields, or None.
    """

    joined_by: str
    client: str | None
    log_id: str | None
    connection: int
    number: int
    is_certain: bool
    lines: tuple[Mapping[str, Any], ...]
    access: Mapping[str, Any] | None

    def side(self, name: str) -> list[Mapping[str, Any]]:
        """The lines of the `worker` or of the `daemon`."""
        return [line for line in self.lines if line["side"] == name]

    @property
    def worker_to_daemon_ms(self) -> float | None:
        """From the worker's first word to the daemon's; None where the worker spoke afterwards."""
        waited = _between(self.side("worker")[:1], self.side("daemon")[:1])
        return waited if waited is not None and waited >= 0 else None

    def to_json(self) -> dict[str, Any]:
        """The request as JSON takes it; `errlog pairs --json` prints one a line.

        Returns:
            `joined_by`, `client`, `log_id`, `connection`, `number`, `certain`: as the attributes.
            `first_utc`, `last_utc`: of its lines; times in RFC 3339 with `Z`.
            `duration_ms`: the same without what mod_ssl says of the connection's end.
            `worker_to_daemon_ms`: from the worker's first line to the daemon's first, or null.
            `daemon_ms`: from the daemon's first line to its last, or null.
            `worker`, `daemon`: `pid`, `tid` and `group` of each, or null.
            `access`: `utc`, `host`, `port`, `request`, `status`, `log_id`, `duration_us` of its
            line in the access log, and `certain`: whether more than host and second says so; or
            null.
            `lines`, in UTC order: `utc`, `file`, `line`, `side` (worker, daemon or empty), `role`,
            `group`, `pid`, `tid`, `level`, `module`, `tag`, `python_level`, `message` (raw; null
            where a format has none), `confidence` (of the clock). What is not known is null.
        """
        first, last = self.lines[0]["utc"], self.lines[-1]["utc"]
        worker, daemon = self.side("worker"), self.side("daemon")
        spoken = [line for line in self.lines if line["tag"] not in ENDS]
        return {
            "joined_by": self.joined_by,
            "client": self.client,
            "log_id": self.log_id,
            "connection": self.connection,
            "number": self.number,
            "certain": self.is_certain,
            "first_utc": rfc3339(first),
            "last_utc": rfc3339(last),
            "duration_ms": _between(spoken[:1], spoken[-1:]),
            "worker_to_daemon_ms": self.worker_to_daemon_ms,
            "daemon_ms": _between(daemon[:1], daemon[-1:]),
            "worker": _who(worker),
            "daemon": _who(daemon),
            "access": None if self.access is None else _plain(self.access),
            "lines": [_plain(line) for line in self.lines],
        }


def requests(
    lines: pl.DataFrame,
    access: pl.DataFrame | AskAccess | None = None,
    chosen: pl.Expr | None = None,
) -> Iterator[Request]:
    """The requests in these lines, in order of their first instant.

    Args:
        lines: rows with the columns of the frame, and `kind` and `event` where they were folded.
        access: access-log lines, if there are: `utc`, `host`, `port`, `request`, `status`,
            `log_id`, `duration_us`; what a log format lacks is null. Or who gives those that are
            needed.
        chosen: only requests with a line on which it holds; None is all.
    """
    keyed = with_requests(lines)
    joined = AccessLines(access(keyed) if callable(access) else access)
    if chosen is not None:
        keyed = keyed.filter(chosen.any().over("request_key"))
    if not keyed.height:
        return
    first = pl.col("utc").min().over("request_key")
    yield from told(keyed.sort(first, *IN_ORDER, nulls_last=True), joined)


def told(rows: pl.DataFrame, access: AccessLines) -> Iterator[Request]:
    """The requests of some rows, those of each together: `SAID` and `KEYED` of each."""
    level = pl.when(may_be_python(pl.col("module"))).then(
        python_level(unscripted(pl.col("message")))
    )
    rows = rows.with_columns(level.alias("python_level"))
    # A row after the other: a table for each of a million requests would take gigabytes.
    for _, some in groupby(rows.select(_TOLD).iter_rows(), itemgetter(_KEY)):
        yield _request(list(some), access)


def _request(told: Sequence[tuple[Any, ...]], access: AccessLines) -> Request:
    rows = [dict(zip(_TOLD, row, strict=True)) for row in told]
    lines = tuple(dict(zip(_LINE_COLUMNS, row, strict=False)) for row in told)
    log_id = _first_text(rows, "log_id")
    client = _first_text(rows, "client")
    return Request(
        joined_by=joined_by(rows),
        client=client,
        log_id=log_id,
        connection=rows[0]["connection"],
        number=rows[0]["number"],
        is_certain=is_certain(rows),
        lines=lines,
        access=access.take(
            client, log_id, lines[0]["utc"], lines[-1]["utc"], [row["message"] for row in rows]
        ),
    )


def _first_text(rows: Sequence[Mapping[str, Any]], name: str) -> str | None:
    return next((str(row[name]) for row in rows if row[name] is not None), None)


def _who(lines: list[Mapping[str, Any]]) -> dict[str, Any] | None:
    if not lines:
        return None
    return {name: lines[0][name] for name in ("pid", "tid", "group")}


def _between(start: list[Mapping[str, Any]], stop: list[Mapping[str, Any]]) -> float | None:
    return _milliseconds(start[0]["utc"], stop[0]["utc"]) if start and stop else None


def _milliseconds(start: datetime | None, stop: datetime | None) -> float | None:
    if start is None or stop is None:
        return None
    return round((stop - start) / timedelta(milliseconds=1), 3)


def _plain(line: Mapping[str, Any]) -> dict[str, Any]:
    return {**line, "utc": rfc3339(line["utc"])}
