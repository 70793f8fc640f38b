"""Kinds: what the kernel's loops are told of rows that are alike, and what they give. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Ints
from parsers.classes import dataclass

Words = NDArray[np.uint64]

#: What a step of a `Program` is, as `peel` in `texts.wat` describes it.
INSTRUCTION = np.dtype(
    [
        ("literal", np.uint8, 16), ("mask", np.uint8, 16), ("do", np.uint32), ("none", np.uint32),
        ("count", np.int32), ("least", np.int32), ("byte", np.int32), ("column", np.uint32),
        ("fail", np.uint32), ("look", np.uint32),
    ]
)  # fmt: skip
#: Bytes of a thing kept, and where among them is what a column says that was not noted.
KEPT, NOT_NOTED = 16, 0

#: Most words of a time, and of a head behind it.
KIND_WORDS = 8
#: The number of a text that is too long for a loop, and perhaps of a few others.
TOO_LONG = 1
#: Of lines whose levels are elsewhere, or of no use.
NO_LEVELS = np.zeros(0, np.int8)
#: Bytes behind a result that `splice` may spoil.
SPOILED = 32


def of_each(values: NDArray[Any], kinds: NDArray[np.int32]) -> NDArray[Any]:
    """For each row the value of its kind; mostly all kinds have the same."""
    if np.all(values == values[0]):
        return np.full(len(kinds), values[0])
    return values.take(kinds)


#: Bytes among which digits are picked, and what is picked: two digits each of an hour, a minute and
#: a second, two that say nothing, and six of a fraction of a second.
PICKED_FROM = 16
_PLACES = {"hour": 0, "minute": 2, "second": 4, "fraction": 8}
_NOWHERE = 255


def reach(places: Mapping[str, tuple[int, int]]) -> int:
    """Of how many bytes, from the first one to the last, some digits are.

    Args:
        places: where they begin, and how many they are.
    """
    begins, ends = [at for at, _ in places.values()], [sum(one) for one in places.values()]
    return max(ends, default=0) - min(begins, default=0)


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """What times of fixed width have in common, and what of them is each row's own.

    Attributes:
        masks: uint64[words], the bits that count as what they have in common.
        begin: how far from there the bytes begin among which each row's digits are.
        picks: uint8[48], which bytes these are, as `stamps` in `kernel.wat` describes it.
    """

    masks: Words
    begin: int
    picks: NDArray[np.uint8]

    @classmethod
    def of(
        cls, masks: Words, digits: Mapping[str, tuple[int, int]], most: Mapping[str, int]
    ) -> Fixed:
        """Pick the digits of an hour, a minute, a second and a fraction, or of some of these.

        Args:
            masks: as it has them.
            digits: for each, how far from the place its digits stand, and how many they are: within
                `PICKED_FROM` bytes.
            most: the most that each may say, but for a fraction.
        """
        begin = min((at for at, _ in digits.values()), default=0)
        picks = np.zeros(3 * PICKED_FROM, np.uint8)
        picked, zeros, limits = picks.reshape(3, PICKED_FROM)
        picked[:] = _NOWHERE
        limits.view(np.uint16)[:] = 99
        for name, (at, count) in digits.items():
            place = _PLACES[name]
            picked[place : place + count] = np.arange(at - begin, at - begin + count)
            zeros[place : place + count] = ord("0")
            if name in most:
                limits.view(np.uint16)[place // 2] = most[name]
        return cls(masks, begin, picks)


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
        texts: what each kind has in common, 64 bytes each, one behind the other.
        kinds: int32[n], the kind of each row.
        us: int64[n], what a row's own digits say, microseconds.
        fine: bool[n], whether there are such digits.
        bad: how many rows are not fine.
        news: int64[new heads], the first row of each head that was not known.
        heads: int32[n], the head of each row; empty if they were not asked for.
    """

    firsts: Ints
    texts: bytes
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


class Sign(IntEnum):
    """What is told of a text, in the order in which `texts.wat` has it; each is 0 for no text.

    NUMBER is a number of it. CLIENT are two numbers of a text that may end in a port, without it
    and with it, and the first letter of `client` or `remote` in `[client ` or `[remote ` before it.
    """

    NUMBER = 0
    CLIENT = 1


#: What arrays a sign makes.
MADE: Mapping[Sign, tuple[type[np.unsignedinteger[Any]], ...]] = {
    Sign.NUMBER: (np.uint64,),
    Sign.CLIENT: (np.uint64, np.uint64, np.uint8),
}


class Signing(NamedTuple):
    """What is to be told of the texts of some columns, where nobody asks for their places.

    Attributes:
        columns: by name.
        keys: uint64[3], for numbers.
        most: bytes of a text whose number a loop makes.
        told: tells the same of texts at places of some bytes.
    """

    columns: Mapping[str, Sign]
    keys: Words
    most: int
    told: Tells


class Tells(Protocol):
    """Tells of texts, of any length, what a sign says."""

    def __call__(
        self, sign: Sign, data: NDArray[np.uint8], start: Ints, end: Ints
    ) -> tuple[NDArray[Any], ...]:
        """For int64[n] places, negative for none."""
        ...


class Lines(NamedTuple):
    """Lines of a block, or what is left of them.

    Attributes:
        places: int64[n], where in it each line begins, or goes on; below 0 for none.
        ends: int64[n], where its text ends.
        is_raw: a carriage return may belong to an end.
        levels: int8[n], the number of its level, -1 for unknown; of no use to programs that do not
            ask for it.
    """

    places: Ints
    ends: Ints
    is_raw: bool
    levels: NDArray[np.int8]


class Headed(NamedTuple):
    """What is told of lines that begin with heads.

    Attributes:
        signs: of each column what is told, as `TextLoops.signs` gives it.
        fine: bool[n], whether a line was read.
        long: how many texts are too long.
        kinds: int32[n], the kind of each line's head.
        firsts: int64[k], the first line of each kind.
        heads: int32[k], its number among the heads known.
    """

    signs: list[tuple[NDArray[Any], ...]]
    fine: NDArray[np.bool_]
    long: int
    kinds: NDArray[np.int32]
    firsts: Ints
    heads: NDArray[np.int32]


class Narrow(NamedTuple):
    """A column of integers in few bytes.

    Attributes:
        least: the least of them.
        above: integers, what is to be added to that for each; None where nothing is.
    """

    least: int
    above: NDArray[Any] | None


class Columns(NamedTuple):
    """What is told of each line of a block.

    Attributes:
        keys: who wrote it.
        times: when, microseconds; the least number there is for one without a time.
        begins, ends: how far from its first byte that stands.
    """

    keys: Narrow
    times: Narrow
    begins: Narrow
    ends: Narrow
