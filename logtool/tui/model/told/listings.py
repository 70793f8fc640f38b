"""Listings: take what was found, give tables of it whose entries lead to lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from logtool.clocks.table import Clock
from logtool.clocks.telling.kinds import kinds, line_count, span_of
from logtool.flags.finding import Finding
from logtool.flags.telling import UNTIMED, place_text
from logtool.people.instants import date_and_time, microseconds
from logtool.people.terminal import safe
from logtool.tui.model.chosen.times import utc_offset
from logtool.tui.model.chosen.view import LogView
from logtool.tui.model.found.analysis import Analysis
from logtool.tui.model.indexed.index import LineIndex, Rows
from logtool.tui.model.reading.builder import Builder
from logtool.tui.model.told.detail import fact_text
from logtool.tui.model.told.pieces import CLOCK_COLOURS, Section
from parsers.classes import dataclass
from parsers.lines import NO_PID, NO_TIME

#: More entries are not listed.
_MOST = 1500
#: More lines of an event are not told.
_MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a listing.

    Attributes:
        cells: a text for each column.
        row: where it leads, None where it leads nowhere.
        detail: what else is known of it.
        filter: what shows only its lines, or empty.
        clock: number of its clock, for its colour, or None.
    """

    cells: tuple[str, ...]
    row: int | None
    detail: tuple[Section, ...] = ()
    filter: str = ""
    clock: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A table of things found.

    Attributes:
        title: what they are.
        columns: headings.
        entries: the first of them.
        note: what to know of the whole.
        finished: no more will come.
        long: the columns whose texts may be cut, those first that may be cut most.
        spare: columns that go first where there is little room.
    """

    title: str
    columns: tuple[str, ...]
    entries: tuple[Entry, ...]
    note: str = ""
    finished: bool = True
    long: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()


def clock_listing(view: LogView, clocks: Sequence[Clock]) -> Listing:
    """Clocks, alike ones together."""
    columns = ("offset", "whose", "processes", "lines", "confidence", "from", "to")
    table = view.clocks.table
    if table is None:
        return Listing("Clocks", columns, (), waiting_for_clocks(view), finished=False)
    together = sorted(kinds(clocks), key=line_count, reverse=True)
    entries = [_clock_entry(view, alike) for alike in together]
    notes = "  ".join(fact_text(view, note) for note in table.notes)
    if not entries:
        notes = "No line has a time that needs a clock. " + notes
    spare = ("processes", "to", "from", "lines")
    told = tuple(entries[:_MOST])
    return Listing("Clocks", columns, told, notes.strip(), long=("whose",), spare=spare)


def _clock_entry(view: LogView, together: Sequence[Clock]) -> Entry:
    first = together[0]
    facts = [fact_text(view, fact) for clock in together for fact in clock.evidence]
    against = [fact_text(view, fact) for clock in together for fact in clock.conflicts]
    pids = sorted({clock.pid for clock in together} - {NO_PID})
    told = ", ".join(map(str, pids[:12])) + (" …" if len(pids) > 12 else "")
    zone = f" {first.zone}" if first.zone else ""
    who = safe(f"{first.role} {first.group}".strip()) or "process"
    process = f" process={first.group or first.role}" if first.group or first.role else ""
    pairs = [("pids", told)] if told else []
    for name, texts in (("because", facts), ("against it", against)):
        pairs += [(name if not at else "", text) for at, text in enumerate(dict.fromkeys(texts))]
    return Entry(
        (
            utc_offset(first.offset_s) + zone, who, f"{len(pids) or '?'}",
            f"{line_count(together):,}", str(first.confidence),
            *map(date_and_time, span_of(together)),
        ),
        view.index.row_of(first.file, first.first_line),
        (Section("Why", tuple(pairs)),),
        f"clock={utc_offset(first.offset_s)}{process}",
        _colour(view, first.offset_s),
    )  # fmt: skip


def _colour(view: LogView, offset_s: int) -> int | None:
    number = view.clocks.number(offset_s)
    return None if number is None else number % CLOCK_COLOURS


def finding_listing(view: LogView, analysis: Analysis | None) -> Listing:
    """The findings, worst first."""
    columns = ("severity", "times", "what", "rule", "first")
    title = "Known problems"
    if analysis is None or not analysis.finished:
        return Listing(title, columns, (), _running(view, analysis), finished=False)
    entries = []
    for finding in analysis.findings:
        rows = analysis.flagged.get(finding.rule)
        row = row_of_line(view, finding.log_file, finding.log_line, rows)
        if row is None and rows is not None and len(rows):
            row = int(rows[0])
        place = place_text(finding.file, finding.line, finding.function)
        blamed = "to blame" if finding.blames else "happened in"
        first = finding.first_utc
        pairs = (
            ("cause", finding.cause), ("cure", finding.cure), (blamed, place), ("see", finding.see),
            *_bound(finding), ("first", "\n".join(finding.excerpt)),
            *(("note", note) for note in finding.notes),
        )  # fmt: skip
        entries.append(
            Entry(
                (
                    finding.severity, f"{finding.count:,}", finding.title, finding.rule,
                    "" if first is None else date_and_time(microseconds(first)),
                ),
                row,
                (Section(finding.title, _safe(pairs)),),
                f"rule={finding.rule}",
            )
        )  # fmt: skip
    note = analysis.fault or ("" if entries else "No known problem was found.")
    shown = tuple(entries[:_MOST])
    return Listing(title, columns, shown, note, long=("what",), spare=("rule", "first"))


def _bound(finding: Finding) -> Iterator[tuple[str, str]]:
    """Since when it may have been, where no line of it has a time."""
    if finding.not_before_utc is not None:
        bound = date_and_time(microseconds(finding.not_before_utc))
        yield "not before", f"{bound}{UNTIMED}"


def _date(time_us: int) -> str:
    return "" if time_us == NO_TIME else date_and_time(time_us)


def exception_listing(view: LogView, analysis: Analysis | None) -> Listing:
    """Exceptions, alike ones together, most frequent first."""
    columns = ("times", "exception", "value", "first", "last")
    if analysis is None or not analysis.finished:
        return Listing("Exceptions", columns, (), _running(view, analysis), finished=False)
    groups = sorted(analysis.exceptions.items(), key=lambda item: -len(item[1].rows))
    time = view.index.time_us.values
    entries = [
        Entry(
            (
                f"{len(group.rows):,}", safe(group.exception), safe(group.value)[:60],
                _date(int(time[group.rows[0]])),
                _date(int(time[group.rows[-1]])),
            ),
            group.rows[0],
            (Section(safe(group.exception), _safe((("value", group.value),
                                                   ("alike in", group.explanation)))),
             Section("The first one", (("", _event_text(view, group.rows[0])),))),
            f"exception={fingerprint}",
        )
        for fingerprint, group in groups[:_MOST]
    ]  # fmt: skip
    note = analysis.fault or ("" if entries else "No exception was found.")
    spare = ("last", "first")
    return Listing("Exceptions", columns, tuple(entries), note, long=("value",), spare=spare)


def _event_text(view: LogView, row: int) -> str:
    """The lines of an event, as the program wrote them."""
    lines = view.reader.lines(view.event_of(row)[:_MOST_LINES])
    return "\n".join(line.unescaped for line in lines)


def waiting_for_clocks(view: LogView) -> str:
    """The same as a sentence, and that a listing waits for them."""
    told = view.progress.clockless or f"{view.without_clocks}, then this is listed"
    return safe(f"{told[0].upper()}{told[1:]}.")


def _running(view: LogView, analysis: Analysis | None) -> str:
    if analysis is None:
        return waiting_for_clocks(view)
    return f"Looking at all lines: {analysis.looked_at / max(analysis.rows, 1):.0%}"


def _safe(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Texts without control characters, empty ones left out; lines stay lines."""
    return tuple(
        (name, "\n".join(safe(line) for line in text.strip().split("\n")))
        for name, text in pairs
        if text.strip()
    )


def row_of_line(
    view: LogView, name: str | None, line: int | None, among: Rows | None = None
) -> int | None:
    """The row of a line of a log; of several logs that had the name, of one `among` some rows."""
    if line is None:
        return None
    index: LineIndex = view.index
    numbers = [number for number, log in enumerate(view.reader.logs) if log.name == name]
    found = [row for number in numbers if (row := index.row_of(number, line)) is not None]
    likely = [row for row in found if among is not None and row in among]
    return next(iter(likely or found), None)


def as_of(builder: Builder, analysis: Analysis | None = None) -> str:
    """When what is listed was read, where lines have come since; they are not in the listing.

    Args:
        builder: of the lines.
        analysis: what is listed, if that may be more than what was read at first.
    """
    count = builder.count if analysis is None else analysis.rows
    if builder.table is None or len(builder.index) <= count:
        return ""
    read_us = builder.read_us if count <= builder.count or not analysis else analysis.made_us
    piped = any(log.source.pipe is not None for log in builder.logs)
    again = ", without what came since" if piped else "; F5 reads again"
    if analysis is not None and analysis.renews:
        again = "; renews itself"
    return f" as of {date_and_time(read_us)[11:]}Z{again}"


#: What makes a listing; asked again until it is finished.
Maker = Callable[[], Listing]
