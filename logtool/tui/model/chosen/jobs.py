"""Jobs: choose lines in the background; what they have found so far can be read at any time."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from pathlib import PurePath

import numpy as np

from logtool.errors import ReadError
from logtool.mistakes import fault_of_work
from logtool.people.terminal import safe
from logtool.tui.model.chosen.clocks import ShownClocks
from logtool.tui.model.chosen.filters import Filter, Flagged, fulfils
from logtool.tui.model.chosen.masks import resized
from logtool.tui.model.chosen.matching import Pattern, matches
from logtool.tui.model.chosen.meant import meant_levels
from logtool.tui.model.chosen.view import Found
from logtool.tui.model.indexed.index import LineIndex
from logtool.tui.model.reading.builder import ShownLog
from parsers.arrays import Mask

#: What makes frames of all lines: two at once would need twice the memory.
ONE_AT_A_TIME = threading.Lock()


class Job:
    """Work in a thread of its own, which can be cancelled.

    Attributes:
        chosen: bool, for each row whether it was found; rows not yet looked at are not.
        looked_at: how many rows were.
        finished: nothing more will be found.
        fault: why it ended early, or empty.
    """

    def __init__(self, index: LineIndex, logs: Sequence[ShownLog]) -> None:
        """Work on the rows that the index has now."""
        self.index = index
        self.logs = logs
        self.rows = len(index)
        self.chosen: Mask = np.zeros(self.rows, np.bool_)
        self.looked_at = 0
        self.finished = False
        self.fault = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def cancel(self) -> None:
        """Stop soon; what was found stays."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> None:
        """Until it has ended."""
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self.work()
        except BaseException as fault:  # told by whoever shows what was found
            self.fault = fault_of_work(fault)
        self.finished = True

    def work(self) -> None:
        """Fill `chosen`."""
        raise NotImplementedError


def check_whole(logs: Iterable[ShownLog]) -> None:
    """Raise ReadError where a log was cut short: what was read since may be of other lines."""
    for log in logs:
        log.bytes.look()
        if log.bytes.turned:
            name = safe(PurePath(log.name).name)
            raise ReadError(f"{name} was cut short meanwhile; F5 reads it anew")


def found_further(
    found: Found, index: LineIndex, logs: Sequence[ShownLog], before: int, after: int
) -> Found:
    """What a search that has ended has found, and what it finds in the rows that came since."""
    hits = np.zeros(after, np.bool_)
    hits[: len(found.hits)] = found.hits
    for _, rows in matches(found.pattern, index, logs, before, after):
        hits[rows] = True
    return Found(found.pattern, hits, found.count + int(hits[before:].sum()), 1.0)


class Search(Job):
    """The lines that match a pattern, found from some row on, then from the top.

    Attributes:
        pattern: what is searched for.
        start_row: where it began.
    """

    def __init__(
        self, pattern: Pattern, start_row: int, index: LineIndex, logs: Sequence[ShownLog]
    ) -> None:
        """Search from `start_row` on."""
        super().__init__(index, logs)
        self.pattern = pattern
        self.start_row = start_row

    def work(self) -> None:
        """Search both parts."""
        for first, last in ((self.start_row, self.rows), (0, self.start_row)):
            before = first
            for looked, hits in matches(self.pattern, self.index, self.logs, first, last):
                self.chosen[hits] = True
                self.looked_at += looked - before
                before = looked
                if self._stop.is_set():
                    return


class Choice(Job):
    """The lines that a filter shows.

    Attributes:
        chosen: rows that it shows.
        hidden: rows that it must not show, with all of their events.
    """

    def __init__(
        self, chosen_by: Filter, index: LineIndex, logs: Sequence[ShownLog],
        clocks: ShownClocks, flagged: Flagged, before: tuple[Mask, Mask], rows: int,
    ) -> None:  # fmt: skip
        """Choose among the first `rows` rows; `before`: chosen and hidden of the first of them."""
        super().__init__(index, logs)
        self.rows = rows
        self.looked_at = len(before[0])
        self.chosen, self.hidden = (resized(mask, rows) for mask in before)
        self.filter = chosen_by
        self._clocks = clocks
        self._flagged = flagged

    def work(self) -> None:
        """Ask the columns first: what they hide is not searched."""
        for stretch, end in self.index.chunks(self.looked_at, self.rows):
            first = stretch.first_row
            terms = first, end, self._flagged
            wanted, unwanted = self.filter.columns(self.index, self._clocks, *terms)
            if any(term.negated or wanted.any() for term in self.filter.meant):
                self._ask_meant(first, end, wanted, unwanted)
            for pattern in self.filter.include:
                if wanted.any():
                    wanted &= self._matching(pattern, first, end)
            for pattern in self.filter.exclude:
                unwanted |= self._matching(pattern, first, end)
            if self._stop.is_set():
                return
            self.chosen[first:end] = wanted & ~unwanted
            if unwanted.any():  # what is never written takes no memory
                self.hidden[first:end] = unwanted
            self.looked_at = end

    def _ask_meant(self, first: int, end: int, wanted: Mask, unwanted: Mask) -> None:
        """Change what is wanted by the levels that lines were meant to have."""
        meant = meant_levels(self.index, self.logs, first, end, self._stop.is_set)
        for term in self.filter.meant:
            fulfilled = fulfils(term, meant)
            if term.negated:
                unwanted |= fulfilled
            else:
                wanted &= fulfilled

    def _matching(self, pattern: Pattern, first: int, end: int) -> Mask:
        found = np.zeros(end - first, np.bool_)
        for _, hits in matches(pattern, self.index, self.logs, first, end):
            found[hits - first] = True
            if self._stop.is_set():
                break
        return found
