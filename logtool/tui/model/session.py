"""Session: takes opened logs and the user's wishes, gives one LogView after the other.

It owns what works in the background; `refresh` looks what has come of it. All its methods belong to
one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from logtool.clocks.table import ClockTable
from logtool.errors import UsageError
from logtool.tui.model.chosen.choosing import Chooser
from logtool.tui.model.chosen.clocks import ShownClocks
from logtool.tui.model.chosen.filters import parse_filter
from logtool.tui.model.chosen.masks import hide_insides, rows_of
from logtool.tui.model.chosen.searching import Searching
from logtool.tui.model.chosen.times import TimeColumn, TimeMode, check_zone
from logtool.tui.model.chosen.view import COLUMNS, LogView
from logtool.tui.model.found.analysis import ANALYSED_AT_ONCE, Analysis
from logtool.tui.model.found.request_search import RequestSearch
from logtool.tui.model.found.requests import RequestOfLine
from logtool.tui.model.found.together import Together
from logtool.tui.model.indexed.index import Rows
from logtool.tui.model.reading.builder import Builder
from logtool.tui.model.reading.follower import Follower, can_grow, is_open_pipe
from logtool.tui.model.reading.lines import LineReader
from logtool.tui.model.saving import save_lines
from logtool.tui.model.state import State, read_state, write_state


class Session:
    """Some logs being looked at.

    Attributes:
        builder: reads them.
        view: what is to be shown now.
    """

    def __init__(
        self,
        builder: Builder,
        time: TimeColumn | None = None,
        state: Path | None = None,
    ) -> None:
        """Show the head that the builder has read.

        Args:
            builder: reads the logs.
            time: how times are shown.
            state: where position, filter and bookmarks are kept, None for nowhere.
        """
        self._state = state
        self.builder = builder
        self._chooser = Chooser(builder)
        self._searching, self._together = Searching(builder), Together(builder)
        self._kept = read_state(state)
        self._follower: Follower | None = None
        self._order: Rows | None = None
        self._requests: RequestSearch | None = None
        self._near: RequestOfLine | None = None
        reader = LineReader(builder.index, builder.logs)
        self.view = LogView(
            reader=reader,
            total=len(builder.index),
            rows=None,
            clocks=ShownClocks(builder.index, None),
            progress=builder.progress,
            time=time or TimeColumn(),
        )
        self._restore()

    def start(self, changed: Callable[[], None] = lambda: None) -> None:
        """Begin to read in the background."""
        self.builder.start(changed)

    def stop(self) -> None:
        """End all background work."""
        for work in (self._chooser, self._searching, self._together):
            work.stop()
        for job in (self._requests, self._near):
            if job is not None:
                job.cancel()
                job.wait(2)
        if self._follower is not None:
            self._follower.stop()
        self.builder.stop()

    @property
    def names(self) -> Sequence[str]:
        """The logs' names, by number."""
        return [log.name for log in self.builder.logs]

    @property
    def busy(self) -> bool:
        """Something in the background may still change the view."""
        return (
            (self.view.clocks.table is None and not self.view.progress.clockless)
            or self._chooser.busy
            or self._together.is_new_to(self.view)
            or (self._near is not None and self._near.is_new_to(self.view))
            or self._searching.is_new_to(self.view)
        )

    def refresh(self) -> bool:
        """Take over what the background has done; tells whether the view changed."""
        before = self.view
        self._take_lines()
        self._take_analysis()
        self._look_at_filter()
        self._take_search()
        self._take_request()
        return self.view is not before

    def change(self, **changes: Any) -> LogView:  # noqa: ANN401 - as LogView has them
        """A view that differs in something that needs no work."""
        self.view = replace(self.view, **changes)
        return self.view

    def filter(self, text: str, *, for_now: bool = False) -> None:
        """Show other lines; `for_now`: the next time those of the last time are shown again.

        Raises:
            UsageError: the filter makes no sense.
        """
        self._chooser.choose(parse_filter(text))
        self._kept = self._kept if for_now else replace(self._kept, filter=text)
        if self._chooser.filter.needs_events:
            self.analyse()
        self.change(filter=self._chooser.filter, restored=False)
        self._look_at_filter(anew=True)

    def search(self, text: str, start_row: int) -> None:
        """Search from a row on; an empty text ends searching.

        Raises:
            UsageError: it is no regular expression.
        """
        self._searching.begin(text, start_row)
        if not text:
            self.change(found=None)
        self._take_search()

    def cancel_search(self) -> bool:
        """Stop searching; tells whether there was something to stop."""
        return self._searching.cancel()

    def show_zone(self, name: str) -> None:
        """Show times of a zone.

        Raises:
            UsageError: there is no such zone.
        """
        self.change(time=TimeColumn(TimeMode.ZONE, check_zone(name)), elapsed=False)

    def whole_events(self, places: range) -> Rows:
        """The rows that are shown at some places, and those inside their folded events."""
        view = self.view
        wanted = np.zeros(view.total, np.bool_)
        wanted[view.rows_at(places.start, places.stop)] = True
        if view.folds is not None:
            closed = wanted[: len(view.folds)].copy()
            closed[[row for row in view.opened if row < len(closed)]] = False
            wanted[: len(closed)] |= closed[view.folds]
        if self._order is None:
            return rows_of(wanted)
        return self._order[wanted[self._order]]

    def save(self, path: str, places: range, *, as_they_stand: bool = False) -> int:
        """Write the lines shown at some places, their times in UTC; gives how many.

        Raises:
            WriteError: they cannot be written.
        """
        rows = self.whole_events(places)
        return save_lines(self.view, rows, path, as_they_stand=as_they_stand)

    def look_for_request(self, row: int) -> None:
        """Look in the background for the other lines of a line's request."""
        if self._near is not None and self._near.row == row:
            return
        if self._near is not None:
            self._near.cancel()
        self._near = RequestOfLine(self.view.reader.line(row), self.builder)
        self._near.start()

    def _take_request(self) -> None:
        if self._near and (news := self._near.news_for(self.view)):
            self.change(**news)

    def unfold(self, row: int) -> None:
        """Show the lines of an event, or hide them again."""
        heads = {self.view.event_of(row)[0]}
        self.change(opened=self.view.opened ^ heads)
        self._show()

    def analyse(self) -> Analysis | None:
        """Put lines together in the background, once; None while clocks are unknown."""
        return self._together.begin(self.view)

    def analyse_anew(self) -> Analysis | None:
        """The same, and again if lines have come since, or it failed; till then what was found."""
        return self._together.begin_anew(self.view)

    def requests(self) -> RequestSearch | None:
        """Look for requests in the background; None while clocks are unknown."""
        table = self.builder.table
        if self._requests is None and table is not None:
            parts = self.view.index, self.builder.logs, self.builder.opened, table
            self._requests = RequestSearch(*parts, self.builder.access)
            self._requests.start()
        return self._requests

    def follow(self) -> bool:
        """Show new lines as they come, from when all others are read; tells if any can come."""
        if not any(map(can_grow, self.builder.logs)):
            return False
        self.change(following=True)
        self._take_what_comes()
        return True

    def _take_what_comes(self) -> None:
        if self._follower is None and self.view.clocks.table is not None:
            self._follower = Follower(self.builder)

    def take_position(self) -> int | None:
        """Once, as soon as it is known: the row where the user was the last time."""
        if self.view.clocks.table is None or self._kept.position is None:
            return None
        row = self.builder.row_of(*self._kept.position)
        self._kept = replace(self._kept, position=None)
        return row

    def keep(self, row: int | None) -> None:
        """Keep where the user is for the next time."""
        position = None if row is None else self.builder.position_of(row)
        marks = tuple(self.builder.position_of(mark) for mark in sorted(self.view.marks))
        view = self.view
        if view.clocks.table is None:  # too early to know more than the last time
            return
        state = State(position, self._kept.filter, view.time.mode.value, view.columns, marks)
        write_state(self._state, state)

    def _restore(self) -> None:
        """Show what was shown the last time."""
        kept = self._kept
        with suppress(ValueError):
            mode = TimeMode(kept.time)
            self.change(time=replace(self.view.time, mode=mode))
        self.change(columns=kept.columns % len(COLUMNS))
        if kept.filter:
            with suppress(UsageError):
                self.filter(kept.filter)
                self.change(restored=True)

    def _extend(self, before: int, after: int) -> None:
        """Take in lines that were appended after all others were analysed."""
        new = np.arange(before, after, dtype=np.int32)
        counts = self.view.index.offset_counts(before, after)
        clocks = self.view.clocks.with_offsets(offset for offset, n in counts.items() if n)
        self.change(clocks=clocks.with_newcomers(self.builder.named, self.builder.count))
        if self._order is not None:
            self._order = np.concatenate([self._order, new])
        self._chooser.take_new(self.view.clocks, self._together.flagged)
        self.change(**self._searching.further(self.view, before, after))
        self._show()

    def _take_lines(self) -> None:
        progress, index = self.builder.progress, self.builder.index
        if (turned := sum(log.bytes.turned for log in self.builder.logs)) != self.view.turned:
            self.change(turned=turned)
        before, table = self.view.total, self.builder.table
        new = table is not self.view.clocks.table  # whoever else has shown the progress
        if progress == self.view.progress and len(index) == before and not new:
            return
        if table is not None and not new and len(index) > before:
            self.change(total=len(index))
            self._extend(before, self.view.total)
            return
        self.change(total=len(index), progress=progress)
        if new and table is not None:
            self._take_clocks(table)
        if progress.done:
            self._searching.again()

    def _take_clocks(self, table: ClockTable) -> None:
        self.view.reader.forget()
        self._order = self.builder.order
        self.change(clocks=ShownClocks(self.view.index, table))
        if self._chooser.filter.needs_clocks:
            self._chooser.again()
        self._look_at_filter(anew=True)
        marks = (self.builder.row_of(*mark) for mark in self._kept.marks)
        kept = frozenset(mark for mark in marks if mark is not None)
        self.change(marks=self.view.marks | kept)
        if self.view.following or any(map(is_open_pipe, self.builder.logs)):
            self._take_what_comes()
        if self.view.total <= ANALYSED_AT_ONCE:
            self.analyse()

    def _take_analysis(self) -> None:
        if news := self._together.news_for(self.view):
            self.change(**news)
            if self._chooser.filter.needs_events:
                self._chooser.again()
            self._look_at_filter(anew=True)

    def _look_at_filter(self, *, anew: bool = False) -> None:
        """Show what the filter has chosen so far."""
        if self._chooser.look(self.view.clocks, self._together.flagged) or anew:
            self.change(choosing=self._chooser.share, progress=self.builder.progress)
            self._show()

    def _show(self) -> None:
        """Show what the filter has chosen, without the insides of events, by UTC."""
        total, folds = self.view.total, self.view.folds
        chosen = self._chooser.shown(total, folds)
        if chosen is None and folds is None:
            self.change(rows=self._order, passed=None)
            return
        shown = np.ones(total, np.bool_) if chosen is None else chosen
        passed = int(shown.sum())
        if folds is not None:
            hide_insides(shown, folds, self.view.opened)
        rows = rows_of(shown) if self._order is None else self._order[shown[self._order]]
        self.change(rows=rows, passed=passed)

    def _take_search(self) -> None:
        if news := self._searching.news_for(self.view):
            self.change(**news)
