"""Markdown: takes a report, gives it for an issue, a wiki or a chat."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from logtool.people.instants import moment_text, span_text
from logtool.people.terminal import legible, safe
from logtool.reports.numbers import Numbers, Report
from logtool.reports.outputs.overview import overview
from logtool.reports.outputs.sections import (
    Cell,
    Detail,
    Kind,
    Row,
    Section,
    sections,
)
from logtool.reports.outputs.text import sparkline
from parsers.escapes import unescape

#: What Markdown, as GitHub has it, would take for more than a character: anywhere, at the edge of
#: a word, in addresses, numbers of issues and names of emoji, and at the beginning of a line.
_MARKS = re.compile(
    r"([\\`*\[\]|~$@]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=//)|(?<=www)\.|#(?=\d)"
    r"|:(?=[\w+-]*[a-z+-][\w+-]*:|100:|1234:)|^[#+\-=>:]|(?<=^\d)[.)]|(?<=^\d\d)[.)])",
    re.IGNORECASE,
)
#: Details that are the words of a rule, not of a log.
_OURS = ("Cause", "Cure", "See")
_ADDRESS = re.compile(r"https://[A-Za-z0-9./_#-]+")
_RIGHT = (Kind.COUNT, Kind.NUMBER)


def render(report: Report) -> str:
    """The report as GitHub-flavoured Markdown; no text of a log means anything in it."""
    return "\n".join(_report(report)) + "\n"


def escaped(text: str) -> str:
    """The text as Markdown shows it."""
    return _MARKS.sub(r"\\\1", safe(text).replace("&", "&amp;").replace("<", "&lt;"))


def _report(report: Report) -> Iterator[str]:
    yield "# Error log report"
    yield ""
    yield f"Made {moment_text(report.made_utc)} by errlog {report.version}."
    if report.since or report.until:
        yield f"Only lines {span_text(report.since, report.until)}."
    if report.only_new:
        yield "Only what the last report did not tell; counts are of all."
    for numbers in report.hosts:
        yield from _host(numbers)


def _host(numbers: Numbers) -> Iterator[str]:
    if numbers.host:
        yield from ("", f"# {escaped(numbers.host)}")
    yield ""
    for name, text in overview(numbers):
        yield f"- **{name}**: {escaped(text)}"
    for section in sections(numbers):
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    yield from ("", f"## {section.title}", "")
    if section.note:
        yield from (escaped(section.note), "")
    if not section.rows:
        yield section.empty
        return
    yield _line([column.title for column in section.columns])
    yield _line(["---:" if column.kind in _RIGHT else "---" for column in section.columns])
    for row in section.rows:
        yield _line([_cell(cell) for cell in row.cells])
    for row in section.rows:
        for detail in row.details:
            yield from _detail(detail, _name(row))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return moment_text(cell)
        case tuple():
            return sparkline(cell).replace(" ", "\u00b7")
        case str():
            return escaped(unescape(cell))
        case _:
            return f"{cell:,}"


def _name(row: Row) -> str:
    """What a row is about: its first text that is not its severity."""
    texts = [cell for cell in row.cells if isinstance(cell, str) and cell]
    return next((text for text in texts if text != row.severity), row.severity)


def _detail(detail: Detail, name: str) -> Iterator[str]:
    yield ""
    if not detail.is_log:
        write = _prose if detail.heading in _OURS else escaped
        told = " ".join(write(" ".join(line.split())) for line in detail.lines)
        yield f"**{escaped(name)}, {escaped(detail.heading.lower())}**: {told}"
        return
    yield f"**{escaped(name)}**, {escaped(detail.heading)}:"
    yield ""
    # Indented code needs no closing mark that a log line could imitate.
    yield from (f"    {legible(line)}" for line in detail.lines)


def _prose(text: str) -> str:
    """A sentence of ours: directives between backticks are code, an address is a link."""
    if _ADDRESS.fullmatch(text):
        return f"<{text}>"
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one has no other
        return escaped(text)
    return "".join(
        f"`{safe(part)}`" if nth % 2 and part.strip() else escaped(f"`{part}`" if nth % 2 else part)
        for nth, part in enumerate(parts)
    )
