"""Options that several commands share: declared once, handed over as one value."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import click

from logtool.commands.words import OneOf
from logtool.errors import ReadError, UsageError
from logtool.formats.faults import refusal
from logtool.people.terminal import Painter, say
from logtool.sources.opening import open_sources
from logtool.sources.paths import STDIN
from logtool.sources.source import SPOOL_LIMIT, Source
from parsers.classes import dataclass
from parsers.error_log_format.directive import parse_directive
from parsers.error_log_format.fields import ErrorLogFormat, FormatError, Kind, parse
from parsers.layouts import Layout, compile_layouts
from parsers.whole_numbers import whole_number

if TYPE_CHECKING:
    from logtool.clocks.options import ClockOptions
    from parsers.httpd_conf import Config


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user said of the logs to read.

    Attributes:
        files: the FILE arguments.
        server_tz: the zone Apache was started in, or None.
        clock: (WHO, ZONE) pairs.
        format: ErrorLogFormat directives.
        config: the Apache configuration that tells formats and TZ, or None.
        access_log, audit_log: logs beside these, or globs.
        neighbours: look for more of them.
        spool_limit: bytes of a pipe that may be kept on disk.
        quiet: say nothing but errors.
        verbose: say more.
        strict: exit 1 where something is not sure.
        color: `auto`, `always` or `never`.
    """

    files: tuple[str, ...]
    server_tz: str | None
    clock: tuple[tuple[str, str], ...]
    format: tuple[str, ...]
    config: Config | None
    access_log: tuple[str, ...]
    audit_log: tuple[str, ...]
    neighbours: bool
    spool_limit: int
    quiet: bool
    verbose: bool
    strict: bool
    color: str

    @property
    def painter(self) -> Painter:
        """Puts what people read on standard output in colours, if they are wanted."""
        return Painter.of(self.color)

    def clock_options(self) -> ClockOptions:
        """What the user said of clocks.

        Raises:
            UsageError: he said two things of one.
        """
        said: dict[str, str] = {}
        for who, zone in self.clock:
            if said.setdefault(who, zone) != zone:
                raise UsageError(f"--clock says {said[who]} and {zone} of {who}: name one zone")
        # The first screen of `view` does without.
        from logtool.clocks.options import ClockOptions

        options = ClockOptions(
            self.server_tz,
            self.clock,
            access_logs=self.access_log,
            audit_logs=self.audit_log,
            neighbours=self.neighbours,
        )
        if self.config is None:
            return options
        from parsers.httpd_conf import AccessFormats, zone_for

        formats = AccessFormats.of(self.config)
        return replace(options, config_tz=zone_for(self.config), access_formats=formats)

    def layouts(self) -> list[Layout]:
        """The layouts that the user named.

        Raises:
            UsageError: httpd refuses one of them.
        """
        layouts = [_compiled("--format", parse_directive, text) for text in self.format]
        return [*(layout for several in layouts for layout in several), *self._configured()]

    @contextmanager
    def opened(self) -> Iterator[list[Source]]:
        """The logs, open, in true order; what is read once only is told.

        One that cannot be opened is a fault beside others that can.

        Raises:
            ReadError: none of them can be opened.
        """
        if STDIN in (self.files or (STDIN,)) and sys.stdin is not None and sys.stdin.isatty():
            self.tell("reads what is typed, up to Ctrl-D; name a FILE, or pipe a log into it")
        with open_sources(self.files, self.spool_limit, self.tell, all_needed=False) as sources:
            yield sources

    def tell(self, note: str) -> None:
        """Say something on standard error, unless nothing but errors is wanted."""
        if not self.quiet:
            say(f"errlog: {note}")

    def _configured(self) -> Iterator[Layout]:
        """The layouts of --config that these logs may have."""
        if self.config is None:
            return
        from parsers.httpd_conf import formats_for

        formats: dict[tuple[Kind, str], str] = {}
        for file in self.files or (STDIN,):
            for directive in formats_for(self.config, Path(file)):
                formats.setdefault((directive.kind, directive.text), str(directive.place))
        for (kind, text), place in formats.items():
            yield from _compiled(place, parse, text, kind)


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


class _Name(click.ParamType[str]):
    """A FILE argument, which has a name."""

    name = "FILE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Refuse an empty one, which would mean the current folder."""
        if not value:
            raise UsageError(
                "a FILE has an empty name, as of a variable that is not set; name a log, a folder "
                "(. is this one), or - for standard input"
            )
        return str(value)


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
        return whole_number(number) * self._UNITS[unit]


def _configuration(ctx: click.Context, param: click.Parameter, name: str | None) -> Config | None:
    """The Apache configuration of that name, with all that it includes."""
    if name is None:
        return None
    from parsers.httpd_conf import ConfigError, read_config

    try:
        return read_config(Path(name))
    except (ConfigError, OSError) as fault:
        raise ReadError(f"--config: {fault}") from fault


#: The logs to read.
files_argument = click.argument("files", metavar="[FILE]...", nargs=-1, type=_Name())

_DECLARED = (
    files_argument,
    click.option("--server-tz", metavar="ZONE", help="Zone Apache was started in."),
    click.option(
        "--clock", type=_WhoAndZone(), multiple=True,
        help="Zone that a process keeps. WHO is a pid, the name of a daemon group, or daemon for "
        "all of them: the zone that Python sets; or parent or child: Apache's own.",
    ),
    click.option(
        "--format", metavar="FORMAT", multiple=True,
        help="An ErrorLogFormat of these logs, if it is not found by itself.",
    ),
    click.option(
        "--config", metavar="HTTPD.CONF", callback=_configuration,
        help="Take ErrorLogFormats, LogFormats and TZ from this Apache configuration.",
    ),
    click.option(
        "--access-log", metavar="FILE", multiple=True,
        help="An access log written beside, or a glob; it tells the server's offset.",
    ),
    click.option(
        "--audit-log", metavar="FILE", multiple=True,
        help="An audit log of the host, or a glob; its denials tell instants.",
    ),
    click.option(
        "--neighbours/--no-neighbours", default=True,
        help="Look for access and audit logs beside the files.", show_default=True,
    ),
    click.option(
        "--spool-limit", type=_Size(), default=f"{SPOOL_LIMIT >> 30}G", show_default=True,
        help="How much of a pipe may be kept in a temporary file.",
    ),
    click.option(
        "--strict", is_flag=True,
        help="Exit 1 if a clock is assumed or a line unread; flags and report: or a problem found.",
    ),
    click.option(
        "--color", type=OneOf(["auto", "always", "never"]), default="auto",
        show_default=True, help="Colours in what is told; lines of a log are never coloured.",
    ),
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


def _compiled(place: str, read: Callable[..., ErrorLogFormat], *given: Any) -> list[Layout]:  # noqa: ANN401
    """The layouts of the ErrorLogFormat that `read` makes of what is given at `place`.

    Raises:
        UsageError: httpd refuses it.
    """
    try:
        return compile_layouts(read(*given))
    except FormatError as fault:
        raise refusal(fault, place) from fault
