"""Flat: takes a report, gives all its tables as one table, for CSV and Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime

import polars as pl

from logtool.people.spreadsheet import cell as harmless
from logtool.reports.numbers import Report
from logtool.reports.outputs.sections import Cell, Column, Kind, Row, Section, sections

#: One row for each row of a section. `detail` holds what has no column of its own.
SCHEMA = pl.Schema({
    "host": pl.String(),
    "section": pl.String(),
    "name": pl.String(),
    "count": pl.Int64(),
    "first_utc": pl.Datetime("us", "UTC"),
    "last_utc": pl.Datetime("us", "UTC"),
    "detail": pl.String(),
})  # fmt: skip


def table(report: Report) -> pl.DataFrame:
    """The report as a frame of `SCHEMA`."""
    return pl.DataFrame(list(_rows(report)), SCHEMA, orient="row")


def render_csv(report: Report) -> str:
    """The report as CSV that no spreadsheet takes for formulas."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(SCHEMA)
    for row in _rows(report):
        writer.writerow([_written(cell) for cell in row])
    return out.getvalue()


def render_parquet(report: Report) -> bytes:
    """The report as Parquet."""
    out = io.BytesIO()
    table(report).write_parquet(out)
    return out.getvalue()


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return harmless(cell) if isinstance(cell, str) else str(cell)


def _rows(report: Report) -> Iterator[tuple[Cell, ...]]:
    for numbers in report.hosts:
        for section in sections(numbers):
            for row in section.rows:
                yield (numbers.host, section.key, *_fields(section, row))


def _fields(section: Section, row: Row) -> Iterator[Cell]:
    pairs = list(zip(section.columns, row.cells, strict=True))
    for kind in (Kind.NAME, Kind.COUNT, Kind.FIRST, Kind.LAST):
        yield next((cell for column, cell in pairs if column.kind == kind), None)
    rest = [_told(column, cell) for column, cell in pairs if column.kind in _IN_DETAIL]
    yield "; ".join(text for text in rest if text)


_IN_DETAIL = (Kind.TEXT, Kind.NUMBER, Kind.TREND)


def _told(column: Column, cell: Cell) -> str:
    if cell in (None, "", ()):
        return ""
    shown = " ".join(map(str, cell)) if isinstance(cell, tuple) else str(cell)
    return f"{column.title}: {shown}"
