"""HTML: takes a report, gives one page that needs nothing but itself.

All that comes from a log passes `escape`. A policy in the page's head forbids every connection and
every script but the page's own, should that ever fail.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from html import escape
from itertools import islice
from pathlib import Path

from logtool.people.instants import moment_text, span_text
from logtool.people.terminal import safe
from logtool.reports.finished.clock_numbers import utc_offset
from logtool.reports.numbers import Numbers, Report, Series
from logtool.reports.outputs import svg
from logtool.reports.outputs.overview import overview
from logtool.reports.outputs.sections import (
    Cell,
    Detail,
    Kind,
    Row,
    Section,
    sections,
)
from parsers.escapes import unescape

#: Classes of levels; what has none of its own looks like debug.
_LEVELS = ("emerg", "alert", "crit", "error", "warn", "notice", "info")
_COLORS = 8
_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]+")
#: What opens the details of a row.
_SUMMARIES = {
    "findings": "cause and cure",
    "exceptions": "traceback",
    "clocks": "evidence",
    "lives": "when",
    "unread": "lines",
}
#: All charts but the first stand behind so many sections: known problems and exceptions.
_URGENT = 2
#: Processes on the map of clocks, and findings on the timeline.
_ROWS = 40


def render(report: Report) -> str:
    """The report as an HTML page."""
    return "".join(_page(report))


def _page(report: Report) -> Iterator[str]:
    script = _resource("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="referrer" content="no-referrer">\n<link rel="icon" href="data:,">\n'
    yield f"<title>Error log report, {moment_text(report.made_utc)}</title>\n"
    yield f"<style>{_resource('page.css')}</style>\n</head>\n<body>\n"
    yield '<a class="skip" href="#main">Skip to the report</a>\n<header>\n'
    yield "<h1>Error log report</h1>\n"
    yield f'<p class="quiet">{escape(_about(report))}</p>\n</header>\n<main id="main">\n'
    for number, numbers in enumerate(report.hosts):
        yield from _host(numbers, f"h{number}-")
    yield "</main>\n<footer>All times are UTC.</footer>\n"
    yield f"<script>{script}</script>\n</body>\n</html>\n"


@cache
def _resource(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")


def _about(report: Report) -> str:
    about = f"Made {moment_text(report.made_utc)} by errlog {report.version}."
    if report.since or report.until:
        about += f" Only lines {span_text(report.since, report.until)}."
    if report.only_new:
        about += " Only what the last report did not tell is listed; counts are of all."
    return about


def _host(numbers: Numbers, prefix: str) -> Iterator[str]:
    tables = sections(numbers)
    if numbers.host:
        yield f'<h2 class="host" id="{prefix}host">{_shown(numbers.host)}</h2>\n'
    yield '<dl class="overview">'
    for name, text in overview(numbers):
        yield f"<div><dt>{escape(name)}</dt><dd>{_shown(text)}</dd></div>"
    yield "</dl>\n"
    label = f"Sections of {safe(numbers.host)}" if numbers.host else "Sections"
    yield f'<nav aria-label="{escape(label)}"><ul>'
    yield from (f'<li><a href="#{prefix}{one.key}">{one.title}</a></li>' for one in tables)
    yield "</ul></nav>\n"
    charts = _charts(numbers)
    yield from islice(charts, 1)
    for at, section in enumerate(tables):
        if at == _URGENT:
            yield from charts
        yield from _section(section, prefix, f" {prefix}host" if numbers.host else "")
    yield from charts


def _charts(numbers: Numbers) -> Iterator[str]:
    rate = numbers.rate
    first, last = numbers.first_utc, numbers.last_utc
    if rate.start_utc is None or first is None or last is None:
        return
    step = timedelta(seconds=rate.step_s)
    by_level = _layers(rate.by_level, [_level_style(one.name) for one in rate.by_level])
    marks = [(part, "spike") for part in rate.spikes] + [(part, "new") for part in rate.news]
    signs = [("mark spike", "spike of errors")] * bool(rate.spikes)
    signs += [("mark new", "new problem first seen")] * bool(rate.news)
    yield _figure(
        "Lines over time, by level",
        svg.stacked_bars("Lines over time, by level", by_level, rate.start_utc, step, marks),
        svg.legend([*((layer.style, layer.name) for layer in by_level), *signs]),
    )
    clocks = _with_others(rate.by_clock)
    by_clock = _layers(clocks, [f"s{at}" for at in range(len(clocks))])
    yield _figure(
        "Lines over time, by clock",
        svg.stacked_bars("Lines over time, by clock", by_clock, rate.start_utc, step),
        svg.legend([(layer.style, layer.name) for layer in by_clock]),
    )
    yield _figure(
        "Lines by weekday and hour (UTC)", svg.heat_map("Lines by weekday and hour", numbers.hours)
    )
    yield from _finding_map(numbers, first, last)
    yield from _clock_map(numbers, first, last)


def _with_others(series: Sequence[Series]) -> Sequence[Series]:
    """As many series as there are colours, the rarest together."""
    if len(series) <= _COLORS:
        return series
    rare = series[_COLORS - 1 :]
    together = tuple(map(sum, zip(*(one.lines for one in rare), strict=True)))
    return [*series[: _COLORS - 1], Series(f"{len(rare)} others", together)]


def _layers(series: Sequence[Series], styles: Sequence[str]) -> list[svg.Bars]:
    return [
        svg.Bars(safe(one.name) or "(none)", style, one.lines)
        for one, style in zip(series, styles, strict=True)
    ]


def _level_style(level: str) -> str:
    return level if level in _LEVELS else "debug"


def _finding_map(numbers: Numbers, first: datetime, last: datetime) -> Iterator[str]:
    spans = [
        svg.Span(
            one.rule, one.first_utc, one.last_utc, one.severity,
            f"{one.title}: {one.count} from {moment_text(one.first_utc)} "
            f"to {moment_text(one.last_utc)}",
        )
        for one in numbers.findings[:_ROWS]
        if one.first_utc and one.last_utc
    ]  # fmt: skip
    if spans:
        name = "Known problems over time"
        yield _figure(name, svg.time_map(name, spans, first, last))


def _clock_map(numbers: Numbers, first: datetime, last: datetime) -> Iterator[str]:
    offsets = {offset: at for at, offset in enumerate(
        dict.fromkeys(one.offset_s for one in numbers.clocks))}  # fmt: skip
    styles = {offset: f"s{at % _COLORS}" for offset, at in offsets.items()}
    most = dict.fromkeys(one.process for one in sorted(numbers.processes, key=lambda s: -s.lines))
    shown = set(list(most)[:_ROWS])
    spans = [
        svg.Span(
            name := f"{safe(one.who)} {'' if one.pid is None else one.pid}".rstrip(),
            one.first_utc, one.last_utc, styles.get(one.offset_s, "s0"),
            f"{name}: {utc_offset(one.offset_s)}, {one.confidence}, "
            f"{one.lines:,} lines from {moment_text(one.first_utc)} to {moment_text(one.last_utc)}",
        )
        for one in numbers.processes
        if one.process in shown
    ]  # fmt: skip
    if spans:
        start = min([first, *(span.start for span in spans)])
        end = max([last, *(span.end for span in spans)])
        name = "Clocks of processes over time"
        entries = [(style, utc_offset(offset)) for offset, style in styles.items()]
        yield _figure(name, svg.time_map(name, spans, start, end), svg.legend(entries))


def _figure(caption: str, drawing: str, legend: str = "") -> str:
    return (
        f"<figure><figcaption>{escape(caption)}</figcaption>{legend}"
        f'<div class="scroll">{drawing}</div></figure>\n'
    )


def _section(section: Section, prefix: str, host: str) -> Iterator[str]:
    """`host` is the id of the host's name, so that no two parts of the page have one name."""
    yield f'<section aria-labelledby="{prefix}{section.key}{host}">\n'
    yield f'<h2 id="{prefix}{section.key}">{section.title}</h2>\n'
    if section.note:
        yield f'<p class="quiet">{_shown(section.note)}</p>\n'
    if not section.rows:
        yield f"<p>{section.empty}</p>\n</section>\n"
        return
    yield f'<div><div class="scroll"><table aria-label="{escape(section.title)}"><thead><tr>'
    for column in section.columns:
        style = ' class="number"' if column.kind in (Kind.COUNT, Kind.NUMBER) else ""
        yield f'<th scope="col"{style}>{escape(column.title)}</th>'
    yield "</tr></thead><tbody>\n"
    for row in section.rows:
        yield from _row(section, row)
    yield "</tbody></table></div></div>\n</section>\n"


def _row(section: Section, row: Row) -> Iterator[str]:
    style = f' class="badge sev-{row.severity}"' if row.severity.isalnum() else ""
    yield '<tr class="has-details">' if row.details else "<tr>"
    for at, cell in enumerate(row.cells):
        yield _cell(cell, style if at == 0 else "")
    yield "</tr>\n"
    if row.details:
        told = "".join(_details(row.details))
        is_open = " open" if section.key == "findings" else ""
        yield (
            f'<tr class="details"><td colspan="{len(row.cells)}"><details{is_open}>'
            f"<summary>{_SUMMARIES.get(section.key, 'more')}</summary>{told}</details></td></tr>\n"
        )


def _cell(cell: Cell, style: str) -> str:
    match cell:
        case None:
            return '<td data-v="-1">-</td>'
        case datetime():
            return f'<td class="time" data-v="{cell.timestamp()}">{moment_text(cell)}</td>'
        case tuple():
            return f'<td data-v="{sum(cell)}">{svg.sparkline(cell)}</td>'
        case int() | float():
            return f'<td class="number" data-v="{cell}">{cell:,}</td>'
        case _:
            text = _shown(unescape(cell))
            return f"<td><span{style}>{text}</span></td>" if style else f"<td>{text}</td>"


def _details(details: Sequence[Detail]) -> Iterator[str]:
    """What is told, then what stands in the log."""
    told = [detail for detail in details if not detail.is_log]
    if told:
        yield '<dl class="told">'
        for detail in told:
            write = _address if detail.heading == "See" else _prose
            lines = "".join(f"<p>{write(' '.join(line.split()))}</p>" for line in detail.lines)
            yield f"<dt>{_shown(detail.heading)}</dt><dd>{lines}</dd>"
        yield "</dl>"
    for detail in details:
        if detail.is_log:
            lines = "\n".join(_shown(unescape(line)) for line in detail.lines)
            yield f'<p class="place">{_shown(detail.heading)}</p><pre>{lines}</pre>'


def _address(text: str) -> str:
    """A link, if it is the address of a page: rules may be the user's."""
    if not _ADDRESS.fullmatch(safe(text)):
        return _prose(text)
    return f'<a href="{_shown(text)}" rel="noreferrer noopener">{_shown(text)}</a>'


def _prose(text: str) -> str:
    """Words; what stands in backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", _shown(text))


def _shown(text: str) -> str:
    return escape(safe(text))
