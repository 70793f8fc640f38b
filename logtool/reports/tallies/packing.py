"""Packing: takes several small numbers, gives one key that they are found in again."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Ints, Mask


class Packing:
    """How several small numbers make one key."""

    def __init__(self, **bits: int) -> None:
        """The bits of each number, the highest first; 63 in all at most."""
        self._places: dict[str, tuple[int, int]] = {}
        below = 0
        for name, width in reversed(bits.items()):
            self._places[name] = below, (1 << width) - 1
            below += width
        assert below < 64

    def pack(self, **numbers: NDArray[Any] | int) -> Ints:
        """The keys of rows; numbers must fit."""
        key: Ints | None = None
        for name, (below, _) in self._places.items():
            number = np.asarray(numbers[name], np.int64) << below
            key = number if key is None else key | number
        assert key is not None
        return key

    def place(self, name: str) -> int:
        """How many bits of a key are below one of its numbers."""
        return self._places[name][0]

    def number(self, key: Ints, name: str) -> Ints:
        """One of the numbers of keys."""
        below, mask = self._places[name]
        return (key >> below) & mask

    def mapped(self, key: Ints, name: str, numbers: Ints) -> Ints:
        """Keys in which one of the numbers is another: what stands at its place in `numbers`."""
        below, mask = self._places[name]
        others: Ints = (key & ~(mask << below)) | (numbers.take((key >> below) & mask) << below)
        return others

    def holds(self, key: Ints, *names: str) -> Mask:
        """Of which keys one of these numbers is above 0."""
        mask = sum(mask << below for below, mask in map(self._places.__getitem__, names))
        held: Mask = (key & mask) != 0
        return held

    def unpack(self, key: Ints) -> dict[str, Ints]:
        """The numbers of keys."""
        return {name: self.number(key, name) for name in self._places}
