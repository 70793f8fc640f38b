"""Clock numbers: takes the clocks found, gives what a report tells of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from logtool.clocks.table import (
    BACKWARDS,
    OUT_OF_ORDER,
    Clock,
    ClockTable,
    Confidence,
    Evidence,
    hours,
)
from logtool.clocks.telling.kinds import span_of
from logtool.people.instants import instant
from logtool.reports.numbers import ClockNumbers, Numbers, ProcessSpan
from parsers.classes import dataclass
from parsers.lines import NO_PID

#: So many spans of processes fit on the map of clocks.
_ON_MAP = 400
_FACTS = 6


def who(role: str, group: str) -> str:
    """A kind of process: `daemon of shop`."""
    return f"{role or 'process'} of {group}" if group else role or "process"


def utc_offset(seconds: int) -> str:
    """`UTC+02:00`."""
    return f"UTC{hours(seconds)}"


@dataclass(frozen=True, slots=True)
class OfClocks:
    """What a report tells of clocks alone, as in `Numbers`."""

    clocks: tuple[ClockNumbers, ...]
    clock_notes: tuple[str, ...]
    processes: tuple[ProcessSpan, ...]

    @classmethod
    def told_by(cls, table: ClockTable, names: Sequence[str]) -> OfClocks:
        """What is told of a table with its evidence; names are those of the logs in true order."""
        return cls(clock_numbers(table, names), clock_notes(table, names), process_spans(table))

    def within(self, numbers: Numbers) -> Numbers:
        """The numbers of the same logs, with these."""
        return replace(
            numbers,
            clocks=self.clocks,
            clock_notes=self.clock_notes,
            processes=self.processes,
        )


def clock_numbers(table: ClockTable, names: Sequence[str]) -> tuple[ClockNumbers, ...]:
    """The clocks by kind of process, offset and zone, most lines first."""
    kinds: dict[tuple[str, int, str], list[Clock]] = {}
    for clock in table.clocks:
        kinds.setdefault((who(clock.role, clock.group), clock.offset_s, clock.zone), []).append(
            clock
        )
    found = [_kind(one, clocks, names, table) for (one, _, _), clocks in kinds.items()]
    return tuple(sorted(found, key=lambda one: -one.lines))


def _disorder(clocks: Sequence[Clock], table: ClockTable) -> set[str]:
    """In what ways the files of their servers are out of order."""
    servers = {clock.server for clock in clocks}
    files = {clock.file for clock in table.clocks if clock.server in servers}
    return {note.kind for note in table.notes if note.kind in OUT_OF_ORDER and note.file in files}


def _kind(
    name: str, clocks: Sequence[Clock], names: Sequence[str], table: ClockTable
) -> ClockNumbers:
    sure = min(clock.confidence for clock in clocks)
    trouble = [_told(fact, names) for clock in clocks for fact in clock.conflicts]
    if sure == Confidence.ASSUMED:
        kinds = _disorder(clocks, table)
        cure = "" if table.server_named or kinds else "; say --server-tz ZONE"
        cure = "; tac puts the lines right" if BACKWARDS in kinds else cure
        trouble.insert(0, f"the offset is only assumed{cure}")
    flips = sum(clock.runs > 1 for clock in clocks)
    if flips:
        trouble.append(f"{flips} of these processes came back to this offset after another")
    first = max(clocks, key=lambda clock: clock.lines)
    begin, end = span_of(clocks)
    return ClockNumbers(
        who=name,
        offset_s=first.offset_s,
        zone=first.zone,
        confidence=str(sure),
        lines=sum(clock.lines for clock in clocks),
        processes=len({clock.process for clock in clocks}),
        first_utc=instant(begin),
        last_utc=instant(end),
        evidence=tuple(_told(fact, names) for fact in first.evidence[:_FACTS]),
        trouble=tuple(dict.fromkeys(trouble))[:_FACTS],
    )


def process_spans(table: ClockTable) -> tuple[ProcessSpan, ...]:
    """Processes while they kept one clock: those with most lines, in order of time."""
    most = sorted(table.clocks, key=lambda clock: -clock.lines)[:_ON_MAP]
    ends = [span_of([clock]) for clock in most]
    spans = [
        ProcessSpan(
            clock.process,
            None if clock.pid == NO_PID else clock.pid,
            who(clock.role, clock.group),
            clock.offset_s,
            str(clock.confidence),
            instant(begin),
            instant(end),
            clock.lines,
        )
        for clock, (begin, end) in zip(most, ends, strict=True)
    ]
    return tuple(sorted(spans, key=lambda span: (span.first_utc, span.process)))


def clock_notes(table: ClockTable, names: Sequence[str]) -> tuple[str, ...]:
    """What else is to be known of the clocks."""
    return tuple(_told(note, names) for note in table.notes)


def _told(fact: Evidence, names: Sequence[str]) -> str:
    place = (
        f" ({names[fact.file]}:{fact.line})" if 0 <= fact.file < len(names) and fact.line else ""
    )
    return f"{fact.text}{place}"
