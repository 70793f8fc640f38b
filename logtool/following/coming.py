"""Coming: takes lines as they come, and who tells their clocks, gives them in UTC."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from logtool.clocks.table import ClockTable
from logtool.following.arrivals import ArrivalClocks
from logtool.following.tails import Arrived
from logtool.normalize import Written, rewrite
from logtool.passes.logs import Log, StampedBlock
from logtool.remembered import RememberedStamps
from logtool.sources.raw import Fault
from logtool.sources.source import Source
from logtool.writing.styles import TimeStyle
from parsers.arrays import Ints
from parsers.blocks import BLOCK_SIZE, Block, cut_blocks
from parsers.built_in import BUILT_IN
from parsers.classes import dataclass
from parsers.decode import Decoder
from parsers.detection.detect import likely_layouts
from parsers.layouts import Layout
from parsers.lines import NO_TIME, Stamps

#: Which lines of a block are wanted: their rows, or None for all; their offsets are written in.
Choose = Callable[[StampedBlock], Ints | None]

_NO_CLOCKS = ClockTable.empty()


class Coming(Source):
    """A log that is not there yet, or a pipe that is read as it flows: a name without blocks."""

    def __init__(self, path: str, name: str, sequence: int = 0) -> None:
        self.path, self.name, self.sequence = path, name, sequence
        self.faults: list[Fault] = []
        self.copies: list[str] = []
        self.compression = ""
        self.mtime_us = None

    @property
    def size(self) -> int | None:
        """Unknown."""
        return None

    @property
    def is_open(self) -> bool:
        """No: its lines come by another way."""
        return False

    @property
    def read_us(self) -> None:
        """Whoever tells its lines' clocks knows when they came."""
        return None

    @property
    def pipe(self) -> None:
        """It is none that is kept."""

    def blocks(self, size: int = BLOCK_SIZE) -> Iterator[Block]:
        """None: the lines come by another way."""
        return iter(())

    def close(self) -> None:
        """Nothing is held open."""


def coming_log(number: int, source: Coming, layouts: tuple[Layout, ...] = ()) -> Log:
    """A log of which no line is known."""
    return Log(number, source, Decoder((*layouts, *BUILT_IN)), RememberedStamps())


def open_minded(log: Log) -> Log:
    """The same log, ready for layouts that it has not had so far."""
    mine = log.decoder.layouts
    others = [layout for layout in BUILT_IN if layout not in mine]
    return replace(log, decoder=Decoder((*mine, *others)))


@dataclass(slots=True, eq=False)
class LiveLog:
    """A log while its lines come.

    Attributes:
        log: the log.
        clocks: tell the offsets of its lines.
        layouts: tried before those that its first lines tell.
        solve: finds the clocks of all lines of the file of which some arrived; None if it cannot.
    """

    log: Log
    clocks: ArrivalClocks
    layouts: tuple[Layout, ...] = ()
    solve: Callable[[Arrived], ClockTable | None] = lambda arrived: None
    _line: int = 1
    _table: ClockTable | None = None

    def stamped(self, arrived: Arrived) -> Iterator[StampedBlock]:
        """Lines with their stamps, whose offsets are what their arrival tells."""
        for block in blocks_of(arrived.text, self._line):
            yield self._stamped(block, arrived)

    def _stamped(self, block: Block, arrived: Arrived) -> StampedBlock:
        if self._line == 1 and isinstance(self.log.source, Coming):
            decoder = Decoder((*self.layouts, *likely_layouts([block])))
            self.log = replace(self.log, decoder=decoder)
        self._line += len(block)
        stamps = self.log.decoder.stamps(block)
        offsets = self._offsets(block, stamps, arrived)
        told = stamps.with_offsets(offsets)
        return StampedBlock(self.log, block, told)

    def _offsets(self, block: Block, stamps: Stamps, arrived: Arrived) -> Ints:
        """What their arrival tells; of lines that stood there when the log came, if need be, all.

        That is, all lines together.
        """
        when = arrived.since_us, arrived.now_us, arrived.written_us
        if block.first_line == 1 and self.clocks.leaves_open(stamps, *when):
            self._table = self.solve(arrived)
            if self._table is not None:
                self.clocks.learn(self._table, 0)
        if self._table is None:
            return self.clocks.offsets(stamps, *when)
        last = max((clock.last_line for clock in self._table.clocks), default=0)
        lines = block.first_line + np.arange(len(block))
        offsets = self._table.offsets(0, lines, stamps)
        later = (lines > last) & (stamps.local_us != NO_TIME)
        if later.any():
            self._table = None
            offsets = np.where(lines > last, self.clocks.offsets(stamps, *when), offsets)
        return offsets


def blocks_of(text: bytes, first_line: int) -> Iterator[Block]:
    """What came together, in blocks; also a line of any length is whole."""
    return cut_blocks([text], len(text) + 1, first_line=first_line)


def written_in_utc(
    stamped: StampedBlock, style: TimeStyle, choose: Choose | None
) -> tuple[Written, Ints]:
    """Lines whose stamps tell their offsets, in UTC; only those that are wanted.

    Also where each of these began in the text that came.
    """
    rows = None if choose is None else choose(stamped)
    written = rewrite(stamped, _NO_CLOCKS, style)
    starts = stamped.block.offset + stamped.block.starts
    return (written, starts) if rows is None else (only(written, rows), starts[rows])


def only(written: Written, rows: Ints) -> Written:
    """Some lines of a block that was written, by their rows."""
    if len(rows) == len(written.block):
        return written
    ends = np.flatnonzero(written.text == ord("\n")) + 1
    if len(ends) < len(written.block):
        ends = np.append(ends, len(written.text))
    wanted = np.zeros(len(ends), np.bool_)
    wanted[rows] = True
    text = written.text[np.repeat(wanted, np.diff(ends, prepend=0))]
    return replace(written, text=text, utc_us=written.utc_us[rows])
