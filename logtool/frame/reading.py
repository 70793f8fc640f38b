"""Reading: takes logs, gives their lines as a LazyFrame that reads only what is asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source

from logtool.clocks.options import ClockOptions
from logtool.clocks.table import ClockTable
from logtool.frame.columns import NEEDS, SCHEMA, Needs
from logtool.frame.lines import Lines
from logtool.inputs import Asked
from logtool.machine.ending import go_on_ending_at_once
from logtool.machine.threads import in_order
from logtool.passes.first import find_clocks
from logtool.passes.logs import Log, blocks_of
from parsers.classes import dataclass

go_on_ending_at_once()  # here in the main thread: a thread of polars loads the rest

#: Frames that may wait for their turn: each thread has work then, and one holds a block, and more.
_AHEAD = 1
#: Gives the clocks of opened logs.
Finder = Callable[[Sequence[Log], ClockOptions], ClockTable]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of the lines of a log.

    Attributes:
        columns: their columns.
        predicate: only lines on which it holds; it may need other columns.
    """

    columns: frozenset[str]
    predicate: pl.Expr | None = None

    @property
    def tested(self) -> list[str]:
        """The columns that the predicate looks at; one at least."""
        names = [] if self.predicate is None else self.predicate.meta.root_names()
        return [name for name in SCHEMA if name in names] or ["line"]

    @property
    def needs(self) -> Needs:
        """How much of the log must be read."""
        tested = [] if self.predicate is None else self.tested
        return max((NEEDS[name] for name in (*self.columns, *tested)), default=Needs.LINES)

    def frame(self, lines: Lines) -> pl.DataFrame:
        """The frame of a block's lines."""
        if self.predicate is None:
            return lines.frame(self.columns)
        tested = lines.frame(self.tested)
        kept = tested.with_row_index("").filter(self.predicate)[""].to_numpy()
        if len(kept) == len(lines):
            return lines.frame(self.columns)
        return lines.at(kept).frame(self.columns)


def frames(
    logs: Sequence[Log],
    table: ClockTable,
    columns: Collection[str] | None = None,
) -> Iterator[pl.DataFrame]:
    """The lines of some logs, a frame for each block, in true order.

    Args:
        logs: opened logs.
        table: their clocks.
        columns: names in `SCHEMA`; all by default.
    """
    return wanted_frames(logs, table, Wanted(frozenset(SCHEMA if columns is None else columns)))


def wanted_frames(logs: Sequence[Log], table: ClockTable, wanted: Wanted) -> Iterator[pl.DataFrame]:
    """What is wanted of the lines of some logs, a frame for each block."""
    return in_order(blocks_of(logs), lambda pair: wanted.frame(Lines(*pair, table)), ahead=_AHEAD)


def scan(asked: Asked, find: Finder = find_clocks, *, always: bool = False) -> pl.LazyFrame:
    """The lines of some logs as a LazyFrame; see `logtool.scan`.

    Args:
        asked: the logs.
        find: finds their clocks, where a column needs them.
        always: also where none does.
    """
    logs = _Logs(asked, find, always=always)

    def read(
        with_columns: list[str] | None,
        predicate: pl.Expr | None,
        n_rows: int | None,
        batch_size: int | None,
    ) -> Iterator[pl.DataFrame]:
        columns = frozenset(SCHEMA if with_columns is None else with_columns)
        return _head(logs.frames(Wanted(columns, predicate)), n_rows)

    return register_io_source(read, schema=SCHEMA, is_pure=True, explain_name="errlog")


def _head(batches: Iterator[pl.DataFrame], rows: int | None) -> Iterator[pl.DataFrame]:
    for batch in batches:
        if rows is None:
            yield batch
            continue
        yield batch.head(rows)
        rows -= batch.height
        if rows <= 0:
            return


class _Logs:
    """Logs by their paths; their clocks are kept while the files stay the same."""

    def __init__(self, asked: Asked, find: Finder, *, always: bool) -> None:
        self._asked = asked
        self._find, self._always = find, always
        self._lock = threading.Lock()
        self._known: tuple[object, ClockTable] | None = None

    def frames(self, wanted: Wanted) -> Iterator[pl.DataFrame]:
        """What is wanted of them."""
        with self._asked.opened() as logs:
            needed = self._always or wanted.needs == Needs.CLOCKS
            table = self._table(logs) if needed else ClockTable.empty()
            yield from wanted_frames(logs, table, wanted)

    def _table(self, logs: Sequence[Log]) -> ClockTable:
        state = [_state(log.source.path) for log in logs]
        with self._lock:
            if self._known is None or self._known[0] != state:
                self._known = state, self._find(logs, self._asked.options)
            return self._known[1]


def _state(path: str) -> tuple[str, int, int] | None:
    """What changes when a file does; None for what is no file."""
    try:
        stat = Path(path).stat()
    except OSError:
        return None
    return path, stat.st_size, stat.st_mtime_ns
