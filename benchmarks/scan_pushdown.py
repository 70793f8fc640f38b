"""What a scan saves: takes a large log, times queries that ask for ever more of it.

Run `python -m benchmarks.scan_pushdown [MIB]`. Times are of one machine; compare their ratios.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

import logtool
from benchmarks.large_log import large_log

#: In each row: what is asked, and what it may leave undone.
QUERIES: tuple[tuple[str, Callable[[pl.LazyFrame], pl.LazyFrame]], ...] = (
    ("count the lines", lambda log: log.select(pl.len())),
    ("first ten messages", lambda log: log.select("message").head(10)),
    ("lines by pid", lambda log: log.group_by("pid").len()),
    ("lines by level", lambda log: log.group_by("level").len()),
    ("all columns of rare lines", lambda log: log.filter(pl.col("tag") == "AH00491")),
    ("hours by clock", lambda log: log.group_by(pl.col("utc").dt.hour(), "offset").len()),
    ("all columns of all lines", lambda log: log.select(pl.all().count())),
)


def main() -> None:
    """Print a row for each query."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    log = large_log(size << 20)
    print(f"{log.name}\n{'query':28} {'seconds':>8} {'of all':>7}")
    times = {name: _seconds(query, log) for name, query in QUERIES}
    whole = times[QUERIES[-1][0]]
    for name, seconds in times.items():
        print(f"{name:28} {seconds:8.2f} {seconds / whole:7.0%}")


def _seconds(query: Callable[[pl.LazyFrame], pl.LazyFrame], log: Path) -> float:
    """The better of two, each with a scan of its own: the first one warms up what all share."""
    return min(_once(query(logtool.scan(log))) for _ in range(2))


def _once(query: pl.LazyFrame) -> float:
    start = time.perf_counter()
    query.collect()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
