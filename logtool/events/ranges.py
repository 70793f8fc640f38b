"""Ranges: takes rows in any order, gives them in ranges of a column, each small enough to be held.

More rows than can be held are kept in a temporary file meanwhile.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
import polars as pl

from logtool.frame.texts import detached
from logtool.sources.temporary import TemporaryBytes
from parsers.arrays import Ints
from parsers.classes import dataclass

#: Rows that are held, and rows that are written and read together.
_MOST_HELD, _TOGETHER = 40_000, 8_000
#: Ranges that rows are divided into at once; of each so many rows are looked at before.
_RANGES, _SAMPLED = 64, 100
#: A range of so many rows is divided no further.
AT_ONCE = 40_000


@dataclass(frozen=True, slots=True)
class _Place:
    """Where some rows are in the temporary file."""

    start: int
    size: int


class Kept:
    """A temporary file of rows, made when it is needed; a context that drops it."""

    def __init__(self, what: str) -> None:
        """Take whose rows they are, for people."""
        self._what = what
        self._file: TemporaryBytes | None = None
        self._end = 0

    def __enter__(self) -> Kept:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def put(self, rows: pl.DataFrame) -> _Place:
        """Write some rows.

        Raises:
            WriteError: there is no room.
        """
        self._file = self._file or TemporaryBytes(self._what)
        packed = io.BytesIO()
        # In the newest form texts would bring along those of rows that are not written.
        rows.write_ipc_stream(packed, compression="zstd", compat_level=pl.CompatLevel.oldest())
        place = _Place(self._end, packed.tell())
        self._file.write_at(packed.getbuffer(), place.start)
        self._end += place.size
        return place

    def get(self, place: _Place) -> pl.DataFrame:
        """What was written.

        Raises:
            ReadError: a faulty disk.
        """
        assert self._file is not None
        packed = memoryview(bytearray(place.size))
        done = 0
        while done < place.size:
            done += self._file.read_at(packed[done:], place.start + done)
        return pl.read_ipc_stream(io.BytesIO(packed))


class Rows:
    """Rows that are added some at a time, held or kept in a file.

    Attributes:
        height: how many there are.
    """

    def __init__(self, kept: Kept, most_held: int = _MOST_HELD) -> None:
        """Write them to `kept` whenever more than `most_held` are here."""
        self._kept, self._most_held = kept, most_held
        self._places: list[_Place] = []
        self._ends = [0]
        self._held: list[pl.DataFrame] = []
        self.height = 0

    def add(self, rows: pl.DataFrame) -> None:
        """Take some; they have texts of their own."""
        self.height += rows.height
        self._held.append(rows)
        if self.height - self._ends[-1] <= self._most_held:
            return
        for some in pl.concat(self._held).iter_slices(_TOGETHER):
            self._places.append(self._kept.put(some))
            self._ends.append(self._ends[-1] + some.height)
        self._held = []

    def parts(self) -> Iterator[pl.DataFrame]:
        """All of them, as they were added, some at a time."""
        yield from map(self._kept.get, self._places)
        if self._held:
            yield pl.concat(self._held)

    def at(self, places: Ints) -> pl.DataFrame:
        """The rows with these indexes, each a row that was added; at least one."""
        order = np.argsort(places)
        rising = places[order]
        parts = np.searchsorted(self._ends, rising, side="right") - 1
        cuts = [0, *(np.flatnonzero(np.diff(parts)) + 1).tolist(), len(parts)]
        found = pl.concat(
            self._some(int(parts[start]), rising[start:stop]) for start, stop in pairwise(cuts)
        )
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return found[back]

    def _some(self, part: int, places: Ints) -> pl.DataFrame:
        if part < len(self._places):
            whole = self._kept.get(self._places[part])
        else:
            whole = pl.concat(self._held)
        some = whole[places - self._ends[part]]
        return some if 4 * some.height > whole.height else detached(some)

    def divided(self, bounds: pl.Series, column: str) -> list[Rows]:
        """The same as rows below the first bound of a column, those from there on, and so on."""
        ranges = [Rows(self._kept, 0) for _ in range(len(bounds) + 1)]
        for rows in _merged(self.parts()):
            number = bounds.search_sorted(rows[column], side="right").to_numpy()
            order = np.argsort(number, kind="stable")
            cuts = np.searchsorted(number[order], np.arange(len(ranges) + 1)).tolist()
            together = rows[order]
            for one, (start, stop) in zip(ranges, pairwise(cuts), strict=True):
                if start < stop:
                    one.add(together[start:stop])
        return ranges


def in_ranges(rows: Rows, column: str, at_once: int = AT_ONCE) -> Iterator[pl.DataFrame]:
    """Some rows at a time, all of whose values in a column are less than those that come later.

    Args:
        rows: any rows; without nulls in the column.
        column: its name.
        at_once: more are given together only if they have one value.
    """
    bounds = _bounds(rows, column, at_once) if rows.height > at_once else None
    if bounds is not None and len(bounds):
        for some in rows.divided(bounds, column):
            yield from in_ranges(some, column, at_once)
    elif rows.height:
        yield pl.concat(rows.parts())


def _bounds(rows: Rows, column: str, at_once: int) -> pl.Series:
    """Values, rising, above the least, that divide rows into ranges; none where all are the same.

    The ranges are of somewhat less than `at_once`, as far as a sample tells.
    """
    step = max(at_once // _SAMPLED, 1)
    sample = pl.concat(part[column].gather_every(step) for part in rows.parts()).sort()
    ranges = min(4 * rows.height // (3 * at_once), _RANGES)
    places = np.arange(1, ranges + 1) * len(sample) // (ranges + 1)
    bounds: pl.Series = sample[places].unique().sort()
    least = pl.concat(part[column].sort().head(1) for part in rows.parts()).min()
    if not (bounds > least).any():  # the least is of most rows
        others = (part[column].filter(part[column] > least) for part in rows.parts())
        bounds = pl.concat(some.sort().head(1) for some in others).sort().head(1)
    return bounds.filter(bounds > least)


def _merged(parts: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Larger parts."""
    waiting: list[pl.DataFrame] = []
    for part in parts:
        waiting.append(part)
        if sum(one.height for one in waiting) >= _MOST_HELD:
            yield pl.concat(waiting)
            waiting = []
    if waiting:
        yield pl.concat(waiting)
