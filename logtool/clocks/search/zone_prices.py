"""Zone prices: takes spans by voice and group, tells what it takes to believe their offsets.

A voice keeps one zone of the tz database, rarely two; a zone that another voice keeps already is
likelier than a new one, a well-known zone likelier than a rare one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.search.second_zones import Courses, Zones, apart_from, changes_of_side, shares
from logtool.clocks.search.voice_rows import FEW, MANY, VoiceRows
from logtool.clocks.search.zone_voices import MOST_ELSEWHERE, SERVER, Voice
from logtool.clocks.seen.scene import Scene, time_range
from logtool.clocks.seen.voices import is_voice
from logtool.clocks.tzdb.zone_kinds import zone_kinds
from parsers.arrays import Floats, Ints, Mask
from parsers.classes import dataclass
from parsers.distinct import distinct
from parsers.units import SECOND

#: Prices, in natural logarithms of odds, roughly.
NEW_ZONE = 2.0
SAME_ZONE = 0.4
#: So many voices that keep no known zone are thought of beside those that there are (a Chinese
#: restaurant process, whose second guest sits down with the first at the price of SAME_ZONE).
_NEWCOMERS = 0.5
SECOND_ZONE = 5.0
#: A server is hardly ever started anew under another TZ, twice even less; its processes never leave
#: it. That it was started anew may be told, and then where; it is hardly ever stopped for hours
#: either, which is rarer than silence.
_MOVED_SERVER = 7.0
_STOPPED_SERVER = 2.5
NO_ZONE = 15.0
#: Spans of one group that lie in no zone of their voice count as so many.
_MOST_ASTRAY = 2
#: Zones of one voice.
_ZONES = 3
#: So many groups' matches are remembered.
_REMEMBERED = 20_000
#: So often is looked again at what voices choose one after the other.
_TRIES = 4
_NONE = np.zeros(0, np.int64)


@dataclass(slots=True)
class _Match:
    """Which kinds of zones (rows) give a group's spans of a voice (columns) their offset.

    Attributes:
        fits: bool[kinds, spans].
        price: of each kind, of the spans that it does not explain.
        weight: how many spans are counted.
        bits: the same as `fits`, a bit for each span, of kinds that were asked for.
        last: the zones that were asked for last, and what the spans cost in these.
    """

    fits: NDArray[np.bool_]
    price: list[float]
    weight: int
    bits: dict[int, int] = field(default_factory=dict)
    last: tuple[Zones, float] = ((), 0.0)

    def spans(self, kind: int) -> int:
        """The spans that a kind explains, as bits."""
        found = self.bits.get(kind)
        if found is None:
            found = int.from_bytes(np.packbits(self.fits[kind]).tobytes(), "big")
            self.bits[kind] = found
        return found


class ZonePrices:
    """What zones it takes to explain the offsets of voices.

    Attributes:
        voices: the voices.
        rows: their spans.
        kinds: all zones, those put together that agree throughout the log.
        changes_us: instants at which any of them changes, ascending.
        nights_us: the same, those of most servers first.
        new: float64[kinds], the price of a zone that nobody keeps yet.
        offsets: int64[kinds, changes + 1], seconds east of UTC before the first change and after
            each.
        fits: tells which kinds have some offsets at both ends of spans.
        told_apart: lines bear a pid, so that it is known who keeps the server's clock.
    """

    def __init__(self, scene: Scene, voices: Sequence[Voice]) -> None:
        self.voices = voices
        known = zone_kinds(*time_range(scene.knots))
        self.kinds, shares, self.fits = known.rules, known.shares, known.fits
        self.new: Floats = NEW_ZONE - np.log(shares / shares.sum())
        self.changes_us, self.offsets = known.changes_us, known.offsets
        servers = [
            shares[[np.any(one.changes_us == at) for one in self.kinds]].sum()
            for at in self.changes_us
        ]
        self.nights_us: Ints = self.changes_us[np.argsort(servers, kind="stable")[::-1]]
        self._matches: dict[tuple[int, int, int], _Match] = {}
        self.rows = VoiceRows.of(voices)
        self._weight = np.array([voice.weight for voice in voices], np.float64)
        self._server = np.array([voice.name == SERVER for voice in voices], np.bool_)
        # Where lines bear no pid, anybody may be among those who keep the server's clock.
        self.told_apart = not any(is_voice(pid) for pid in scene.spans.pid.tolist())
        #: The server's spans in order of time.
        self._in_order: Ints = np.argsort(voices[0].knot) if np.any(self._server) else _NONE
        self._moves = float(len(scene.stops))
        self._again = _STOPPED_SERVER if self._moves else _MOVED_SERVER
        knot, self._pid = (
            np.concatenate([_NONE, *(getattr(voice, name) for voice in voices)])
            for name in ("knot", "pid")
        )
        #: Where each row stands among those of its process, in order of time.
        self._place = np.argsort(np.lexsort((knot, self._pid, self.rows.voice)))
        self._alone: list[Zones] = [((kind, 0.0),) for kind in range(len(self.kinds))]

    def somebody_keeps(self, fits: NDArray[np.bool_]) -> None:
        """Let a zone that is told be kept already, for no voice is known to be the server's.

        Args:
            fits: bool[kinds], those that it may be; the likeliest of them is taken.
        """
        if np.any(fits) and not np.any(self._server):
            kind = int(np.where(fits, self.new, np.inf).argmin())
            self.new[kind] = min(self.new[kind], SAME_ZONE)

    def told_at(self, local_us: int) -> list[int]:
        """The offsets that zones have at a local time, seconds east of UTC."""
        local = np.array([local_us], np.int64)
        told: list[int] = distinct(
            np.concatenate([kind.at_local(local)[0] for kind in self.kinds])
        ).tolist()
        return told

    def fit(self, shift: Ints) -> tuple[list[Zones], float]:
        """The zones that explain most, voice by voice, and the price of that.

        What one voice keeps is cheaper for the next. `shift` is the offset of each group.
        """
        fits, number = self.likes(self.rows, shift)
        keepers = np.zeros(len(self.kinds), np.int64)
        chosen: list[Zones] = []
        costs = [np.zeros(1)]
        low, some = 0, FEW
        while low < len(self.voices):
            high = min(low + some, len(self.voices))
            rows = self.rows.part(low, high)
            told, paid, more = self._chosen(rows, fits[:, number[rows.span]], keepers)
            chosen += told
            costs.append(paid.ravel())
            keepers += more
            low, some = low + len(told), min(2 * some, MANY) if len(told) == high - low else FEW
        # One after the other: the order of a sum is its last bit, and stories are compared.
        return chosen, float(np.cumsum(np.concatenate(costs))[-1])

    def _chosen(
        self, rows: VoiceRows, fits: NDArray[np.bool_], keepers: Ints
    ) -> tuple[list[Zones], Floats, Ints]:
        """What some voices choose one after the other, at least the first of them.

        What each would choose is looked up as if it were known what those before it did, until
        that is what they do.

        Args:
            rows: the voices.
            fits: bool[kinds, rows].
            keepers: int64[kinds], how many voices before them keep each kind.

        Returns:
            The zones of each voice; float64[voices, 2], what it pays, and what its other zones
            spare it, as a price; how many of them keep each kind.
        """
        every = np.arange(len(rows))
        odd = NO_ZONE * rows.by_voice(~fits, _MOST_ASTRAY)
        more = np.zeros(odd.shape, np.int64)
        more[(odd + self.of_next(keepers, keepers.sum())[:, None]).argmin(axis=0), every] = 1
        for _ in range(_TRIES):
            before = (keepers[:, None] + np.cumsum(more, axis=1) - more).T
            price = self.of_next(before, before.sum(axis=1)[:, None]).T
            kinds = (odd + price).argmin(axis=0)
            miss = odd[kinds, every]
            paid = np.stack([miss + price[kinds, every], np.zeros(len(rows))], axis=1)
            zones = [self._alone[kind] for kind in kinds.tolist()]
            now = np.zeros(more.shape, np.int64)
            now[kinds, every] = 1
            torn = np.flatnonzero(miss > 0)
            if len(torn):
                self._relieve(rows, torn, fits, price, zones, paid, now)
            other = np.flatnonzero(np.any(now != more, axis=0))
            if not len(other):
                return zones, paid, now.sum(axis=1)
            more = now
        count = int(other[0]) + 1
        return zones[:count], paid[:count], now[:, :count].sum(axis=1)

    def _relieve(
        self, rows: VoiceRows, torn: Ints, fits: NDArray[np.bool_], price: Floats,
        zones: list[Zones], paid: Floats, keep: Ints,
    ) -> None:  # fmt: skip
        """Let some voices keep more than one zone, where that is cheaper.

        That costs what it takes to say which zone each span is in: little where hardly any is
        elsewhere, or a server hardly ever goes over; and more where a process goes back to one.

        Args:
            rows: the voices.
            torn: int64[n], those of them that no zone explains.
            fits: bool[kinds, rows].
            price: float64[kinds, voices], of one zone more.
            zones: of each voice; is changed.
            paid: float64[voices, 2], what they pay for it; is changed.
            keep: int64[kinds, voices], 1 for what they keep; is changed.
        """
        some, own = rows.only(torn)
        fits, price, every = fits[:, own], price[:, torn], np.arange(len(torn))
        kinds = keep[:, torn].argmax(axis=0)
        weight = self._weight[rows.first_voice + torn]
        server = self._server[rows.first_voice + torn]
        moved = server & self.told_apart
        other_zone = np.where(server, self._again, SECOND_ZONE)
        told = fits[kinds[some.voice], np.arange(len(own))]
        miss = NO_ZONE * some.by_voice(~told[None, :], _MOST_ASTRAY)[0]
        cost, spent = miss.copy(), np.zeros(len(torn))
        courses = self._courses(some.voice, own + rows.first_row, told, server)
        found, counts = [[kind] for kind in kinds.tolist()], [[0.0] for _ in torn]
        going = np.ones(len(torn), np.bool_)
        for _ in range(_ZONES - 1):
            going &= ~np.logical_and.reduceat(told, some.begins[:-1])
            if not np.any(going):
                break
            gained = some.by_voice(fits & ~told, MOST_ELSEWHERE).astype(np.float64)
            total = NO_ZONE * some.by_voice(~(fits | told), _MOST_ASTRAY)
            more = price + other_zone + self._telling(gained, weight, moved, fits, told)
            total += more + spent
            best = total.argmin(axis=0)
            mine = fits[best[some.voice], np.arange(len(own))]
            back = courses.price(mine)
            going &= total[best, every] + back < cost
            at = np.flatnonzero(going)
            spent[at] += more[best[at], at] + back[at]
            price[best[at], at] = SAME_ZONE
            cost[at] = total[best[at], at] + back[at]
            for voice, kind, count in zip(at, best[at].tolist(), gained[best[at], at], strict=True):
                found[voice].append(kind)
                counts[voice].append(float(count))
            mine &= going[some.voice]
            courses.add(mine, back)
            told |= mine
        paid[torn, 1] = cost - miss
        for voice, own_zones, seen, whole, at_once in zip(
            torn.tolist(), found, counts, weight.tolist(), moved.tolist(), strict=True
        ):
            keep[own_zones[1:], voice] += 1
            alike = tuple((kind, 0.0) for kind in own_zones)
            zones[voice] = alike if at_once else shares(own_zones, seen, whole)

    def _courses(self, voice: Ints, rows: Ints, told: Mask, server: Mask) -> Courses:
        """Where the processes are that some of all rows (int64[n]) are of.

        Of the server as a whole no course is told, nor of processes that bear no pid.
        """
        known = ~server & self.told_apart
        return Courses(voice, self._pid[rows], self._place[rows], told, known)

    def _telling(self, some: Floats, every: Floats, moved: Mask, fits: Mask, told: Mask) -> Floats:
        """float64[kinds, voices], what it costs to tell which spans are in another zone.

        A server that moves does so at one moment: those after it are told from those before.

        Args:
            some: float64[kinds, voices], how many spans are in each other zone.
            every: float64[voices], how many there are.
            moved: bool[voices], the server, who comes first if it is among them.
            fits: bool[kinds, rows].
            told: bool[rows], those that the zones so far explain.
        """
        telling = apart_from(some, every)
        if moved[0]:
            rows = self._in_order
            often = np.maximum(changes_of_side(told[rows], fits[:, rows]), 1)
            moments = often * np.log1p(self._moves or every[0]) + (often - 1) * self._again
            telling[:, 0] = np.minimum(telling[:, 0], moments)
        return telling

    def of_next(self, keepers: Ints, voices: Ints | np.int64) -> Floats:
        """The price of each kind of zone for one voice more: the likelier the more keep it.

        Args:
            keepers: int64[..., kinds], how many voices keep each kind.
            voices: how many there are, int64[..., 1] or a number.
        """
        shared = np.log((voices + _NEWCOMERS) / np.maximum(keepers, 1))
        price: Floats = np.where(keepers > 0, shared, self.new)
        return price

    def suiting(self, astray: Ints, price: Floats) -> Ints:
        """The kind of zone that suits each voice best, of whose spans (columns) so many are astray.

        Args:
            astray: int64[kinds, voices], how many spans lie in no zone of a kind.
            price: float64[kinds], the price of a zone.
        """
        kinds: Ints = (NO_ZONE * astray + price[:, None]).argmin(axis=0)
        return kinds

    def _match(self, voice: int, group: int, shift: int) -> _Match:
        key = (voice, group, shift)
        found = self._matches.get(key)
        if found is None:
            if len(self._matches) >= _REMEMBERED:
                self._matches.clear()
            told = self.voices[voice]
            rows = told.part(group)
            offsets = told.above[rows] + shift
            fits = self.fits(told.first[rows], told.last[rows], offsets)
            price = NO_ZONE * np.minimum((~fits).sum(axis=1), _MOST_ASTRAY)
            found = _Match(fits, price.tolist(), min(len(offsets), MOST_ELSEWHERE))
            self._matches[key] = found
        return found

    def likes(self, rows: VoiceRows, shift: Ints) -> tuple[NDArray[np.bool_], Ints]:
        """What `fits` tells of all spans, once for those alike: bool[kinds, n], and int64[rows]."""
        offsets = rows.above + shift[rows.group]
        count = len(self.changes_us) + 1
        begin = np.searchsorted(self.changes_us, rows.first - offsets * SECOND, side="right")
        end = np.searchsorted(self.changes_us, rows.last - offsets * SECOND, side="right")
        every = (offsets * count + begin) * count + end
        some = distinct(every)
        offset, begin, end = some // count // count, some // count % count, some % count
        fits = (self.offsets[:, begin] == offset) & (self.offsets[:, end] == offset)
        return fits, np.searchsorted(some, every)

    def misses(self, voice: int, group: int, shifts: Ints) -> Floats:
        """The price of those of a group's spans of a voice that a kind misses.

        Args:
            voice: its number.
            group: the group.
            shifts: int64[n], offsets of the group.

        Returns:
            float64[n, kinds].
        """
        told = self.voices[voice]
        rows = told.part(group)
        offset = told.above[rows] + shifts[:, None]
        first, last = (  # ndarray.repeat takes a third of what np.tile takes
            ends[None, rows].repeat(len(shifts), axis=0) for ends in (told.first, told.last)
        )
        fits = self.fits(first.ravel(), last.ravel(), offset.ravel())
        astray = (~fits.reshape(len(fits), *offset.shape)).sum(axis=2)
        price: Floats = NO_ZONE * np.minimum(astray, _MOST_ASTRAY).T.astype(np.float64)
        return price

    def of_part(self, voice: int, group: int, shift: int, zones: Zones) -> float:
        """What a group's spans of a voice cost that keeps certain zones."""
        match, (kind, share) = self._match(voice, group, shift), zones[0]
        missed = match.price[kind]
        if len(zones) == 1 or not missed:
            return missed + share * match.weight
        if match.last[0] is zones:  # as a rule: a voice keeps its zones while its groups move
            return match.last[1]
        told, cost = 0, 0.0
        for kind, price in zones:
            right = match.spans(kind) & ~told
            told |= right
            cost += price * min(right.bit_count(), MOST_ELSEWHERE)
        left = match.fits.shape[1] - told.bit_count()
        match.last = zones, float(cost + NO_ZONE * min(left, _MOST_ASTRAY))
        return match.last[1]

    def misfit(self, shift: Ints) -> float:
        """How badly the voices fit any zone: clocks that change as none does, or that none has."""
        misfit = 0.0
        for voice in self.voices:
            fits = self.fits(voice.first, voice.last, voice.above + shift[voice.group])
            odd = np.minimum(voice.by_group(~fits), _MOST_ASTRAY).sum(axis=1)
            misfit += NO_ZONE * float(odd.min())
        return misfit
