"""Finishing: takes what was counted, gives the finished numbers of a host."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from statistics import median
from typing import Any

import polars as pl

from logtool.clocks.table import ClockTable
from logtool.flags.findings import Finding
from logtool.reports import clock_numbers as clocks
from logtool.reports.counting import Counting, Period
from logtool.reports.numbers import (
    ClientNumbers,
    Count,
    ExceptionNumbers,
    FileNumbers,
    Gap,
    LifeEvent,
    MessageNumbers,
    Numbers,
    Rate,
    Series,
    Unread,
)
from logtool.reports.sums import Sums
from parsers.items import LEVELS

#: Parts of the period in a trend and, at most, in a chart.
TREND, _CHART = 24, 120
_SHOWN = 20
_GAPS = 5
#: A silence is told if it is that long, and that share of the period.
_LEAST_GAP, _GAP_SHARE = timedelta(minutes=10), 50
#: A part is a spike with so many errors, and so many times the usual.
_SPIKE_LEAST, _SPIKE_TIMES = 10, 4
#: What first came in the last parts of a trend is new.
_NEW_PARTS = 3


def numbers_of(
    host: str,
    counting: Counting,
    table: ClockTable,
    findings: Sequence[Finding],
    faults: Mapping[str, Sequence[str]],
    known: Collection[str] | None = None,
) -> Numbers:
    """The numbers of one host.

    Args:
        host: its name.
        counting: all that was counted.
        table: the clocks of its logs.
        findings: the known problems in them.
        faults: for each file, in true order, what could not be read of it.
        known: list only exceptions, messages and findings that these keys (see `told_by`) do not
            name; None lists all.
    """
    names = list(faults)
    exceptions = list(_exceptions(counting, known))
    first, last = _period(counting.parts.table())
    return Numbers(
        host=host,
        lines=counting.lines,
        events=counting.events,
        first_utc=first,
        last_utc=last,
        gaps=_gaps(counting.parts.table()),
        files=_files(counting.files, faults),
        levels=_levels(counting.levels),
        modules=_counts(counting.modules, "module"),
        roles=_roles(counting.roles),
        clocks=clocks.clock_numbers(table, names),
        clock_notes=clocks.clock_notes(table, names),
        processes=clocks.process_spans(table),
        findings=tuple(one for one in findings if finding_key(one) not in (known or ())),
        exceptions=tuple(exceptions[:_SHOWN]),
        exception_groups=len(exceptions),
        messages=tuple(islice(_messages(counting, known), _SHOWN)),
        clients=_clients(counting.clients),
        slowest=counting.slowest.found(),
        life_counts=_counts(counting.life_counts, "life"),
        lives=tuple(_lives(counting.lives)),
        rate=_rate(counting),
        hours=_hours(counting.hours),
        unread=_unread(counting),
    )


def told_by(counting: Counting, findings: Sequence[Finding]) -> frozenset[str]:
    """The keys of all exceptions, messages and findings, shown or not, for another report."""
    told = {finding_key(finding) for finding in findings}
    told |= {row["fingerprint"] for row in _rows(counting.exceptions)}
    return frozenset(told | {row["fingerprint"] for row in _rows(counting.messages)})


def finding_key(finding: Finding) -> str:
    """What makes two findings the same: the rule and the place in the application."""
    return f"{finding.rule}|{finding.file or ''}|{finding.function or ''}"


def _rows(sums: Sums) -> Iterator[dict[str, Any]]:
    table = sums.table()
    if table is not None:
        yield from table.iter_rows(named=True)


def _period(parts: pl.DataFrame | None) -> tuple[datetime | None, datetime | None]:
    if parts is None:
        return None, None
    first, last = parts.select(pl.col("first_utc").min(), pl.col("last_utc").max()).row(0)
    return first, last


def _gaps(parts: pl.DataFrame | None) -> tuple[Gap, ...]:
    """The longest silences between lines of different parts."""
    first, last = _period(parts)
    if parts is None or first is None or last is None:
        return ()
    ends = pl.col("last_utc").shift().cum_max().alias("start")
    silent = (
        parts.sort("part")
        .select(ends, pl.col("first_utc").alias("end"))
        .drop_nulls()
        .filter(pl.col("end") - pl.col("start") >= max(_LEAST_GAP, (last - first) / _GAP_SHARE))
        .top_k(_GAPS, by=pl.col("end") - pl.col("start"))
    )
    return tuple(Gap(*row) for row in silent.sort("start").iter_rows())


def _files(sums: Sums, faults: Mapping[str, Sequence[str]]) -> tuple[FileNumbers, ...]:
    rows = {row["file"]: row for row in _rows(sums)}
    empty = {"lines": 0, "errors": 0, "first_utc": None, "last_utc": None}
    return tuple(
        FileNumbers(
            name, row["lines"], row["errors"], row["first_utc"], row["last_utc"], tuple(told)
        )
        for name, told in faults.items()
        for row in (rows.get(name, empty),)
    )


def _levels(sums: Sums) -> tuple[Count, ...]:
    found = {row["level"] or "": row["lines"] for row in _rows(sums)}
    return tuple(Count(level, found[level]) for level in (*LEVELS, "") if level in found)


def _counts(sums: Sums, key: str) -> tuple[Count, ...]:
    return tuple(Count(row[key] or "", row["lines"]) for row in _rows(sums))


def _roles(sums: Sums) -> tuple[Count, ...]:
    return tuple(Count(clocks.who(row["role"], row["group"]), row["lines"]) for row in _rows(sums))


def _clients(sums: Sums) -> tuple[ClientNumbers, ...]:
    table = sums.table()
    if table is None:
        return ()
    columns = ("address", "lines", "errors", "first_utc", "last_utc")
    return tuple(ClientNumbers(*row) for row in table.head(_SHOWN).select(columns).iter_rows())


def _trends(sums: Sums, keys: Sequence[str], parts: int) -> dict[object, tuple[int, ...]]:
    """Counts in `TREND` equal parts of the period, by key."""
    table = sums.table()
    if table is None:
        return {}
    trends: dict[object, list[int]] = {}
    for *key, part, count in table.select(*keys, "part", "lines").iter_rows():
        trend = trends.setdefault(tuple(key), [0] * TREND)
        if part is not None:
            trend[part * TREND // parts] += count
    return {key: tuple(trend) for key, trend in trends.items()}


def _is_new(trend: Sequence[int]) -> bool:
    return not any(trend[:-_NEW_PARTS]) and any(trend)


def _exceptions(counting: Counting, known: Collection[str] | None) -> Iterator[ExceptionNumbers]:
    trends = _trends(counting.exception_trend, ("fingerprint",), counting.period.parts)
    for row in _rows(counting.exceptions):
        if known and row["fingerprint"] in known:
            continue
        trend = trends.get((row["fingerprint"],), (0,) * TREND)
        yield ExceptionNumbers(
            row["fingerprint"],
            row["exception"],
            row["value"],
            row["lines"],
            row["first_utc"],
            row["last_utc"],
            trend,
            known is not None or _is_new(trend),
            row["frame_file"],
            row["frame_line"],
            row["frame_function"],
            row["file"],
            row["line"],
            counting.samples.get(row["fingerprint"], ()),
        )


def _messages(counting: Counting, known: Collection[str] | None) -> Iterator[MessageNumbers]:
    keys = ("template", "level", "module")
    trends = _trends(counting.message_trend, keys, counting.period.parts)
    for row in _rows(counting.messages):
        if known and row["fingerprint"] in known:
            continue
        trend = trends.get(tuple(row[key] for key in keys), (0,) * TREND)
        yield MessageNumbers(
            row["fingerprint"],
            row["template"],
            row["level"] or "",
            row["module"] or "",
            row["lines"],
            row["first_utc"],
            row["last_utc"],
            trend,
            known is not None or _is_new(trend),
        )


def _lives(parts: Sequence[pl.DataFrame]) -> Iterator[LifeEvent]:
    if parts:
        for row in pl.concat(parts).sort("utc", maintain_order=True).iter_rows(named=True):
            yield LifeEvent(row["utc"], row["life"], row["pid"], row["message"])


def _rate(counting: Counting) -> Rate:
    parts = counting.parts.table()
    if parts is None:
        return Rate(None, 0, (), (), ())
    fine = counting.period
    joined = -(-fine.parts // _CHART)
    chart = Period(fine.start, fine.step * joined, -(-fine.parts // joined))

    def series(sums: Sums, name: str) -> list[int]:
        counts = [0] * chart.parts
        for row in _rows(sums):
            if _series_name(row) == name:
                counts[row["part"] // joined] += row["lines"]
        return counts

    def every(sums: Sums) -> list[Series]:
        names = dict.fromkeys(_series_name(row) for row in _rows(sums))
        return [Series(name, tuple(series(sums, name))) for name in names]

    by_level = sorted(every(counting.rate), key=lambda one: (*LEVELS, "").index(one.name))
    by_clock = sorted(every(counting.clock_rate), key=lambda one: -sum(one.lines))
    errors = [0] * chart.parts
    for row in parts.iter_rows(named=True):
        errors[row["part"] // joined] += row["errors"]
    return Rate(
        chart.start,
        int(chart.step.total_seconds()),
        tuple(by_level),
        tuple(by_clock),
        _spikes(errors),
    )


def _series_name(row: Mapping[str, Any]) -> str:
    if "level" in row:
        return row["level"] or ""
    return f"{clocks.who(row['role'], row['group'])}, {clocks.utc_offset(row['offset'])}"


def _spikes(errors: Sequence[int]) -> tuple[int, ...]:
    usual = median([count for count in errors if count] or [0])
    return tuple(
        number
        for number, count in enumerate(errors)
        if count >= _SPIKE_LEAST and count > _SPIKE_TIMES * usual
    )


def _hours(sums: Sums) -> tuple[tuple[int, ...], ...]:
    table = [[0] * 24 for _ in range(7)]
    for row in _rows(sums):
        table[row["weekday"] - 1][row["hour"]] = row["lines"]
    return tuple(tuple(day) for day in table)


def _unread(counting: Counting) -> Unread:
    return Unread(
        sum(row["errors"] for row in _rows(counting.files)),
        counting.untimed,
        counting.unclocked,
        counting.assumed,
        tuple(counting.unread),
    )
