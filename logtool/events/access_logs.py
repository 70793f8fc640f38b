"""Access logs: take what some requests wrote into error logs, give the lines that they may be of.

Whoever reads whole access logs holds all their lines: gigabytes. Here only what was logged about
that time is read, and only what may be of one of these requests is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from logtool.clocks.evidence.neighbours import reason_of
from logtool.errors import ReadError
from logtool.events.access_lines import EARLY, AccessReader
from logtool.frame.texts import detached
from logtool.sources.paths import is_fifo
from logtool.sources.source import Source
from parsers.access_log import LogFormat
from parsers.blocks import Block

#: A line stands in its log where its request ended: rarely so long behind others of its time.
_LATE = timedelta(minutes=5)
#: Bytes that are read at once; and those that tell of when a place of a log is.
_AT_ONCE, _PROBE = 1 << 20, 64 << 10


class AccessLogs:
    """Some access logs.

    Attributes:
        unread: why some of them are not read, by their paths.
    """

    def __init__(self, logs: Sequence[tuple[Path, Sequence[LogFormat]]]) -> None:
        """Ask these, each of which may have one of some LogFormats."""
        self._logs = [_AccessLog(*log) for log in logs]
        self.unread: dict[str, str] = {}

    def lines_for(
        self, keyed: pl.DataFrame, stopped: Callable[[], bool] = lambda: False
    ) -> pl.DataFrame | None:
        """The lines that some requests may be of; None without any.

        Args:
            keyed: what `requests.with_requests` gives.
            stopped: asked now and again; if so, nobody wants to know any more.
        """
        wanted = _Wanted(keyed)
        parts = []
        for log in self._logs if wanted.known else ():
            try:
                for some in log.lines(wanted, stopped):
                    parts.append(detached(wanted.only(some)))
            except (OSError, ReadError) as fault:
                why = reason_of(log.path, fault)
                self.unread[str(log.path)] = f"cannot read access log {log.path}: {why}"
        return pl.concat(parts) if parts else None


class _Wanted:
    """Which lines are wanted: those within the time of a request of their host, or of a log ID.

    Attributes:
        known: some request has a time.
        first, last: the first and last time of them.
    """

    def __init__(self, keyed: pl.DataFrame) -> None:
        spans = (
            keyed.group_by("request_key")
            .agg(
                host=pl.col("client")
                .drop_nulls()
                .first()
                .str.extract("^(.*):[^:]*$")
                .fill_null(""),
                begin=pl.col("utc").min() - EARLY,
                end=pl.col("utc").max(),
            )
            .drop_nulls("begin")
        )
        self.known = spans.height > 0
        # Of all that have begun by some time, the one that ends last tells if any goes on then.
        spans = spans.sort("begin").with_columns(pl.col("end").cum_max().over("host"))
        self._spans = spans.select("host", "begin", "end")
        self._ids = keyed["log_id"].drop_nulls().unique().implode()
        if self.known:
            self.first: datetime = spans.row(0, named=True)["begin"]
            self.last: datetime = spans["end"].max()  # type: ignore[assignment]

    def only(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Those of some lines of an access log."""
        near = lines.sort("utc").join_asof(
            self._spans, left_on="utc", right_on="begin", by="host", check_sortedness=False
        )
        in_time = (pl.col("utc") <= pl.col("end")).fill_null(value=False)
        told = pl.col("log_id").is_in(self._ids).fill_null(value=False)
        return near.filter(in_time | told).select(lines.columns)


class _AccessLog:
    """One access log; what was seen of it is remembered."""

    def __init__(self, path: Path, log_formats: Sequence[LogFormat]) -> None:
        self.path = path
        self._log_formats = log_formats
        #: When a compressed one, which does not grow, ends.
        self._latest: datetime | None = None

    def lines(self, wanted: _Wanted, stopped: Callable[[], bool]) -> Iterator[pl.DataFrame]:
        """What stands about the time that is wanted."""
        if self._latest is not None and self._latest < wanted.first:
            return
        reader = AccessReader(self._log_formats)
        if is_fifo(str(self.path)):
            raise ReadError("it is a pipe, which cannot be read again and again")
        with closing(Source(str(self.path))) as source:
            blocks = _from(source, wanted, reader) if source.is_plain else source.blocks()
            latest: datetime | None = None
            for block in blocks:
                rows = reader.rows(block)
                if rows is None or stopped():
                    return
                if not rows.height:
                    continue
                yield rows
                times = rows["utc"]
                latest = max(filter(None, (latest, _time(times.max()))))
                if (middle := _time(times.median())) and middle > wanted.last + _LATE:
                    return
            if source.compression:
                self._latest = latest
            for fault in source.faults:
                if not fault.is_cut:  # by rotation
                    raise ReadError(str(fault))


def _from(source: Source, wanted: _Wanted, reader: AccessReader) -> Iterator[Block]:
    """The blocks of a plain file behind those that are too old."""
    low, high = 0, source.size or 0
    if reader.rows(source.lines_at(0, _PROBE)) is None:
        return
    while high - low > _AT_ONCE:
        middle = (low + high) // 2
        lines = source.lines_at(middle, _PROBE)
        rows = reader.rows(lines)
        latest = None if rows is None or not rows.height else _time(rows["utc"].max())
        if latest is not None and latest < wanted.first:
            low = lines.offset
        else:
            high = middle
    yield from source.blocks_behind(low, _AT_ONCE)


def _time(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None
