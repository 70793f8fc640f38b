"""Distinct: takes the hashes of texts, gives what was learned of each text when it first came."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Ints, Mask
from parsers.compiled import kernel as kernels

Hashes = NDArray[np.uint64]

#: Texts that are remembered; beyond it all are forgotten, and learned anew when they come again.
_LIMIT = 250_000
#: Slots of a table at first; of a larger one, at least two for each text.
_SLOTS = 1 << 12
_ROOM = 2
#: More keys are numbered by a loop.
_MANY = 1 << 12


def numbered(
    keys: Hashes | NDArray[np.uint16],
) -> tuple[NDArray[np.signedinteger], NDArray[np.signedinteger]]:
    """Numbers for some keys, in the order in which they come, from 0; and where each came first."""
    # What is short is sorted at once, and what has two bytes by these: no loop need be compiled.
    kernel = kernels.loaded() if len(keys) > _MANY and keys.dtype == np.uint64 else None
    number: NDArray[np.signedinteger] | None = None
    if kernel is not None:
        number = kernel.kinds(keys.astype(np.uint64, copy=False))
    if number is None:
        order, start = in_order(keys)
        first = order[start]
        rank = np.empty(len(first), np.int64)
        rank[np.argsort(first)] = np.arange(len(first))
        number = np.empty(len(keys), np.int64)
        number[order] = np.repeat(rank, np.diff(start, append=len(keys)))
        return number, np.sort(first)
    new = np.ones(len(number), np.bool_)
    np.greater(number[1:], np.maximum.accumulate(number[:-1]), out=new[1:])
    return number, np.flatnonzero(new)


def in_order(keys: NDArray[Any]) -> tuple[Ints, Ints]:
    """Rows by their keys, those of one key as they come; and where each key begins among them."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    new = np.ones(len(keys), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return order, np.flatnonzero(new)


class _Table:
    """Numbers by hash, each in the first free slot from its own on; 0 by the hash 0."""

    def __init__(self, slots: int) -> None:
        self._keys, self._numbers = np.zeros(slots, np.uint64), np.zeros(slots, np.int64)
        self.count = 0

    def look(self, hashes: Hashes) -> tuple[Ints, Mask]:
        """The number of each hash, and whether it is there."""
        last = len(self._keys) - 1
        slot = (hashes & np.uint64(last)).view(np.int64)
        key, numbers = self._keys.take(slot), self._numbers.take(slot)
        found: Mask = key == hashes
        left = np.flatnonzero(~found & (key != 0))
        while len(left):
            slot[left] = at = (slot[left] + 1) & last
            key = self._keys.take(at)
            here = key == hashes[left]
            numbers[left[here]] = self._numbers.take(at[here])
            found[left[here]] = True
            left = left[~here & (key != 0)]
        return numbers, found

    def with_new(self, hashes: Hashes, numbers: Ints) -> _Table:
        """This table, or a larger one, with hashes that are not in it, each given once."""
        if _ROOM * (self.count + len(hashes)) <= len(self._keys):
            self._put(hashes, numbers)
            return self
        slots = len(self._keys)
        while slots < 2 * _ROOM * (self.count + len(hashes)):
            slots *= 2
        larger, held = _Table(slots), np.flatnonzero(self._keys)
        larger._put(self._keys[held], self._numbers[held])
        larger._put(hashes, numbers)
        return larger

    def _put(self, hashes: Hashes, numbers: Ints) -> None:
        last = len(self._keys) - 1
        slot = (hashes & np.uint64(last)).view(np.int64)
        left = np.flatnonzero(hashes)
        self.count += len(left)
        while len(left):
            free = left[self._keys[slot[left]] == 0]
            # Whoever finds a key in another thread finds its number too.
            self._numbers[slot[free]] = numbers[free]
            self._keys[slot[free]] = hashes[free]
            left = left[self._keys[slot[left]] != hashes[left]]
            slot[left] = (slot[left] + 1) & last


class Distinct:
    """One number for each distinct text, found by its hash; several threads may ask.

    What is costly to find out of a text is asked of each text once, not of each line. The number of
    no text, whose hash is 0, is 0.
    """

    def __init__(self, learn: Callable[..., Ints], limit: int = _LIMIT) -> None:
        """`learn` takes the rows of new texts and whatever else `numbers` was given."""
        self._learn = learn
        self._limit = limit
        self._lock = threading.Lock()
        self._table = _Table(_SLOTS)

    def numbers(self, hashes: Hashes, *given: object) -> Ints:
        """The number of each text; `learn` is asked for those that are new, in order of rows."""
        numbers, found = self._table.look(hashes)
        if not found.all():
            rows = np.flatnonzero(~found)
            with self._lock:
                numbers[rows], found = self._table.look(hashes[rows])
                rows = rows[~found]
                if len(rows):
                    numbers[rows] = self._learned(hashes[rows], rows, given)
        return numbers

    def _learned(self, hashes: Hashes, rows: Ints, given: tuple[object, ...]) -> Ints:
        unique, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
        order = np.argsort(first)
        answer = np.empty(len(unique), np.int64)
        answer[order] = self._learn(rows[first[order]], *given)
        table = self._table
        if table.count + len(unique) > self._limit:
            table = _Table(_SLOTS)
        self._table = table.with_new(unique, answer)
        return answer[inverse]


class Numbers:
    """Numbers for distinct texts, found by their hashes, in the order in which they come, from 1.

    The number of no text, whose hash is 0, is 0.
    """

    def __init__(self, limit: int = _LIMIT) -> None:
        """When there are more than `limit`, all are forgotten before the next lines are seen."""
        self._limit = limit
        self._begin()

    @property
    def is_full(self) -> bool:
        """Whether all will be forgotten next."""
        return self._count > self._limit

    def _begin(self) -> None:
        self._distinct = Distinct(self._learn, limit=sys.maxsize)
        self._count = 0

    def of(self, hashes: Hashes) -> tuple[bool, Ints, Ints]:
        """Numbers of the texts of some lines.

        Returns:
            Whether all was forgotten; the number of each text; the lines whose text has the next
            numbers, in the order of those.
        """
        anew = self.is_full
        if anew:
            self._begin()
        self._rows: Ints = np.zeros(0, np.int64)
        numbers = self._distinct.numbers(hashes)
        return anew, numbers, self._rows

    def _learn(self, rows: Ints) -> Ints:
        before, self._rows = self._count, rows
        self._count += len(rows)
        return np.arange(before + 1, self._count + 1)
