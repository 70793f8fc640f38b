"""Arrivals: takes lines that have just come, tells their offsets from UTC.

A line that is read as it is written was written now. So the offset of its process is that of some
zone by which its stamp differs from the present, whatever the process did to its zone. A line that
comes late differs by something else, mostly, and so do others that come late with it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.table import ClockTable, hours
from logtool.clocks.zones import offsets_between
from parsers.lines import NO_OFFSET, NO_PID, NO_TIME, Stamps

Ints = NDArray[np.int64]

_SECOND = 1_000_000
#: Offsets are multiples of this.
_STEP_US = 900 * _SECOND
#: A line is read so much later than it was stamped, and clocks of two hosts differ by less.
SLACK_US = 60 * _SECOND
#: Zones are looked at from the day before to the day after.
_DAY_US = 86_400 * _SECOND


class ArrivalClocks:
    """The newest clock of every process that writes one log."""

    def __init__(
        self,
        default: Callable[[int], int] | None = None,
        tell: Callable[[str], None] = lambda note: None,
    ) -> None:
        """Begin without knowing any clock.

        Args:
            default: offset (seconds) at a local time (µs) of a process of which nothing is known.
            tell: takes a sentence for people where the present does not explain a stamp.
        """
        self._default = default
        self._tell = tell
        self._told: set[int] = set()
        self._known: dict[int, int] = {}
        self._server: int | None = None

    def learn(self, table: ClockTable, file: int) -> None:
        """Take over the last clock of every process from what was found before."""
        for clock in sorted(
            (clock for clock in table.clocks if clock.file == file), key=lambda one: one.last_line
        ):
            self._known[clock.pid] = clock.offset_s
            if clock.role == "parent" or self._server is None:
                self._server = clock.offset_s

    def offsets(self, stamps: Stamps, since_us: int, now_us: int) -> Ints:
        """The offset of each line, seconds east of UTC.

        Args:
            stamps: of the lines.
            since_us: they came after this instant, µs UTC ...
            now_us: ... and not after this one.

        Returns:
            int64[n]: what the line itself writes; else the clock its process had, if that explains
            when it came; else what the present tells, if a zone keeps that; else the last known
            clock. NO_OFFSET where nothing is known, or the line has no time.
        """
        low, high = since_us - SLACK_US, now_us + SLACK_US
        timed = stamps.local_us != NO_TIME
        local = np.where(timed, stamps.local_us, 0)
        pids, which = np.unique(stamps.pid, return_inverse=True)
        known = np.array([self._known.get(pid, NO_OFFSET) for pid in pids.tolist()])[which]
        fits = _within(local - known * _SECOND, low, high) & (known != NO_OFFSET)
        seen = (local - now_us + _STEP_US // 2) // _STEP_US * (_STEP_US // _SECOND)
        prompt = ~fits & _within(local - seen * _SECOND, low, high)
        if high - low >= _STEP_US:
            prompt[:] = False  # we looked away for too long: several offsets would do
        if prompt.any():
            prompt &= np.isin(seen, self._kept(now_us))
        # Who writes a line that is late has not changed its clock in those that look as if.
        late = timed & ~fits & ~prompt & (stamps.offset_s == NO_OFFSET)
        prompt &= (known == NO_OFFSET) | ~np.isin(which, which[late])
        offsets = np.where(fits, known, np.where(prompt, seen, NO_OFFSET))
        offsets = np.where(stamps.offset_s != NO_OFFSET, stamps.offset_s, offsets)
        offsets = np.where(timed, offsets, NO_OFFSET).astype(np.int64)
        odd = timed & (offsets == NO_OFFSET)
        if odd.any():
            offsets[odd] = _last_known(offsets, known, which)[odd]
            self._guess(stamps, odd, offsets)
        self._remember(stamps.pid, offsets, pids, which)
        return offsets

    def _kept(self, now_us: int) -> list[int]:
        """The offsets that zones keep about now, and those of clocks that were found otherwise."""
        day = now_us // _DAY_US * _DAY_US
        default = [] if self._default is None else [self._default(now_us)]
        return [*offsets_between(day - _DAY_US, day + 2 * _DAY_US), *default, *self._known.values()]

    def _guess(self, stamps: Stamps, odd: NDArray[np.bool_], offsets: Ints) -> None:
        """Give an offset to processes of which nothing is known; tell of lines that are `odd`."""
        for row in np.flatnonzero(odd & (offsets == NO_OFFSET)).tolist():
            if self._default is not None:
                offsets[row] = self._default(int(stamps.local_us[row]))
            elif self._server is not None:
                offsets[row] = self._server
        pids, first = np.unique(stamps.pid[odd], return_index=True)
        for pid, offset in zip(pids.tolist(), offsets[odd][first].tolist(), strict=True):
            if pid in self._told:
                continue
            self._told.add(pid)
            who = "a process without pid" if pid == NO_PID else f"process {pid}"
            taken = "no clock is known" if offset == NO_OFFSET else f"{hours(offset)} is taken"
            self._tell(f"{who} writes stamps that do not fit the present; {taken}")

    def _remember(self, pid: Ints, offsets: Ints, pids: Ints, which: Ints) -> None:
        last = np.full(len(pids), -1)
        rows = np.flatnonzero(offsets != NO_OFFSET)
        last[which[rows]] = rows  # of equal places the last one counts
        for at, row in enumerate(last.tolist()):
            if row >= 0:
                self._known[int(pids[at])] = int(offsets[row])
                if self._server is None:
                    self._server = int(offsets[row])


def _last_known(offsets: Ints, before: Ints, which: Ints) -> Ints:
    """For each line the offset of its process's last line that has one, or what was before."""
    order = np.argsort(which, kind="stable")
    place = np.arange(len(order))
    first = np.searchsorted(which[order], which[order])
    last = np.maximum.accumulate(np.where(offsets[order] != NO_OFFSET, place, -1))
    answer = np.empty_like(offsets)
    answer[order] = np.where(last >= first, offsets[order][np.maximum(last, 0)], before[order])
    return answer


def _within(utc: Ints, low: int, high: int) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (utc >= low) & (utc <= high)
    return inside
