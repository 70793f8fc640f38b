"""Options that several commands share: declared once, handed over as one value."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import click

from logtool.errors import UsageError
from logtool.sources.source import SPOOL_LIMIT
from parsers.error_log_format import FormatError
from parsers.layouts import Layout, compile_layout


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user said of the logs to read.

    Attributes:
        files: the FILE arguments.
        server_tz: the zone Apache was started in, or None.
        clock: (WHO, ZONE) pairs.
        format: ErrorLogFormat directives.
        spool_limit: bytes of a pipe that may be kept on disk.
        quiet: say nothing but errors.
        verbose: say more.
        strict: exit 1 where something is not sure.
    """

    files: tuple[str, ...]
    server_tz: str | None
    clock: tuple[tuple[str, str], ...]
    format: tuple[str, ...]
    spool_limit: int
    quiet: bool
    verbose: bool
    strict: bool


class _WhoAndZone(click.ParamType[tuple[str, str]]):
    """`WHO=ZONE`."""

    name = "WHO=ZONE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Cut at the first equals sign."""
        who, equals, zone = str(value).partition("=")
        if not (who and equals and zone):
            self.fail(f"{value!r} is not WHO=ZONE, such as 4711=UTC or shop=Europe/Berlin", param)
        return who, zone


class _Size(click.ParamType[int]):
    """Bytes, as `500M` or `8G`."""

    name = "SIZE"
    _UNITS: ClassVar = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Multiply by the unit."""
        if isinstance(value, int):
            return value
        text = str(value)
        number = text.rstrip("KMGTkmgt")
        unit = text[len(number) :].upper()
        if not number.isdecimal() or unit not in self._UNITS:
            self.fail(f"{value!r} is not a size, such as 500M or 8G", param)
        return int(number) * self._UNITS[unit]


_DECLARED = (
    click.argument("files", metavar="[FILE]...", nargs=-1),
    click.option("--server-tz", metavar="ZONE", help="Zone Apache was started in."),
    click.option(
        "--clock", type=_WhoAndZone(), multiple=True,
        help="Zone of a process: WHO is a pid, a daemon group, parent, child or daemon.",
    ),
    click.option(
        "--format", metavar="FORMAT", multiple=True,
        help="An ErrorLogFormat of these logs, if it is not found by itself.",
    ),
    click.option(
        "--spool-limit", type=_Size(), default=SPOOL_LIMIT, show_default="8G",
        help="How much of a pipe may be kept in a temporary file.",
    ),
    click.option("--strict", is_flag=True, help="Exit 1 if a clock is assumed or a line unread."),
    click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors."),
    click.option("-v", "--verbose", is_flag=True, help="Tell every clock and its evidence."),
)  # fmt: skip


def read_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the shared options, as its first argument `read`."""

    @functools.wraps(command)
    def wrapped(**given: Any) -> int:  # noqa: ANN401 - as click hands them over
        shared = ReadOptions(**{one.name: given.pop(one.name) for one in fields(ReadOptions)})
        return command(shared, **given)

    for declare in reversed(_DECLARED):
        wrapped = declare(wrapped)
    return wrapped


def compile_formats(directives: Sequence[str]) -> list[Layout]:
    """The layouts of `--format` options.

    Raises:
        UsageError: httpd refuses one of them.
    """
    try:
        return [compile_layout(directive) for directive in directives]
    except FormatError as fault:
        raise UsageError(f"--format: {fault}") from fault
