"""LogView: one frozen value that holds all that the log screen shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logtool.tui.model.chosen.clocks import ShownClocks
from logtool.tui.model.chosen.filters import Filter
from logtool.tui.model.chosen.matching import Pattern
from logtool.tui.model.chosen.times import TimeColumn
from logtool.tui.model.indexed.index import LineIndex, Rows
from logtool.tui.model.indexed.row_notes import RowNotes
from logtool.tui.model.reading.builder import Progress
from logtool.tui.model.reading.lines import Line, LineReader
from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.error_log_format.items import LEVELS
from parsers.lines import NO_TIME

#: Rows -> which of them are looked for.
Test = Callable[[Rows], Mask]

_AT_ONCE = 1 << 16
#: Lines read at once, and at most, to see what level they were meant to have.
_READ_AT_ONCE, _MOST_READ = 128, 20_000
#: Lines of an event stand within so many lines of the log.
_LONGEST_EVENT = 5000
#: Parts of a view that change nothing in the lines that are there.
_UNSEEN = frozenset({"total", "progress", "choosing", "passed", "access"})

#: What stands beside the message, from much to little.
COLUMNS = (("level", "module", "process"), ("level", "process"), ("level",), ())


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a search has found so far.

    Attributes:
        pattern: what for.
        hits: bool for each row.
        count: how many.
        share: how much was searched, 0 … 1.
    """

    pattern: Pattern
    hits: Mask
    count: int
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class LogView:
    """What the log screen shows.

    A *place* counts the shown lines from 0; a *row* counts all lines of the index.

    Attributes:
        reader: reads the lines.
        total: how many lines there are.
        rows: the shown rows in order, None for all as they stand.
        clocks: their clocks, as far as they are known.
        progress: of the reading.
        filter: what chose `rows`.
        choosing: how much of the log the filter has looked at, 0 … 1.
        found: what was searched for.
        time: how times are shown.
        elapsed: show the time since the line before instead.
        columns: index into COLUMNS.
        marks: bookmarked rows.
        flagged: rows that a rule holds on, and the rule.
        folds: for each row the row of its event's head, None until events are known.
        raised: heads whose event is an exception, and which.
        opened: heads whose event is unfolded.
        following: the end is kept in sight.
        passed: how many lines pass the filter, those inside folded events too; None for all.
        wrap: long lines go on in the next row of the screen.
        anchor: the row where a selection begins that goes to the cursor, None without one.
        request_of: the row whose request is told in `request`, or None.
        request: rows of the same request, as far as it was looked for.
        access: fields of its line in an access log, as far as that was looked for; or None.
        turned: how often a log that was cut short began to be read in its copy, or not at all.
        restored: the filter is that of the last time.
    """

    reader: LineReader
    total: int
    rows: Rows | None
    clocks: ShownClocks
    progress: Progress
    filter: Filter = field(default_factory=Filter)
    choosing: float = 1.0
    found: Found | None = None
    time: TimeColumn = field(default_factory=TimeColumn)
    elapsed: bool = False
    columns: int = 0
    marks: frozenset[int] = frozenset()
    flagged: RowNotes = field(default_factory=RowNotes)
    folds: Rows | None = None
    raised: RowNotes = field(default_factory=RowNotes)
    opened: frozenset[int] = frozenset()
    following: bool = False
    passed: int | None = None
    wrap: bool = False
    anchor: int | None = None
    request_of: int | None = None
    request: frozenset[int] = frozenset()
    access: Mapping[str, Any] | None = None
    turned: int = 0
    restored: bool = False

    @property
    def index(self) -> LineIndex:
        """The numbers of all lines."""
        return self.reader.index

    def __len__(self) -> int:
        """How many lines are shown."""
        return self.total if self.rows is None else len(self.rows)

    def looks_like(self, other: LogView) -> bool:
        """Every line that both show looks the same: at most there are more at the end."""
        names = (one.name for one in fields(LogView) if one.name not in _UNSEEN)
        return all(getattr(self, name) is getattr(other, name) for name in names)

    def row_at(self, place: int) -> int:
        """The row that is shown at a place."""
        return place if self.rows is None else int(self.rows[place])

    def rows_at(self, first: int, last: int) -> Rows:
        """The rows from one place up to another."""
        if self.rows is None:
            return np.arange(first, min(last, self.total), dtype=np.int32)
        return self.rows[first:last]

    def place_of(self, row: int) -> int:
        """Where a row is shown, or the first shown row after it where it is hidden."""
        if self.rows is None:
            return min(max(row, 0), max(len(self) - 1, 0))
        if not len(self.rows):
            return 0
        head = row if self.folds is None or row >= len(self.folds) else int(self.folds[row])
        for one in (row, head):
            exactly = self.seek(-1, True, self.among(frozenset([one])))
            if exactly is not None:
                return exactly
        time = self.index.time_us.values

        def later(rows: Rows) -> Mask:
            after = rows > head
            if self.index.settled and head < len(time):
                after &= time[rows] >= time[head]
            return np.asarray(after)

        found = self.seek(-1, True, later)
        return len(self.rows) - 1 if found is None else found

    def line_at(self, place: int) -> Line:
        """The line that is shown at a place."""
        return self.reader.line(self.row_at(place))

    def time_at(self, place: int) -> int:
        """Its instant, microseconds (see LineIndex.time_us)."""
        return int(self.index.time_us.values[self.row_at(place)])

    @property
    def without_clocks(self) -> str:
        """What is told in the place of what needs clocks, as long as there are none."""
        return self.progress.clockless or "the clocks are being found"

    def offset_of(self, row: int) -> int | None:
        """Seconds east of UTC of a row's clock, None where it is not known."""
        return self.index.offset_of(row)

    def event_of(self, row: int) -> list[int]:
        """The rows of the event that a row belongs to; itself alone where events are not known."""
        if self.folds is None or row >= len(self.folds):
            return [row]
        head = int(self.folds[row])
        return (np.flatnonzero(self.folds[head : head + _LONGEST_EVENT] == head) + head).tolist()

    def is_head(self, row: int) -> bool:
        """Whether it is no line inside an event."""
        return self.folds is None or row >= len(self.folds) or bool(self.folds[row] == row)

    def seek(self, place: int, forward: bool, test: Test) -> int | None:
        """The nearest place after (or before) `place` whose row passes a test."""
        return next((int(hits[0]) for hits in self._hits(place, forward, test)), None)

    def _hits(self, place: int, forward: bool, test: Test) -> Iterator[NDArray[np.int64]]:
        """Places whose rows pass a test, nearest first, those of one stretch after the other."""
        count = len(self)
        step = _AT_ONCE if forward else -_AT_ONCE
        for at in range(place + 1 if forward else place, count if forward else 0, step):
            first, last = (at, at + _AT_ONCE) if forward else (max(at - _AT_ONCE, 0), at)
            hits = np.flatnonzero(test(self.rows_at(first, last))) + first
            if len(hits):
                yield hits if forward else hits[::-1]

    def level_test(self, worst: int, least: int) -> Test:
        """Rows whose level's number is from `worst` up to `least`, or may be meant so."""
        error = LEVELS.index("error")

        def test(rows: Rows) -> Mask:
            level = self.index.level.values[rows]
            # What mod_wsgi calls an error may be less in Python's eyes.
            worse = error if least > error else least
            return np.asarray(((level >= worst) & (level <= least)) | (level == worse))

        return test

    def seek_level(
        self, place: int, forward: bool, worst: int, least: int
    ) -> tuple[int | None, bool]:
        """The nearest place whose line was meant to be of such a level.

        Returns:
            The place, or None; and whether it is one, else it is only how far was looked.
        """
        looked = 0
        for hits in self._hits(place, forward, self.level_test(worst, least)):
            for at in range(0, len(hits), _READ_AT_ONCE):
                some = hits[at : at + _READ_AT_ONCE].tolist()
                lines = self.reader.lines([self.row_at(one) for one in some])
                for one, line in zip(some, lines, strict=True):
                    if worst <= line.meant <= least:
                        return one, True
                looked += len(some)
                if looked >= _MOST_READ:
                    return some[-1], False
        return None, False

    def among(self, some: frozenset[int]) -> Test:
        """Rows that are among some."""
        wanted = np.array(sorted(some), np.int32)
        return lambda rows: np.isin(rows, wanted)

    def found_test(self) -> Test:
        """Rows that the search has found."""
        hits = self.found.hits if self.found else np.zeros(0, np.bool_)

        def test(rows: Rows) -> Mask:
            inside = rows < len(hits)
            return inside & hits[np.where(inside, rows, 0)] if len(hits) else inside & False

        return test

    def seek_gap(self, place: int, forward: bool, least_us: int) -> int | None:
        """The nearest line that comes so long after the line shown before it."""
        count = len(self)
        time = self.index.time_us.values
        step = _AT_ONCE if forward else -_AT_ONCE
        for at in range(place + 1 if forward else place, count if forward else 0, step):
            first, last = (at, at + _AT_ONCE) if forward else (max(at - _AT_ONCE, 0), at)
            before = max(first - 1, 0)
            times = time[self.rows_at(before, min(last, count))]
            timed = times != NO_TIME
            silent = np.diff(np.where(timed, times, 0)) >= least_us
            gaps = np.flatnonzero(silent & timed[1:] & timed[:-1]) + before + 1
            gaps = gaps[(gaps >= first) & (gaps != place)]
            if len(gaps):
                return int(gaps[0] if forward else gaps[-1])
        return None

    def place_of_time(self, utc_us: int) -> int:
        """The first place at or after an instant."""
        found = self.seek(-1, True, lambda rows: self.index.time_us.values[rows] >= utc_us)
        return max(len(self) - 1, 0) if found is None else found
