"""Requests: take rows of lines, put those of worker and daemon that serve one request together.

A log ID (`%L`) says it outright, for mod_wsgi hands it to the daemon. Without one the client's
address and port say it, inside the connection's interval: a port is used again later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import polars as pl

from logtool.clocks.table import ClockTable
from logtool.events.access_lines import AccessLines
from logtool.events.certainty import is_certain, joined_by
from logtool.events.folding import fold_batches
from logtool.events.kinds import Kind
from logtool.events.tags import CLOSES, ELSEWHERE, ENDS, OPENS, REPEATED, REQUEST_BEGINS
from logtool.frame.python_text import may_be_python, python_level, unscripted
from logtool.frame.reading import frames
from logtool.frame.texts import detached
from logtool.passes.logs import Log
from logtool.people.instants import rfc3339
from parsers.classes import dataclass

#: An idle port is somebody else's: longer than any sensible KeepAliveTimeout and Timeout together.
_SILENCE = timedelta(minutes=15)

#: What is asked of the logs.
COLUMNS = (
    *("file", "line", "utc", "confidence", "level", "module", "pid", "tid", "role", "group"),
    *("client", "client_marker", "tag", "message", "log_id", "connection_log_id"),
)

#: Whose request a line is of.
_NAMES = ("client", "log_id", "connection_log_id")

_LINE_COLUMNS = (
    *("utc", "file", "line", "side", "role", "group", "pid", "tid", "level", "module", "tag"),
    *("python_level", "message", "confidence"),
)
#: And what else tells of the request.
_REQUEST_COLUMNS = (
    *("client", "log_id", "connection_log_id", "event", "request_key", "connection", "number"),
    "interleaved",
)

#: The column of what was asked last.
_TOLD = "told"

#: Lines that say whose request they are of.
NAMED = pl.any_horizontal(pl.col(*_NAMES).is_not_null())

_Row = Mapping[str, Any]
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
            "worker_to_daemon_ms": _waited(worker, daemon),
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
    keyed = keyed.sort(first, "request_key", "utc", "row", nulls_last=True)
    level = pl.when(may_be_python(pl.col("module"))).then(
        python_level(unscripted(pl.col("message")))
    )
    keyed = keyed.with_columns(level.alias("python_level"))
    # A row after the other: a table for each of a million requests would take gigabytes.
    rows = keyed.select(*_LINE_COLUMNS, *_REQUEST_COLUMNS).iter_rows(named=True)
    for _, some in groupby(rows, lambda row: row["request_key"]):
        yield _request(list(some), joined)


def read_requests(
    logs: Sequence[Log],
    table: ClockTable,
    access: pl.DataFrame | None = None,
    chosen: pl.Expr | None = None,
) -> Iterator[Request]:
    """The requests of opened logs. Lines that name a client or a log ID are held in memory."""
    # Lines of nobody tell nothing of an event that names someone; a log may hold nothing else.
    spoken = pl.any_horizontal(pl.col("pid", *_NAMES).is_not_null())
    lines = (part.filter(spoken) for part in frames(logs, table, COLUMNS))
    parts = [detached(part.filter(NAMED)) for part in fold_batches(lines)]
    if parts:
        yield from requests(pl.concat(parts), access, chosen)


def with_requests(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines that say whom they serve, in UTC order, and which request each belongs to.

    Args:
        lines: as for `requests`.

    Returns:
        The columns of `lines` with `side`, `connection`, `request_key` (shared by the lines of one
        request), `number` (of the request in its connection) and `interleaved` (whether requests
        of the connection are served at once, as in HTTP/2).
    """
    return _with_requests(_with_connections(_addressed(lines)))


def _addressed(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines that say whom they serve, in UTC order, with the `side` that wrote them."""
    if "row" not in lines.columns:
        lines = lines.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("row"))
    if "kind" not in lines.columns:
        lines = lines.with_columns(kind=pl.lit(0, pl.Int8), event=pl.col("row"))
    # Lines without a pid are told apart by their clocks alone: that says not who wrote one of them.
    who = pl.when(pl.col("pid").is_not_null()).then(pl.col("role", "group")).otherwise(pl.lit(""))
    lines = lines.with_columns(who)
    daemon = (pl.col("role") == "daemon") | (pl.col("client_marker") == "remote")
    # Formats that write `[client\ %a]` write it for daemons too: where the role is unknown, only
    # httpd's own words are a worker's. Its tags begin with AH, mod_wsgi's with WSGI.
    httpd = pl.col("tag").str.starts_with("AH") | ~pl.col("module").is_in(["wsgi", ""])
    by_word = (pl.col("client_marker") == "client") & httpd
    known_worker = pl.col("role").is_in(["child", "parent"])
    worker = known_worker | by_word.fill_null(value=False)
    side = (
        pl.when(daemon.fill_null(value=False))
        .then(pl.lit("daemon"))
        .when(worker.fill_null(value=False))
    )
    return (
        lines.filter(NAMED)
        .with_columns(side.then(pl.lit("worker")).otherwise(pl.lit("")).alias("side"))
        .sort("utc", "row", nulls_last=True)
    )


def _with_connections(lines: pl.DataFrame) -> pl.DataFrame:
    """Add `connection`: a number for each use of a client's port, or of a connection's log ID."""
    tag = pl.col("tag").fill_null("")
    worker_pid = pl.when(pl.col("side") == "worker").then("pid")
    before = worker_pid.forward_fill().shift().over("client")
    other_child = (pl.col("side") == "worker") & (pl.col("pid") != before)
    opens = (
        tag.is_in(OPENS)
        | tag.shift().over("client").is_in(CLOSES)
        | other_child
        | (pl.col("utc") - pl.col("utc").shift().over("client") > _SILENCE)
    )
    use = pl.col(_TOLD).cast(pl.Int64).cum_sum().over("client")
    by_client = pl.when(pl.col("client").is_not_null()).then(pl.format("{}#{}", "client", use))
    lines = _told(lines, opens.fill_null(value=False)).with_columns(connection_key=by_client)
    # A line without a client belongs where its IDs do.
    for name in ("connection_log_id", "log_id"):
        shared = pl.col("connection_key").drop_nulls().first().over(name)
        known = pl.when(pl.col(name).is_not_null()).then(shared)
        lines = lines.with_columns(pl.coalesce("connection_key", known).alias("connection_key"))
    fallback = pl.coalesce("connection_log_id", "log_id")
    return lines.with_columns(
        pl.coalesce("connection_key", fallback).rank("dense").cast(pl.Int64).alias("connection")
    )


def _with_requests(lines: pl.DataFrame) -> pl.DataFrame:
    """Add `request_key`: the log ID where the connection has any, else what the log tells."""
    daemon = pl.col("side") == "daemon"
    announced = pl.col("tag").is_in(REQUEST_BEGINS).fill_null(value=False)
    # mod_ssl counts the requests of a connection, but in HTTP/2, whose streams are all the second.
    lines = _told(lines, pl.when(announced).then("message").str.extract(r"\(No\.(\d+)\)"))
    counted = pl.col(_TOLD).drop_nulls()
    interleaved = (counted.len() > counted.n_unique()).over("connection")
    lines = lines.with_columns(interleaved=interleaved)
    # Where a format has no tid, nothing tells the threads of a daemon apart.
    by_thread = pl.format("{}/{}", pl.col("pid").fill_null(-1), pl.col("tid").fill_null(-1))
    # After mod_ssl's announcement whichever thread speaks next serves that request.
    thread = pl.when(announced).then(pl.lit("")).when(daemon).then(by_thread)
    before = thread.forward_fill().shift().over("connection")
    other_thread = daemon & (before.is_null() | ((before != "") & (thread != before)))
    # mod_wsgi's head and traceback end a request: what follows is the next one.
    lines = _told(lines, (pl.col("kind") == int(Kind.EXCEPTION_HEAD)).any().over("event"))
    last = pl.when(announced).then(-1).when(daemon).then("event")
    last_failed = pl.when(announced).then(pl.lit(value=False)).when(daemon).then(_TOLD)
    before_event = last.forward_fill().shift().over("connection")
    before_failed = last_failed.forward_fill().shift().over("connection")
    after_end = daemon & before_failed & (pl.col("event") != before_event)
    tag = pl.col("tag").fill_null("")
    by = pl.when(announced).then(0).when(tag.is_in(ELSEWHERE)).then(1).when(daemon).then(2)
    by_before = by.forward_fill().shift().over("connection")
    changes = (by > 0) & ((by_before > 0) & (by != by_before) | (by == 1) & by_before.is_null())
    repeated = tag.is_in(REPEATED)
    before_repeated = pl.when(by == 1).then(repeated).forward_fill().shift().over("connection")
    another = (by == 1) & (by_before == 1) & ~(repeated & before_repeated)
    signs = (announced, other_thread, after_end, changes, another)
    lines = _told(lines, pl.any_horizontal(sign.fill_null(value=False) for sign in signs))
    begins = pl.col(_TOLD)
    lines = lines.with_columns(number=begins.cast(pl.Int64).cum_sum().over("connection"))
    # Lines before the first sign (`Connection … established`) belong to the first request.
    nth = pl.col("number")
    nth = pl.max_horizontal(nth, nth.filter(begins).min().over("connection").fill_null(0))
    by_id = pl.col("log_id").forward_fill().backward_fill().over("connection")
    own_id = pl.coalesce("log_id", by_id)
    key = (
        pl.when(own_id.is_not_null())
        .then(pl.format("{}/{}", "connection", own_id))
        .otherwise(pl.format("{}#{}", "connection", nth))
    )
    lines = lines.with_columns(key.alias("request_key"))
    lines = _told(lines, pl.col("request_key").is_first_distinct().over("connection"))
    number = pl.col(_TOLD).cast(pl.Int64).cum_sum().over("connection")
    lines = lines.with_columns(number=number).drop(_TOLD)
    return lines.with_columns(pl.col("number").first().over("request_key"))


def _told(lines: pl.DataFrame, answer: pl.Expr) -> pl.DataFrame:
    """Add the answer as a column: within another question over groups each would ask it anew."""
    return lines.with_columns(answer.alias(_TOLD))


def _request(rows: Sequence[_Row], access: AccessLines) -> Request:
    lines = tuple({name: row[name] for name in _LINE_COLUMNS} for row in rows)
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


def _first_text(rows: Sequence[_Row], name: str) -> str | None:
    return next((str(row[name]) for row in rows if row[name] is not None), None)


def _who(lines: list[Mapping[str, Any]]) -> dict[str, Any] | None:
    if not lines:
        return None
    return {name: lines[0][name] for name in ("pid", "tid", "group")}


def _waited(worker: list[Mapping[str, Any]], daemon: list[Mapping[str, Any]]) -> float | None:
    """From the worker's first word to the daemon's; None where the worker spoke only afterwards."""
    waited = _between(worker[:1], daemon[:1])
    return waited if waited is not None and waited >= 0 else None


def _between(start: list[Mapping[str, Any]], stop: list[Mapping[str, Any]]) -> float | None:
    return _milliseconds(start[0]["utc"], stop[0]["utc"]) if start and stop else None


def _milliseconds(start: datetime | None, stop: datetime | None) -> float | None:
    if start is None or stop is None:
        return None
    return round((stop - start) / timedelta(milliseconds=1), 3)


def _plain(line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: rfc3339(value) if isinstance(value, datetime) else value
        for name, value in line.items()
    }
