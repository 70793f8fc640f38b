"""Wish: what a report shall cover."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from logtool.clocks.options import ClockOptions
from logtool.sources.source import SPOOL_LIMIT
from parsers.classes import dataclass
from parsers.layouts import Layout

if TYPE_CHECKING:
    import polars as pl

    from logtool.flags.rule import Rule
    from logtool.passes.logs import Log


def _nothing(*told: object) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a report shall cover.

    What needs polars is asked for late: see `logtool.reports.apart`.

    Attributes:
        paths: files, globs and directories.
        options: what is known of the clocks.
        rules: gives the problems to look for.
        layouts: tried before those that are found.
        since: leave out lines before it.
        until: leave out lines from it on.
        chosen: gives a condition; lines on which it does not hold are left out. None is none.
        host: tell hosts apart: True by the folder of a log, a text by the group of this regular
            expression in its path.
        known: list only what these keys do not name; None lists all.
        spool_limit: bytes of a pipe that may be kept on disk.
        progress: is told what is done, with which log, at which byte.
        tell: takes a sentence for people about each file that is left out, being a copy.
        mistaken: takes a sentence for people about each zone that the user named for nobody.
        only_ours: the rules are those that come with errlog; to read others loads polars.
    """

    paths: Sequence[str]
    options: ClockOptions
    rules: Callable[[], Sequence[Rule]]
    layouts: Sequence[Layout] = ()
    since: datetime | None = None
    until: datetime | None = None
    chosen: Callable[[], pl.Expr | None] = lambda: None
    host: str | bool = False
    known: frozenset[str] | None = None
    spool_limit: int = SPOOL_LIMIT
    progress: Callable[[str, Log, int], None] = _nothing
    tell: Callable[[str], None] = _nothing
    mistaken: Callable[[str], None] = _nothing
    only_ours: bool = False
