"""Lives: takes hits in order, tells those about one life of a process from those about the next.

A pid comes again: in a container, whose pids begin anew, after every start of Apache. What one
process says twice, or two say of it, is one occurrence, but never across a start of Apache or of
that process; and nobody dies twice.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from logtool.events.lives import CRASHED, NUMBERS, RESTARTED, STARTED, STOPPED, Restarts, life_of

_BORN = NUMBERS["daemon started"]
_MARKS = (STARTED, STOPPED, *RESTARTED, _BORN, CRASHED)


def mark() -> pl.Expr:
    """The number of a row that tells where a life begins or ends, below 0; 0 for all others.

    An application may print anything: what it says stands in mod_wsgi's module or names a client.
    """
    life = life_of(pl.col("tag"), pl.col("message"))
    own = pl.col("module").is_null() | (pl.col("module") != "wsgi") | (life == _BORN)
    return pl.when(life.is_in(_MARKS) & own & ~pl.col("addressed")).then(-life).otherwise(0)


def stands_alone() -> pl.Expr:
    """Whether a line is a daemon's first: no other belongs to it, so that none is looked for."""
    own = r"^(?:WSGI\d{4}|mod_wsgi \(pid=\d+\)): Starting (?:daemon )?process '"
    return pl.col("message").str.contains(own).fill_null(value=False)


class Lives:
    """Numbers lives, from what it has seen so far."""

    def __init__(self) -> None:
        """Begin before the first line."""
        self._count = self._start = 0
        self._restarts = Restarts()
        #: Daemons speak before their server says that it has started.
        self._starting = True
        self._begun: dict[int, int] = {}
        self._crashed: set[int] = set()

    def number(self, hits: pl.DataFrame, by_process: Sequence[int]) -> pl.DataFrame:
        """The hits of rules alone, with the number of the `life` that each is about.

        `start` is the number of the first life after the last start of Apache.

        Args:
            hits: as `Engine.hits` gives them, in order of rows.
            by_process: the numbers of rules that are counted by process; others have all one life.
        """
        marked = pl.col("rule") < 0
        some = hits.select(
            pl.int_range(pl.len()).alias("at"), "rule", pid=pl.coalesce("about_pid", "pid")
        ).filter(marked | pl.col("rule").is_in(by_process))
        at, lives, starts = [], [], []
        for place, rule, pid in some.iter_rows():
            if rule < 0:
                self._take(-rule, pid)
                continue
            at.append(place)
            starts.append(self._start)
            lives.append(max(self._start, self._begun.get(pid, 0)))
        zero = pl.repeat(0, hits.height, dtype=pl.Int64, eager=True)
        told = hits.with_columns(
            zero.scatter(at, lives).alias("life"), zero.scatter(at, starts).alias("start")
        )
        return told.filter(~marked)

    def _take(self, mark: int, pid: int | None) -> None:
        # Processes may outlive a restart.
        goes_on = self._restarts.goes_on(mark)
        if mark == STARTED and self._starting and not goes_on:
            self._starting = False
        elif mark in (STARTED, STOPPED) and not goes_on:
            self._starting = mark == STOPPED
            self._count += 1
            self._start = self._count
            self._begun.clear()
            self._crashed.clear()
        elif pid is not None and (mark == _BORN or (mark == CRASHED and pid in self._crashed)):
            self._count += 1
            self._begun[pid] = self._count
            self._crashed.discard(pid)
        if mark == CRASHED and pid is not None:
            self._crashed.add(pid)
