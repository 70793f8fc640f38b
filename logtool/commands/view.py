"""`errlog view`: browse logs on the whole screen."""

from __future__ import annotations

import os
import re
import stat
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib.util import find_spec
from threading import Timer
from typing import TYPE_CHECKING

import click

from logtool.commands.options import ReadOptions, read_options
from logtool.commands.selection import Selection, select_options
from logtool.commands.words import OneOf
from logtool.errors import ReadError, UsageError
from logtool.machine.ending import end_at_once, end_by_exception
from logtool.people.terminal import safe
from logtool.sources.paths import STDIN, STDIN_NAME, is_fifo, is_pattern
from logtool.sources.source import Source
from logtool.tui import RELOAD
from parsers.layouts import Layout

if TYPE_CHECKING:
    from logtool.tui.model.reading.builder import Builder

#: What `--theme` knows, as Textual names it.
_THEMES = {"dark": "textual-dark", "light": "textual-light", "terminal": "ansi-dark"}
#: Terminals without a cursor that moves.
_POOR = frozenset({"dumb", "unknown"})
#: A quote in a regular expression; what has a backslash before it.
_QUOTE = re.compile(r'(\\.)|"', re.DOTALL)
#: Seconds of silence after which it is told that a pipe is silent.
_SILENCE_S = 0.5


@click.command("view")
@read_options
@select_options
@click.option("--zone", metavar="ZONE", help="The zone that `t` shows besides UTC.")
@click.option("-f", "--follow", is_flag=True, help="Show new lines as they come.")
@click.option("--theme", type=OneOf(list(_THEMES)), help="Colours; terminal takes its own 16.")
@click.option("--web", is_flag=True, help="In the browser, on this machine only.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="For --web; else any.")
def command(
    read: ReadOptions,
    selection: Selection,
    zone: str | None,
    follow: bool,
    theme: str | None,
    web: bool,
    port: int,
) -> int:
    """Browse logs in true order, each line by its own clock.

    FILE is a path, a glob, a directory, or - for standard input; compressed files are opened by
    their content, rotated ones put in true order, several logs merged by UTC.

    The keys are those of less: j k Space b g G / n N & F q; Enter tells why a line has its time,
    C lists clocks, P known problems, X exceptions, R requests, i shows lines over time, and ? all
    other keys. --since, --until, --level and --grep are the filter to begin with (& changes it).
    """
    # Textual is not loaded to say that a file is missing.
    layouts = read.layouts()
    if web and not _in_browser():
        if read.strict:
            raise UsageError("--strict answers with an exit status, and a browser gives none")
        return _serve(read, port)
    if not (sys.stdout.isatty() or _in_browser()):
        raise UsageError("view needs a terminal; normalize writes lines to a file or a pipe")
    if os.environ.get("TERM", "").lower() in _POOR and not _in_browser():
        raise UsageError(
            f"view needs a terminal whose cursor can be moved, and TERM={os.environ['TERM']} says "
            "that this one's cannot; normalize writes lines one after the other"
        )
    if read.color == "never":
        os.environ["NO_COLOR"] = "1"  # Textual asks for nothing else
    elif read.color == "always":
        os.environ.pop("NO_COLOR", None)
    look = _THEMES[theme] if theme else _likely_theme()
    logs = _Logs(read)
    _open_first(logs, read.files, follow=follow)
    status = RELOAD
    while status == RELOAD:
        status = _show(logs, read, layouts, filter_of(selection), zone, follow, look)
    return status


def filter_of(selection: Selection) -> str:
    """The selection in the words of the filter of `view`; empty if it selects all."""
    words = []
    if selection.level:
        words.append(f"level>={selection.level}")
    for name, limit in (("since", selection.since), ("until", selection.until)):
        if limit:
            words.append(f"{name}={limit:%Y-%m-%dT%H:%M:%S.%f}Z")
    if selection.grep is not None:
        # A quote that has a backslash before it keeps that; a backslash may itself have one.
        quoted = _QUOTE.sub(lambda found: found[1] or '\\"', selection.grep)
        words.append(f'"{quoted}"')
    return " ".join(words)


class _EmptyError(ReadError):
    """There is nothing in the logs."""


class _Logs:
    """The logs that are shown; they are opened anew before they are closed.

    Attributes:
        names: of those that were opened first: what is kept for the next time is kept of these.
        gone: what to tell of lines that were shown and are in none of them.
    """

    def __init__(self, read: ReadOptions) -> None:
        self._read = read
        self._opened = ExitStack()
        self._sources: list[Source] = []
        self.names: list[str] = []
        self.gone = ""

    def open(self, rotated: Sequence[str] = (), gone: str = "") -> None:
        """Open them, and rotated files that were shown, in this order; they are taken next.

        Raises:
            ReadError: that cannot be, or they are empty; those that are shown stay open.
        """
        with ExitStack() as opening:
            files = (*self._read.files, *rotated)
            sources = opening.enter_context(replace(self._read, files=files).opened())
            _put_in_order(sources, rotated)
            # What is to be told of them has been told; later the screen is in use.
            self._read = replace(self._read, quiet=True)
            if not any(map(_holds_bytes, sources)):
                names = ", ".join(source.name for source in sources)
                raise _EmptyError(f"{names}: empty, nothing to view; with -f it waits for lines")
            self._opened, self._sources, self.gone = opening.pop_all(), sources, gone
            self.names = self.names or [source.name for source in sources]

    @contextmanager
    def taken(self) -> Iterator[list[Source]]:
        """Those that were opened last; closed at the end."""
        with self._opened.pop_all():
            yield self._sources


def _put_in_order(sources: list[Source], paths: Sequence[str]) -> None:
    """Have some members of each set in the order of their paths; their names may mislead."""
    places = [place for place, source in enumerate(sources) if source.path in paths]
    some = [sources[place] for place in places]
    some.sort(key=lambda one: (one.sequence, paths.index(one.path)))
    for place, source in zip(places, some, strict=True):
        sources[place] = source


def _open_first(logs: _Logs, files: Sequence[str], *, follow: bool) -> None:
    """Open the logs; who follows files waits for a first line."""
    from logtool.following.tails import PAUSE_S

    piped = any(name == STDIN or is_fifo(name) for name in files or (STDIN,))
    waiting = Timer(_SILENCE_S, _tell_of_waiting, [files])
    waiting.daemon = True
    if piped:
        waiting.start()
    told = False
    while True:
        try:
            if not (follow and files and all(map(_is_bare, files))):
                logs.open()
                break
        except _EmptyError:
            if piped or not follow:
                raise
        if not told:
            names = safe(", ".join(files))
            click.echo(f"errlog: {names}: no lines yet; waiting for the first one", err=True)
        told = True
        time.sleep(PAUSE_S)
    waiting.cancel()


def _show(
    logs: _Logs,
    read: ReadOptions,
    layouts: Sequence[Layout],
    chosen: str,
    zone: str | None,
    follow: bool,
    theme: str,
) -> int:
    """Show the opened logs until the user leaves."""
    with logs.taken() as sources:
        if not _in_browser():
            _take_keys_from_terminal()
            from logtool.tui.driver import wait_for_foreground

            wait_for_foreground(0)
        from logtool.tui.app import ViewApp
        from logtool.tui.model.chosen.times import TimeColumn, check_zone
        from logtool.tui.model.reading.builder import Builder
        from logtool.tui.model.session import Session
        from logtool.tui.model.state import state_path

        column = TimeColumn(zone=check_zone(zone) if zone else "")
        builder = Builder(sources, layouts, read.clock_options, logs.gone)
        session = Session(builder, column, state_path(logs.names))
        if chosen:
            session.filter(chosen, for_now=True)
        if follow:
            session.follow()
        try:
            status = ViewApp(session, theme, logs.open).show()
        finally:
            end_at_once()  # while it ran, signals were its own matter
        return status or (_strict_status(builder) if read.strict else 0)


def _is_bare(name: str) -> bool:
    """Whether a file is empty or not there; a pattern or a pipe is neither."""
    try:
        status = os.stat(name)  # noqa: PTH116 - a path as it was named
    except FileNotFoundError:
        return name != STDIN and not is_pattern(name)
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and not status.st_size


def _tell_of_waiting(files: Sequence[str]) -> None:
    """A pipe into which nobody writes keeps us from showing anything."""
    names = safe(", ".join(files)) if files else STDIN_NAME
    click.echo(f"errlog: {names}: waiting for somebody to write the first line", err=True)


def _strict_status(builder: Builder) -> int:
    """The exit status of --strict: of the logs as they were when they were opened."""
    from logtool.commands.strictness import doubts_of, strict_status

    if builder.table is None or builder.tally is None:
        lost = builder.progress.clockless
        return strict_status(True, [lost or "left before the clocks were known"])
    return strict_status(True, doubts_of(builder.table, builder.tally))


def _holds_bytes(source: Source) -> bool:
    """Whether there is anything; of a pipe no more than the first byte is waited for."""
    return next(source.blocks(1), None) is not None


def _in_browser() -> bool:
    """Whether textual-serve runs this, for a browser."""
    return os.environ.get("TEXTUAL_DRIVER", "").endswith("WebDriver")


def _likely_theme() -> str:
    """Light where the terminal says that its ground is (COLORFGBG of rxvt, Konsole and others)."""
    ground = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return _THEMES["light"] if ground in ("7", "15") else ""


def _serve(read: ReadOptions, port: int) -> int:
    """Show the logs to browsers, each with an application of its own."""
    if not read.files or STDIN in read.files:
        raise UsageError("--web needs files: a browser can be opened twice, a pipe is read once")
    if find_spec("textual_serve") is None:
        raise UsageError("--web needs textual-serve: pip install 'errlog[web]'")
    with read.opened():  # what cannot be opened is told here, not in the browser
        pass
    from logtool.tui.web import serve

    end_by_exception()
    try:
        serve([sys.executable, "-m", "logtool", *sys.argv[1:]], port)
    except OSError as fault:
        raise UsageError(f"--port {port}: {fault.strerror}") from fault
    return 0


def _take_keys_from_terminal() -> None:
    """Read keys from the terminal even where a log comes through standard input."""
    if sys.stdin is not None and sys.stdin.isatty():
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError as fault:
        raise ReadError(f"no terminal to read keys from: {fault.strerror}") from fault
    os.dup2(terminal, 0)
    os.close(terminal)
