"""`errlog view`: browse logs on the whole screen."""

from __future__ import annotations

import os
import sys

import click

from logtool.commands.options import ReadOptions, read_options
from logtool.errors import ReadError, UsageError
from logtool.sources.source import Source


@click.command("view")
@read_options
@click.option("--zone", metavar="ZONE", help="The zone that `t` shows besides UTC.")
@click.option("-f", "--follow", is_flag=True, help="Show new lines as they come.")
def command(read: ReadOptions, zone: str | None, follow: bool) -> int:
    """Browse logs in true order, each line by its own clock.

    FILE is a path, a glob, a directory, or - for standard input; compressed files are opened by
    their content, rotated ones put in true order, several logs merged by UTC. Press ? for the keys.
    """
    # Textual is not loaded to say that a file is missing.
    layouts = read.layouts()
    if not sys.stdout.isatty():
        raise UsageError("view needs a terminal; normalize writes lines to a file or a pipe")
    with read.opened() as sources:
        if not any(_holds_bytes(source) for source in sources):
            raise ReadError(
                f"{', '.join(source.name for source in sources)}: empty, nothing to view"
            )
        _take_keys_from_terminal()
        from logtool.tui.app import ViewApp
        from logtool.tui.model.builder import Builder
        from logtool.tui.model.session import Session
        from logtool.tui.model.state import state_path
        from logtool.tui.model.times import TimeColumn, check_zone

        time = TimeColumn(zone=check_zone(zone) if zone else "")
        builder = Builder(sources, layouts, read.clock_options)
        session = Session(builder, time, state_path([source.name for source in sources]))
        if follow:
            session.follow()
        return ViewApp(session).run() or 0


def _holds_bytes(source: Source) -> bool:
    return next(source.blocks(1 << 12), None) is not None


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
