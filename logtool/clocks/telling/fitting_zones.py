"""Fitting zones: takes clocks, gives for each the zones of the tz database that it may keep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from logtool.clocks.table import Clock, ClockTable
from logtool.clocks.tzdb.zones import changes_between, is_alias, zones_that_fit
from parsers.units import SECOND

#: Changes of all zones are looked up over so many microseconds: thirty years.
_LONG_US = 30 * 366 * 86_400 * SECOND


class FittingZones:
    """Names the zones that fit clocks."""

    def __init__(self, table: ClockTable) -> None:
        """Name zones for the clocks of a table."""
        self._of_process: dict[tuple[int, str, str], list[Clock]] = defaultdict(list)
        for clock in table.clocks:
            self._of_process[clock.process, clock.role, clock.group].append(clock)
        self._known: dict[frozenset[tuple[int, int]], tuple[str, ...]] = {}
        first = min((clock.first_us for clock in table.clocks), default=0)
        last = max((clock.last_us for clock in table.clocks), default=0)
        # A forged year makes every log long; its zones are looked up clock by clock.
        self._changes_us = changes_between(first, last)[:, 0] if last - first < _LONG_US else None

    def of(self, clock: Clock) -> tuple[str, ...]:
        """The zones that fit all clocks of its process that are the same but for summer time."""
        same = [
            other
            for other in self._of_process[clock.process, clock.role, clock.group]
            if other is clock or abs(other.offset_s - clock.offset_s) <= 3600
        ]
        return self._fitting(same) or self._fitting([clock])

    def told(self, clock: Clock) -> tuple[str, ...]:
        """The zones to tell people: the user's if it is known, else those that fit, no aliases."""
        if clock.zone:
            return (clock.zone,)
        fitting = self.of(clock)
        return tuple(zone for zone in fitting if not is_alias(zone)) or fitting

    def _fitting(self, clocks: Sequence[Clock]) -> tuple[str, ...]:
        pairs = [(x, one.offset_s) for one in clocks for x in (one.first_us, one.last_us)]
        stretches = [time for time, _ in pairs]
        if self._changes_us is not None:
            # Zones fit the same clocks at all times between which no zone changes.
            times = np.array(stretches, np.int64)
            stretches = np.searchsorted(self._changes_us, times, side="right").tolist()
        key = frozenset(zip(stretches, (offset for _, offset in pairs), strict=True))
        if key not in self._known:
            self._known[key] = zones_that_fit(*zip(*pairs, strict=True))
        return self._known[key]
