"""Connections: take rows of lines, tell which connection each is of, and which of its requests.

A log ID (`%L`) says it outright, for mod_wsgi hands it to the daemon. Without one the client's
address and port say it, inside the connection's interval: a port is used again later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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

#: The column of what was asked last, and that of the row where a line's group starts.
_TOLD, _START = "told", "start"

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
    found = keyed(addressed(lines)).drop("failed", "counted")
    return found.sort("utc", "row", nulls_last=True)


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
    """What `addressed` gives, in any order, and the columns that `with_requests` adds.

    Args:
        lines: `KEYING` and any other columns; all lines of each connection.
        before: how many connections other lines are of whose keys come first.
    """
    lines = _with_connections(_together(lines, "client"), before)
    return _with_requests(_together(lines, "connection")).drop(_TOLD, _START)


def _with_connections(lines: pl.DataFrame, connections: int) -> pl.DataFrame:
    """Add `connection`: a number for each use of a client's port, or of a connection's log ID."""
    tag = pl.col("tag").fill_null("")
    worker = pl.col("side") == "worker"
    other_child = worker & (pl.col("pid") != _before(pl.when(worker).then("pid")))
    silence = pl.when(_is_first()).then(None).otherwise(pl.col("utc") - pl.col("utc").shift())
    closed = ~_is_first() & tag.shift().is_in(CLOSES)
    opens = tag.is_in(OPENS) | closed | other_child | (silence > _SILENCE)
    by_client = pl.when(pl.col("client").is_not_null()).then(
        pl.format("{}#{}", "client", _count_of(pl.col(_TOLD)))
    )
    lines = _told(lines, opens.fill_null(value=False)).with_columns(connection_key=by_client)
    if lines["client"].null_count():
        lines = _with_keys_of_ids(lines.sort("utc", "row", nulls_last=True))
    fallback = pl.coalesce("connection_log_id", "log_id")
    number = pl.coalesce("connection_key", fallback).rank("dense").cast(pl.Int64) + connections
    return lines.with_columns(connection=number).drop("connection_key")


def _with_keys_of_ids(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines without a client belong where their IDs do."""
    for name in ("connection_log_id", "log_id"):
        shared = pl.col("connection_key").drop_nulls().first().over(name)
        known = pl.when(pl.col(name).is_not_null()).then(shared)
        lines = lines.with_columns(pl.coalesce("connection_key", known).alias("connection_key"))
    return lines


def _with_requests(lines: pl.DataFrame) -> pl.DataFrame:
    """Add `request_key`: the log ID where the connection has any, else what the log tells."""
    # mod_ssl counts the requests of a connection, but in HTTP/2, whose streams are all the second.
    counted = lines.drop_nulls("counted").group_by("connection").agg("counted")
    twice = counted.filter(pl.col("counted").list.len() > pl.col("counted").list.n_unique())
    lines = lines.with_columns(interleaved=_is_of(twice))
    lines = _told(lines, pl.any_horizontal(sign.fill_null(value=False) for sign in _signs()))
    lines = lines.with_columns(number=_count_of(pl.col(_TOLD)))
    # Lines before the first sign (`Connection … established`) belong to the first request.
    nth = pl.max_horizontal("number", _is_of(lines.filter(_TOLD)).cast(pl.Int64))
    log_id = pl.col("log_id")
    own_id = pl.coalesce(
        log_id, _within(log_id, pl.Expr.forward_fill), _within(log_id, pl.Expr.backward_fill)
    )
    key = (
        pl.when(own_id.is_not_null())
        .then(pl.format("{}/{}", "connection", own_id))
        .otherwise(pl.format("{}#{}", "connection", nth))
    )
    lines = lines.with_columns(key.alias("request_key"))
    lines = _told(lines, pl.col("request_key").is_first_distinct())
    lines = lines.with_columns(number=_count_of(pl.col(_TOLD)))
    return lines.with_columns(pl.col("number").first().over("request_key"))


def _signs() -> Iterator[pl.Expr]:
    """Whether a line is the first of another request than those before in its connection."""
    daemon, announced = pl.col("side") == "daemon", _ANNOUNCED
    yield announced
    # Where a format has no tid, nothing tells the threads of a daemon apart.
    by_thread = pl.format("{}/{}", pl.col("pid").fill_null(-1), pl.col("tid").fill_null(-1))
    # After mod_ssl's announcement whichever thread speaks next serves that request.
    thread = pl.when(announced).then(pl.lit("")).when(daemon).then(by_thread)
    before = _before(thread)
    yield daemon & (before.is_null() | ((before != "") & (thread != before)))
    # mod_wsgi's head and traceback end a request: what follows is the next one.
    last = pl.when(announced).then(-1).when(daemon).then("event")
    failed = pl.when(announced).then(pl.lit(value=False)).when(daemon).then("failed")
    yield daemon & _before(failed) & (pl.col("event") != _before(last))
    tag = pl.col("tag").fill_null("")
    by = pl.when(announced).then(0).when(tag.is_in(ELSEWHERE)).then(1).when(daemon).then(2)
    by_before = _before(by)
    yield (by > 0) & ((by_before > 0) & (by != by_before) | (by == 1) & by_before.is_null())
    repeated = tag.is_in(REPEATED)
    before_repeated = _before(pl.when(by == 1).then(repeated))
    yield (by == 1) & (by_before == 1) & ~(repeated & before_repeated)


# Polars asks each group of its own where a question is `over` groups: for those that are many, it
# takes less time and memory to have their lines together and look no further than a group's first.


def _together(lines: pl.DataFrame, group: str) -> pl.DataFrame:
    """The lines of each group together, in UTC order, with the row where their group starts."""
    lines = lines.sort(group, "utc", "row", nulls_last=True)
    here = pl.int_range(pl.len(), dtype=pl.Int64)
    begins = pl.col(group).ne_missing(pl.col(group).shift()) | (here == 0)
    return lines.with_columns(pl.when(begins).then(here).forward_fill().alias(_START))


def _is_first() -> pl.Expr:
    """Whether a line is the first of its group."""
    return pl.col(_START) == pl.int_range(pl.len(), dtype=pl.Int64)


def _within(asked: pl.Expr, filled: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """What is asked, filled from other lines, but not from those of another group."""
    group = filled(pl.when(asked.is_not_null()).then(_START))
    return pl.when(group == pl.col(_START)).then(filled(asked))


def _before(asked: pl.Expr) -> pl.Expr:
    """What the last line before in the group says that says something."""
    return _within(asked, lambda asked: asked.forward_fill().shift())


def _count_of(asked: pl.Expr) -> pl.Expr:
    """Of how many lines of the group it holds, up to each."""
    count = asked.cast(pl.Int64).cum_sum()
    return count - (count - asked.cast(pl.Int64)).gather(_START)


def _is_of(some: pl.DataFrame) -> pl.Expr:
    """Whether a line is of a connection of which some others are."""
    return pl.col("connection").is_in(some["connection"].unique().implode())


def _told(lines: pl.DataFrame, answer: pl.Expr) -> pl.DataFrame:
    """Add the answer as a column, lest it be found again for each question about it."""
    return lines.with_columns(answer.alias(_TOLD))
