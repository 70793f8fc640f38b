"""Certainty: takes the lines of a request, tells what joins them and whether they are of one.

A connection that is kept alive brings request after request, to any thread of a child, and few of
them write lines. So without a log ID two events say nothing of whether they are of one request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from logtool.events.tags import OF_CONNECTIONS, REQUEST_BEGINS

#: The columns that it takes.
TELLING = (
    *("pid", "tid", "side", "event", "module", "tag", "log_id", "connection_log_id", "interleaved"),
)

_Row = Mapping[str, Any]


def joined_by(rows: Sequence[_Row]) -> str:
    """What the lines share: `log-id`, `connection-log-id`, `client`, or `alone`, as in `Request`.

    Args:
        rows: `TELLING` of each line.
    """
    if len(rows) < 2 or len({(row["pid"], row["tid"], _voice(row)) for row in rows}) < 2:
        return "alone"
    if _voices(row for row in rows if row["log_id"] is not None) > 1:
        return "log-id"
    shared = [row for row in rows if row["connection_log_id"] is not None]
    if len({row["connection_log_id"] for row in shared}) == 1 and _voices(shared) > 1:
        return "connection-log-id"
    return "client"


def is_certain(rows: Sequence[_Row]) -> bool:
    """Whether the log itself says that these are of one request.

    Without a log ID it does so of one event, with or without lines about its connection, and of
    what follows mod_ssl's announcement of a request, where those of the connection come one after
    the other; if pids, or the connection's ID, say that the connection is one.

    Args:
        rows: the same, in UTC order.
    """
    if len(rows) < 2:
        return True
    if any(row["log_id"] is not None for row in rows):
        return not _is_of_several_connections(rows)
    if len({row["event"] for row in rows}) == 1:
        return True
    if any(row["pid"] is None and row["connection_log_id"] is None for row in rows):
        return False
    spoken = [row for row in rows if not _is_of_connection(row)]
    return len({row["event"] for row in spoken}) <= 1 or _is_announced(spoken)


def _voice(row: _Row) -> tuple[str, int | None]:
    """Who speaks, as far as the log tells: of lines without a pid only those of one event agree."""
    return row["side"], row["event"] if row["pid"] is None else None


def _voices(rows: Iterable[_Row]) -> int:
    return len({_voice(row) for row in rows})


def _is_of_several_connections(rows: Iterable[_Row]) -> bool:
    """Whether one process calls its connection by several IDs: those are requests' then."""
    named = {
        (row["pid"], row["connection_log_id"])
        for row in rows
        if row["connection_log_id"] is not None
    }
    return len(named) > len({pid for pid, _ in named})


def _is_of_connection(row: _Row) -> bool:
    """Whether mod_ssl speaks of a connection alone; what OpenSSL says on the way has no tag."""
    if row["tag"] is None:
        return bool(row["module"] == "ssl")
    return row["tag"] in OF_CONNECTIONS and row["module"] in ("ssl", "", None)


def _is_announced(spoken: Sequence[_Row]) -> bool:
    """Whether mod_ssl announced the request, and one thread of each side serves it."""
    announced = [row["tag"] in REQUEST_BEGINS for row in spoken]
    sides = {row["side"] for row in spoken}
    threads = {(row["side"], row["pid"], row["tid"]) for row in spoken}
    one_by_one = not any(row["interleaved"] for row in spoken)
    return one_by_one and announced[0] and sum(announced) == 1 and len(threads) == len(sides)
