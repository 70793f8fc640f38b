"""Requests: takes a line, gives the other lines of the same request or connection near it."""

from __future__ import annotations

from collections.abc import Sequence

from logtool.tui.model.builder import ShownLog
from logtool.tui.model.index import LineIndex
from logtool.tui.model.jobs import Job
from logtool.tui.model.lines import Line
from logtool.tui.model.matching import Pattern, matches

#: Fields that lines of one request share, the surest first.
_SHARED = ("log_id", "connection_log_id", "client", "peer")
#: Lines of a request are looked for so many lines around.
NEAR = 200_000
#: A client's connection is over when it was silent for so long.
_SILENCE_US = 60_000_000


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
    """Looks for the lines of one line's request.

    Attributes:
        row: the line's.
        found: rows of its request, itself too; without a silence between any two.
    """

    def __init__(self, line: Line, index: LineIndex, logs: Sequence[ShownLog]) -> None:
        """Look around a line."""
        super().__init__(index, logs)
        self.row = line.row
        self.found: list[int] = []
        self._pattern = request_pattern(line)

    def work(self) -> None:
        """Search, then keep what hangs together in time."""
        if self._pattern is None:
            return
        rows = rows_near(self._pattern, self.row, self.index, self.logs)
        time = self.index.time_us.values
        rows.sort(key=lambda row: int(time[row]))
        if self.row not in rows:
            return
        here = rows.index(self.row)
        first = last = here
        while first and abs(int(time[rows[first]]) - int(time[rows[first - 1]])) < _SILENCE_US:
            first -= 1
        while (
            last + 1 < len(rows)
            and abs(int(time[rows[last + 1]]) - int(time[rows[last]])) < _SILENCE_US
        ):
            last += 1
        self.found = rows[first : last + 1]
