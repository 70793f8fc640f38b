"""Request search: takes logs and their clocks, gives their requests.

Whoever reads all lines at once holds all that name a client: gigabytes. Here they are read in
windows, until there are more requests than anyone looks through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from logtool.clocks.table import ClockTable
from logtool.machine.heap import give_back_large_memory, spare_memory_of_polars
from logtool.people.terminal import safe
from logtool.tui.model.chosen.jobs import ONE_AT_A_TIME, Job, check_whole
from logtool.tui.model.found.analysis import ROWS_AT_ONCE
from logtool.tui.model.indexed.index import LineIndex
from logtool.tui.model.reading.beside import AccessBeside
from logtool.tui.model.reading.builder import ShownLog

if TYPE_CHECKING:
    import polars as pl

    from logtool.events.access_logs import AccessLogs
    from logtool.events.requests import Request
    from logtool.passes.logs import Log

#: More requests are not kept, for nobody looks through them.
MOST_REQUESTS = 1500
#: Lines that name a client or a log ID and are looked at together.
WINDOW = 15_000
#: What the last so many lines of a window tell of may go on in the next one.
_OPEN = 4_000


class RequestSearch(Job):
    """Finds requests, until there are more than can be shown.

    Attributes:
        requests: in order of their first lines, those of one window after the other.
        several_only: those of which one line alone tells are left out, for they are too many.
    """

    def __init__(
        self,
        index: LineIndex,
        shown: Sequence[ShownLog],
        logs: Sequence[Log],
        table: ClockTable,
        beside: AccessBeside | None = None,
    ) -> None:
        """Look in opened logs, and in access logs beside them."""
        super().__init__(index, shown)
        self._opened, self._table, self._beside = logs, table, beside
        self._access: AccessLogs | None = None
        self.requests: list[Request] = []
        self.several_only = False

    def work(self) -> None:
        """Keep them all, or where they are too many, those that more than one line tells of."""
        with ONE_AT_A_TIME:
            self._work()

    def _work(self) -> None:
        spare_memory_of_polars()
        from logtool.events.requests import requests

        self._access = access = self._beside.logs() if self._beside else None
        ask = partial(access.lines_for, stopped=self._stop.is_set) if access else None
        for window in self._windows():
            check_whole(self.logs[: len(self._opened)])
            for request in requests(window, ask):
                self._keep(request)
                if self._stop.is_set() or self._is_full:
                    break
            if self._stop.is_set() or self._is_full:
                break
        check_whole(self.logs[: len(self._opened)])  # nothing is read of a log that was cut short
        give_back_large_memory()

    def _keep(self, request: Request) -> None:
        if not self.several_only and len(self.requests) == MOST_REQUESTS:
            self.several_only = True
            self.requests = [one for one in self.requests if len(one.lines) > 1]
        if len(self.requests) < MOST_REQUESTS and (not self.several_only or len(request.lines) > 1):
            self.requests.append(request)

    @property
    def unread(self) -> str:
        """Which access logs could not be read, and why."""
        return safe("; ".join(self._access.unread.values())) if self._access else ""

    @property
    def _is_full(self) -> bool:
        """All that has room was found, and nothing can make room."""
        return self.several_only and len(self.requests) >= MOST_REQUESTS

    def _windows(self) -> Iterator[pl.DataFrame]:
        """The lines that name someone, the lines of a connection in one window."""
        import polars as pl

        from logtool.events.connections import NAMED
        from logtool.events.folding import fold_batches
        from logtool.events.requests import COLUMNS
        from logtool.frame.lines import few_at_once
        from logtool.frame.texts import detached

        held: list[pl.DataFrame] = []
        batches = few_at_once(self._opened, self._table, COLUMNS, ROWS_AT_ONCE)
        for folded in fold_batches(batches, ROWS_AT_ONCE):
            held.append(detached(folded.filter(NAMED)))
            if sum(part.height for part in held) >= WINDOW:
                whole, rest = _divided(pl.concat(held))
                yield whole
                held = [rest]
            if self._stop.is_set():
                return
        if held:
            yield pl.concat(held)


def _divided(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines of connections that are over, and of those that may go on."""
    import polars as pl

    from logtool.events.connections import with_requests

    keyed = with_requests(lines)
    late = keyed.filter(pl.col("row") > pl.lit(lines["row"].max()) - _OPEN)
    open_ones = pl.col("connection").is_in(late["connection"].unique().implode())
    rows = keyed.filter(open_ones)["row"]
    if len(rows) > lines.height // 2:  # a client without a port speaks for ever
        return lines, lines.clear()
    goes_on = pl.col("row").is_in(rows.implode())
    return lines.filter(~goes_on), lines.filter(goes_on)
