"""`errlog format`: what an ErrorLogFormat means, and which one a log has."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from importlib import import_module

import click

from logtool.errors import UsageError
from logtool.terminal import safe, safe_json

_WIDTH = 88


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
@click.argument("error_log_format", metavar="FORMAT")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
@click.option("--strict", is_flag=True, help="Exit 1 if there is something to improve.")
def check(error_log_format: str, as_json: bool, strict: bool) -> int:
    """Explain an ErrorLogFormat and say what to improve.

    FORMAT is the format, or the whole line of httpd.conf. What httpd refuses is refused in
    httpd's words.
    """
    from logtool.formats import explain
    from parsers.error_log_format import FormatError, parse_directive

    try:
        report = explain(parse_directive(error_log_format))
    except FormatError as fault:
        raise UsageError(str(fault)) from fault
    if as_json:
        click.echo(safe_json(json.dumps(report.as_data(), indent=2, ensure_ascii=False)))
    else:
        click.echo("\n".join(map(safe, _check_lines(report.as_data()))))
    return int(strict and bool(report.lints or report.ambiguities))


def _check_lines(report: dict[str, object]) -> Iterator[str]:
    yield f"{report['format']}"
    yield ""
    items = _rows(report["items"])
    width = max((len(item["text"]) for item in items), default=0)
    for item in items:
        yield from _wrapped(item["says"], f"  {item['text']:{width}}  ", width + 4)
    yield ""
    yield "It prints lines like"
    for line in _texts(report["samples"]):
        yield f"  {line or '(nothing at all)'}"
    lints = _rows(report["lints"])
    if lints:
        yield ""
        yield "To improve"
    for lint in lints:
        yield from _wrapped(lint["says"], "  - ", 4)
        yield from _wrapped(lint["cure"], "    → ", 6)
    unclear = _texts(report["ambiguities"])
    if unclear:
        yield ""
        yield "Can be read in two ways"
    for text in unclear:
        yield from _wrapped(text, "  - ", 4)
    yield ""
    if report["improved"] == report["directive"]:
        yield "Nothing to change."
    else:
        yield "Better"
        yield f"  {report['improved']}"


def _rows(value: object) -> list[dict[str, str]]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return value if isinstance(value, list) else []


def _wrapped(text: str, first: str, indent: int) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=first, subsequent_indent=" " * indent,
        break_long_words=False, break_on_hyphens=False, drop_whitespace=True,
    ) or [first]  # fmt: skip


@format_group.command("detect")
@click.argument("files", metavar="[FILE]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file instead of text.")
@click.option("--strict", is_flag=True, help="Exit 1 if a line of the sample has no layout.")
def detect(files: tuple[str, ...], as_json: bool, strict: bool) -> int:
    """Tell the layouts of the lines of a log.

    Looks at lines from its beginning on; a log with several layouts has several, each with the
    share of lines it explains, the directive that prints it, and some lines that it does not read.
    """
    from logtool.format_detection import detection
    from logtool.sources.opening import open_sources

    complete = True
    with open_sources(files) as sources:
        for source in sources:
            found = detection(source.name, source.blocks())
            complete &= found.unread == 0
            if as_json:
                click.echo(safe_json(json.dumps(found.as_data(), ensure_ascii=False)))
            else:
                click.echo("\n".join(map(safe, found.as_text())))
    return int(strict and not complete)
