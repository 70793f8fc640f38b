"""Selection: options that choose lines, handed over as one value."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from logtool.commands.words import OneOf
from logtool.errors import UsageError
from logtool.people.instants import moment_text, span_text
from parsers.classes import dataclass
from parsers.error_log_format.items import LEVELS

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Selection:
    """Which lines the user wants.

    Attributes:
        since: from this instant on.
        until: before this instant.
        level: of this level or a more severe one.
        grep: a regular expression that the message must contain.
    """

    since: datetime | None
    until: datetime | None
    level: str | None
    grep: str | None

    def expression(self) -> pl.Expr | None:
        """The condition that holds on the lines, on the columns of the frame; None for all lines.

        A line without a time is in no span of time.

        Raises:
            UsageError: `grep` is no regular expression.
        """
        if self == Selection(None, None, None, None):
            return None  # nobody needs polars yet

        import polars as pl

        conditions = []
        if self.since:
            conditions.append(pl.col("utc") >= self.since)
        if self.until:
            conditions.append(pl.col("utc") < self.until)
        if self.level:
            conditions.append(pl.col("level") <= self.level)
        if self.grep is not None:
            conditions.append(pl.col("message").str.contains(_checked(self.grep)))
        return pl.all_horizontal(conditions)

    def told(self) -> str:
        """The span of time, for people."""
        return span_text(self.since, self.until)


def _checked(pattern: str) -> str:
    import polars as pl
    from polars.exceptions import ComputeError

    try:
        pl.Series([""]).str.contains(pattern)
    except ComputeError as fault:
        raise UsageError(f"--grep: {pattern!r} is no regular expression") from fault
    # One capital letter makes the search heed case, as in ripgrep's smart case.
    return pattern if re.search(r"(?<!\\)[A-Z]", pattern) else f"(?i){pattern}"


def _moment(option: str, text: str | None, earliest: datetime | None = None) -> datetime | None:
    """What an option says, see `logtool.moments`; raises BadParameter."""
    if text is None:
        return None
    from logtool.moments import UnclearError, moment

    try:
        return moment(text, datetime.now(UTC), earliest)
    except UnclearError as fault:
        raise click.BadParameter(str(fault), param_hint=f"'{option}'") from fault
    except (ValueError, OverflowError, OSError) as fault:
        told = str(fault) if _NO_TIME in str(fault) else f"{text!r}{_NO_TIME}"
        raise click.BadParameter(
            f"{told}; write for example -1h, yesterday, monday, 'last week', '2 hours ago', "
            "2026-06-05 08:42, or seconds since 1970",
            param_hint=f"'{option}'",
        ) from fault


_NO_TIME = " is no time"
_DECLARED = (
    click.option("-S", "--since", metavar="TIME",
                 help="From this time on, in UTC: -1h, yesterday, a date, or 08:42, the last one "
                      "gone by."),
    click.option("-U", "--until", metavar="TIME",
                 help="Before this time; 08:42 is the first one after --since, else the last one "
                      "gone by."),
    click.option("-l", "--level", type=OneOf(LEVELS), metavar="LEVEL",
                 help="Lines of this level of httpd's or a more severe one."),
    click.option("-g", "--grep", metavar="REGEX", help="Lines whose message contains this."),
)  # fmt: skip


def select_options(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options that choose lines, as its argument `selection`."""

    @functools.wraps(command)
    def wrapped(*positional: Any, **given: Any) -> int:  # noqa: ANN401 - as click hands them over
        words = {one.name: given.pop(one.name) for one in fields(Selection)}
        since = _moment("-S' / '--since", words.pop("since"))
        until = _moment("-U' / '--until", words.pop("until"), since)
        chosen = Selection(since, until, **words)
        if chosen.since and chosen.until and chosen.since > chosen.until:
            raise UsageError(
                f"--since {moment_text(chosen.since)} is later than "
                f"--until {moment_text(chosen.until)}: no line is in between"
            )
        return command(*positional, selection=chosen, **given)

    for declare in reversed(_DECLARED):
        wrapped = declare(wrapped)
    return wrapped
