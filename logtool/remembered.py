"""Remembered: takes the stamps of the first pass, gives them to the second, within some room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from logtool.sources.line_index import checksum_of
from logtool.sources.packing import Memory, New, Packed
from logtool.sources.rows import Rows
from parsers.blocks import Block
from parsers.compiled.kernel import column_for
from parsers.compiled.kinds import Columns
from parsers.lines import NO_LAYOUT, NO_OFFSET, Stamps, StampsOfNone

#: Fields that hold places in a block, kept as the distance from the line's start.
_PLACES = ("time_start", "time_end")
_NAMES = tuple(field.name for field in fields(Stamps))
#: Stands for the layouts that had been tried where each line was read.
_ALL_READ = -1


class Form(NamedTuple):
    """What lines have in common.

    Attributes:
        layout: the number of their layout.
        digits: of their fractions.
        read: bool[n], which lines these are; None for all.
    """

    layout: int
    digits: int
    read: NDArray[np.bool_] | None


class PackedStamps:
    """The stamps of a block, as they are remembered."""

    def __init__(self, packed: Mapping[str, Packed]) -> None:
        """Take each field of `Stamps`, places counted from the line's start."""
        self._packed = packed

    @property
    def reads_none(self) -> bool:
        """Whether no layout reads any of the lines."""
        return self._packed["layout"].one == NO_LAYOUT

    def form(self) -> Form | None:
        """What all lines with a layout have in common; None if they differ, or have none."""
        layout, digits = (self._packed[field].one for field in ("layout", "digits"))
        if layout is not None and digits is not None:
            return None if layout == NO_LAYOUT else Form(layout, digits, None)
        layouts, every = (self._packed[field].column() for field in ("layout", "digits"))
        if layouts is None or every is None:
            return None
        read = layouts != NO_LAYOUT
        if not read.any():
            return None
        layout, digits = int(layouts[read][0]), int(every[read][0])
        if np.any(layouts[read] != layout) or np.any(every[read] != digits):
            return None
        return Form(layout, digits, read)

    def columns(self, new: New) -> Columns | None:
        """Pids, times and places for a loop, where needed in a `new` array of a size and a kind.

        None where a line writes an offset, or they cannot be read.
        """
        if self._packed["offset_s"].one != NO_OFFSET:
            return None
        columns = []
        for field in ("pid", "local_us", *_PLACES):
            column = self._packed[field].narrow(new)
            if column is None:
                return None
            columns.append(column)
        return Columns(*columns)

    def unpacked(self, block: Block) -> Stamps | None:
        """The stamps; None if they cannot be read."""
        if self.reads_none:
            return StampsOfNone(len(block))
        columns: dict[str, Any] = {}
        for name, kept in self._packed.items():
            loops = kept.dtype == np.int64  # that is what loops want
            out = column_for(block.data, len(block), np.int64) if loops else None
            column = kept.above(block.starts, out) if name in _PLACES else kept.column(out)
            if column is None:
                return None
            columns[name] = column
        return Stamps(**columns)


class RememberedStamps:
    """The stamps of one log's blocks, by the block's place in the log."""

    def __init__(self, memory: Memory | None = None) -> None:
        self._memory = memory or Memory()
        #: Of each block its sum, for a log may be cut short or written over between two passes; how
        #: many layouts had been tried if some of its lines stayed unread; and its fields.
        self._blocks = Rows(2 + len(_NAMES) * Packed.WIDTH)

    def keep(self, block: Block, stamps: Stamps, layouts: int = 0) -> None:
        """Remember a block's stamps, read by so many layouts, if there is room."""
        if self._memory.is_full:
            return
        numbers: list[int] = []
        places = dict(zip(_PLACES, stamps.behind(block.starts), strict=True))
        for name in _NAMES:
            column = places[name] if name in places else getattr(stamps, name)
            packed = Packed(column, self._memory)
            if not packed.is_kept:
                return
            numbers += packed.numbers
        tried = layouts if np.any(stamps.layout == NO_LAYOUT) else _ALL_READ
        self._blocks.put(block.offset, (_sum(block), tried, *numbers))

    def packed(self, block: Block, layouts: int = 0) -> PackedStamps | None:
        """A block's stamps as so many layouts read it; None if not kept, or the block changed."""
        kept = self._blocks.get(block.offset)
        if kept is None or kept[1] not in (_ALL_READ, layouts) or kept[0] != _sum(block):
            return None
        return PackedStamps(
            {
                name: Packed.again(kept[at : at + Packed.WIDTH], self._memory)
                for name, at in zip(_NAMES, range(2, len(kept), Packed.WIDTH), strict=True)
            }
        )

    def recall(self, block: Block, layouts: int = 0) -> Stamps | None:
        """The same, unpacked."""
        packed = self.packed(block, layouts)
        return None if packed is None else packed.unpacked(block)


def _sum(block: Block) -> int:
    if block.checksum is not None:
        return block.checksum
    return checksum_of(block.data[: block.size])
