"""`errlog clocks`: the clocks found in logs, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from logtool.clocks.table import OUT_OF_ORDER, Clock, ClockTable, Evidence, hours
from logtool.clocks.telling.advice import advice_on
from logtool.clocks.telling.fitting_zones import FittingZones
from logtool.clocks.telling.kinds import span_of
from logtool.clocks.tzdb.zones import tzdata_version
from logtool.commands.asked_line import AskedLine, explained
from logtool.commands.choosing import chooser
from logtool.commands.clock_table import table_lines, timeline
from logtool.commands.options import ReadOptions, read_options
from logtool.commands.output import open_output
from logtool.commands.progress import Progress
from logtool.commands.selection import Selection, select_options
from logtool.commands.strictness import doubts_of, strict_status
from logtool.commands.summary import disorder_lines, fault_lines, kept_lines, mistake_lines
from logtool.normalize import Tally
from logtool.passes.first import find_clocks, open_logs
from logtool.passes.logs import Log, StampedBlock
from logtool.passes.working import worked_blocks
from logtool.people.instants import utc_text
from logtool.people.terminal import fitted, output_width, safe, say, terminal_width, wrapped
from parsers.lines import NO_PID

#: Kinds of notes that the table and standard error tell.
_TOLD_ELSEWHERE = ("conflict", *OUT_OF_ORDER)


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
    tally = Tally()
    with read.opened() as sources:
        logs = open_logs(sources, layouts)
        names = [log.source.name for log in logs]
        asked = AskedLine.at(explain, names) if explain is not None else None

        def watch(stamped: StampedBlock) -> None:
            tally.watch(stamped)
            if asked is not None:
                asked.watch(stamped)

        with Progress(shown=not read.quiet) as progress:
            table = find_clocks(logs, read.clock_options(), progress.of_clocks(watch))
        if asked is not None:
            width = terminal_width()
            lines = explained(table, names, asked)
            told: Iterable[str] = chain.from_iterable(
                fitted(line, width, " " * 6) for line in lines
            )
        else:
            clocks = _chosen(logs, table, selection)
            if as_json:
                zones = FittingZones(table)
                told = (json.dumps(_facts(clock, zones, names)) for clock in clocks)
            else:
                told = _told(clocks, table, names, read)
        with open_output(None, to_the_end=read.strict) as output:
            for line in told:
                output.write(f"{line}\n".encode("utf-8", "backslashreplace"))
        faults = [line for log in logs for line in fault_lines(log.source)]
    mistakes = mistake_lines(table) if as_json or explain else ()  # else the table tells them
    notes = disorder_lines(table) if table.clocks else kept_lines(tally, names)
    for line in [*([] if read.quiet else notes), *mistakes, *faults]:
        say(line)
    if faults:
        return 3
    return strict_status(read.strict, doubts_of(table, tally))


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


def _facts(clock: Clock, zones: FittingZones, names: Sequence[str]) -> dict[str, Any]:
    """A clock as JSON; its keys are listed in docs/clocks.md."""
    begin, end = span_of([clock])
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
        "from_utc": utc_text(begin),
        "to_utc": utc_text(end),
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


def _told(
    clocks: Sequence[Clock], table: ClockTable, names: Sequence[str], read: ReadOptions
) -> Iterator[str]:
    """The clocks for people, and what follows from them."""
    if not clocks:
        yield "no such line" if table.clocks else "no line with a time"
        return
    width = output_width()
    yield from table_lines(
        clocks, table, names, width=width, painter=read.painter, verbose=read.verbose
    )
    yield ""
    yield from timeline(clocks, width)
    for note in table.notes:
        if note.kind not in _TOLD_ELSEWHERE:
            yield from wrapped(safe(note.text), width, "note: ")
    for advice in advice_on(table):
        yield from wrapped(safe(advice), width, "advice: ")
    if read.verbose:
        yield f"zones from tzdata {tzdata_version()}"
