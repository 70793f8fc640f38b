"""Clock facts: take the clocks and formats of logs, give findings of the rules about them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from logtool.clocks.table import Clock, ClockTable, Confidence, hours
from logtool.clocks.telling.advice import ZONE, no_one_zone
from logtool.clocks.telling.app_zones import app_zones, differing
from logtool.flags.finding import Finding, finding_of
from logtool.flags.rule import Rule
from logtool.passes.logs import Log
from logtool.people.instants import instant
from parsers.lines import NO_PID

#: `%{%cuz}t`: option letters behind the percent sign that makes httpd call strftime(3).
_STRFTIME_OPTIONS = re.compile(r"%[-+0-9]*\{%c?[cuzm]{2,3}\}t")

#: So many clocks are shown.
_SHOWN = 12


def find_clock_flags(
    logs: Sequence[Log], table: ClockTable, rules: Sequence[Rule]
) -> list[Finding]:
    """The findings about the clocks and formats of some logs: no line is read for them."""
    names = [log.source.name for log in logs]
    formats = [
        [layout.format.text for layout in log.decoder.layouts if layout.format] for log in logs
    ]
    return clock_findings(table, rules, formats, names)


def clock_findings(
    table: ClockTable,
    rules: Sequence[Rule],
    formats: Sequence[Sequence[str]] = (),
    file_names: Sequence[str] = (),
) -> list[Finding]:
    """The findings of those rules that are about clocks.

    Args:
        table: the clocks of all files.
        rules: any rules; those about lines are passed over.
        formats: the ErrorLogFormat directives that each file was read with.
        file_names: names of the files, by their index in the table.
    """
    found = []
    for rule in rules:
        if not rule.clock:
            continue
        if rule.clock == "strftime-in-options":
            finding = _strftime_finding(rule, formats)
        else:
            finding = _clock_finding(rule, _CLOCKS_OF[rule.clock](table), file_names)
        if finding:
            found.append(_with_zones(finding, table))
    return found


def _alternating(table: ClockTable) -> list[Clock]:
    """The clocks of processes that came back to an offset, in the files where they did.

    Lines without a pid are those of one process here.
    """
    back = {(clock.process, clock.file) for clock in table.clocks if clock.runs > 1}
    return [clock for clock in table.clocks if (clock.process, clock.file) in back]


def _flipping(table: ClockTable) -> list[Clock]:
    """Of these, the clocks that have a pid: other lines may be of several processes."""
    return [clock for clock in _alternating(table) if clock.pid != NO_PID]


def _mixed_without_offset(table: ClockTable) -> list[Clock]:
    """All clocks that no line writes, if they are of several offsets at one time."""
    unwritten = [clock for clock in table.clocks if clock.confidence < Confidence.WRITTEN]
    nameless = any(clock.pid == NO_PID for clock in _alternating(table))
    return unwritten if differing(table) or nameless else []


_CLOCKS_OF: dict[str, Callable[[ClockTable], list[Clock]]] = {
    "differs-from-server": differing,
    "flips-in-process": _flipping,
    "without-offset": _mixed_without_offset,
}


def _clock_finding(
    rule: Rule, clocks: Sequence[Clock], file_names: Sequence[str]
) -> Finding | None:
    """One finding for all these clocks: counted by process, or by file if it is of the format."""
    if not clocks:
        return None
    first = min(clocks, key=lambda clock: clock.first_us)
    named = 0 <= first.file < len(file_names)
    by_file = rule.clock == "without-offset"
    more = len(clocks) - _SHOWN
    count = len({clock.file if by_file else clock.process for clock in clocks})
    return replace(
        finding_of(rule, count),
        first_utc=instant(first.first_us),
        last_utc=instant(max(clock.last_us for clock in clocks)),
        pids=tuple(sorted({clock.pid for clock in clocks if clock.pid != NO_PID})),
        log_file=file_names[first.file] if named else None,
        log_line=first.first_line,
        excerpt=(*map(_told, clocks[:_SHOWN]), *([f"and {more} more"] if more > 0 else [])),
    )


def _with_zones(finding: Finding, table: ClockTable) -> Finding:
    """The finding, the application's zone named in a cure that speaks of one."""
    if ZONE not in finding.cure:
        return finding
    zones = app_zones(table)
    if len(zones) > 1:
        return replace(finding, notes=(*finding.notes, no_one_zone(zones)))
    for zone in zones:
        note = f"{zone.keepers()}: {zone.told()}"
        cure = finding.cure.replace(ZONE, f"TZ={zone.zone}")
        return replace(finding, cure=cure, notes=(*finding.notes, note))
    return finding


def _strftime_finding(rule: Rule, formats: Sequence[Sequence[str]]) -> Finding | None:
    """One finding for all files: what is told of a format may be found in its lines once more."""
    wrong = [[text for text in texts if _STRFTIME_OPTIONS.search(text)] for texts in formats]
    first = [texts[0] for texts in wrong if texts]
    if not first:
        return None
    return replace(finding_of(rule, len(first)), excerpt=tuple(dict.fromkeys(first)))


def _told(clock: Clock) -> str:
    who = f"{clock.role or 'process'} {clock.group} {clock.pid if clock.pid != NO_PID else ''}"
    zone = f" ({clock.zone})" if clock.zone else ""
    span = f"lines {clock.first_line} to {clock.last_line}"
    return f"{' '.join(who.split())}: UTC{hours(clock.offset_s)}{zone}, {span}"
