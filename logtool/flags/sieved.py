"""Sieved: takes logs that were sieved as they were read first, gives the blocks worth another look.

Child processes sieve while they read for the clocks: the bytes are there, and of a log without
problems hardly a block is read again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import groupby, islice

import numpy as np
from numpy.typing import NDArray

from logtool.flags.gates import gates_of
from logtool.flags.rule import Rule
from logtool.flags.sieve import Seen, Sieve
from logtool.passes.logs import Log, StampedBlock, blocks_of
from logtool.sources.reading import Place
from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.compiled.kernel import kernel_of
from parsers.scanning import Places

#: Bytes of rows that are held; of a log with more, lines are sieved when they are read again.
_MOST_HELD = 8 << 20


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """What passed of a block.

    Attributes:
        offset: where the block begins in its file.
        is_torn: it begins with the continuation of a line of the block before, which is no line.
        first_row: the number of its first line in all logs.
        lines: how many it has.
        rows: int32[m], which of them passed, rising.
    """

    offset: int
    is_torn: bool
    first_row: int
    lines: int
    rows: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Again:
    """A block that is read again.

    Attributes:
        log: its log.
        block: the block.
        first_row: the number of its first line in all logs.
        passed: int64[m], which of its lines passed; None if it is another one than before.
    """

    log: Log
    block: Block
    first_row: int
    passed: Places | None


class Sieved:
    """What passed of some logs.

    Attributes:
        tracebacks: how many begin in them.
    """

    def __init__(self, rules: Callable[[], Sequence[Rule]]) -> None:
        """`rules` are asked for by whoever sieves."""
        self._rules = rules
        self._parts: dict[int, list[_Part]] = {}
        self._rows = self._held = 0
        self._knows_all = True
        self.tracebacks = 0

    @cached_property
    def _sieve(self) -> Sieve:
        return Sieve(gates_of(self._rules()))

    @property
    def knows_all(self) -> bool:
        """All lines were sieved; there is one at least."""
        return self._knows_all and self._rows > 0

    def look(self, block: Block) -> Seen | None:
        """What passes of a block, where the kernel can tell."""
        return None if kernel_of(block.data) is None else self._sieve.seen(block)

    def watch(self, stamped: StampedBlock) -> None:
        """Take what `look` gave of the next block of all logs."""
        block, seen = stamped.block, stamped.seen
        torn = int(block.torn_head)
        lines = len(block) - torn
        if not isinstance(seen, Seen) or self._held > _MOST_HELD:
            self._knows_all = False
            self._parts.clear()
        if self._knows_all and isinstance(seen, Seen):
            rows = seen.rows[seen.rows >= torn] - np.int32(torn)
            part = _Part(block.offset, block.torn_head, self._rows, lines, rows)
            self._parts.setdefault(stamped.log.number, []).append(part)
            self.tracebacks += seen.tracebacks
            self._held += rows.nbytes
        self._rows += lines

    def again(self, logs: Sequence[Log], near: int) -> Iterator[Again]:
        """The blocks with a line that passed, or one so many rows or less from such a line."""
        for log in logs:
            parts = self._parts.get(log.number, [])
            wanted = _wanted(parts, near)
            if log.source.is_plain:
                yield from _read_again(log, parts, wanted)
            elif wanted:
                known = {parts[at].offset: parts[at] for at in wanted}
                for _, block in blocks_of([log]):
                    if block.offset in known:
                        yield _again(log, block, known[block.offset])


def _wanted(parts: Sequence[_Part], near: int) -> list[int]:
    """Which blocks of a log are to be read again."""
    firsts = [part.first_row for part in parts]
    wanted: set[int] = set()
    for part in parts:
        if len(part.rows):
            begin, end = (part.first_row + int(part.rows[at]) for at in (0, -1))
            first = bisect_right(firsts, begin - near) - 1
            wanted.update(range(max(first, 0), bisect_left(firsts, end + near + 1)))
    return sorted(wanted)


def _read_again(log: Log, parts: Sequence[_Part], wanted: Sequence[int]) -> Iterator[Again]:
    """Some blocks of a plain file; those between are not read."""
    for _, run in groupby(enumerate(wanted), lambda pair: pair[1] - pair[0]):
        some = [parts[at] for _, at in run]
        begin = Place(some[0].offset, torn_head=some[0].is_torn)
        for part, block in zip(
            some, islice(log.source.blocks_from(begin), len(some)), strict=False
        ):
            yield _again(log, block, part)


def _again(log: Log, block: Block, part: _Part) -> Again:
    is_same = block.offset == part.offset and len(block) - block.torn_head == part.lines
    return Again(log, block, part.first_row, part.rows.astype(np.int64) if is_same else None)
