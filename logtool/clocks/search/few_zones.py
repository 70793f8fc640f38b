"""Few zones: takes prices, gives the cheapest stories in which a log keeps two zones or three.

Groups that are moved one by one come to no story in which many must move at once. Here zones are
supposed, all pairs of them, and each group is given that zone which suits those next to it in time:
a Viterbi path for every pair at the same time, for all of them look up the same small tables.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.search.ballots import Ballot
from logtool.clocks.search.prices import Prices, silence
from logtool.clocks.search.zone_voices import SERVER
from logtool.clocks.seen.constraints import EAST_S, WEST_S
from logtool.clocks.seen.scene import Scene
from parsers.arrays import Floats, Ints
from parsers.classes import dataclass
from parsers.distinct import distinct
from parsers.units import SECOND

#: Pairs of zones to which a third is added.
_TO_THREE = 6
#: What a group of the server's pays in another zone, and one of others in the server's.
_NOT_THE_SERVERS = 15.0
_LIKE_THE_SERVER = 1.5
#: No clock on earth shows that.
_OFF_EARTH = 1000.0


@dataclass(slots=True)
class _Step:
    """A group on the path.

    Attributes:
        group: its number.
        shift: int64[n], the offsets of its root that zones give.
        choice: int64[kinds, folds], which of these a kind gives.
        alone: float64[n], what speaks against each whatever the one before it has.
        after: float64[before, n], what speaks against each after those of the one before.
        served: it keeps the server's clock.
    """

    group: int
    shift: Ints
    choice: Ints
    alone: Floats
    after: Floats
    served: bool


class FewZones:
    """Supposes zones for a whole log."""

    def __init__(self, scene: Scene, prices: Prices, loose: Sequence[int]) -> None:
        """Look at all neighbours.

        Args:
            scene: the log.
            prices: what stories cost.
            loose: the groups to be placed, in order of their first lines.
        """
        self._prices = prices
        self._scene = scene
        self._server: set[int] = set()
        if prices.zones.told_apart:
            for voice in prices.zones.voices:
                if voice.name == SERVER:
                    self._server.update(voice.groups)
        self._place = {group: at for at, group in enumerate(loose)}
        self._kinds, self._local = prices.zones.kinds, scene.knots.local_us
        self._loose = loose

    def stories(self, before: Ints, count: int) -> list[Ints]:
        """The cheapest stories of two zones and of three, so many of each.

        Args:
            before: int64[groups], the offsets of groups that may not move.
            count: how many.
        """
        steps = self._steps(before)
        kinds = np.arange(len(self._kinds))
        one, two = (x.ravel() for x in np.meshgrid(kinds, kinds, indexing="ij"))
        sets = np.stack([one, two], axis=1)[one != two if self._server else one < two]
        found: list[Ints] = []
        for more in (_TO_THREE, 0):
            cost = self._walk(steps, sets)[0] + self._prices.zones.new[sets].sum(axis=1)
            order = np.argsort(cost, kind="stable")
            best = self._unlike(sets, order, max(count, more))
            found += self._traced(steps, sets[best[:count]], before)
            some = sets[best[:more]]
            sets = np.concatenate(
                [np.repeat(some, len(kinds), axis=0), np.tile(kinds, len(some))[:, None]], axis=1
            )
            sets = sets[(sets[:, 2] != sets[:, 0]) & (sets[:, 2] != sets[:, 1])]
            if not len(sets):
                break
        return found

    def _unlike(self, sets: Ints, order: Ints, count: int) -> list[int]:
        """The first of some sets (rows), of those that differ by a common shift only the first.

        Where nothing ties the log to UTC, the cheapest pairs are one pair at many places on earth.
        """
        offsets = self._prices.zones.offsets
        found: dict[bytes, int] = {}
        for row in order.tolist():
            if len(found) == count:
                break
            told = offsets[sets[row]]
            found.setdefault((told - told[0, 0]).tobytes(), row)
        return list(found.values())

    def _steps(self, before: Ints) -> list[_Step]:
        prices = self._prices
        steps: list[_Step] = []
        folds = 2 if len(prices.zones.changes_us) else 1
        for group in self._loose:
            first = self._local[prices.first[group]]
            over = prices.over_root(group)
            told = np.array([kind.at_local(first)[:folds] for kind in self._kinds]) - over
            shift = distinct(told.ravel())
            choice = np.searchsorted(shift, told)
            alone = np.where((shift + over < WEST_S) | (shift + over > EAST_S), _OFF_EARTH, 0.0)
            alone += self._between(group, shift, -1, before)[0]
            if steps:
                after = self._between(group, shift, steps[-1].group, steps[-1].shift)
            else:
                after = np.zeros((1, len(shift)))
            steps.append(_Step(group, shift, choice, alone, after, group in self._server))
        return steps

    def _between(self, group: int, shift: Ints, other: int, others: Ints) -> Floats:
        """float64[others, shift]: silences, bounds and votes between a group and another.

        Where the other is -1, that is all that may not move, at the offsets `others`.
        """
        prices, near = self._prices, self._prices.near[group]
        cost = np.zeros((len(others) if other >= 0 else 1, len(shift)))

        def room(a: Ints, b: Ints, bound_us: Ints) -> tuple[Ints, Ints]:
            ahead = a == group
            end = np.where(ahead, b, a)
            if other >= 0:
                rows = np.flatnonzero(end == other)
                away = shift[None, None, :] - others[None, :, None]
            else:
                rows = np.flatnonzero([int(x) not in self._place for x in end])
                away = shift[None, None, :] - others[end[rows]][:, None, None]
            away = np.where(ahead[rows][:, None, None], -away, away)
            return rows, bound_us[rows][:, None, None] - away * SECOND

        gaps, bound = prices.gaps, prices.bound
        rows, left = room(gaps.a[near.gaps], gaps.b[near.gaps], gaps.bound_us[near.gaps])
        cost += silence(left / SECOND, prices.worth[near.gaps][rows][:, None, None]).sum(axis=0)
        rows, left = room(bound.a[near.bounds], bound.b[near.bounds], bound.bound_us[near.bounds])
        cost += ((left < 0) * prices.dear[near.bounds][rows][:, None, None]).sum(axis=0)
        for ballot in near.ballots:
            end = ballot[0] if ballot[1] == group else ballot[1]
            if end == other or (other < 0 and end not in self._place):
                held = others if other >= 0 else others[end : end + 1]
                cost += _lost(ballot, group, shift, held)
        return cost

    def _walk(
        self, steps: list[_Step], sets: Ints, trace: bool = False
    ) -> tuple[Floats, list[NDArray[np.int8]], Ints]:
        """The cheapest paths: cost, where each state came from, and the last state."""
        folds = steps[0].choice.shape[1]
        states = sets.shape[1] * folds
        role = np.repeat(np.arange(sets.shape[1]), folds)
        cost = np.zeros((len(sets), states))
        back: list[NDArray[np.int8]] = []
        before = None
        for step in steps:
            now = step.choice[sets].reshape(len(sets), states)
            if before is not None:
                total = cost[:, :, None] + step.after[before[:, :, None], now[:, None, :]]
                if trace:
                    best = total.argmin(axis=1)
                    back.append(best.astype(np.int8))
                cost = total.min(axis=1)
            cost = cost + step.alone[now]
            if self._server:
                cost = cost + np.where(
                    role == 0,
                    *((0.0, _NOT_THE_SERVERS) if step.served else (_LIKE_THE_SERVER, 0.0)),
                )
            before = now
        return cost.min(axis=1), back, cost.argmin(axis=1)

    def _traced(self, steps: list[_Step], sets: Ints, before: Ints) -> list[Ints]:
        """The stories of some sets of zones."""
        _, back, last = self._walk(steps, sets, trace=True)
        folds = steps[0].choice.shape[1]
        found = []
        for row, state in enumerate(last.tolist()):
            other = before.copy()
            for at in range(len(steps) - 1, -1, -1):
                step = steps[at]
                other[step.group] = step.shift[
                    step.choice[sets[row, state // folds], state % folds]
                ]
                if at:
                    state = int(back[at - 1][row, state])
            found.append(other)
        return found


def _lost(ballot: Ballot, group: int, shift: Ints, others: Ints) -> Floats:
    """float64[others, shift]: the weight of a vote that is lost."""
    _, b, options, weight, *_ = ballot
    away = shift[None, :] - others[:, None]
    content = np.isin(away if b == group else -away, list(options))
    return np.where(content, 0.0, weight)
