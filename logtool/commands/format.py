"""`errlog format`: what an ErrorLogFormat means, and which one a log has."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

import click

from logtool.commands.options import files_argument
from logtool.commands.summary import fault_lines
from logtool.errors import ReadError
from logtool.people.terminal import safe, safe_json, say
from logtool.sources.paths import STDIN_NAME

if TYPE_CHECKING:
    from logtool.formats.checking import FormatReport

_WIDTH = 78


class _FormatGroup(click.Group):
    """A group whose `config` is imported only when it is said."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All its words."""
        return [*self.commands, "config"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a word."""
        if cmd_name == "config":
            config: click.Command = import_module("logtool.commands.format_config").command
            return config
        return super().get_command(ctx, cmd_name)


@click.group("format", cls=_FormatGroup)
def format_group() -> None:
    """Explain ErrorLogFormats, find a log's layout, read a configuration."""


command = format_group


@format_group.command("check")
@click.argument("words", metavar="FORMAT", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a format instead of text.")
@click.option("--strict", is_flag=True, help="Exit 1 if there is something to improve.")
def check(words: tuple[str, ...], as_json: bool, strict: bool) -> int:
    """Explain an ErrorLogFormat and say what to improve.

    FORMAT is the format, or the whole line of httpd.conf, or several lines, or `-` for lines from
    standard input. Put it in single quotes, so that the shell leaves it alone. What httpd refuses
    is refused in httpd's words.
    """
    from logtool.formats.checking import explain
    from logtool.formats.faults import refusal
    from parsers.error_log_format.directive import parse_words
    from parsers.error_log_format.fields import FormatError

    try:
        reports = [explain(parsed) for parsed in parse_words(_typed(words))]
    except FormatError as fault:
        raise refusal(fault) from fault
    for number, report in enumerate(reports):
        if as_json:
            click.echo(safe_json(json.dumps(report.as_data(), indent=2, ensure_ascii=False)))
        else:
            click.echo("\n".join(map(safe, _check_lines(report, number))))
    return int(strict and any(report.lints or report.ambiguities for report in reports))


def _typed(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of the command line, or for `-` what standard input says."""
    if words != ("-",):
        return words
    try:
        with open(0, "rb", closefd=False) as stdin:
            return (stdin.read().decode("utf-8", "surrogateescape"),)
    except OSError as fault:
        raise ReadError(f"{STDIN_NAME}: {fault.strerror}") from fault


_WRITTEN: dict[str, tuple[str, ...]] = {
    "main": (),
    "request": ("  (a line of its own, before the first line of a request)",),
    "connection": ("  (a line of its own, before the first line of a connection)",),
}


def _check_lines(report: FormatReport, number: int) -> Iterator[str]:
    if number:
        yield from ("", "-" * _WIDTH, "")
    yield report.format.text
    yield from _WRITTEN[report.format.kind]
    yield ""
    width = min(max((len(item.text) for item in report.items), default=0), _WIDTH // 3)
    for item in report.items:
        yield from _wrapped(item.says, f"  {item.text:{width}}  ", width + 4)
    yield ""
    yield "It prints lines like"
    for line in report.samples:
        yield from (f"  {part}" for part in (line or "(nothing at all)").split("\n"))
    if report.lints:
        yield ""
        yield "To improve"
    for lint in report.lints:
        yield from _wrapped(lint.says, "  - ", 4)
        yield from _wrapped(lint.cure, "    → ", 6)
    if report.ambiguities:
        yield ""
        yield "Can be read in two ways"
    for text in report.ambiguities:
        yield from _wrapped(text, "  - ", 4)
    yield ""
    if report.improved == report.directive:
        yield "Nothing else to change." if report.ambiguities else "Nothing to change."
    else:
        yield "Better"
        yield f"  {report.improved}"


def _wrapped(text: str, first: str, indent: int) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=first, subsequent_indent=" " * indent,
        break_long_words=False, break_on_hyphens=False, drop_whitespace=True,
    ) or [first]  # fmt: skip


@format_group.command("detect")
@files_argument
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file instead of text.")
@click.option("--strict", is_flag=True, help="Exit 1 if a line of the sample has no layout.")
def detect(files: tuple[str, ...], as_json: bool, strict: bool) -> int:
    """Tell the layouts of the lines of a log.

    Looks at lines from its beginning on; a log with several layouts has several, each with the
    share of lines it explains, the directive that prints it, and some lines that it does not read.
    Where other members of a rotated set tell by what layout its lines are read, that is told too.
    """
    from logtool.formats.detection import detections
    from logtool.sources.opening import open_sources

    complete, faults = True, 0
    with open_sources(files, all_needed=False) as sources:
        for source, found in zip(sources, detections(sources), strict=True):
            complete &= found.unread == 0
            if as_json:
                click.echo(safe_json(json.dumps(found.as_data(), ensure_ascii=False)))
            else:
                click.echo("\n".join(map(safe, found.as_text())))
            for fault in fault_lines(source):
                say(fault)
            faults += len(source.faults)
    return 3 if faults else int(strict and not complete)
