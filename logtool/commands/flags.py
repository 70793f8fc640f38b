"""`errlog flags`: known problems, with cause and cure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import click

from logtool.clocks.evidence.neighbours import find_denials
from logtool.commands.options import ReadOptions, read_options
from logtool.commands.output import open_output
from logtool.commands.progress import Progress
from logtool.commands.selection import Selection, select_options
from logtool.commands.strictness import doubts_of, found, strict_status
from logtool.commands.summary import (
    assumption_lines,
    fault_lines,
    mistake_lines,
    no_finding,
    unread_lines,
)
from logtool.flags.apart import Child, find
from logtool.flags.sieved import Sieved
from logtool.inputs import REMEMBERED
from logtool.machine.open_files import need_files
from logtool.normalize import Tally
from logtool.passes.first import find_clocks, open_logs
from logtool.passes.logs import StampedBlock
from logtool.people.terminal import output_width, safe_json, say

if TYPE_CHECKING:
    from logtool.flags.rule import Rule


@click.command("flags")
@read_options
@select_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each finding.")
@click.option("--rule", "wanted", metavar="ID", multiple=True, help="Only this rule's findings.")
@click.option("--rules", "own", metavar="FILE", help="Also look for the rules in this TOML file.")
def command(
    read: ReadOptions,
    selection: Selection,
    as_json: bool,
    wanted: tuple[str, ...],
    own: str | None,
) -> int:
    """Find known problems, worst first.

    Each finding tells how often and when, in which processes, which line of the application is to
    blame where a stack says so, the cause, and the cure with the directive to write. `errlog
    explain` tells of one rule at length.

    With --since, --until, --level or --grep only events count that have such a line. What is told
    of clocks stands in no line, and is told in any case.
    """
    layouts, chosen = read.layouts(), selection.expression()
    # A mistake in what was asked for is told before anything is read; else polars can wait, because
    # no child process can be begun once it has begun its threads.
    asked = _rules(own, wanted) if own or wanted else None
    rules = cache(lambda: asked or _rules(None, ()))
    tally, sieved = Tally(), Sieved(rules)
    with (
        Child(sieved, rules) as child,
        read.opened() as sources,
    ):
        need_files()
        logs = open_logs(sources, layouts, REMEMBERED, rules)  # children have them then

        def watch(stamped: StampedBlock) -> None:
            tally.watch(stamped)
            sieved.watch(stamped)

        with Progress(shown=not read.quiet) as progress:
            watched, options = progress.of_clocks(watch), read.clock_options()
            table = find_clocks(logs, options, watched, ahead=child, look=sieved.look)
        problems = child.found(table) or find(logs, table, rules(), chosen, sieved)
        names = [log.source.name for log in logs]
        notes = [*unread_lines(table, tally, names), *assumption_lines(table)]
        faults = [line for log in logs for line in fault_lines(log.source)]
    from logtool.flags.audit import with_denials
    from logtool.flags.telling import told

    paths = [log.source.path for log in logs]
    denials = find_denials(paths, read.audit_log, search=read.neighbours)
    findings = with_denials(problems.findings, denials)
    lines = (safe_json(json.dumps(one.to_json(), ensure_ascii=False)) for one in findings)
    # Who asks for some lines or some rules asks for nothing else.
    count = 0 if wanted or chosen is not None else problems.tracebacks
    with open_output(None, to_the_end=read.strict) as output:
        text = told(findings, read.painter, output_width(), count, no_finding(tally))
        for line in lines if as_json else text:
            output.write(f"{line}\n".encode("utf-8", "backslashreplace"))
    for line in [] if read.quiet else notes:
        say(line)
    for fault in [*mistake_lines(table), *faults]:
        say(fault)
    doubts = [*doubts_of(table, tally), found(len(findings))]
    return 3 if faults else strict_status(read.strict, doubts)


def _rules(own: str | None, wanted: Sequence[str]) -> tuple[Rule, ...]:
    """The rules to look for; raises UsageError."""
    from logtool.flags.explanations import no_such_rule, rules_with

    rules = rules_with(own)
    known = [rule.id for rule in rules]
    for name in wanted:
        if name not in known:
            raise no_such_rule(name, known)
    return tuple(rule for rule in rules if not wanted or rule.id in wanted)
