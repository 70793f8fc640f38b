"""Slowness: takes folded batches of lines, keeps the requests that took longest."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from logtool.events.requests import with_requests
from logtool.frame import detached
from logtool.reports.numbers import SlowRequest

_KEPT = 20
#: So many lines of a batch are looked at closely: those of clients with the longest pauses.
_LINES = 4000
#: A longer pause is that of a user, not of a server.
_LONGEST = timedelta(hours=1)
#: Columns that tell requests apart.
_ASKED = (
    *("utc", "file", "line", "row", "event", "kind", "role", "group", "pid", "tid", "tag"),
    *("message", "client", "client_marker", "log_id", "connection_log_id"),
)


class Slowest:
    """The slowest requests so far.

    A request counts if lines of several processes tell of it and no other request can be meant. One
    whose lines are in two batches is seen as two, and in a busy batch one whose lines come in a
    steady stream may be missed.
    """

    def __init__(self) -> None:
        self._found: pl.DataFrame | None = None

    def add(self, folded: pl.DataFrame) -> None:
        """Look at rows whose events are whole."""
        spoken = pl.col("client").is_not_null() | pl.col("log_id").is_not_null()
        lines = folded.filter(spoken & pl.col("utc").is_not_null()).select(_ASKED)
        lines = _with_pauses(lines)
        if not lines.height:
            return
        daemon = pl.col("side") == "daemon"
        requests = with_requests(lines).group_by("request_key").agg(
            pl.col("client").drop_nulls().first(),
            pl.col("utc").min().alias("first_utc"),
            (pl.col("utc").max() - pl.col("utc").min()).alias("duration"),
            pl.col("message").last(),
            pl.col("pid").n_unique().alias("pids"),
            pl.col("log_id").drop_nulls().first(),
            pl.col("event").filter(daemon).n_unique().alias("events"),
            pl.struct("pid", "tid").filter(daemon).n_unique().alias("threads"),
        )  # fmt: skip
        certain = pl.col("log_id").is_not_null() | (
            (pl.col("threads") <= 1) & (pl.col("events") <= 1)
        )
        slow = requests.filter((pl.col("pids") > 1) & certain)
        parts = [slow] if self._found is None else [self._found, slow]
        every = pl.concat(parts).sort("duration", "first_utc", descending=[True, False])
        self._found = detached(every.head(_KEPT))

    def found(self) -> tuple[SlowRequest, ...]:
        """Slowest first."""
        if self._found is None:
            return ()
        return tuple(
            SlowRequest(
                row["client"] or "",
                row["first_utc"],
                round(row["duration"] / timedelta(milliseconds=1), 3),
                "log ID" if row["log_id"] else "client",
                row["message"] or "",
            )
            for row in self._found.iter_rows(named=True)
        )


def _with_pauses(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines of clients of several processes, those with the longest pauses first choice."""
    if lines.height <= _LINES:
        return lines
    key = pl.coalesce("client", "log_id").alias("who")
    pause = pl.col("utc").sort().diff()
    clients = (
        lines.group_by(key)
        .agg(
            pause.filter(pause < _LONGEST).max().alias("pause"), pl.col("pid").n_unique(), pl.len()
        )
        .filter((pl.col("pid") > 1) & pl.col("pause").is_not_null())
        .sort("pause", "who", descending=[True, False])
        .filter(pl.col("len").cum_sum() - pl.col("len") < _LINES)
    )
    chosen = lines.filter(key.is_in(clients["who"].implode()))
    return chosen.head(_LINES)
