"""Tally: takes lines grouped by a key, block by block, counts them all in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from parsers.arrays import Ints, Mask
from parsers.classes import dataclass
from parsers.compiled import kernel as kernels
from parsers.lines import NO_TIME

_NEVER = np.iinfo(np.int64)
#: Groups that may wait to be merged, besides as many as are merged, and blocks that have them: each
#: takes half a kilobyte however few its groups are.
_WAITING, _BLOCKS = 5_000, 500


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Lines by key.

    Attributes:
        key: int64[n], each once.
        lines: int64[n], how many.
        errors: int64[n], how many of them count as errors, by what that means there.
        first_us: int64[n], the first instant, microseconds UTC; the largest number for none.
        last_us: int64[n], the last instant; the smallest number for none.
    """

    key: Ints
    lines: Ints
    errors: Ints
    first_us: Ints
    last_us: Ints

    def __len__(self) -> int:
        """How many groups."""
        return len(self.key)

    def __reduce__(self) -> tuple[Callable[[Ints], Groups], tuple[Ints]]:
        """Pickled as one array: five are handed over at a quarter of the speed."""
        return _of_columns, (np.stack([getattr(self, name) for name in self.__slots__]),)

    @classmethod
    def none(cls) -> Groups:
        """No group."""
        empty = np.zeros(0, np.int64)
        return cls(empty, empty, empty, empty, empty)

    def copy(self) -> Groups:
        """The same in memory of their own."""
        return Groups(*(getattr(self, name).copy() for name in self.__slots__))

    def at(self, chosen: Ints | slice) -> Groups:
        """Some of the groups."""
        return Groups(
            self.key[chosen],
            self.lines[chosen],
            self.errors[chosen],
            self.first_us[chosen],
            self.last_us[chosen],
        )


def _of_columns(columns: Ints) -> Groups:
    return Groups(*columns)


def grouped(key: Ints, utc_us: Ints, errors: Mask | None = None) -> Groups:
    """Rows by key; an instant of NO_TIME is none."""
    if not len(key):
        return Groups.none()
    kernel = kernels.loaded()
    groups = None if kernel is None else kernel.grouped(key, utc_us, errors)
    return _grouped_by_order(key, utc_us, errors) if groups is None else groups_of(groups)


def groups_of(rows: Ints) -> Groups:
    """Groups by key: int64[n, 5], what the kernel tells of them."""
    return Groups(*rows[np.argsort(rows[:, 0])].T.copy())


def _grouped_by_order(key: Ints, utc_us: Ints, errors: Mask | None) -> Groups:
    order, start = _by_key(key)
    us = utc_us[order]
    untimed = us == NO_TIME
    late = np.where(untimed, _NEVER.max, us) if untimed.any() else us
    return Groups(
        key[order[start]],
        np.diff(start, append=len(key)),
        np.zeros(len(start), np.int64)
        if errors is None
        else np.add.reduceat(errors[order], start, dtype=np.int64),
        np.minimum.reduceat(late, start),
        np.maximum.reduceat(us, start),
    )


def whole(parts: Groups, errors: int) -> Groups:
    """All rows of some groups as one, its key 0, of which so many count as errors there."""
    if not len(parts):
        return parts
    columns = 0, parts.lines.sum(), errors, parts.first_us.min(), parts.last_us.max()
    return Groups(*np.array(columns, np.int64)[:, None])


def counts(key: Ints, lines: Ints) -> Groups:
    """Lines by key, at no time; keys are small, and may come several times."""
    every = np.bincount(key, lines).astype(np.int64)
    key = np.flatnonzero(np.bincount(key))
    lines, none = every[key], np.zeros(len(key), np.int64)
    return Groups(key, lines, none, none + _NEVER.max, none + _NEVER.min)


def _by_key(key: Ints) -> tuple[Ints, Ints]:
    """Rows in the order of their keys, and where each key begins among them."""
    order = np.argsort(key)  # no sum or bound of a group depends on the order within it
    ordered = key[order]
    new = np.ones(len(key), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return order, np.flatnonzero(new)


def merged(parts: Sequence[Groups]) -> Groups:
    """Groups of several blocks as one."""
    if len(parts) < 2:
        return _merged(parts[0]) if parts else Groups.none()
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in Groups.__slots__]
    return _merged(Groups(*columns))


def _merged(groups: Groups) -> Groups:
    if not len(groups):
        return groups
    order, start = _by_key(groups.key)
    return Groups(
        groups.key[order[start]],
        np.add.reduceat(groups.lines[order], start),
        np.add.reduceat(groups.errors[order], start),
        np.minimum.reduceat(groups.first_us[order], start),
        np.maximum.reduceat(groups.last_us[order], start),
    )


class Tally:
    """Counts by key.

    Attributes:
        dropped: lines of groups that were given up for memory.
    """

    def __init__(self, limit: int = 200_000) -> None:
        """Of more than `limit` groups, the smallest are given up."""
        self._limit = limit
        self._parts: list[Groups] = []
        self._waiting = self._merged = 0
        self.dropped = 0

    def add(self, groups: Groups) -> None:
        """Add the counts of a block."""
        if len(groups):
            self._parts.append(groups)
            self._waiting += len(groups)
            if self._waiting > _WAITING + self._merged or len(self._parts) > _BLOCKS:
                self._compact()

    def keep(self, keys: Ints) -> None:
        """Give up all groups but those of some keys."""
        every = self.groups()
        self._keep(every, np.flatnonzero(np.isin(every.key, keys)))

    def groups(self) -> Groups:
        """All counts, by key."""
        self._compact()
        return self._parts[0]

    def _compact(self) -> None:
        every = merged(self._parts)
        kept: Ints | slice = slice(None)
        if len(every) > self._limit:
            # Rather the later.
            kept = np.sort(np.argsort(every.lines, kind="stable")[-self._limit :])
        self._keep(every, kept)

    def _keep(self, every: Groups, kept: Ints | slice) -> None:
        """Count on with some of all groups."""
        groups = every.at(kept)
        self.dropped += int(every.lines.sum() - groups.lines.sum())
        self._parts, self._waiting, self._merged = [groups], 0, len(groups)
