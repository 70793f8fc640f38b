"""`errlog normalize`: the same lines, each in UTC."""

from __future__ import annotations

from collections.abc import Iterator

import click

from logtool.clocks.table import ClockTable
from logtool.commands.explaining import Explainer, explain_option
from logtool.commands.live_options import LiveOptions, Task, live_options
from logtool.commands.options import ReadOptions, read_options
from logtool.commands.output import open_output
from logtool.commands.progress import Progress
from logtool.commands.selection import Selection, select_options
from logtool.commands.sparing import spare_inputs
from logtool.commands.strictness import doubts_of, strict_status
from logtool.commands.summary import clock_lines, fault_lines, kept_lines, mistake_lines
from logtool.commands.words import OneOf
from logtool.errors import UsageError
from logtool.normalize import Tally, Written, in_file_order, in_utc_order, normalize_blocks
from logtool.passes.children import Ahead
from logtool.passes.first import find_clocks, open_logs
from logtool.passes.logs import Log
from logtool.people.terminal import say
from logtool.writing.styles import TimeStyle


@click.command("normalize")
@read_options
@click.option(
    "--time",
    "style",
    type=OneOf([style.value for style in TimeStyle]),
    default=TimeStyle.CUZ.value,
    show_default=True,
    help="cuz: Apache's %{cuz}t; keep: as it came in; iso: RFC 3339; epoch: seconds.",
)
@click.option("--sort", is_flag=True, help="Write the lines in UTC order.")
@click.option("-o", "--output-file", metavar="FILE", help="Write here instead of standard output.")
@explain_option
@live_options
@select_options
def command(
    read: ReadOptions,
    style: str,
    sort: bool,
    output_file: str | None,
    explain: bool,
    live: LiveOptions,
    selection: Selection,
) -> int:
    """Write the same lines, each with its time in UTC.

    FILE is a path, a glob, a directory, or - for standard input; compressed files are opened by
    their content, rotated ones put in true order. One line out for each line in; everything but
    the timestamp stays as it is, byte for byte.

    Selected lines (--since, --until, --level, --grep) are taken one by one.

    With --explain, lines that begin with "-- " tell cause and cure of a known problem under the
    line that shows it, at length where it is met first.
    """
    spare_inputs(output_file, read.files)
    task = Task(read, TimeStyle(style), sort, output_file, live, selection)
    if task.is_special:
        if explain:
            raise UsageError("--explain goes with all lines of whole logs only")
        from logtool.commands.live import normalize_specially

        return normalize_specially(task)
    options = read.clock_options()
    layouts = read.layouts()
    with (
        read.opened() as sources,
        open_output(output_file, of_log=True, to_the_end=read.strict) as output,
        Ahead(output.reserved, bytes_too=sort) as ahead,
    ):
        logs = open_logs(sources, layouts)

        with Progress(shown=not read.quiet) as progress:
            watch = progress.of_clocks()
            table = find_clocks(logs, options, watch, ahead=None if explain else ahead)
        tally = Tally()
        explained = Explainer(logs, table).under_lines if explain else iter

        def counted() -> Iterator[Written]:
            bare = not (sort or explain)
            for written in normalize_blocks(logs, table, TimeStyle(style), ahead, bare=bare):
                tally.add(written.tally)
                progress.tell("writing", written.log, written.block.offset)
                yield written

        with Progress(shown=not (read.quiet or output.is_terminal)) as progress:
            for text in (in_utc_order if sort else in_file_order)(explained(counted())):
                output.write(text.data)
    return tell_found(read, logs, table, tally)


def tell_found(read: ReadOptions, logs: list[Log], table: ClockTable, tally: Tally) -> int:
    """Say on standard error what was found; gives the exit status."""
    names = [log.source.name for log in logs]
    if read.quiet:
        for line in mistake_lines(table):
            say(line)
    else:
        for line in clock_lines(table, names, verbose=read.verbose):
            say(line)
        for line in kept_lines(tally, names):
            say(line)
    faults = [line for log in logs for line in fault_lines(log.source)]
    for line in faults:
        say(line)
    if faults:
        return 3
    return strict_status(read.strict, doubts_of(table, tally))
