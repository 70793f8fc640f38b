"""Logs: take an opened source and its layouts, give its blocks with the stamps of their lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from logtool.remembered import PackedStamps, RememberedStamps
from logtool.sources.ahead import blocks_in_order
from logtool.sources.source import Source
from parsers.blocks import BLOCK_SIZE, Block
from parsers.classes import dataclass
from parsers.decode import Decoder
from parsers.lines import Stamps

#: Bytes of a file that are worth starting children for, and bytes of a compressed one.
_WORTH_CHILDREN, _WORTH_COMPRESSED = 4 * BLOCK_SIZE, BLOCK_SIZE // 2


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """One opened log file and how to read its lines.

    Attributes:
        number: its index in true order; `file` in clocks and evidence.
        source: its bytes.
        decoder: knows its layouts.
        remembered: stamps of blocks that were read before.
    """

    number: int
    source: Source
    decoder: Decoder
    remembered: RememberedStamps


@dataclass(frozen=True, eq=False)
class StampedBlock:
    """A block of a log and the stamps of its lines.

    Attributes:
        log: the log.
        block: some of its lines.
        given: their stamps, as they were read or as they are remembered.
        layouts: how many layouts had been known when they were read.
        room: where bytes that are made of it may be left, or None.
        seen: what was asked of its text as it was read first.
    """

    log: Log
    block: Block
    given: Stamps | PackedStamps
    layouts: int = 0
    room: NDArray[np.uint8] | None = None
    seen: object = None

    @classmethod
    def of(cls, log: Log, block: Block, room: NDArray[np.uint8] | None = None) -> StampedBlock:
        """A block with its stamps: as they are remembered, else they are read."""
        layouts = len(log.decoder.layouts)
        stamps = log.remembered.packed(block, layouts) or log.decoder.stamps(block)
        return cls(log, block, stamps, layouts, room)

    @cached_property
    def stamps(self) -> Stamps:
        """Who wrote each line, and when."""
        if isinstance(self.given, Stamps):
            return self.given
        return self.given.unpacked(self.block) or self.log.decoder.stamps(self.block)


def is_large(source: Source) -> bool | None:
    """Whether it is worth starting children; None where it is not, as far as anybody can tell."""
    worth, size = _WORTH_COMPRESSED if source.compression else _WORTH_CHILDREN, source.size
    return (size or 0) > worth or (None if size is None or source.compression else False)


def blocks_of(logs: Sequence[Log]) -> Iterator[tuple[Log, Block]]:
    """Every block of some logs in true order."""
    for number, block in blocks_in_order([log.source for log in logs]):
        yield logs[number], block
