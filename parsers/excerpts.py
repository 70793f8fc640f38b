"""Excerpts: take some lines of blocks and their stamps, give a block of only those.

Literals are searched in all bytes of a block, and every step costs the same for a few lines as for
some hundred: what is asked of few lines is asked of a copy of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from parsers.blocks import PADDING, Block
from parsers.classes import dataclass
from parsers.lines import Stamps


@dataclass(frozen=True, slots=True, eq=False)
class Excerpt:
    """Some lines of a block.

    Attributes:
        block: a copy of only those; its line numbers say nothing.
        stamps: theirs.
        moved: int64[m], how many bytes before its place in the whole block each line stands.
    """

    block: Block
    stamps: Stamps
    moved: NDArray[np.int64]


def excerpt(block: Block, stamps: Stamps, rows: NDArray[np.int64]) -> Excerpt:
    """The lines `rows`, int64[m], of a block, and what `Decoder.stamps` gave for them."""
    length = block.ends[rows] - block.starts[rows]
    ends = np.cumsum(length + 1) - 1
    starts = ends - length
    moved = block.starts[rows] - starts
    size = int(ends[-1]) + 1 if len(ends) else 0
    data = np.zeros(size + PADDING, np.uint8)
    data[:size] = block.data[np.arange(size) + np.repeat(moved, length + 1)]
    own = stamps.at(rows)
    _move(own, -moved)
    return Excerpt(Block(data, size, starts, ends), own, moved)


def joined(parts: Sequence[Excerpt]) -> tuple[Block, Stamps]:
    """The lines of some excerpts, one behind the other, and their stamps."""
    sizes = np.array([part.block.size for part in parts])
    before = np.cumsum(sizes) - sizes
    data = np.zeros(int(sizes.sum()) + PADDING, np.uint8)
    for part, place in zip(parts, before.tolist(), strict=True):
        data[place : place + part.block.size] = part.block.data[: part.block.size]
    shift = np.repeat(before, [len(part.block) for part in parts])
    starts, ends = (
        np.concatenate([getattr(part.block, name) for part in parts]) + shift
        for name in ("starts", "ends")
    )
    stamps = Stamps(
        *(
            np.concatenate([getattr(part.stamps, field.name) for part in parts])
            for field in fields(Stamps)
        )
    )
    _move(stamps, shift)
    return Block(data, int(sizes.sum()), starts, ends), stamps


def _move(stamps: Stamps, by: NDArray[np.int64]) -> None:
    """Add to the places of stamps, where there are some."""
    for name in ("time_start", "time_end"):
        places = getattr(stamps, name)
        setattr(stamps, name, np.where(places < 0, places, places + by))
