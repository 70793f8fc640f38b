"""Zone prices: takes spans by voice and group, tells what it takes to believe their offsets.

A voice (the server, a daemon group, a process of its own) keeps one zone of the tz database, rarely
two; a zone that another voice keeps already is likelier than a new one, a well-known zone likelier
than a rare one.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.distinct import distinct
from logtool.clocks.knots import SECOND
from logtool.clocks.scene import Scene, time_range
from logtool.clocks.spans import HEARSAY_PID, UTC_PID
from logtool.clocks.voices import is_voice
from logtool.clocks.zones import Rules, kinds_of_zones

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
#: Kinds of zones that a voice keeps, and what each span of a kind costs.
Zones = tuple[tuple[int, float], ...]

#: The voice of all who keep the server's clock.
SERVER = "server"
#: Prices, in natural logarithms of odds, roughly.
NEW_ZONE = 2.0
SAME_ZONE = 0.4
#: So many voices that keep no known zone are thought of beside those that there are (a Chinese
#: restaurant process, whose second guest sits down with the first at the price of SAME_ZONE).
_NEWCOMERS = 0.5
SECOND_ZONE = 5.0
#: A server is hardly ever started anew under another TZ; its processes never leave it.
_MOVED_SERVER = 12.0
NO_ZONE = 15.0
#: Spans of one group that lie in no zone of their voice count as so many.
_MOST_ASTRAY = 2
#: And spans in one of its other zones as so many.
_MOST_ELSEWHERE = 4
#: So many zones are thought to be in a log without pids, and none for a share of lines as small.
_MOST_KEPT = 6
_FEW_LINES = 0.01
#: So many spans of a voice in one group are looked at.
_SPANS = 48
#: Zones of one voice.
_ZONES = 3


@dataclass(slots=True)
class Voice:
    """Spans that keep one clock, group by group.

    Attributes:
        name: `server` or another.
        group: int64[spans], the group of each, ascending.
        first, last: int64[spans], local times, µs.
        above: int64[spans], offsets above the group's, seconds.
        starts: the first span of each group.
        weight: how many spans are counted.
    """

    name: str
    group: Ints
    first: Ints
    last: Ints
    above: Ints
    starts: Ints
    weight: float

    @classmethod
    def of(cls, name: str, members: dict[int, list[int]], scene: Scene, above: Ints) -> Voice:
        """The voice of these spans, by group."""
        groups, chosen = [], []
        for at, own in sorted(members.items()):
            few = own
            if len(own) > _SPANS:
                rows = distinct(np.linspace(0, len(own) - 1, _SPANS).astype(np.int64))
                few = [own[row] for row in rows.tolist()]
            groups += [at] * len(few)
            chosen += few
        group, span = np.array(groups, np.int64), np.array(chosen, np.int64)
        starts = np.flatnonzero(np.append(True, np.diff(group) > 0))
        sizes = np.diff(np.append(starts, len(group)))
        local = scene.knots.local_us
        return cls(
            name, group, local[scene.spans.first[span]], local[scene.spans.last[span]],
            above[span], starts, float(np.minimum(sizes, _MOST_ELSEWHERE).sum()),
        )  # fmt: skip

    @property
    def groups(self) -> list[int]:
        """The groups that have spans of it."""
        return [int(group) for group in self.group[self.starts]]

    def part(self, group: int) -> slice:
        """The rows of a group."""
        low, high = np.searchsorted(self.group, [group, group + 1]).tolist()
        return slice(low, high)

    def by_group(self, flags: NDArray[np.bool_]) -> Ints:
        """How many spans of each group (columns) are so, for each kind of zone (rows)."""
        counts: Ints = np.add.reduceat(flags, self.starts, axis=1, dtype=np.int64)
        return counts


def voices_of(scene: Scene, group: Ints, above: Ints, liars: NDArray[np.bool_]) -> list[Voice]:
    """Everybody who keeps a clock, the server first.

    Args:
        scene: the log.
        group: int64[spans], the group of each span.
        above: int64[spans], its offset above its group's.
        liars: bool[spans], spans that are nobody's clock.
    """
    spans = scene.spans
    members: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for span in np.flatnonzero(~liars).tolist():
        if spans.pid[span] in (UTC_PID, HEARSAY_PID):
            continue  # lines that write their offset
        process = scene.process(span)
        loading = span in scene.unloaded and not process.embedded
        name = f"pid {spans.pid[span]}"
        if loading or scene.serves(span) or scene.is_birth(span):
            name = SERVER
        elif not is_voice(int(spans.pid[span])) and (process.group or process.embedded):
            name = f"group {process.group}"
        members[name][int(group[span])].append(span)
    voices = [Voice.of(name, own, scene, above) for name, own in members.items()]
    return sorted(voices, key=lambda voice: (voice.name != SERVER, -len(voice.starts)))


def zones_kept(scene: Scene, offset_s: Ints) -> list[Rules]:
    """The few zones that explain the offsets (int64[spans]) of nearly all lines without a pid."""
    spans, knots = scene.spans, scene.knots
    rows = np.flatnonzero([is_voice(pid) for pid in spans.pid.tolist()])
    first, last = spans.first[rows], spans.last[rows]
    lines = (knots.nth[last] - knots.nth[first] + 1).astype(np.float64)
    kinds = [rules for rules, _ in kinds_of_zones(*time_range(knots))]
    ends = [knots.local_us[at] - offset_s[rows] * SECOND for at in (first, last)]
    fits = np.array(
        [np.logical_and(*(one.at_utc(at) == offset_s[rows] for at in ends)) for one in kinds]
    )
    kept: list[Rules] = []
    left = lines.copy()
    while len(kept) < _MOST_KEPT and left.sum() > _FEW_LINES * lines.sum():
        gained = fits @ left
        best = int(gained.argmax())
        if gained[best] <= _FEW_LINES * lines.sum():
            break
        kept.append(kinds[best])
        left[fits[best]] = 0.0
    return kept


@dataclass(slots=True)
class _Match:
    """Which kinds of zones (rows) give a group's spans of a voice (columns) their offset.

    Attributes:
        fits: bool[kinds, spans].
        price: float64[kinds], of the spans that a kind does not explain.
        weight: how many spans are counted.
    """

    fits: NDArray[np.bool_]
    price: Floats
    weight: int


class ZonePrices:
    """What zones it takes to explain the offsets of voices.

    Attributes:
        voices: the voices.
        kinds: all zones, those put together that agree throughout the log.
        changes_us: instants at which any of them changes, ascending.
        nights_us: the same, those of most servers first.
        new: float64[kinds], the price of a zone that nobody keeps yet.
        offsets: int64[kinds, changes + 1], seconds east of UTC before the first change and after
            each.
    """

    def __init__(self, scene: Scene, voices: Sequence[Voice]) -> None:
        self.voices = voices
        low, high = time_range(scene.knots)
        kinds = kinds_of_zones(low, high)
        self.kinds: list[Rules] = [rules for rules, _ in kinds]
        shares = np.array([share for _, share in kinds])
        self.new: Floats = NEW_ZONE - np.log(shares / shares.sum())
        self.changes_us: Ints = distinct(np.concatenate([one.changes_us for one in self.kinds]))
        servers = [
            shares[[np.any(one.changes_us == at) for one in self.kinds]].sum()
            for at in self.changes_us
        ]
        self.nights_us: Ints = self.changes_us[np.argsort(servers, kind="stable")[::-1]]
        instants = np.append(low, self.changes_us)
        self.offsets = np.array([rules.at_utc(instants) for rules in self.kinds])
        self._matches: dict[tuple[int, int, int], _Match] = {}

    def fit(self, shift: Ints) -> tuple[list[Zones], float]:
        """The zones that explain most, voice by voice, and the price of that.

        What one voice keeps is cheaper for the next. `shift` is the offset of each group.
        """
        keepers = np.zeros(len(self.kinds), np.int64)
        cost = 0.0
        chosen: list[Zones] = []
        for voice in self.voices:
            price = self.of_next(keepers, keepers.sum())
            fits = self.fits(voice.first, voice.last, voice.above + shift[voice.group])
            odd = NO_ZONE * np.minimum(voice.by_group(~fits), _MOST_ASTRAY)
            miss = odd.sum(axis=1)
            kind = int((miss + price).argmin())
            cost += float(miss[kind] + price[kind])
            keepers[kind] += 1
            zones: Zones = ((kind, 0.0),)
            if miss[kind] > 0:
                zones, saved = self._relief(voice, fits, kind, float(miss[kind]), price)
                cost -= saved
                keepers[[zone for zone, _ in zones[1:]]] += 1
            chosen.append(zones)
        return chosen, cost

    def of_next(self, keepers: Ints, voices: Ints | np.int64) -> Floats:
        """The price of each kind of zone for one voice more: the likelier the more keep it.

        Args:
            keepers: int64[..., kinds], how many voices keep each kind.
            voices: how many there are, int64[..., 1] or a number.
        """
        shared = np.log((voices + _NEWCOMERS) / np.maximum(keepers, 1))
        price: Floats = np.where(keepers > 0, shared, self.new)
        return price

    def cheapest(self, voice: Voice, shift: Ints, left: NDArray[np.bool_], price: Floats) -> int:
        """The kind of zone that suits a voice's spans in all groups but those that are left."""
        placed = ~left[voice.group]
        offsets = voice.above[placed] + shift[voice.group[placed]]
        fits = self.fits(voice.first[placed], voice.last[placed], offsets)
        return int((NO_ZONE * (~fits).sum(axis=1) + price).argmin())

    def _relief(
        self, voice: Voice, fits: NDArray[np.bool_], kind: int, miss: float, price: Floats
    ) -> tuple[Zones, float]:
        """The zones of a voice that keeps more than one, and what the others save.

        Spans cost what it takes to say which zone each is in: little where hardly any is elsewhere.
        """
        cost, zones, counts, told = miss, [kind], [0.0], fits[kind]
        while len(zones) < _ZONES and not told.all():
            right = voice.by_group(fits & ~told)
            left = voice.by_group(~told[None, :]) - right
            gained = np.minimum(right, _MOST_ELSEWHERE).sum(axis=1).astype(np.float64)
            total = NO_ZONE * np.minimum(left, _MOST_ASTRAY).sum(axis=1)
            total += (
                price
                + (_MOVED_SERVER if voice.name == SERVER else SECOND_ZONE)
                + _apart(gained, voice.weight)
            )
            total += sum(float(_apart(np.array(count), voice.weight)) for count in counts[1:])
            best = int(total.argmin())
            if total[best] >= cost:
                break
            price[best] = SAME_ZONE
            cost = float(total[best])
            zones.append(best)
            counts.append(float(gained[best]))
            told = told | fits[best]
        counts[0] = max(0.0, voice.weight - sum(counts))
        shares = [(count + 0.5) / (voice.weight + 0.5 * len(zones)) for count in counts]
        return (
            tuple((zone, -math.log(share)) for zone, share in zip(zones, shares, strict=True)),
            miss - cost,
        )

    def _match(self, voice: int, group: int, shift: int) -> _Match:
        key = (voice, group, shift)
        found = self._matches.get(key)
        if found is None:
            told = self.voices[voice]
            rows = told.part(group)
            offsets = told.above[rows] + shift
            fits = self.fits(told.first[rows], told.last[rows], offsets)
            price = NO_ZONE * np.minimum((~fits).sum(axis=1), _MOST_ASTRAY).astype(np.float64)
            found = self._matches[key] = _Match(fits, price, min(len(offsets), _MOST_ELSEWHERE))
        return found

    def fits(self, first: Ints, last: Ints, offsets: Ints) -> NDArray[np.bool_]:
        """bool[kinds, spans]: a kind has these offsets at both ends of spans in local time."""
        begin = np.searchsorted(self.changes_us, first - offsets * SECOND, side="right")
        end = np.searchsorted(self.changes_us, last - offsets * SECOND, side="right")
        fits: NDArray[np.bool_] = self.offsets[:, begin] == offsets
        if np.any(begin != end):
            fits &= self.offsets[:, end] == offsets
        return fits

    def misses(self, voice: int, group: int, shift: int) -> Floats:
        """float64[kinds], the price of those of a group's spans of a voice that a kind misses."""
        return self._match(voice, group, shift).price

    def of_part(self, voice: int, group: int, shift: int, zones: Zones) -> float:
        """What a group's spans of a voice cost that keeps certain zones."""
        match = self._match(voice, group, shift)
        if len(zones) == 1 or not match.price[zones[0][0]]:
            return float(match.price[zones[0][0]]) + zones[0][1] * match.weight
        left, cost = np.ones(match.fits.shape[1], np.bool_), 0.0
        for kind, price in zones:
            right = left & match.fits[kind]
            left &= ~right
            cost += price * min(int(right.sum()), _MOST_ELSEWHERE)
        return cost + NO_ZONE * min(int(left.sum()), _MOST_ASTRAY)

    def misfit(self, shift: Ints) -> float:
        """How badly the voices fit any zone: clocks that change as none does, or that none has."""
        misfit = 0.0
        for voice in self.voices:
            fits = self.fits(voice.first, voice.last, voice.above + shift[voice.group])
            odd = np.minimum(voice.by_group(~fits), _MOST_ASTRAY).sum(axis=1)
            misfit += NO_ZONE * float(odd.min())
        return misfit


def _apart(some: Floats, every: float) -> Floats:
    """What it costs to tell some of many spans from the rest: the entropy of that choice."""
    share = np.clip(some / max(every, 1.0), 1e-9, 1 - 1e-9)
    entropy: Floats = -every * (share * np.log(share) + (1 - share) * np.log(1 - share))
    return entropy
