"""Searching: takes what is searched for in a view, gives what has been found of it so far."""

from __future__ import annotations

from typing import Any

from logtool.tui.model.chosen.jobs import Search, found_further
from logtool.tui.model.chosen.matching import Pattern
from logtool.tui.model.chosen.view import Found, LogView
from logtool.tui.model.reading.builder import Builder


class Searching:
    """The search of a session: one at a time, in the background."""

    def __init__(self, builder: Builder) -> None:
        """Search in what the builder has read."""
        self._builder = builder
        self._search: Search | None = None

    def begin(self, text: str, start_row: int) -> None:
        """Search from a row on, no longer for what was searched for; an empty text is nothing.

        Raises:
            UsageError: it is no regular expression.
        """
        pattern = Pattern.of(text) if text else None
        self.cancel()
        self._search = None
        if pattern is not None:
            self._search = Search(pattern, start_row, self._builder.index, self._builder.logs)
            self._search.start()

    def cancel(self) -> bool:
        """Stop; tells whether there was something to stop."""
        if self._search is None or self._search.finished:
            return False
        self._search.cancel()
        return True

    def stop(self) -> None:
        """Stop, and wait for it."""
        if self._search is not None:
            self._search.cancel()
            self._search.wait(2)

    def is_new_to(self, view: LogView) -> bool:
        """Whether a view may still be told of what is found."""
        return self._search is not None and (view.found is None or view.found.share < 1)

    def again(self) -> None:
        """Search once more if lines have come since."""
        search = self._search
        if search is not None and search.rows < len(self._builder.index):
            self.begin(search.pattern.text, search.start_row)

    def further(self, view: LogView, before: int, after: int) -> dict[str, Any]:
        """How a view changes by rows that came after all others were searched."""
        if view.found is None or view.found.share < 1:
            return {}
        self._search = None
        parts = self._builder.index, self._builder.logs, before, after
        return {"found": found_further(view.found, *parts)}

    def news_for(self, view: LogView) -> dict[str, Any]:
        """How a view changes by what has been found."""
        if (search := self._search) is None:
            return {}
        finished = search.finished  # asked first: by then it has its fault
        if search.fault:
            self._builder.fault = search.fault
        share = 1.0 if finished else search.looked_at / max(search.rows, 1)
        found = view.found
        if found is not None and found.pattern is search.pattern and found.share == share:
            return {}
        hits, count = search.chosen, int(search.chosen.sum())
        if view.folds is not None:
            folds = view.folds[: len(hits)]
            hits = hits.copy()
            hits[folds[search.chosen[: len(folds)]]] = True
        told = Found(search.pattern, hits, count, share)
        return {"found": told, "progress": self._builder.progress}
