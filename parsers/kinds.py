"""Kinds: what the kernel's loops are told of rows that are alike, and what they give. Pure data."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from parsers.classes import dataclass

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

#: What a step of a `Program` is, as `peel` in `texts.wat` describes it.
INSTRUCTION = np.dtype(
    [
        ("literal", np.uint8, 16), ("mask", np.uint8, 16), ("do", np.uint32), ("keep", np.uint32),
        ("count", np.int32), ("least", np.int32), ("byte", np.int32), ("column", np.uint32),
        ("fail", np.uint32), ("look", np.uint32),
    ]
)  # fmt: skip
#: Bytes of a thing kept, and where among them is what a column says that was not noted.
KEPT, NOT_NOTED = 16, 16

#: Most words of a time, and of a head behind it.
KIND_WORDS = 8


def of_each(values: NDArray[Any], kinds: NDArray[np.int32]) -> NDArray[Any]:
    """For each row the value of its kind; mostly all kinds have the same."""
    if np.all(values == values[0]):
        return np.full(len(kinds), values[0])
    return values.take(kinds)


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """What times of fixed width have in common, and what of them is each row's own.

    Attributes:
        masks: uint64[words], the bits that count as what they have in common.
        sixties: how far from there two digits of a minute and of a second stand, -1 if there are
            none.
        most: the most that these may say.
        fraction: how far from there the digits of a fraction stand, or -1, and how many they are:
            3 or 6.
    """

    masks: Words
    sixties: tuple[int, int]
    most: tuple[int, int]
    fraction: tuple[int, int]


@dataclass(slots=True, eq=False)
class Heads:
    """Heads that are known from one block to the next, as long as nobody else has any.

    Attributes:
        begin: how far behind a row's place its head begins.
        words: how many words of it count.
        count: how many are known.
    """

    begin: int
    words: int
    count: int = 0


@dataclass(slots=True, eq=False)
class Kinds:
    """Kinds of rows.

    Attributes:
        firsts: int64[kinds], the first row of each kind of time.
        kinds: int32[n], the kind of each row.
        us: int64[n], what a row's own digits say, microseconds.
        fine: bool[n], whether there are such digits.
        bad: how many rows are not fine.
        news: int64[new heads], the first row of each head that was not known.
        heads: int32[n], the head of each row; empty if they were not asked for.
    """

    firsts: Ints
    kinds: NDArray[np.int32]
    us: Ints
    fine: NDArray[np.bool_]
    bad: int
    news: Ints
    heads: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """What a loop does on each of many lines.

    Attributes:
        steps: INSTRUCTION[k].
        columns: names of what it notes, in order.
        kept: how many things it keeps on a line.
    """

    steps: NDArray[np.void]
    columns: tuple[str, ...]
    kept: int
