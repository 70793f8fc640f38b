"""Zone kinds: takes a range of time, tells which zones have offsets that spans of it show."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.tzdb.zones import Rules, kinds_of_zones
from parsers.arrays import Ints
from parsers.distinct import distinct
from parsers.units import SECOND


class ZoneKinds:
    """All zones, those put together that agree throughout a range of time.

    Attributes:
        rules: their offsets, of the kind with most servers first.
        shares: float64[kinds], roughly how many servers of a hundred keep each.
        changes_us: instants at which any of them changes, ascending.
        offsets: int64[kinds, changes + 1], seconds east of UTC before the first change and after
            each.
    """

    def __init__(self, from_us: int, to_us: int) -> None:
        kinds = kinds_of_zones(from_us, to_us)
        self.rules: list[Rules] = [rules for rules, _ in kinds]
        self.shares = np.array([share for _, share in kinds])
        self.changes_us: Ints = distinct(np.concatenate([one.changes_us for one in self.rules]))
        instants = np.append(from_us, self.changes_us)
        self.offsets = np.array([rules.at_utc(instants) for rules in self.rules])

    def fits(self, first: Ints, last: Ints, offsets: Ints) -> NDArray[np.bool_]:
        """bool[kinds, spans]: a kind has these offsets at both ends of spans in local time."""
        begin = np.searchsorted(self.changes_us, first - offsets * SECOND, side="right")
        end = np.searchsorted(self.changes_us, last - offsets * SECOND, side="right")
        fits: NDArray[np.bool_] = self.offsets[:, begin] == offsets
        if np.any(begin != end):
            fits &= self.offsets[:, end] == offsets
        return fits


@lru_cache(maxsize=8)
def zone_kinds(from_us: int, to_us: int) -> ZoneKinds:
    """The kinds of zones over a range of UTC."""
    return ZoneKinds(from_us, to_us)
