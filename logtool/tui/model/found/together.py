"""Together: takes a view, puts its lines together in the background, gives what comes of it."""

from __future__ import annotations

from typing import Any

from logtool.tui.model.chosen.filters import Flagged
from logtool.tui.model.chosen.view import LogView
from logtool.tui.model.found.analysis import Analysis
from logtool.tui.model.indexed.row_notes import RowNotes
from logtool.tui.model.reading.builder import Builder


class Together:
    """The lines of a session, put together once, and again when that is asked for."""

    def __init__(self, builder: Builder) -> None:
        """Take what the builder reads; nothing is begun yet."""
        self._builder = builder
        self._analysis: Analysis | None = None
        self._anew: Analysis | None = None

    def begin(self, view: LogView) -> Analysis | None:
        """Begin, once; None while clocks are unknown."""
        table = self._builder.table
        if self._analysis is None and table is not None and view.clocks.table is table:
            parts = view.index, self._builder.logs, self._builder.opened, table
            self._analysis = Analysis(*parts, self._builder.count)
            self._analysis.start()
        return self._analysis

    def begin_anew(self, view: LogView) -> Analysis | None:
        """The same, and again if lines have come since, or it failed; till then what was found."""
        analysis = self.begin(view)
        if analysis and not self._anew:
            self._anew = analysis.anew()
            if self._anew:
                self._anew.start()
        return analysis

    def stop(self) -> None:
        """Stop, and wait for it."""
        for job in (self._analysis, self._anew):
            if job is not None:
                job.cancel()
                job.wait(2)

    def is_new_to(self, view: LogView) -> bool:
        """Whether a view has yet to be told what was found."""
        return self._analysis is not None and view.folds is None

    @property
    def flagged(self) -> Flagged | None:
        """Rows that rules or exceptions name, if all are known."""
        found = self._analysis
        return {**found.flagged, **found.raised} if found and found.finished else None

    def news_for(self, view: LogView) -> dict[str, Any]:
        """How a view changes by what was found."""
        renewed = self._take_anew()
        analysis = self._analysis
        if analysis is None or not analysis.finished or (view.folds is not None and not renewed):
            return {}
        flagged = RowNotes()
        for rule, rows in reversed(analysis.flagged.items()):
            flagged.add(rows.tolist(), rule)
        return {"folds": analysis.folds, "flagged": flagged, "raised": analysis.told}

    def _take_anew(self) -> bool:
        """Let what was found anew take the place of what was; tells whether it did."""
        anew = self._anew
        if not (self._analysis and anew and anew.finished):
            return False
        self._anew = None
        if anew.fault:
            self._analysis.fail(anew)
            return False
        self._analysis = anew
        return True
