"""Choosing: takes a filter, gives the mask of the lines it shows, as far as lines are known."""

from __future__ import annotations

import numpy as np

from logtool.tui.model.chosen.clocks import ShownClocks
from logtool.tui.model.chosen.filters import Filter, Flagged
from logtool.tui.model.chosen.jobs import Choice
from logtool.tui.model.chosen.masks import resized, spread
from logtool.tui.model.indexed.index import Rows
from logtool.tui.model.reading.builder import Builder
from parsers.arrays import Mask

_NONE = np.zeros(0, np.bool_)


class Chooser:
    """A filter at work on lines that become known one after the other.

    Attributes:
        filter: what chooses.
        chosen: bool, for each row so far whether it is shown; None where nothing is hidden.
        hidden: bool, the rows so far whose events must not be shown, whatever else is in them.
    """

    def __init__(self, builder: Builder) -> None:
        """Show everything."""
        self.filter = Filter()
        self.chosen: Mask | None = None
        self.hidden: Mask = _NONE
        self._builder = builder
        self._job: Choice | None = None
        self._looked_at = 0

    def choose(self, chosen_by: Filter) -> None:
        """Begin to choose, from the first line on."""
        self.stop()
        self.filter = chosen_by
        self.chosen, self.hidden = (_NONE if chosen_by.text else None), _NONE
        self._looked_at = 0

    def again(self) -> None:
        """Choose once more: something that the filter asks for has become known."""
        self.choose(self.filter)

    def stop(self) -> None:
        """End what works in the background."""
        if self._job is not None:
            self._job.cancel()
            self._job.wait(2)
            self._job = None

    @property
    def busy(self) -> bool:
        """Something works in the background."""
        return self._job is not None

    @property
    def share(self) -> float:
        """How much has been looked at, 0 … 1."""
        total = len(self._builder.index)
        return min(self._looked_at / total, 1.0) if self.filter.text and total else 1.0

    def shown(self, total: int, folds: Rows | None) -> Mask | None:
        """Which of the first `total` rows are shown, None for all.

        Args:
            total: rows.
            folds: for each row the row of its event's head, where events are known; they are shown
                or hidden as a whole.
        """
        if self.chosen is None:
            return None
        chosen = resized(self.chosen, total)
        if folds is None:
            return chosen
        known = len(folds)
        spread(chosen[:known], folds)
        if self.hidden.any():
            hidden = resized(self.hidden, known)
            spread(hidden, folds)
            chosen[:known] &= ~hidden
        return chosen

    def look(self, clocks: ShownClocks, flagged: Flagged | None) -> bool:
        """Take over what was found and look at lines that are new; tells if something was found."""
        before = self._looked_at
        if (job := self._job) is not None:
            finished = job.finished
            self.chosen, self.hidden, self._looked_at = job.chosen, job.hidden, job.looked_at
            if finished:
                self._looked_at = job.rows
                self._job = None
                if job.fault:
                    self._builder.fault = job.fault
        if self._job is None and self.chosen is not None:
            self._go_on(clocks, flagged)
        return self._looked_at != before

    def _go_on(self, clocks: ShownClocks, flagged: Flagged | None) -> None:
        rows = self._choosable(clocks, flagged)
        if rows <= self._looked_at:
            return
        job = self._job = self._continued(rows, clocks, flagged)
        job.start()

    def take_new(self, clocks: ShownClocks, flagged: Flagged | None) -> None:
        """Look at a few new lines at once."""
        if self.chosen is not None and self._job is None:
            rows = self._choosable(clocks, flagged)
            job = self._continued(rows, clocks, flagged)
            job.work()
            self.chosen, self.hidden, self._looked_at = job.chosen, job.hidden, rows

    def _continued(self, rows: int, clocks: ShownClocks, flagged: Flagged | None) -> Choice:
        assert self.chosen is not None
        before = self.chosen[: self._looked_at], self.hidden[: self._looked_at]
        builder = self._builder
        return Choice(self.filter, builder.index, builder.logs, clocks, flagged or {}, before, rows)

    def _choosable(self, clocks: ShownClocks, flagged: Flagged | None) -> int:
        """Of how many lines everything is known that the filter asks for."""
        index, table = self._builder.index, self._builder.table
        if self.filter.needs_events and flagged is None:
            return 0
        if table is not None and clocks.table is table:
            return len(index)
        if self.filter.needs_clocks:
            return 0
        if not self.filter.terms:
            return len(index)
        return index.known if self._builder.opened else 0
