"""Neighbouring lines: take a solved scene, tell what the order of lines leaves each span's offset.

A line stands in the file after what was written before it: given the instants of its neighbours,
each line bounds the offset of its span from one side.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from logtool.clocks.seen.constraints import STEP_S, STEP_US, WIDEST_S, order_slack_us
from logtool.clocks.seen.scene import Scene
from parsers.arrays import Ints
from parsers.classes import dataclass
from parsers.units import SECOND


class Leeway(NamedTuple):
    """What neighbours leave an offset.

    Attributes:
        low_us, high_us: bounds, µs east of UTC; None where open.
        after: a line of another span and the line of this one that must be after it, as knots.
        before: a line of this span and the line of another that it must be before, as knots.
    """

    low_us: int | None
    high_us: int | None
    after: tuple[int, int] | None
    before: tuple[int, int] | None

    @property
    def knot(self) -> int:
        """A knot of the span that is bounded."""
        if self.after is not None:
            return self.after[1]
        return self.before[0] if self.before is not None else -1


@dataclass(slots=True, eq=False)
class _Tightest:
    """The tightest bound of each key: sorted keys, and the knot before the neighbours that say."""

    keys: Ints
    bound_us: Ints
    knot: Ints

    @classmethod
    def of(cls, keys: Ints, bound_us: Ints, knot: Ints) -> _Tightest:
        """The smallest bound of each key."""
        order = np.lexsort((bound_us, keys))
        first = np.ones(len(order), np.bool_)
        first[1:] = np.diff(keys[order]) != 0
        rows = order[first]
        return cls(keys[rows], bound_us[rows], knot[rows])

    def find(self, key: int) -> tuple[int, int] | None:
        """Bound and knot of a key."""
        at = int(np.searchsorted(self.keys, key))
        if at == len(self.keys) or self.keys[at] != key:
            return None
        return int(self.bound_us[at]), int(self.knot[at])


class Neighbouring:
    """Bounds between neighbouring lines of different spans."""

    def __init__(self, scene: Scene, offset_s: Ints) -> None:
        """Look at all neighbours.

        Args:
            scene: the log.
            offset_s: int64[spans], the answer.
        """
        knots, span = scene.knots, scene.spans.of_knot
        away = np.diff(knots.local_us)
        apart = (span[1:] != span[:-1]) & ~scene.breaks[1:] & (away > -(WIDEST_S + STEP_S) * SECOND)
        rows = np.flatnonzero(apart)
        a, b = span[rows], span[rows + 1]
        # o_b - o_a <= bound, for the line of b stands after that of a.
        bound = away[rows] + order_slack_us(knots.coarse[rows] | knots.coarse[rows + 1])
        self._offset_s, self._spans = offset_s, len(offset_s)
        self._pairs = _Tightest.of(a * self._spans + b, bound, rows)
        self._high = _Tightest.of(b, bound + offset_s[a] * SECOND, rows)
        self._low = _Tightest.of(a, bound - offset_s[b] * SECOND, rows)

    def of(self, span: int) -> Leeway | None:
        """What all others leave a span; None where it has no neighbours."""
        high, low = self._high.find(span), self._low.find(span)
        if high is None and low is None:
            return None
        return Leeway(
            -low[0] if low else None,
            high[0] if high else None,
            (high[1], high[1] + 1) if high else None,
            (low[1], low[1] + 1) if low else None,
        )

    def between(self, span: int, other: int) -> Leeway | None:
        """What one other span leaves a span; None where they are not bound from both sides."""
        high = self._pairs.find(other * self._spans + span)
        low = self._pairs.find(span * self._spans + other)
        if high is None or low is None:
            return None
        held = int(self._offset_s[other]) * SECOND
        return Leeway(held - low[0], held + high[0], (high[1], high[1] + 1), (low[1], low[1] + 1))

    def exact(self) -> tuple[Ints, Ints]:
        """Pairs of spans (int64[n] each) to which order leaves the answer's difference only."""
        a, b = self._pairs.keys // self._spans, self._pairs.keys % self._spans
        up = np.flatnonzero(a < b)
        back = b[up] * self._spans + a[up]
        at = np.minimum(np.searchsorted(self._pairs.keys, back), len(self._pairs.keys) - 1)
        both = self._pairs.keys[at] == back
        up, at = up[both], at[both]
        highest = self._pairs.bound_us[up] // STEP_US
        lowest = -(self._pairs.bound_us[at] // STEP_US)
        delta = self._offset_s[b[up]] - self._offset_s[a[up]]
        one = (lowest == highest) & (lowest * STEP_S == delta)
        return a[up][one], b[up][one]
