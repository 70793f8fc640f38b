"""Merging: takes lines of several logs as they come, gives them in UTC order, a little later."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import numpy as np

from logtool.writing.splice import copy_spans
from parsers.arrays import Bytes, Ints
from parsers.classes import dataclass
from parsers.lines import NO_TIME

#: A stamp that falls back by less is a race of two writers; the line keeps its place.
_RACE_US = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Stood:
    """Where lines of one file stood: the file, and at which of its bytes each began."""

    file: Hashable
    places: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """Lines of one log that came together.

    Attributes:
        text: their bytes.
        lengths: how many bytes each has.
        keys: by which they are sorted.
        came: when they came, seconds.
        stood: where they stood.
    """

    text: Bytes
    lengths: Ints
    keys: Ints
    came: float
    stood: Stood


class Merger:
    """Holds lines for a while, so that those of other logs may go before them.

    Lines of one log keep their order, but for clocks that jump: a line without an instant stays
    behind the line before it.
    """

    def __init__(self, window_s: float) -> None:
        """Hold each line for `window_s` seconds at most."""
        self._window_s = window_s
        self._held: list[_Lines] = []
        self._last: dict[int, int] = {}
        self._given: dict[Hashable, int] = {}

    def add(
        self, log: int, text: Bytes, utc_us: Ints, now_s: float, stood: Stood | None = None
    ) -> None:
        """Take whole lines of log number `log`; `utc_us` has NO_TIME for a line without instant."""
        if not len(text):
            return
        if text[-1] != ord("\n"):
            text = np.append(text, np.uint8(ord("\n")))  # what comes next is another log's
        ends = np.flatnonzero(text == ord("\n")) + 1
        last = self._last.get(log, NO_TIME)
        known = utc_us != NO_TIME
        highest = np.maximum.accumulate(np.append(last, utc_us))[1:]
        falls = known & (highest - np.where(known, utc_us, highest) > _RACE_US)
        if falls.any():
            highest = _carried(np.where(falls, utc_us, np.where(known, highest, NO_TIME)), last)
        self._last[log] = int(highest[-1])
        stood = stood or Stood(None, np.zeros(len(ends), np.int64))
        self._held.append(_Lines(text, np.diff(ends, prepend=0), highest, now_s, stood))

    def ripe(self, now_s: float) -> Bytes:
        """The lines that have waited long enough, and all that go before them."""
        waited = [int(x.keys.max()) for x in self._held if x.came <= now_s - self._window_s]
        return self._taken(max(waited)) if waited else np.zeros(0, np.uint8)

    def all(self) -> Bytes:
        """Everything, at the end."""
        return self._taken(np.iinfo(np.int64).max)

    def first_held(self) -> Mapping[Hashable, int] | None:
        """Where the first line stands that is held of each file, if all before it were given.

        None where a line behind it was given, too: that of a clock that was put back.
        """
        first: dict[Hashable, int] = {}
        for one in self._held:
            place = int(one.stood.places.min())
            first[one.stood.file] = min(place, first.get(one.stood.file, place))
        behind = any(self._given.get(file, -1) > place for file, place in first.items())
        return None if behind else first

    def _taken(self, up_to: int) -> Bytes:
        if not self._held:
            return np.zeros(0, np.uint8)
        text = np.concatenate([one.text for one in self._held])
        lengths = np.concatenate([one.lengths for one in self._held])
        keys = np.concatenate([one.keys for one in self._held])
        starts = np.cumsum(lengths) - lengths
        order = np.argsort(keys, kind="stable")
        order = order[keys[order] <= up_to]
        self._give(up_to)
        size = lengths[order]
        out = np.empty(int(size.sum()), np.uint8)
        copy_spans(text, starts[order], out, np.cumsum(size) - size, size)
        return out

    def _give(self, up_to: int) -> None:
        """Hold only lines behind a key, and know how far those were given that stand with them."""
        for one in self._held:
            places = one.stood.places[one.keys <= up_to]
            last = int(places.max(initial=-1))
            self._given[one.stood.file] = max(last, self._given.get(one.stood.file, -1))
        self._held = [rest for one in self._held if (rest := _after(one, up_to)) is not None]
        held = {one.stood.file for one in self._held}
        self._given = {file: place for file, place in self._given.items() if file in held}


def _after(lines: _Lines, key: int) -> _Lines | None:
    """Those that sort after a key."""
    left = lines.keys > key
    if not left.any():
        return None
    text = lines.text[np.repeat(left, lines.lengths)]
    stood = Stood(lines.stood.file, lines.stood.places[left])
    return _Lines(text, lines.lengths[left], lines.keys[left], lines.came, stood)


def _carried(keys: Ints, before: int) -> Ints:
    """Keys, where a line without one has that of the line before it."""
    known = keys != NO_TIME
    row = np.maximum.accumulate(np.where(known, np.arange(len(keys)), -1))
    return np.where(row >= 0, keys[np.maximum(row, 0)], before)
