"""Clock table: clocks and their timeline, in lines for people."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Sequence

from logtool.clocks.table import Clock, ClockTable, Confidence, Evidence, hours
from logtool.clocks.telling.fitting_zones import FittingZones
from logtool.clocks.telling.kinds import kinds, line_count, span_of, who
from logtool.commands.places import at
from logtool.people.instants import utc_text
from logtool.people.terminal import Painter, safe, wrapped
from parsers.lines import NO_PID

#: Facts for and against each kind of clock, zones, and pids that are told without --verbose.
_FACTS, _ZONES, _PIDS = 2, 3, 6
#: Processes that are drawn.
_ROWS = 40
_MOST_LABEL, _BARS = 24, 60
_HEAD = "offset  sure      process"


def table_lines(
    clocks: Sequence[Clock],
    table: ClockTable,
    names: Sequence[str],
    *,
    width: int,
    painter: Painter,
    verbose: bool,
) -> Iterator[str]:
    """A row for each kind of clock and why; for each single clock and all of it if verbose.

    Args:
        clocks: some of the table's.
        table: says what zones fit.
        names: of the files.
        width: columns.
        painter: of rows.
        verbose: leave nothing out.
    """
    zones = FittingZones(table)
    yield _HEAD
    for together in [[clock] for clock in clocks] if verbose else kinds(clocks):
        yield painter(safe(_row(together)), str(together[0].confidence))
        for word, text in _details(together, zones, names, verbose=verbose):
            yield from wrapped(safe(text), width, f"    {word:8}", " " * 12)


def _row(clocks: Sequence[Clock]) -> str:
    first = clocks[0]
    lines = line_count(clocks)
    runs = f" in {first.runs:,} runs" if len(clocks) == 1 and first.runs > 1 else ""
    counted = f"{lines:,} line{'s' if lines != 1 else ''}{runs}"
    return f"{hours(first.offset_s)}  {first.confidence!s:8}  {who(clocks)}: {counted}"


def _details(
    clocks: Sequence[Clock], zones: FittingZones, names: Sequence[str], *, verbose: bool
) -> Iterator[tuple[str, str]]:
    """What is told below a row: a word and a text each."""
    first = clocks[0]
    pids = list(dict.fromkeys(str(clock.pid) for clock in clocks if clock.pid != NO_PID))
    if pids and len({clock.process for clock in clocks}) > 1:
        yield "pids", some(pids, len(pids) if verbose else _PIDS)
    begin, end = span_of(clocks)
    yield "time", f"{utc_text(begin)} to {utc_text(end)}"
    yield "zone", zones_told(first, zones)
    against = [fact for clock in clocks for fact in clock.conflicts]
    for word, facts in (("because", first.evidence), ("against", _distinct(against))):
        for fact in facts if verbose else facts[:_FACTS]:
            yield word, f"{fact.text}{at(fact, names)}"
        if word == "against" and len(facts) > _FACTS and not verbose:
            yield "", f"and {len(facts) - _FACTS:,} more against it: --verbose"


def _distinct(facts: Iterable[Evidence]) -> Sequence[Evidence]:
    """Without those that say the same of other lines."""
    told: dict[str, Evidence] = {}
    for fact in facts:
        told.setdefault(fact.text, fact)
    return list(told.values())


def zones_told(clock: Clock, zones: FittingZones) -> str:
    """The zones that a clock may keep; names that rest on an assumption are told as such."""
    told = some(zones.told(clock), _ZONES)
    return f"{told}, if the assumption is right" if clock.confidence == Confidence.ASSUMED else told


def some(texts: Sequence[str], count: int) -> str:
    """The first few of some texts, and how many more there are."""
    if not texts:
        return "none fits"
    more = f" or {len(texts) - count:,} more" if len(texts) > count else ""
    return ", ".join(texts[:count]) + more


def timeline(clocks: Sequence[Clock], width: int) -> Iterator[str]:
    """Processes against time, a letter for each offset; `*` where a process has several at once."""
    begin, end = span_of(clocks)
    offsets = sorted({clock.offset_s for clock in clocks})
    letters = dict(zip(offsets, string.ascii_lowercase + string.ascii_uppercase, strict=False))
    processes: dict[int, list[Clock]] = {}
    for clock in clocks:
        processes.setdefault(clock.process, []).append(clock)
    labels = [safe(_label(some[0])) for some in processes.values()][:_ROWS]
    left = min(max(map(len, labels)), _MOST_LABEL) + 1
    bars = min(_BARS, width - left)
    several = ""
    for label, own in zip(labels, processes.values(), strict=False):
        row = [" "] * bars
        for clock in own:
            letter = letters.get(clock.offset_s, "?")
            first, last = (
                (us - begin) * (bars - 1) // max(1, end - begin) for us in span_of([clock])
            )
            for place in range(first, last + 1):
                inside = row[place] not in (" ", letter) and first < place < last
                row[place] = "*" if inside else letter
        several = " *=several" if "*" in row else several
        yield f"{label[: left - 1]:{left}}{''.join(row)}".rstrip()
    if len(processes) > _ROWS:
        yield f"… and {len(processes) - _ROWS:,} more processes"
    yield " " * left + f"{utc_text(begin)} … {utc_text(end)}"
    legend = " ".join(f"{letters.get(offset, '?')}={hours(offset)}" for offset in offsets)
    yield from wrapped(legend + several, width, " " * left, " " * left)


def _label(clock: Clock) -> str:
    """Whose row it is: the group's name tells more than that it is a daemon's."""
    pid = "" if clock.pid == NO_PID else f" {clock.pid}"
    return f"{clock.group or clock.role or 'process'}{pid}"
