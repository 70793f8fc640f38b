"""Sieved: takes logs that were sieved as they were read first, gives the blocks worth another look.

Child processes sieve while they read for the clocks: the bytes are there, and of a log without
problems hardly a block is read again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.table import ClockTable
from logtool.flags.gates import gates_of
from logtool.flags.rule import Rule
from logtool.flags.sieve import Seen, Sieve
from logtool.frame.lines import Lines
from logtool.passes.again import Again
from logtool.passes.logs import Log, StampedBlock, blocks_of
from logtool.sources.reading import Place
from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.compiled.kernel import kernel_of
from parsers.scanning import Places

#: Bytes of rows that are held; of a log with more, lines are sieved when they are read again.
_MOST_HELD = 8 << 20
#: Of a block of which more lines passed, as many others will be looked at: it is read as a whole.
_FEW = 100


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
class Passed:
    """A block that is read again.

    Attributes:
        log: its log.
        block: the block.
        first_row: the number of its first line in all logs.
        rows: int64[m], which of its lines passed; None if it is another one than before.
        again: reads of the block what is asked for, if its bytes are not there yet.
    """

    log: Log
    block: Block
    first_row: int
    rows: Places | None
    again: Again | None = None

    def lines(self, table: ClockTable) -> Lines:
        """Its lines, whose clocks are known."""
        lines = Lines(self.log, self.block, table)
        if self.again is not None:
            lines.again = self.again
            lines.forget_block()
        return lines


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

    def again(self, logs: Sequence[Log], near: int) -> Iterator[Passed]:
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


def _read_again(log: Log, parts: Sequence[_Part], wanted: Sequence[int]) -> Iterator[Passed]:
    """Some blocks of a plain file, of which only the lines that passed are read for now."""
    for part in map(parts.__getitem__, wanted):
        if (some := _unread(log, part)) is not None:
            yield some
            continue
        begin = Place(part.offset, torn_head=part.is_torn)
        for block in islice(log.source.blocks_from(begin), 1):
            yield _again(log, block, part)


def _unread(log: Log, part: _Part) -> Passed | None:
    """A block of whose lines few passed, and are there; None of any other."""
    if len(part.rows) > _FEW:
        return None
    again = Again(log, log.source.place_of(part.offset, torn_head=part.is_torn))
    block, rows = again.unread, part.rows.astype(np.int64)
    if block is None or not log.source.read_lines(block, rows + part.is_torn):
        return None
    return Passed(log, block, part.first_row, rows, again)


def _again(log: Log, block: Block, part: _Part) -> Passed:
    is_same = block.offset == part.offset and len(block) - block.torn_head == part.lines
    return Passed(log, block, part.first_row, part.rows.astype(np.int64) if is_same else None)
