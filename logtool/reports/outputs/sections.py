"""Sections: takes the numbers of a host, gives the tables that every readable output shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from itertools import compress

from logtool.flags.finding import Finding
from logtool.flags.telling import UNTIMED, place_text
from logtool.people.instants import moment_text
from logtool.reports.finished.clock_numbers import utc_offset
from logtool.reports.numbers import Count, ExceptionNumbers, Numbers
from logtool.reports.period import is_late
from parsers.classes import dataclass


class Kind(Enum):
    """What a column holds; flat outputs have a column for each."""

    NAME = "name"
    COUNT = "count"
    FIRST = "first_utc"
    LAST = "last_utc"
    NUMBER = "number"
    TEXT = "text"
    TREND = "trend"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a section.

    Attributes:
        title: for people.
        kind: what it holds.
        is_whole: of no use to anybody if it is cut.
    """

    title: str
    kind: Kind
    is_whole: bool = False


Cell = str | int | float | datetime | tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Detail:
    """What is told beneath a row: a heading and lines, as they stand in the log if `is_log`."""

    heading: str
    lines: tuple[str, ...]
    is_log: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row: a cell for each column, and what is told beneath."""

    cells: tuple[Cell, ...]
    details: tuple[Detail, ...] = ()
    #: `critical`, `error` … where the row has a severity.
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A table with its title.

    Attributes:
        key: its name in flat outputs.
        title: for people.
        columns: what it holds.
        rows: in the order to show.
        empty: what to say where there is none; nothing: leave the section out.
        note: a sentence beneath the title.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty: str = ""
    note: str = ""

    def without_bare_columns(self) -> Section:
        """The same without columns of texts in which no row has one."""
        held = [
            column.kind != Kind.TEXT or any(row.cells[at] for row in self.rows)
            for at, column in enumerate(self.columns)
        ]
        rows = (replace(row, cells=tuple(compress(row.cells, held))) for row in self.rows)
        return replace(self, columns=tuple(compress(self.columns, held)), rows=tuple(rows))


_FIRST, _LAST = Column("first", Kind.FIRST), Column("last", Kind.LAST)
_LINES, _TREND = Column("lines", Kind.COUNT), Column("trend", Kind.TREND)


def sections(numbers: Numbers) -> tuple[Section, ...]:
    """All sections of a host in reading order; those with nothing to say are left out."""
    every = (
        _findings(numbers), _exceptions(numbers), _messages(numbers), _levels(numbers),
        _python_levels(numbers), _clocks(numbers), _lives(numbers), _slowest(numbers),
        _clients(numbers),
        _counts("modules", "Modules", "module", numbers.modules),
        _counts("roles", "Processes by role", "role", numbers.roles),
        _gaps(numbers), _spikes(numbers), _unread(numbers), _files(numbers),
    )  # fmt: skip
    told = (section for section in every if section.rows or section.empty)
    return tuple(section.without_bare_columns() if section.rows else section for section in told)


def moment_or_hyphen(time: datetime | None) -> str:
    """`2026-06-05 08:42:36Z`, or a hyphen."""
    return moment_text(time) if time else "-"


def _none(numbers: Numbers, told: int) -> str:
    if numbers.is_unread:
        return "Not known: no line was understood."
    return f"None new ({told:,} in all)." if told else "None."


def duration_text(span: timedelta) -> str:
    """`3 d 4 h`, `12 min`, `6.6 s`."""
    seconds = span.total_seconds()
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, hours, days = int(seconds // 60) % 60, int(seconds // 3600) % 24, span.days
    parts = [(days, "d"), (hours, "h"), (minutes, "min")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"


def _findings(numbers: Numbers) -> Section:
    columns = (
        Column("severity", Kind.TEXT), Column("problem", Kind.NAME), Column("count", Kind.COUNT),
        _FIRST, _LAST, Column("rule", Kind.TEXT, is_whole=True),
        Column("place", Kind.TEXT, is_whole=True),
    )  # fmt: skip
    rows = tuple(
        Row(
            (one.severity, _marked(one.title, _is_late(one, numbers)), one.count, one.first_utc,
             one.last_utc, one.rule, place_text(one.file, one.line, one.function)),
            tuple(_finding_details(one)),
            one.severity,
        )
        for one in numbers.findings
    )  # fmt: skip
    return Section(
        "findings", "Known problems", columns, rows, _none(numbers, numbers.told_findings)
    )


def _bound(one: Finding | ExceptionNumbers) -> Iterator[Detail]:
    """Since when it may have been, where no line of it has a time."""
    if one.not_before_utc:
        yield Detail("When", (f"not before {moment_text(one.not_before_utc)}{UNTIMED}",))


def _finding_details(finding: Finding) -> Iterator[Detail]:
    yield from _bound(finding)
    yield Detail("Cause", (finding.cause,))
    yield Detail("Cure", (finding.cure,))
    for note in finding.notes:
        yield Detail("Note", (note,))
    yield Detail("See", (finding.see,))
    if finding.excerpt:
        at = f" ({finding.log_file}:{finding.log_line})" if finding.log_file else ""
        yield Detail(f"First{at}", finding.excerpt, is_log=True)


def _exceptions(numbers: Numbers) -> Section:
    columns = (
        Column("exception", Kind.NAME), Column("count", Kind.COUNT), _TREND, _FIRST, _LAST,
        Column("to blame", Kind.TEXT, is_whole=True),
        Column("fingerprint", Kind.TEXT, is_whole=True),
    )  # fmt: skip
    rows = tuple(
        Row(
            (_exception_name(one), one.events, one.trend, one.first_utc, one.last_utc,
             place_text(one.guilty_file, one.guilty_line, one.guilty_function), one.fingerprint),
            (*_bound(one),
             Detail(f"First ({one.log_file}:{one.log_line})", one.sample, is_log=True)),
        )
        for one in numbers.exceptions
    )  # fmt: skip
    left = numbers.exception_groups - numbers.told_exceptions - len(rows)
    note = (
        f"{left:,} rarer {'kind is' if left == 1 else 'kinds are'} not shown." if left > 0 else ""
    )
    empty = _none(numbers, numbers.told_exceptions)
    return Section("exceptions", "Exceptions", columns, rows, empty, note)


def _exception_name(one: ExceptionNumbers) -> str:
    return _marked(one.name, one.is_new)


def _marked(name: str, is_new: bool) -> str:
    return f"{name} (new)" if is_new else name


def _is_late(finding: Finding, numbers: Numbers) -> bool:
    return is_late(finding.since_utc, numbers.first_utc, numbers.last_utc)


def _messages(numbers: Numbers) -> Section:
    columns = (
        Column("level", Kind.TEXT), Column("module", Kind.TEXT), Column("count", Kind.COUNT),
        _TREND, _FIRST, _LAST, Column("message", Kind.NAME),
    )  # fmt: skip
    rows = tuple(
        Row((one.level, one.module, one.events, one.trend, one.first_utc, one.last_utc,
             _marked(one.template, one.is_new)))
        for one in numbers.messages
    )  # fmt: skip
    note = "What varies is masked: <n>, <ip>, <path>, <text> …"
    note = f"{note} {_forgotten(numbers.forgotten_messages)}".strip()
    return Section("messages", "Most frequent messages", columns, rows, note=note)


def _forgotten(count: int) -> str:
    """What is said where so many lines of rare ones are not told; nothing for none."""
    lines = "1 line" if count == 1 else f"{count:,} lines"
    told = f"There are too many to tell them all apart: {lines} of rare ones are left out."
    return told if count else ""


def _levels(numbers: Numbers) -> Section:
    rows = tuple(
        Row((level.name or "(none)", level.lines), severity=level.name) for level in numbers.levels
    )
    return Section("levels", "Levels", (Column("level", Kind.NAME), _LINES), rows)


#: Severities, in httpd's words, of levels that Python writes.
_PYTHON_SEVERITY = {"CRITICAL": "crit", "ERROR": "error", "WARNING": "warn"}


def _python_levels(numbers: Numbers) -> Section:
    rows = tuple(
        Row((one.name, one.lines), severity=_PYTHON_SEVERITY.get(one.name, one.name.lower()))
        for one in numbers.python_levels
    )
    note = "What Python wrote inside its lines; mod_wsgi calls all that Python prints error."
    columns = (Column("level", Kind.NAME), _LINES)
    return Section("python_levels", "Python's own levels", columns, rows, note=note)


def _counts(key: str, title: str, name: str, counts: Sequence[Count]) -> Section:
    rows = tuple(Row((one.name or "(none)", one.lines)) for one in counts[:20])
    return Section(key, title, (Column(name, Kind.NAME), _LINES), rows)


def _clocks(numbers: Numbers) -> Section:
    columns = (
        Column("processes", Kind.NAME), Column("offset", Kind.TEXT),
        Column("confidence", Kind.TEXT), Column("how many", Kind.NUMBER), _LINES, _FIRST, _LAST,
        Column("trouble", Kind.TEXT),
    )  # fmt: skip
    rows = tuple(
        Row(
            (one.who, f"{utc_offset(one.offset_s)} {one.zone}".strip(), one.confidence,
             one.processes, one.lines, one.first_utc, one.last_utc, "; ".join(one.trouble)),
            (Detail("Evidence", one.evidence),) if one.evidence else (),
        )
        for one in numbers.clocks
    )  # fmt: skip
    return Section("clocks", "Clocks", columns, rows, note=" ".join(numbers.clock_notes))


def _lives(numbers: Numbers) -> Section:
    shown = tuple(
        Detail(moment_or_hyphen(one.utc), (f"pid {one.pid or '?'}: {one.message}",), is_log=True)
        for one in numbers.lives
    )
    rows = [Row((one.name, one.lines)) for one in numbers.life_counts]
    if rows:
        wanted = [
            tuple(shown[at] for at, life in enumerate(numbers.lives) if life.kind == count.name)[
                :10
            ]
            for count in numbers.life_counts
        ]
        rows = [Row(row.cells, some) for row, some in zip(rows, wanted, strict=True)]
    columns = (Column("event", Kind.NAME), Column("count", Kind.COUNT))
    return Section("lives", "Starts, stops and crashes", columns, tuple(rows))


def _slowest(numbers: Numbers) -> Section:
    columns = (
        Column("took (ms)", Kind.NUMBER), Column("client", Kind.NAME), _FIRST,
        Column("joined by", Kind.TEXT), Column("last message", Kind.TEXT),
    )  # fmt: skip
    rows = tuple(
        Row((one.duration_ms, one.client, one.first_utc, one.joined_by, one.last_message))
        for one in numbers.slowest
    )
    note = (
        "From the first line of a request that worker and daemon both logged to its last one that "
        "is not about the end of its connection."
    )
    return Section("slowest", "Slowest requests", columns, rows, note=note)


def _clients(numbers: Numbers) -> Section:
    columns = (Column("client", Kind.NAME), _LINES, Column("errors", Kind.NUMBER), _FIRST, _LAST)
    rows = tuple(
        Row((one.address, one.lines, one.errors, one.first_utc, one.last_utc))
        for one in numbers.clients
    )
    note = _forgotten(numbers.forgotten_clients)
    return Section("clients", "Clients", columns, rows, note=note)


def _gaps(numbers: Numbers) -> Section:
    columns = (Column("silent for", Kind.NAME), Column("from", Kind.FIRST), Column("to", Kind.LAST))
    rows = tuple(
        Row((duration_text(gap.end_utc - gap.start_utc), gap.start_utc, gap.end_utc))
        for gap in numbers.gaps
    )
    return Section("gaps", "Silences", columns, rows)


def _spikes(numbers: Numbers) -> Section:
    rate = numbers.rate
    columns = (Column("beginning", Kind.FIRST), _LINES, Column("level", Kind.NAME))
    rows = tuple(
        Row((rate.start_utc + timedelta(seconds=rate.step_s * part), level.lines[part], level.name))
        for part in rate.spikes
        for level in rate.by_level
        if rate.start_utc
        and level.lines[part]
        and level.name in ("emerg", "alert", "crit", "error")
    )
    step = duration_text(timedelta(seconds=rate.step_s))
    note = f"Far more errors than usual within {step}."
    return Section("spikes", "Spikes", columns, rows, note=note)


def _unread(numbers: Numbers) -> Section:
    unread = numbers.unread
    counts = (
        ("lines of no known layout", unread.lines),
        ("lines whose layout has no time", unread.untimed),
        ("lines with a time of no known clock", unread.unclocked),
        ("lines whose clock is only assumed", unread.assumed),
    )
    rows = [Row((name, count)) for name, count in counts if count]
    if unread.samples:
        rows[0] = Row(rows[0].cells, (Detail("First", unread.samples, is_log=True),))
    return Section("unread", "Not understood", (Column("what", Kind.NAME), _LINES), tuple(rows))


def _files(numbers: Numbers) -> Section:
    columns = (
        Column("file", Kind.NAME), _LINES, Column("not understood", Kind.NUMBER), _FIRST, _LAST,
        Column("faults", Kind.TEXT),
    )  # fmt: skip
    rows = tuple(
        Row((one.name, one.lines, one.unread, one.first_utc, one.last_utc, "; ".join(one.faults)))
        for one in numbers.files
    )
    return Section("files", "Files", columns, rows)
