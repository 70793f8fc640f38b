"""`errlog clocks`: the clocks found in logs, and why."""

from __future__ import annotations

import json
import string
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from logtool.clocks.advice import advice_on
from logtool.clocks.table import Clock, ClockTable, Confidence, Evidence, hours
from logtool.clocks.zones import changes_between, tzdata_version, zones_that_fit
from logtool.commands.choosing import chooser
from logtool.commands.options import ReadOptions, read_options
from logtool.commands.output import open_output
from logtool.commands.progress import Progress
from logtool.commands.selection import Selection, select_options
from logtool.commands.summary import fault_lines
from logtool.errors import UsageError
from logtool.passes import Log, StampedBlock, find_clocks, open_logs, worked_blocks
from logtool.terminal import output_width, safe, wrapped
from parsers.lines import NO_PID, NO_TIME

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Columns of the timeline, and clocks drawn in it.
_COLUMNS = 60
_ROWS = 40
#: Facts shown for each clock without --verbose.
_FACTS = 2
#: Zones named in a row of the table.
_ZONES = 3


@click.command("clocks")
@read_options
@select_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each clock.")
@click.option(
    "--explain", metavar="[FILE:]LINE", help="Tell why one line got its instant, and nothing else."
)
def command(read: ReadOptions, selection: Selection, as_json: bool, explain: str | None) -> int:
    """Tell the clock of every process: its offset, its zone, how sure that is, and why.

    Confidence is `written` where lines write their offset, `certain` where no other offset fits,
    `likely` where order leaves a choice, `assumed` where there is nothing but a default.

    All lines are looked at; with --since, --until, --level or --grep only clocks are told that
    stamp such a line.
    """
    layouts = read.layouts()
    with Progress(shown=not read.quiet), read.opened() as sources:
        logs = open_logs(sources, layouts)
        names = [log.source.name for log in logs]
        asked = _Asked(*_place_of(explain, names)) if explain is not None else None
        table = find_clocks(logs, read.clock_options(), asked.watch if asked else _nothing)
        if asked is not None:
            told = _explained(table, names, asked)
        else:
            clocks = _chosen(logs, table, selection)
            if as_json:
                zones = _Zones(table)
                told = (json.dumps(_facts(clock, zones, names)) for clock in clocks)
            else:
                told = _table(clocks, table, names, read)
        with open_output(None) as output:
            for line in told:
                output.write(f"{line}\n".encode("utf-8", "backslashreplace"))
        faults = [line for log in logs for line in fault_lines(log.source)]
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        return 3
    unsure = any(clock.confidence == Confidence.ASSUMED for clock in table.clocks)
    return int(read.strict and unsure)


def _chosen(logs: Sequence[Log], table: ClockTable, selection: Selection) -> Sequence[Clock]:
    """The clocks that stamp a line of the selection."""
    choose = chooser(selection, table)
    if choose is None:
        return table.clocks

    def stamping(stamped: StampedBlock) -> NDArray[np.int64]:
        chosen = choose(stamped)
        rows = np.arange(len(stamped.block)) if chosen is None else chosen
        lines = stamped.block.first_line + rows
        return np.unique(table.clock_rows(stamped.log.number, lines, stamped.stamps.pid[rows]))

    numbers = {row for some in worked_blocks(logs, stamping) for row in some.tolist()}
    return [clock for number, clock in enumerate(table.clocks) if number in numbers]


def _facts(clock: Clock, zones: _Zones, names: Sequence[str]) -> dict[str, Any]:
    """A clock as JSON; see README for the meaning of each key."""
    return {
        "process": clock.process,
        "pid": None if clock.pid == NO_PID else clock.pid,
        "role": clock.role or None,
        "group": clock.group or None,
        "file": names[clock.file],
        "first_line": clock.first_line,
        "last_line": clock.last_line,
        "lines": clock.lines,
        "runs": clock.runs,
        "from_utc": _instant(clock.first_us),
        "to_utc": _instant(clock.last_us),
        "offset": hours(clock.offset_s),
        "zone": clock.zone or None,
        "zone_candidates": list(zones.of(clock)),
        "confidence": str(clock.confidence),
        "evidence": [_fact(fact, names) for fact in clock.evidence],
        "conflicts": [_fact(fact, names) for fact in clock.conflicts],
    }


def _fact(fact: Evidence, names: Sequence[str]) -> dict[str, Any]:
    return {
        "kind": fact.kind,
        "text": fact.text,
        "file": names[fact.file] if fact.file >= 0 else None,
        "line": fact.line or None,
    }


#: Changes of all zones are looked up over so many microseconds: thirty years.
_LONG_US = 30 * 366 * 86_400 * 1_000_000


class _Zones:
    """Names the zones that fit clocks."""

    def __init__(self, table: ClockTable) -> None:
        self._of_process: dict[tuple[int, str, str], list[Clock]] = defaultdict(list)
        for clock in table.clocks:
            self._of_process[clock.process, clock.role, clock.group].append(clock)
        self._known: dict[frozenset[tuple[int, int]], tuple[str, ...]] = {}
        first = min((clock.first_us for clock in table.clocks), default=0)
        last = max((clock.last_us for clock in table.clocks), default=0)
        # A forged year makes every log long; its zones are looked up clock by clock.
        self._changes_us = changes_between(first, last)[:, 0] if last - first < _LONG_US else None

    def of(self, clock: Clock) -> tuple[str, ...]:
        """The zones that fit all clocks of its process that are the same but for summer time."""
        same = [
            other
            for other in self._of_process[clock.process, clock.role, clock.group]
            if other is clock or abs(other.offset_s - clock.offset_s) <= 3600
        ]
        return self._fitting(same) or self._fitting([clock])

    def _fitting(self, clocks: Sequence[Clock]) -> tuple[str, ...]:
        pairs = [(x, one.offset_s) for one in clocks for x in (one.first_us, one.last_us)]
        stretches = [time for time, _ in pairs]
        if self._changes_us is not None:
            # Zones fit the same clocks at all times between which no zone changes.
            times = np.array(stretches, np.int64)
            stretches = np.searchsorted(self._changes_us, times, side="right").tolist()
        key = frozenset(zip(stretches, (offset for _, offset in pairs), strict=True))
        if key not in self._known:
            self._known[key] = zones_that_fit(*zip(*pairs, strict=True))
        return self._known[key]


def _table(
    clocks: Sequence[Clock], table: ClockTable, names: Sequence[str], read: ReadOptions
) -> Iterator[str]:
    """The clocks for people."""
    if not clocks:
        yield "no such line" if table.clocks else "no line with a time"
        return
    zones, width = _Zones(table), output_width()
    for clock in clocks:
        yield read.painter(safe(_row(clock, zones)), str(clock.confidence))
        facts = clock.evidence if read.verbose else clock.evidence[:_FACTS]
        for fact in facts:
            yield safe(f"    {fact.text}{_at(fact, names)}")
        for fact in clock.conflicts:
            yield safe(f"    AGAINST IT: {fact.text}{_at(fact, names)}")
    yield ""
    yield from _timeline(clocks)
    for note in table.notes:
        yield from wrapped(safe(note.text), width, "note: ")
    for advice in advice_on(table):
        yield from wrapped(safe(advice), width, "advice: ")
    if read.verbose:
        yield f"zones from tzdata {tzdata_version()}"


def _row(clock: Clock, zones: _Zones) -> str:
    zone = clock.zone or _some(zones.of(clock))
    runs = f" in {clock.runs:,} runs" if clock.runs > 1 else ""
    lines = f"{clock.lines:,} line" + ("s" if clock.lines != 1 else "")
    return (
        f"{hours(clock.offset_s)}  {clock.confidence!s:8} {_who(clock):24} "
        f"{lines}{runs}, {_instant(clock.first_us)} to {_instant(clock.last_us)}  {zone}"
    )


def _who(clock: Clock) -> str:
    pid = "no pid" if clock.pid == NO_PID else str(clock.pid)
    group = f" '{clock.group}'" if clock.group else ""
    return f"{clock.role or 'process'}{group} {pid}"


def _some(zones: Sequence[str]) -> str:
    if not zones:
        return "no zone fits"
    more = f" or {len(zones) - _ZONES} more" if len(zones) > _ZONES else ""
    return ", ".join(zones[:_ZONES]) + more


def _timeline(clocks: Sequence[Clock]) -> Iterator[str]:
    """Processes against time, a letter for each offset; `*` where a process has several at once."""
    begin, end = min(c.first_us for c in clocks), max(c.last_us for c in clocks)
    width = max(1, end - begin)
    offsets = sorted({clock.offset_s for clock in clocks})
    letters = dict(zip(offsets, string.ascii_lowercase + string.ascii_uppercase, strict=False))
    rows: dict[int, list[str]] = {}
    owner: dict[int, Clock] = {}
    for clock in clocks:
        row = rows.setdefault(clock.process, [" "] * _COLUMNS)
        owner.setdefault(clock.process, clock)
        first = (clock.first_us - begin) * (_COLUMNS - 1) // width
        last = (clock.last_us - begin) * (_COLUMNS - 1) // width
        letter = letters.get(clock.offset_s, "?")
        for at in range(first, last + 1):
            inside = row[at] not in (" ", letter) and first < at < last
            row[at] = "*" if inside else letter
    for process, row in list(rows.items())[:_ROWS]:
        yield safe(f"{_who(owner[process])[:19]:19} {''.join(row)}")
    if len(rows) > _ROWS:
        yield f"… and {len(rows) - _ROWS} more processes"
    yield " " * 20 + f"{_instant(begin)} … {_instant(end)}"
    legend = "  ".join(f"{letters.get(x, '?')} = {hours(x)}" for x in offsets)
    yield " " * 20 + legend


def _place_of(text: str, names: Sequence[str]) -> tuple[int, int]:
    """File number and line of `LINE` or `FILE:LINE`.

    Raises:
        UsageError: it is neither, or the file is not among those read.
    """
    name, colon, line = text.rpartition(":")
    if not line.isdecimal() or not int(line):
        raise UsageError(f"--explain {text}: say a line number, or FILE:LINE")
    if not colon:
        return 0, int(line)
    if name not in names:
        raise UsageError(f"--explain {text}: {name} is not among the files read")
    return names.index(name), int(line)


class _Asked:
    """The line that --explain asks for, seen as it passes."""

    def __init__(self, file: int, line: int) -> None:
        self.file, self.line = file, line
        self.pid, self.local_us, self.seen = NO_PID, NO_TIME, False

    def watch(self, stamped: StampedBlock) -> None:
        """Remember the line if it is in this block."""
        row = self.line - stamped.block.first_line
        if stamped.log.number == self.file and 0 <= row < len(stamped.block):
            self.seen = True
            self.pid = int(stamped.stamps.pid[row])
            self.local_us = int(stamped.stamps.local_us[row])


def _nothing(stamped: StampedBlock) -> None:
    """Let a block pass."""


def _explained(table: ClockTable, names: Sequence[str], asked: _Asked) -> Iterator[str]:
    """Why one line got its instant."""
    place = safe(f"{names[asked.file]}:{asked.line}")
    if not asked.seen:
        yield f"{place}: the file has no such line"
        return
    rows = table.clock_rows(asked.file, np.array([asked.line]), np.array([asked.pid]))
    if asked.local_us == NO_TIME or rows[0] < 0:
        yield f"{place}: the line has no stamp that errlog can read; it is left as it is"
        return
    clock = table.clocks[int(rows[0])]
    utc, zones = asked.local_us - clock.offset_s * 1_000_000, _Zones(table)
    yield safe(f"{place}: {_instant(utc)} in UTC, {clock.confidence}")
    yield safe(f"  {_who(clock)} stamps it at {hours(clock.offset_s)}")
    yield safe(f"  zones that fit: {_some(zones.of(clock))}")
    for fact in clock.evidence:
        yield safe(f"  because {fact.text}{_at(fact, names)}")
    for fact in clock.conflicts:
        yield safe(f"  against it: {fact.text}{_at(fact, names)}")


def _at(fact: Evidence, names: Sequence[str]) -> str:
    return f" ({names[fact.file]}:{fact.line})" if fact.file >= 0 and fact.line else ""


def _instant(utc_us: int) -> str:
    try:
        return f"{_EPOCH + timedelta(microseconds=utc_us):%Y-%m-%dT%H:%M:%SZ}"
    except OverflowError:
        return "beyond the calendar"
