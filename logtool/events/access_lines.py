"""Access lines: take blocks of an access log, give its requests as rows to join."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from logtool.frame.texts import strings
from parsers.access_log import AccessLayout, AccessStamps, learn_layout, read_learned
from parsers.access_log.stamps import NOT_LOGGED
from parsers.blocks import Block
from parsers.lines import NO_TIME, Spans


def access_lines(blocks: Iterable[Block]) -> pl.DataFrame | None:
    """The requests of an access log, or None if it is none.

    Returns:
        `utc`, `host`, `port`, `request`, `status`, `log_id`, `duration_us`; null where the log
        does not say.
    """
    layout: AccessLayout | None = None
    parts = []
    for block in blocks:
        layout = layout or learn_layout(block)
        if layout is None:
            return None
        parts.append(_rows(block, read_learned(block, layout)))
    return pl.concat(parts) if parts else None


def _rows(block: Block, stamps: AccessStamps) -> pl.DataFrame:
    def text(spans: Spans) -> pl.Series:
        return strings(block.data, spans.start, spans.end)

    return pl.DataFrame(
        {
            "utc": pl.Series(stamps.epoch_us).cast(pl.Datetime("us", "UTC")),
            "host": text(stamps.host),
            "port": pl.Series(stamps.port).replace(NOT_LOGGED, None),
            "request": text(stamps.request),
            "status": pl.Series(stamps.status).replace(NOT_LOGGED, None),
            "log_id": text(stamps.log_id),
            "duration_us": pl.Series(stamps.duration_us).replace(NOT_LOGGED, None),
        }
    ).filter(pl.Series(stamps.epoch_us != NO_TIME))


class AccessLines:
    """Access-log lines, each given away once."""

    def __init__(self, access: pl.DataFrame | None) -> None:
        """Take what `access_lines` gives."""
        self._by_id: dict[str, Mapping[str, Any]] = {}
        self._by_host: dict[str, deque[Mapping[str, Any]]] = {}
        if access is None:
            return
        for line in access.sort("utc").iter_rows(named=True):
            if line["log_id"]:
                self._by_id[line["log_id"]] = line
            else:
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

        Of several that say the same it is one: nothing would be told otherwise of another.
        """
        if log_id and log_id in self._by_id:
            return self._by_id.pop(log_id)
        if client is None or first is None or last is None:
            return None
        host, _, port = client.rpartition(":")
        waiting = self._by_host.get(host, deque())
        # %t is when the request was received, cut to the second unless the format says more.
        # Requests are asked for in the order they began, so what is too old now stays too old.
        while waiting and waiting[0]["utc"] < first - timedelta(seconds=1):
            waiting.popleft()
        fits = [line for line in waiting if line["utc"] <= last and _same_port(line, port)]
        if not _say_the_same(fits):
            # Several requests of one host in a second: only a path that the lines name decides.
            fits = _named_best(fits, messages)
        if not fits or not _say_the_same(fits):
            return None
        waiting.remove(fits[0])
        return fits[0]


def _same_port(line: Mapping[str, Any], port: str) -> bool:
    return not line["port"] or str(line["port"]) == port


def _say_the_same(lines: Sequence[Mapping[str, Any]]) -> bool:
    return all(line == lines[0] for line in lines)


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
    words = (line["request"] or "").split(" ")
    path = words[1].partition("?")[0] if len(words) > 1 else ""
    whole = re.compile(rf"(?<![\w/.-]){re.escape(path)}(?![\w/.-])")
    told = len(path) > 1 and any(
        whole.search(text) or (text.endswith(path) and ": /" in text)
        for text in messages
        if text is not None
    )
    return path if told else ""
