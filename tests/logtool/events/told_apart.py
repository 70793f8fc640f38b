"""Requests found without log IDs, against what the log IDs say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from logtool.clocks.options import ClockOptions
from logtool.events.folding import fold
from logtool.events.requests import COLUMNS, requests
from logtool.frame.reading import frames
from logtool.frame.texts import detached
from logtool.passes.first import find_clocks, open_logs
from logtool.sources.opening import open_sources


@dataclass(frozen=True)
class ToldApart:
    """How well requests were told apart.

    Args:
        requests: How many were found.
        certain: How many of them are said to be one request for certain.
        mixed: How many of those hold lines of several.
        split: How many real requests were cut into several.
    """

    requests: int
    certain: int
    mixed: int
    split: int


def told_apart(log: Path, options: ClockOptions) -> ToldApart:
    """Join the lines of a log with log IDs as if it had none."""
    with open_sources([str(log)], 1 << 30) as sources:
        logs = open_logs(sources)
        table = find_clocks(logs, options)
        lines = fold(pl.concat([detached(part) for part in frames(logs, table, COLUMNS)]))
    ids = dict(lines.select("line", "log_id").iter_rows())
    nothing = pl.lit(None, pl.String)
    found = list(requests(lines.with_columns(log_id=nothing, connection_log_id=nothing)))
    named = [{ids[line["line"]] for line in one.lines} - {None} for one in found]
    pieces = [log_id for some in named for log_id in some]
    certain = [some for some, one in zip(named, found, strict=True) if one.is_certain]
    return ToldApart(
        len(found),
        len(certain),
        sum(len(some) > 1 for some in certain),
        len(pieces) - len(set(pieces)),
    )
