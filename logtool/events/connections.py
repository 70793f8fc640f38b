"""Connections: take rows of lines, tell which connection each is of, and which of its requests.

A log ID (`%L`) says it outright, for mod_wsgi hands it to the daemon. Without one the client's
address and port say it, inside the connection's interval: a port is used again later.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from logtool.events.kinds import Kind
from logtool.events.tags import CLOSES, ELSEWHERE, OPENS, REPEATED, REQUEST_BEGINS

#: An idle port is somebody else's: longer than any sensible KeepAliveTimeout and Timeout together.
_SILENCE = timedelta(minutes=15)

#: Whose request a line is of.
NAMES = ("client", "log_id", "connection_log_id")

#: What `keyed` looks at.
KEYING = (*("row", "utc", "pid", "tid", "tag", *NAMES, "side", "event", "failed", "counted"),)

#: Lines of mod_ssl that say which request of its connection begins.
_ANNOUNCED = pl.col("tag").is_in(REQUEST_BEGINS).fill_null(value=False)

#: The column of what was asked last.
_TOLD = "told"

#: Lines that say whose request they are of.
NAMED = pl.any_horizontal(pl.col(*NAMES).is_not_null())


def with_requests(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines that say whom they serve, in UTC order, and which request each belongs to.

    Args:
        lines: as for `requests`.

    Returns:
        The columns of `lines` with `side`, `connection`, `request_key` (shared by the lines of one
        request), `number` (of the request in its connection) and `interleaved` (whether requests
        of the connection are served at once, as in HTTP/2).
    """
    return keyed(addressed(lines)).drop("failed", "counted")


def addressed(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines that say whom they serve, and what is to be known of their texts to key them.

    Args:
        lines: as for `requests`, each event whole.

    Returns:
        The columns of `lines` with `side`, which wrote the line, `failed`, whether mod_wsgi tells
        of an exception in its event, and `counted`, which request of its connection mod_ssl says
        that it announces.
    """
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
    lines = lines.filter(NAMED)
    heads = lines.filter(pl.col("kind") == int(Kind.EXCEPTION_HEAD))["event"]
    return lines.with_columns(
        side.then(pl.lit("worker")).otherwise(pl.lit("")).alias("side"),
        pl.col("event").is_in(heads.unique().implode()).alias("failed"),
        pl.when(_ANNOUNCED).then("message").str.extract(r"\(No\.(\d+)\)").alias("counted"),
    )


def keyed(lines: pl.DataFrame, before: int = 0) -> pl.DataFrame:
    """What `addressed` gives, in UTC order, and the columns that `with_requests` adds.

    Args:
        lines: `KEYING` and any other columns; all lines of each connection.
        before: how many connections other lines are of whose keys come first.
    """
    lines = lines.sort("utc", "row", nulls_last=True)
    return _with_requests(_with_connections(lines, before))


def _with_connections(lines: pl.DataFrame, connections: int) -> pl.DataFrame:
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
    number = pl.coalesce("connection_key", fallback).rank("dense").cast(pl.Int64) + connections
    return lines.with_columns(connection=number).drop("connection_key")


def _with_requests(lines: pl.DataFrame) -> pl.DataFrame:
    """Add `request_key`: the log ID where the connection has any, else what the log tells."""
    daemon = pl.col("side") == "daemon"
    announced = _ANNOUNCED
    # mod_ssl counts the requests of a connection, but in HTTP/2, whose streams are all the second.
    counted = pl.col("counted").drop_nulls()
    interleaved = (counted.len() > counted.n_unique()).over("connection")
    lines = lines.with_columns(interleaved=interleaved)
    # Where a format has no tid, nothing tells the threads of a daemon apart.
    by_thread = pl.format("{}/{}", pl.col("pid").fill_null(-1), pl.col("tid").fill_null(-1))
    # After mod_ssl's announcement whichever thread speaks next serves that request.
    thread = pl.when(announced).then(pl.lit("")).when(daemon).then(by_thread)
    before = thread.forward_fill().shift().over("connection")
    other_thread = daemon & (before.is_null() | ((before != "") & (thread != before)))
    # mod_wsgi's head and traceback end a request: what follows is the next one.
    last = pl.when(announced).then(-1).when(daemon).then("event")
    last_failed = pl.when(announced).then(pl.lit(value=False)).when(daemon).then("failed")
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
