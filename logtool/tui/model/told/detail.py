"""Detail: takes a line, tells all that is known of it, and why its time is what it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from logtool.clocks.table import Clock, Evidence
from logtool.people.instants import date_and_time
from logtool.people.terminal import safe
from logtool.tui.model.chosen.times import elapsed, utc_offset
from logtool.tui.model.chosen.view import LogView
from logtool.tui.model.reading.lines import Line
from logtool.tui.model.told.access_text import access_section
from logtool.tui.model.told.pieces import Section
from logtool.tui.model.told.raised import raised_section
from parsers.error_log_format.items import LEVELS
from parsers.lines import NO_PID
from parsers.units import SECOND

#: So much of what speaks for a clock, and against it, stands before the message.
_FIRST_FACTS = 2
#: More lines of an event are not told.
_MOST_LINES = 200
#: Nor is an event of more lines taken apart: a stack of a thousand frames is shorter.
_MOST_PARSED = 3000
_SHOWN_ABOVE = frozenset({"message"})


def detail_of(view: LogView, line: Line) -> list[Section]:
    """All that is known of a line."""
    sections = [
        Section("Time", tuple(_time(view, line))),
        *_flags(view, line),
        *_access(view, line),
        Section("Message", (("", line.unescaped),)),
        *_raised(view, line),
        *_event(view, line),
        *_request(view, line),
        *_more_evidence(view, line),
        Section("Fields", tuple(_fields(line))),
    ]
    if not line.gone:
        raw = safe(line.raw.decode("utf-8", "replace"))
        sections.append(Section("As it stands in the log", (("", raw),)))
    return [section for section in sections if section.pairs]


def _flags(view: LogView, line: Line) -> Iterator[Section]:
    """The rules that hold on the line."""
    if line.row in view.flagged:
        from logtool.flags.wsgi_codes import default_rules

        for rule in default_rules():
            if rule.id == view.flagged[line.row]:
                pairs = (
                    ("rule", rule.id),
                    ("cause", rule.cause.strip()),
                    ("cure", rule.cure.strip()),
                )
                yield Section(f"Known problem: {rule.title}", pairs)


def _raised(view: LogView, line: Line) -> Iterator[Section]:
    """What its event raised; the end of an event that is too long would be missing."""
    rows = view.event_of(line.row)
    if 1 < len(rows) <= _MOST_PARSED:
        from logtool.events.untorn import untorn

        yield from raised_section(untorn([one.unescaped for one in view.reader.lines(rows)]))


def _event(view: LogView, line: Line) -> Iterator[Section]:
    """The other lines of its event."""
    rows = view.event_of(line.row)
    if len(rows) > 1:
        lines = view.reader.lines(rows[:_MOST_LINES])
        text = "\n".join(one.unescaped for one in lines)
        more = f", the first {_MOST_LINES}" if len(rows) > _MOST_LINES else ""
        yield Section(f"Event of {len(rows)} lines{more}", (("", text),))


def _request(view: LogView, line: Line) -> Iterator[Section]:
    """The other lines of its request, each with the time since the first."""
    if view.request_of != line.row or len(view.request) < 2:
        return
    time = view.index.time_us.values
    rows = sorted(view.request, key=lambda row: (int(time[row]), row))
    told = view.reader.lines(rows[:_MOST_LINES])
    pairs = []
    for one in told:
        since = elapsed(int(time[one.row]) - int(time[rows[0]]))
        here = "▸" if one.row == line.row else " "
        who = view.clocks.who(one).name
        level = one.python or (LEVELS[one.level] if one.level >= 0 else "")
        pairs.append((f"{here}{since}", f"{level:<8} {who:<9}{one.message}"))
    more = f", the first {_MOST_LINES}" if len(rows) > _MOST_LINES else ""
    yield Section(f"Request or connection of {len(rows)} lines{more} (o O go there)", tuple(pairs))


def _access(view: LogView, line: Line) -> Iterator[Section]:
    """What an access log says of its request."""
    if view.request_of == line.row and view.access is not None:
        yield access_section(view.access)


def _time(view: LogView, line: Line) -> Iterator[tuple[str, str]]:
    yield "file", f"{safe(view.reader.logs[line.log].name)}, line {line.number:,}"
    if line.local_us is None and not line.gone:
        yield "", "This line has no time." if line.read else "No known layout reads this line."
        return
    if line.local_us is None:
        return
    yield "as logged", date_and_time(line.local_us, line.digits)
    offset = view.offset_of(line.row)
    known = view.clocks.table is not None
    if offset is None or not (known or line.offset_s is not None):
        yield "offset", "no clock is known for it" if known else safe(view.without_clocks)
        return
    clock = view.clocks.who(line).clock
    zone = f" {clock.zone}" if clock is not None and clock.zone else ""
    yield "offset", f"{utc_offset(offset)}{zone}"
    yield "UTC", f"{date_and_time(line.local_us - offset * SECOND, line.digits)}Z"
    if clock is None or clock.offset_s != offset:
        if line.offset_s is not None:
            yield "confidence", "written: the line itself says its offset"
        else:
            yield "confidence", "read off this machine's clock when the line came"
        return
    yield "clock of", _owner(clock)
    yield "confidence", str(clock.confidence)
    for heading, facts in _evidence(clock):
        for number, fact in enumerate(facts[:_FIRST_FACTS]):
            yield heading if not number else "", fact_text(view, fact)
    if more := sum(len(facts[_FIRST_FACTS:]) for _, facts in _evidence(clock)):
        yield "", f"and {more} more below"


def _evidence(clock: Clock) -> Sequence[tuple[str, Sequence[Evidence]]]:
    """What speaks for a clock, and what against it."""
    return ("because", clock.evidence), ("against it", clock.conflicts)


def _more_evidence(view: LogView, line: Line) -> Iterator[Section]:
    """What is too much to stand before the message: evidence may go back to the log's beginning."""
    clock, offset = view.clocks.who(line).clock, view.offset_of(line.row)
    if clock is None or clock.offset_s != offset or line.local_us is None:
        return
    pairs = [
        ("" if number else heading, fact_text(view, fact))
        for heading, facts in _evidence(clock)
        for number, fact in enumerate(facts[_FIRST_FACTS:])
    ]
    yield Section("More evidence of its clock", tuple(pairs))


def _owner(clock: Clock) -> str:
    who = " ".join(filter(None, (clock.role, str(clock.pid) if clock.pid != NO_PID else "")))
    group = f" of {clock.group}" if clock.group else ""
    return f"{who or 'an unnamed process'}{group}, {clock.lines:,} lines"


def fact_text(view: LogView, fact: Evidence) -> str:
    """A fact, and where it stands; of its log's path the name, for there is little room."""
    place, text = "", fact.text
    if 0 <= fact.file < len(view.reader.logs):
        path = view.reader.logs[fact.file].name
        text = text.replace(path, PurePath(path).name)
    if 0 <= fact.file < len(view.reader.logs) and fact.line:
        alone = len(view.reader.logs) == 1
        name = "" if alone else f"{view.reader.logs[fact.file].name}, "
        place = f" ({name}line {fact.line:,})"
    return safe(f"{text}{place}")


def _fields(line: Line) -> Iterator[tuple[str, str]]:
    if line.pid != NO_PID:
        yield "pid", str(line.pid)
    for name, text in line.fields.items():
        if name not in _SHOWN_ABOVE:
            yield name.replace("_", " "), text


def where(view: LogView, line: Line) -> str:
    """File, line, process and clock of a line, in one line."""
    parts = [f"{safe(view.reader.logs[line.log].name)}:{line.number}"]
    if line.pid != NO_PID:
        parts.append(f"pid {line.pid}")
    offset = view.offset_of(line.row)
    parts.append("no known clock" if offset is None else utc_offset(offset))
    clock = view.clocks.who(line).clock
    if clock is not None:
        parts.append(str(clock.confidence))
    return "   ".join(parts)
