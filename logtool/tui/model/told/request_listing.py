"""Request listing: takes what a search of requests has found so far, gives a table of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from logtool.people.instants import date_and_time, microseconds
from logtool.people.terminal import safe
from logtool.tui.model.chosen.view import LogView
from logtool.tui.model.found.request_search import MOST_REQUESTS, RequestSearch
from logtool.tui.model.told.access_text import access_section, request_cell, status_cell
from logtool.tui.model.told.listings import Entry, Listing, row_of_line, waiting_for_clocks
from logtool.tui.model.told.pieces import Section
from parsers.error_log_format.items import LEVELS
from parsers.escapes import unescape
from parsers.python_levels import IN_HTTPD

if TYPE_CHECKING:
    from logtool.events.requests import Request

_TITLE = "Requests"
#: What an access log tells, and the place of that among the other columns.
_OF_ACCESS, _BEHIND = ("status", "request"), 1
_COLUMNS = ("first line", "client", "worst", "lines", "processes", "took", "joined by", "says")
#: These go first where there is little room; the last two only where an access log tells more.
_SPARE = ("processes", "joined by", "took", "lines", "client", "worst")


def request_listing(view: LogView, search: RequestSearch | None) -> Listing:
    """Requests; where they are too many, those that several lines tell of."""
    if search is None:
        return Listing(_TITLE, _COLUMNS, (), waiting_for_clocks(view), finished=False)
    found = search.requests[:]
    with_access = any(request.access for request in found)
    told = tuple(_entry(view, request, with_access=with_access) for request in found)
    note = search.fault
    if not note and not told:
        note = "No line tells of a request." if search.finished else "Requests are looked for."
    if search.several_only:
        few = f"The first {MOST_REQUESTS:,}" if len(told) >= MOST_REQUESTS else "Only"
        note = f"{few} requests that several lines tell of; errlog pairs writes all."
    if not with_access:
        note = note or search.unread
        return Listing(_TITLE, _COLUMNS, told, note, search.finished, ("says",), _SPARE[:-2])
    columns = (*_COLUMNS[:_BEHIND], *_OF_ACCESS, *_COLUMNS[_BEHIND:])
    long = "says", "request"
    return Listing(_TITLE, columns, told, note or search.unread, search.finished, long, _SPARE)


def _entry(view: LogView, request: Request, *, with_access: bool) -> Entry:
    first, last = (request.lines[at]["utc"] for at in (0, -1))
    alone = len(request.lines) < 2
    took = "" if alone or not first or not last else f"{(last - first).total_seconds():.3f} s"
    lines = tuple(
        (_level_of(line), safe(unescape(line["message"] or ""))) for line in request.lines
    )
    at = min(range(len(lines)), key=lambda at: _severity(lines[at]))
    worst, says = lines[at]
    row = row_of_line(view, request.lines[at]["file"], request.lines[at]["line"])
    says = (None if row is None else view.raised.get(row)) or says
    access = request.access
    of_access = (status_cell(access), request_cell(access)) if access else ("", "")
    return Entry(
        (
            "" if first is None else date_and_time(microseconds(first)),
            *(of_access if with_access else ()),
            safe(request.client or ""), worst, str(len(lines)),
            str(len({line["pid"] for line in request.lines})), took, request.joined_by, says,
        ),
        row_of_line(view, request.lines[0]["file"], request.lines[0]["line"]),
        (*([access_section(access)] if access else []), Section("Lines", lines)),
        f'"{re.escape(request.client)}"' if request.client else "",
    )  # fmt: skip


def _level_of(line: Mapping[str, Any]) -> str:
    """What Python called it, where mod_wsgi calls everything an error; else httpd's level."""
    return str(line["python_level"] or line["level"] or "")


def _severity(line: tuple[str, str]) -> int:
    """A number for the level that a line begins with, that of the worst one least."""
    level = IN_HTTPD.get(line[0], line[0])
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)
