"""Requests: takes a line, gives the other lines of the same request or connection near it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from logtool.tui.model.chosen.jobs import Job
from logtool.tui.model.chosen.matching import Pattern, matches
from logtool.tui.model.chosen.view import LogView
from logtool.tui.model.indexed.index import LineIndex
from logtool.tui.model.reading.builder import Builder, ShownLog
from logtool.tui.model.reading.lines import Line
from logtool.tui.model.reading.row_frames import row_frames

if TYPE_CHECKING:
    from logtool.events.access_logs import AccessLogs

#: Fields that lines of one request share, the surest first.
_SHARED = ("log_id", "connection_log_id", "client", "peer")
#: Lines of a request are looked for so many lines around.
NEAR = 200_000
#: A client's connection is over when it was silent for so long.
_SILENCE_US = 60_000_000
#: Of so many lines found, and so many around each, the request is told apart from others.
_NEAREST, _AROUND = 20, 1000


def request_pattern(line: Line) -> Pattern | None:
    """What to search for; None where the line tells neither log ID nor client."""
    for name in _SHARED:
        value = line.fields.get(name)
        if value and value != "-":
            return Pattern.literally(value.encode())
    return None


def rows_near(pattern: Pattern, row: int, index: LineIndex, logs: Sequence[ShownLog]) -> list[int]:
    """The rows around a row that hold the same."""
    first, last = max(row - NEAR, 0), min(row + NEAR, len(index))
    found = matches(pattern, index, logs, first, last)
    return [hit for _, hits in found for hit in hits.tolist()]


class RequestOfLine(Job):
    """Looks for the lines of one line's request, then for what an access log says of it.

    Attributes:
        row: the line's.
        found: rows of its request, itself too, without a silence between any two; None until they
            are known.
        access: fields of the request's line in an access log, as `errlog pairs` tells them; or
            None.
    """

    def __init__(self, line: Line, builder: Builder) -> None:
        """Look around a line."""
        super().__init__(builder.index, builder.logs)
        self.row = line.row
        self.found: frozenset[int] | None = None
        self.access: Mapping[str, Any] | None = None
        self._line, self._table, self._beside = line, builder.table, builder.access

    def work(self) -> None:
        """Search, then keep what hangs together in time."""
        self.found = frozenset(self._together())
        beside = self._beside.logs() if self.found and self._table and self._beside else None
        if beside is not None and not self._stop.is_set():
            self.access = self._line_of(beside)

    def is_new_to(self, view: LogView) -> bool:
        """Whether a view does not tell all of it, or something is still looked for."""
        return not self.finished or bool(self.news_for(view))

    def news_for(self, view: LogView) -> dict[str, Any]:
        """What a view does not tell yet of what was found so far."""
        if not (self.finished or self.found is not None):
            return {}
        told = {"request_of": self.row, "request": self.found or frozenset(), "access": self.access}
        return {} if told == {name: getattr(view, name) for name in told} else told

    def _together(self) -> list[int]:
        pattern = request_pattern(self._line)
        if pattern is None:
            return []
        rows = rows_near(pattern, self.row, self.index, self.logs)
        time = self.index.time_us.values
        rows.sort(key=lambda row: int(time[row]))
        if self.row not in rows:
            return []
        here = rows.index(self.row)
        first = last = here
        while first and abs(int(time[rows[first]]) - int(time[rows[first - 1]])) < _SILENCE_US:
            first -= 1
        while (
            last + 1 < len(rows)
            and abs(int(time[rows[last + 1]]) - int(time[rows[last]])) < _SILENCE_US
        ):
            last += 1
        return rows[first : last + 1]

    def _line_of(self, beside: AccessLogs) -> Mapping[str, Any] | None:
        """Put the lines around together, as those of the whole log are, and see whose it is."""
        import polars as pl

        from logtool.events.connections import NAMED
        from logtool.events.folding import fold_batches
        from logtool.events.requests import COLUMNS, requests

        assert self._table is not None
        parts = [
            folded.filter(NAMED)
            for folded in fold_batches(
                frame
                for first, last in self._stretches()
                for frame in row_frames(self.index, self.logs, self._table, first, last, COLUMNS)
            )
        ]
        here = self.logs[self._line.log].name, self._line.number
        stopped = self._stop.is_set
        for request in requests(pl.concat(parts), partial(beside.lines_for, stopped=stopped)):
            if any((line["file"], line["line"]) == here for line in request.lines):
                return request.access
            if stopped():
                break
        return None

    def _stretches(self) -> Iterator[tuple[int, int]]:
        """The first row of the lines around the nearest ones found, and the row behind them."""
        assert self.found is not None
        nearest = sorted(self.found, key=lambda row: abs(row - self.row))[:_NEAREST]
        ends = [0]
        for row in sorted(nearest):
            first, last = max(row - _AROUND, ends[-1]), min(row + _AROUND, self.rows)
            if ends[-1] and first == ends[-1]:
                ends[-1] = last
            else:
                ends += [first, last]
        return zip(ends[1::2], ends[2::2], strict=True)
