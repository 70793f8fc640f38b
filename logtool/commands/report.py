"""`errlog report`: what logs hold, for people in the morning and for cron."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logtool.commands.options import ReadOptions, read_options
from logtool.commands.output import open_output
from logtool.commands.progress import Progress
from logtool.commands.selection import Selection, select_options
from logtool.commands.sparing import spare_inputs
from logtool.commands.strictness import found, strict_status, unread
from logtool.commands.words import OneOf
from logtool.errors import UsageError
from logtool.flags.severities import SEVERITIES
from logtool.people.misspelled import with_meant
from logtool.people.terminal import safe, say

if TYPE_CHECKING:
    from logtool.flags.finding import Finding
    from logtool.flags.rule import Rule
    from logtool.people.terminal import Painter
    from logtool.reports.numbers import Report


@click.command(
    "report",
    epilog="Such as: errlog report /var/log/apache2 --since yesterday -o report.html",
)
@read_options
@select_options
@click.option(
    "-o", "--output-file", metavar="FILE",
    help="Write here; its ending says how: .html, .md, .json, .csv, .parquet or .txt.",
)  # fmt: skip
@click.option("--by-host", is_flag=True, help="A part for each host: the folder of its logs.")
@click.option(
    "--host-pattern", metavar="REGEX", help="Hosts by the group of this expression in a log's path."
)
@click.option("--rules", metavar="FILE", help="Also look for the rules in this TOML file.")
@click.option(
    "--new-since", metavar="STATE", help="Tell only what the last report with this file did not."
)
@click.option(
    "--fail-on", type=OneOf(SEVERITIES), help="Exit 1 for a problem this severe or worse."
)
@click.option("--json-schema", is_flag=True, help="Print the JSON Schema of a .json report.")
def command(
    read: ReadOptions,
    selection: Selection,
    output_file: str | None,
    by_host: bool,
    host_pattern: str | None,
    rules: str | None,
    new_since: str | None,
    fail_on: str | None,
    json_schema: bool,
) -> int:
    """Report what logs hold: known problems, exceptions, clocks, rates, restarts and more.

    Rotated and compressed members are read in true order. Without -o the report goes to standard
    output as text, which mails well. With --new-since STATE only new problems, exceptions and
    messages are listed, and STATE is brought up to date.
    """
    from logtool.machine.heap import keep_freed_memory
    from logtool.reports.making import folders_of_hosts

    keep_freed_memory()
    if json_schema:
        return _print_schema()
    write = _writer(output_file, read.painter)
    state, known = Path(new_since) if new_since else None, None
    if state:
        from logtool.reports.news import read_known, write_known  # few runs need JSON

        known = read_known(state)
    if read.verbose and selection.told():
        say(f"errlog: lines {selection.told()}")
    host = host_pattern if host_pattern is not None else by_host
    spare_inputs(output_file, read.files if host is False else folders_of_hosts(read.files))
    report, told = _made(read, selection, rules, host, known)
    judged = read.strict or fail_on is not None
    with open_output(output_file, to_the_end=judged) as output:
        output.write(write(report))
    if state and known is not None and not output.is_unread:
        write_known(state, told | known)
    return _status(read, report, fail_on)


def _tell_mistake(text: str) -> None:
    """Say it also with --quiet."""
    say(safe(f"errlog: {text}"))


def _print_schema() -> int:
    import json

    from logtool.reports.outputs.as_json import schema

    click.echo(json.dumps(schema(), indent=1))
    return 0


def _writer(output_file: str | None, painter: Painter) -> Callable[[Report], bytes]:
    """What renders a report for this file. It loads what it needs late, as `Wish` does.

    Raises:
        UsageError: nothing is known to write such a file.
    """
    ending = Path(output_file).suffix.lower() if output_file not in (None, "-") else ""
    if ending in ("", ".txt"):
        return _text(to_terminal=not ending, color=painter.on and not ending)
    if ending not in _RENDERERS:
        told = f"{output_file}: the ending says how to write; there is {', '.join(_ENDINGS)}"
        raise UsageError(with_meant(told, ending, _ENDINGS))
    module, name = _RENDERERS[ending]

    def write(report: Report) -> bytes:
        output = import_module(f"logtool.reports.outputs.{module}")
        made: str | bytes = getattr(output, name)(report)
        return made.encode() if isinstance(made, str) else made

    return write


#: By the ending of the file: a module of `logtool.reports.outputs`, and the function there.
_RENDERERS = {
    ".html": ("html", "render"),
    ".htm": ("html", "render"),
    ".md": ("markdown", "render"),
    ".json": ("as_json", "render"),
    ".csv": ("flat", "render_csv"),
    ".parquet": ("flat", "render_parquet"),
}
_ENDINGS = (*_RENDERERS, ".txt")


def _text(*, to_terminal: bool, color: bool) -> Callable[[Report], bytes]:
    from logtool.people.terminal import MAIL_WIDTH, output_width

    width = output_width() if to_terminal and sys.stdout.isatty() else MAIL_WIDTH

    def write(report: Report) -> bytes:
        from logtool.reports.outputs.text import render

        return render(report, width=width, color=color).encode()

    return write


def _made(
    read: ReadOptions,
    selection: Selection,
    rules: str | None,
    host: str | bool,
    known: frozenset[str] | None,
) -> tuple[Report, frozenset[str]]:
    from logtool.reports.apart import check
    from logtool.reports.making import make_report
    from logtool.reports.wish import Wish

    lines = replace(selection, since=None, until=None)
    if rules or lines.grep is not None:
        check(lambda: (_rules(rules), lines.expression()))
    with Progress(shown=not read.quiet) as progress:
        wish = Wish(
            paths=read.files,
            options=read.clock_options(),
            rules=partial(_rules, rules),
            layouts=read.layouts(),
            since=selection.since,
            until=selection.until,
            chosen=lines.expression,
            host=host,
            known=known,
            spool_limit=read.spool_limit,
            progress=progress.tell,
            tell=read.tell,
            mistaken=_tell_mistake,
            only_ours=not rules,
        )
        return make_report(wish)


def _rules(own: str | None) -> Sequence[Rule]:
    from logtool.flags.explanations import rules_with

    return rules_with(own)


def _status(read: ReadOptions, report: Report, fail_on: str | None) -> int:
    faults = [fault for host in report.hosts for file in host.files for fault in file.faults]
    for fault in faults:
        say(f"errlog: {fault}")
    if faults:
        return 3
    findings = [finding for host in report.hosts for finding in host.findings]
    if fail_on and any(_as_bad(finding, fail_on) for finding in findings):
        return 1
    lines = sum(host.unread.lines for host in report.hosts)
    assumed = "clocks are only assumed" if any(h.unread.assumed for h in report.hosts) else ""
    return strict_status(read.strict, [assumed, unread(lines), found(len(findings))])


def _as_bad(finding: Finding, severity: str) -> bool:
    return SEVERITIES.index(finding.severity) <= SEVERITIES.index(severity)
