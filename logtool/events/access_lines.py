"""Access lines: take blocks of an access log, give its requests as rows to join."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import numpy as np
import polars as pl

from logtool.frame.texts import strings
from parsers.access_log import AccessLayout, AccessStamps, LogFormat, find_layout, read_lines
from parsers.access_log.stamps import NOT_LOGGED
from parsers.blocks import Block
from parsers.escapes import unescape
from parsers.lines import NO_TIME, Spans

#: %t is when the request was received, cut to the second unless the format says more.
EARLY = timedelta(seconds=1)
#: What is shown of a request.
_SHOWN = ("request", "status")
_STATUS = {status.phrase: int(status) for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST}
#: What Django (`Forbidden (CSRF cookie not set.): /login/`) and Flask (`Exception on /cart [GET]`)
#: say of a request: its path without the query, and its status or its method.
_TOLD = (
    re.compile(
        rf"(?:^|[\s:\]])(?P<reason>{'|'.join(map(re.escape, _STATUS))})(?: \(.*\))?: "
        r"(?P<path>/.*?)(?:, referer:? .*)?$"
    ),
    re.compile(r"Exception on (?P<path>/.*) \[(?P<method>[A-Z]+)\]"),
)


def access_lines(
    blocks: Iterable[Block], log_formats: Sequence[LogFormat] = ()
) -> Iterator[pl.DataFrame]:
    """The requests of an access log, some at a time; none if it is no access log.

    It is read by one of the LogFormats, if they are told. A line without its request's moment or
    its request is none then.

    Yields:
        `utc`, `host`, `port`, `request`, `status`, `log_id`, `duration_us`; null where the log
        does not say.
    """
    reader = AccessReader(log_formats)
    for block in blocks:
        rows = reader.rows(block)
        if rows is None:
            return
        yield rows


class AccessReader:
    """Reads blocks of one access log, by what the first of them shows."""

    def __init__(self, log_formats: Sequence[LogFormat] = ()) -> None:
        """Read it by one of the LogFormats, if they are told."""
        self._log_formats = log_formats
        self._layout: AccessLayout | LogFormat | None = None

    def rows(self, block: Block) -> pl.DataFrame | None:
        """What `access_lines` yields of a block; None if no block so far is of an access log."""
        self._layout = self._layout or find_layout(block, self._log_formats)
        if self._layout is None:
            return None
        rows = _rows(block, read_lines(block, self._layout))
        return _told(rows, self._layout) if isinstance(self._layout, LogFormat) else rows


def _told(rows: pl.DataFrame, log_format: LogFormat) -> pl.DataFrame:
    """The rows of a LogFormat that say which request they are of, and when it came."""
    named = pl.col("log_id") != "-"
    rows = rows.filter(pl.col("request").is_not_null())
    rows = rows.with_columns(log_id=pl.when(named).then("log_id"))
    if not log_format.stamped_at_end:
        return rows
    lasted = pl.duration(microseconds="duration_us")
    return rows.with_columns(utc=pl.col("utc") - lasted).drop_nulls("utc")


def _rows(block: Block, stamps: AccessStamps) -> pl.DataFrame:
    def text(spans: Spans) -> pl.Series:
        return strings(block.data, spans.start, spans.end)

    request = text(stamps.request)
    if np.any(stamps.method.start >= 0):  # no item of the format holds the whole of it
        method, path = text(stamps.method), text(stamps.path)
        query = text(stamps.query).fill_null("")
        request = request.fill_null(method + " " + path + query)
    return pl.DataFrame(
        {
            "utc": pl.Series(stamps.epoch_us).cast(pl.Datetime("us", "UTC")),
            "host": text(stamps.host),
            "port": pl.Series(stamps.port).replace(NOT_LOGGED, None),
            "request": request,
            "status": pl.Series(stamps.status).replace(NOT_LOGGED, None),
            "log_id": text(stamps.log_id),
            "duration_us": pl.Series(stamps.duration_us).replace(NOT_LOGGED, None),
        }
    ).filter(pl.Series(stamps.epoch_us != NO_TIME))


class AccessLines:
    """Access-log lines, each given away once."""

    def __init__(self, access: pl.DataFrame | None) -> None:
        """Take what `access_lines` yields."""
        self._by_id: dict[str, Mapping[str, Any]] = {}
        self._by_host: dict[str, deque[Mapping[str, Any]]] = {}
        if access is None:
            return
        for line in access.sort("utc").iter_rows(named=True):
            if line["log_id"]:
                self._by_id[line["log_id"]] = line
            self._by_host.setdefault(line["host"], deque()).append(line)

    def take(
        self,
        client: str | None,
        log_id: str | None,
        first: datetime | None,
        last: datetime | None,
        messages: Sequence[str | None],
    ) -> Mapping[str, Any] | None:
        """The line of the request that wrote between these instants, if just one fits.

        Of several of one second that say the same it is the one that tells most, for several access
        logs may have one request. None fits that contradicts what the messages tell of it.

        Returns:
            The columns of `access_lines`, and `certain`: more than host and second says so, be it
            its log ID, its port, or a path that a message names; no other that says as much fits.
        """
        if not (self._by_host or self._by_id):
            return None
        if log_id and log_id in self._by_id:
            return {**self._by_id.pop(log_id), "certain": True}
        if client is None or first is None or last is None:
            return None
        host, _, port = client.rpartition(":")
        waiting = self._by_host.get(host, deque())
        # Requests are asked for in the order they began, so what is too old now stays too old.
        while waiting and waiting[0]["utc"] < first - EARLY:
            waiting.popleft()
        fits = [
            line
            for line in waiting
            if line["utc"] <= last and _same_port(line, port) and self._is_free(line, log_id)
        ]
        told = list(_told_requests(messages)) if fits else []
        fits = [line for line in fits if not told or any(_agrees(line, one) for one in told)]
        if not _say_the_same(fits):
            # Several requests of one host in a second: only a path that the lines name decides.
            fits = _named_best(fits, messages)
        if not fits or not _say_the_same(fits):
            return None
        # What tells most stands for the same request in several access logs.
        most = max(map(_known, fits))
        line, *others = [one for one in fits if _known(one) == most]
        waiting.remove(line)
        self._by_id.pop(line["log_id"], None)
        named = bool(told or line["port"] or _named_path(line, messages))
        return {**line, "certain": named and all(line == one for one in others)}

    def _is_free(self, line: Mapping[str, Any], log_id: str | None) -> bool:
        """Whether a line may be of a request, by its log ID, and has not been given away."""
        return not line["log_id"] or (not log_id and line["log_id"] in self._by_id)


def _told_requests(messages: Sequence[str | None]) -> Iterator[dict[str, str]]:
    """What messages tell of their request: `path`, and `reason` or `method`."""
    for message in messages:
        for told in _TOLD:
            if message and (match := told.search(message)):
                yield match.groupdict()


def _agrees(line: Mapping[str, Any], told: Mapping[str, str]) -> bool:
    """Whether it may be the request that a message tells of.

    An application that is mounted below `/` may leave out where (Flask does). Httpd hands it the
    path decoded, and several slashes as one.
    """
    method, path = _asked(line)
    path = re.sub("/+", "/", unquote(unescape(path)))
    status = _STATUS.get(told.get("reason", ""))
    return (
        path.endswith(unescape(told["path"]))
        and told.get("method", method) == method
        and (status is None or line["status"] in (None, status))
    )


def _same_port(line: Mapping[str, Any], port: str) -> bool:
    return not line["port"] or str(line["port"]) == port


def _say_the_same(lines: Sequence[Mapping[str, Any]]) -> bool:
    return len({(line["utc"].replace(microsecond=0), *map(line.get, _SHOWN)) for line in lines}) < 2


def _known(line: Mapping[str, Any]) -> int:
    return sum(told is not None for told in line.values())


def _named_best(
    lines: Sequence[Mapping[str, Any]], messages: Sequence[str | None]
) -> list[Mapping[str, Any]]:
    """Those of the lines whose path some message names: at the longest, where one ends another."""
    named = [(_named_path(line, messages), line) for line in lines]
    longest = max(len(path) for path, _ in named)
    return [line for path, line in named if longest and len(path) == longest]


def _named_path(line: Mapping[str, Any], messages: Sequence[str | None]) -> str:
    """The request's path, if a message speaks of it; `/` alone says nothing.

    Httpd tells files, not paths: `File does not exist: /srv/htdocs/missing.css`.
    """
    _, path = _asked(line)
    whole = re.compile(rf"(?<![\w/.-]){re.escape(path)}(?![\w/.-])")
    told = len(path) > 1 and any(
        whole.search(text) or (text.endswith(path) and ": /" in text)
        for text in messages
        if text is not None
    )
    return path if told else ""


def _asked(line: Mapping[str, Any]) -> tuple[str, str]:
    """Method and path of a request, without its query; empty where the line has none."""
    method, _, rest = (line["request"] or "").partition(" ")
    return method, rest.partition(" ")[0].partition("?")[0]
