"""Live options: reading what grows, what flows, or what came since the last run, as one value."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import click

from logtool.commands.options import ReadOptions
from logtool.commands.selection import Selection
from logtool.errors import UsageError
from logtool.sources.paths import STDIN
from logtool.writing.styles import TimeStyle
from parsers.classes import dataclass


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """How far the reading goes.

    Attributes:
        follow: go on with what is appended, or with what comes through a pipe.
        stream: write a pipe's lines before all of them have come.
        cursor_file: begin where the last run ended, and remember where this one ends; or None.
    """

    follow: bool
    stream: bool
    cursor_file: str | None


@dataclass(frozen=True, slots=True)
class Task:
    """All that `errlog normalize` was asked for."""

    read: ReadOptions
    style: TimeStyle
    sort: bool
    output_file: str | None
    live: LiveOptions
    selection: Selection

    @property
    def from_pipe(self) -> bool:
        """Standard input is read."""
        return self.read.files in ((), (STDIN,))

    @property
    def is_special(self) -> bool:
        """More is asked for than all lines of whole logs."""
        return self.live != LiveOptions(False, False, None) or any(
            getattr(self.selection, one.name) is not None for one in fields(Selection)
        )

    def check(self) -> None:
        """Refuse options that exclude each other.

        Raises:
            UsageError: some do.
        """
        live = self.live
        if live.follow and live.stream:
            raise UsageError("--follow tells clocks by arrival, --stream cannot: choose one")
        if live.stream and not self.from_pipe:
            raise UsageError(
                "--stream reads standard input or a FIFO; of a file the whole is there: leave "
                "--stream out, or take -f to go on with what is appended"
            )
        if live.stream and self.sort:
            raise UsageError("--sort needs the whole log, --stream does not wait for it")
        if live.follow and STDIN in self.read.files and not self.from_pipe:
            raise UsageError("--follow reads standard input or files, not both")
        if live.cursor_file and self.from_pipe:
            raise UsageError("--cursor-file: standard input has no place to come back to")


_DECLARED = (
    click.option(
        "-f", "--follow", is_flag=True,
        help="Go on with what is appended, across rotation (logs that come new into a directory "
        "are not followed); from a pipe or a FIFO (also Apache's own: "
        'ErrorLog "|errlog normalize --follow ..."): read until it closes. What comes is dated '
        "by its arrival.",
    ),
    click.option(
        "--stream", is_flag=True,
        help="From a pipe or a FIFO: write each line within a second, by the best clock known by "
        "then.",
    ),
    click.option(
        "--cursor-file", metavar="FILE",
        help="Begin where the last run with this file ended, also across a rotation.",
    ),
)  # fmt: skip


def live_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options of reading live, as its argument `live`."""

    @functools.wraps(command)
    def wrapped(*positional: Any, **given: Any) -> int:  # noqa: ANN401 - as click hands them over
        asked = LiveOptions(**{one.name: given.pop(one.name) for one in fields(LiveOptions)})
        return command(*positional, live=asked, **given)

    for declare in reversed(_DECLARED):
        wrapped = declare(wrapped)
    return wrapped
