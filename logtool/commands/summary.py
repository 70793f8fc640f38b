"""Summary: the clocks found and the lines not understood, in lines for standard error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from logtool.clocks.table import ASSUMED, NOBODY, OUT_OF_ORDER, Clock, ClockTable, hours
from logtool.clocks.telling.kinds import kinds, line_count, span_of, who
from logtool.commands.places import place
from logtool.normalize import MANY_UNREAD, WHAT_TELLS_TIME, WHAT_TO_DO, Kept, Tally
from logtool.people.instants import utc_text
from logtool.people.terminal import safe
from logtool.sources.source import Source


def clock_lines(table: ClockTable, names: Sequence[str], *, verbose: bool) -> Iterator[str]:
    """One line for each kind of clock, or for each clock and its evidence."""
    lines = line_count(table.clocks)
    processes = len({clock.process for clock in table.clocks})
    if not table.clocks:
        yield "errlog: no line with a time"
        return
    yield from disorder_lines(table)
    yield f"errlog: {_count(lines, 'line')} with a time, {_count(processes, 'process')}"
    rows = [[clock] for clock in table.clocks] if verbose else kinds(table.clocks)
    for clocks, why in zip(rows, _reasons(rows), strict=True):
        yield safe(f"  {_describe(clocks)}{why and f': {why}'}")
        if verbose:
            for fact in clocks[0].evidence:
                yield safe(f"      {fact.text}{place(fact.file, fact.line, names)}")
    for note in table.notes:
        if note.kind not in OUT_OF_ORDER:
            yield safe(f"  note: {note.text}{place(note.file, note.line, names)}")


def assumption_lines(table: ClockTable) -> Iterator[str]:
    """What to say where instants are written that rest on an assumption; else nothing."""
    return (safe(f"errlog: {note.text}") for note in table.notes if note.kind == ASSUMED)


def mistake_lines(table: ClockTable) -> Iterator[str]:
    """What to say, also with --quiet, where the user named a zone for nobody; else nothing."""
    return (safe(f"errlog: {note.text}") for note in table.first_notes if note.kind == NOBODY)


def disorder_lines(table: ClockTable) -> Iterator[str]:
    """One line for each file that runs backwards, or is out of order."""
    return (safe(f"errlog: {note.text}") for note in table.notes if note.kind in OUT_OF_ORDER)


def _describe(clocks: Sequence[Clock]) -> str:
    first = clocks[0]
    lines = line_count(clocks)
    begin, end = (utc_text(us, between=" ") for us in span_of(clocks))
    zone = f" {first.zone}" if first.zone else ""
    return (
        f"{who(clocks)}, {_count(lines, 'line')}, {begin} to {end}: "
        f"{hours(first.offset_s)}{zone}, {first.confidence}"
    )


def _reasons(rows: Sequence[Sequence[Clock]]) -> Iterator[str]:
    """The strongest evidence of each row, which is said once: other rows point to where it is."""
    many = Counter(map(who, rows))
    said: dict[str, str] = {}
    before = ""
    for clocks in rows:
        why = clocks[0].evidence[0].text if clocks[0].evidence else ""
        if why and why == before:
            yield "as above"
        else:
            yield f"as for {said[why]}" if why in said else why
        whose = who(clocks)
        at = f" at {hours(clocks[0].offset_s)}" if many[whose] > 1 else ""
        if why:
            said.setdefault(why, f"{whose}{at}")
        before = why


def kept_lines(tally: Tally, names: Sequence[str]) -> Iterator[str]:
    """One line for each reason why lines came out as they went in.

    A last one where that is so of all, because no layout reads any, or none has a time.
    """
    nothing = tally.kept.get(Kept.NO_LAYOUT, 0) == tally.lines > 1
    for reason, count in tally.kept.items():
        first = place(*tally.first[reason], names, "first: " if count > 1 else "")
        left = "it is" if count == 1 else "they are"
        unread = reason is Kept.NO_LAYOUT and _many(tally)
        cure = "; --format names one" if unread and not nothing else ""
        if cure and tally.lines == 1:
            cure += ", if the line is whole"
        yield safe(f"  {_count(count, 'line')} with {reason} left as {left}{first}{cure}")
    if nothing:
        yield f"errlog: NOTHING WAS UNDERSTOOD of {_count(tally.lines, 'line')}: {WHAT_TO_DO}"
    elif tally.kept.get(Kept.NO_TIME, 0) == tally.lines > 1:
        yield f"errlog: NO LINE HAS A TIME: {WHAT_TELLS_TIME}"


def unread_lines(table: ClockTable, tally: Tally, names: Sequence[str]) -> Iterator[str]:
    """What to say where no line has a time, many no layout, or files are in disorder; else nothing.

    Args:
        table: the clocks.
        tally: has watched every block.
        names: of the files.
    """
    if not table.clocks:
        yield from clock_lines(table, names, verbose=False)
        yield from kept_lines(tally, names)
        return
    yield from disorder_lines(table)
    unread = tally.kept.get(Kept.NO_LAYOUT, 0)
    if _many(tally):
        first = place(*tally.first[Kept.NO_LAYOUT], names, "first: ")
        yield safe(
            f"errlog: {unread:,} of {_count(tally.lines, 'line')} have {Kept.NO_LAYOUT}{first}; "
            "errlog format detect shows them: what programs print has none, --format names another"
        )


def no_finding(tally: Tally) -> str:
    """What to say where no known problem was found: of lines that nobody reads nothing is known.

    Args:
        tally: has watched every block.
    """
    unread = tally.kept.get(Kept.NO_LAYOUT, 0)
    if unread and unread == tally.lines:
        return f"no line was understood: {_count(unread, 'line')} with {Kept.NO_LAYOUT}"
    rest = f", but {unread:,} of {_count(tally.lines, 'line')} have {Kept.NO_LAYOUT}"
    return f"no known problem found{rest if _many(tally) else ''}"


def _many(tally: Tally) -> bool:
    """Whether so many lines have no layout that it is no longer the raw output of programs."""
    return tally.kept.get(Kept.NO_LAYOUT, 0) > tally.lines * MANY_UNREAD


def nothing_lines(table: ClockTable, period: str, *, filtered: bool = False) -> Iterator[str]:
    """What to say where no line is in a period that was asked for, or passes what `filtered`."""
    if not period and filtered and table.clocks:
        yield "errlog: nothing chosen: no line passes --level and --grep"
    elif period and table.clocks:
        begin, end = (utc_text(us, between=" ") for us in span_of(table.clocks))
        yield f"errlog: nothing chosen {period}; the logs reach from {begin} to {end}"


def fault_lines(source: Source) -> Iterator[str]:
    """One line for each fault that kept part of a file from being read."""
    for fault in source.faults:
        yield f"errlog: {fault}"


def _count(number: int, noun: str) -> str:
    plural = "processes" if noun == "process" else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"
