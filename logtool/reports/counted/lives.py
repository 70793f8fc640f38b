"""Lives: takes the lines that tell of starts, stops and crashes, counts each of these once.

Who restarts says that he resumes as well, which is no start; a daemon's crash is told by httpd,
which does not know a daemon from a child, and again by mod_wsgi; and of a daemon that says itself
that it stops, the parent tells again.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from logtool.events.lives import CRASHED, LIVES, NUMBERS, RESTARTED, STARTED, STOPPED, Restarts
from logtool.frame.kept import Kept, frame_together
from logtool.frame.lines import Lines
from logtool.reports.numbers import LifeEvent
from parsers.arrays import Ints
from parsers.lines import NO_PID
from parsers.whole_numbers import whole_number

#: So many of them are kept to be shown.
_SHOWN = 500
_NEVER = datetime.min.replace(tzinfo=UTC)
_ENDED, _DAEMON_CRASHED = NUMBERS["daemon ended"], NUMBERS["daemon crashed"]
_BORN, _STOPPING = NUMBERS["daemon started"], NUMBERS["daemon stopped"]
_SEVERAL = (STARTED, STOPPED, *RESTARTED, CRASHED, _ENDED, _BORN, _STOPPING)
_PID = re.compile(r"pid[ =](\d+)")


class LifeCounts:
    """Counts what becomes of a server and its processes, line by line.

    Attributes:
        counts: how often each came, by its number in `LIVES`, from 1.
    """

    def __init__(self) -> None:
        """Begin before the first line."""
        self.counts: Counter[int] = Counter()
        #: Lines to be shown, what each tells of and its number in all logs.
        self._shown: list[tuple[Kept, Ints, Ints]] = []
        self._room = _SHOWN
        self._restarts = Restarts()
        #: Whose end has been told; of a daemon among them mod_wsgi will tell again.
        self._over: set[int] = set()

    def add(self, lines: Lines, at: Ints, number: Ints, row: Ints) -> None:
        """Count some lines.

        Args:
            lines: those of a block.
            at: int64[n], which of them tell of a life.
            number: int64[n], what: the number in `LIVES`, from 1.
            row: int64[n], their numbers in all logs.
        """
        if not len(at):
            return
        number = self._each_once(lines, at, number)
        told = np.flatnonzero(number)
        for one, count in zip(*np.unique(number[told], return_counts=True), strict=True):
            self.counts[int(one)] += int(count)
        told = told[: self._room]
        if len(told):
            self._room -= len(told)
            self._shown.append((Kept.of(lines, at[told]), number[told], row[told]))

    def _each_once(self, lines: Lines, at: Ints, number: Ints) -> Ints:
        """The same numbers, 0 for a line that tells again of what has been counted."""
        number = number.copy()
        some = np.flatnonzero(np.isin(number, _SEVERAL))
        if not len(some):
            return number
        pids, daemon = lines.stamps.pid[lines.rows[at[some]]], np.zeros(len(some), np.bool_)
        ends = np.flatnonzero(np.isin(number[some], (CRASHED, _ENDED)))
        if len(ends):  # only these are looked at as text: each start of a server tells of others
            where = lines.at(at[some[ends]])
            pids[ends] = _pids_in(where)
            daemon[ends] = self._are_daemons(where, pids[ends])
        for place, pid, known in zip(some.tolist(), pids.tolist(), daemon.tolist(), strict=True):
            kind = int(number[place])
            if kind == CRASHED:
                number[place] = _DAEMON_CRASHED if known else CRASHED
                self._over.add(pid)
            elif self._restarts.goes_on(kind):
                number[place] = 0
            elif kind == _STOPPING:
                self._over.add(pid)
            elif kind == _ENDED and pid in self._over:
                number[place] = 0
            if kind in (_BORN, _ENDED):
                self._over.discard(pid)
        return number

    @staticmethod
    def _are_daemons(lines: Lines, pids: Ints) -> NDArray[np.bool_]:
        """Whether the process that has each pid at each line is known to be a daemon."""
        clocks = lines.table.clock_rows(lines.log.number, lines.numbers, pids)
        kinds, kind_of_clock = lines.table.kinds
        daemon = np.array([role == "daemon" for role, _ in kinds], np.bool_)
        found: NDArray[np.bool_] = daemon[kind_of_clock[clocks]]
        return found

    @property
    def events(self) -> tuple[LifeEvent, ...]:
        """The first of them, in order of time."""
        if not self._shown:
            return ()
        parts, kinds, rows = zip(*self._shown, strict=True)
        lines = frame_together(parts, ("utc", "pid", "message")).rows()
        told = zip(
            lines, np.concatenate(kinds).tolist(), np.concatenate(rows).tolist(), strict=True
        )
        events = [
            (utc or _NEVER, row, LifeEvent(utc, LIVES[kind - 1].name, pid, message))
            for (utc, pid, message), kind, row in told
        ]
        return tuple(event for _, _, event in sorted(events, key=lambda one: one[:2]))


def _pids_in(lines: Lines) -> list[int]:
    """The pid that each message names, NO_PID for none."""
    messages = lines.frame(("message",))["message"].to_list()
    return [whole_number(found[1]) if (found := _PID.search(said)) else NO_PID for said in messages]
