"""Normalize: takes logs and their clocks, gives the same bytes with every stamp in UTC."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field
from enum import StrEnum
from functools import partial

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.line_offsets import LineOffsets
from logtool.clocks.table import ClockTable
from logtool.passes.children import Ahead
from logtool.passes.logs import Log, StampedBlock
from logtool.passes.working import worked_blocks
from logtool.remembered import PackedStamps
from logtool.writing.further_stamps import with_further_stamps
from logtool.writing.splice import Instants, Texts, put_instants, put_recalled, replace_spans
from logtool.writing.stamps import StampWriter
from logtool.writing.styles import TimeStyle, only_writer, stamp_writers
from parsers.arrays import Bytes, Ints
from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.compiled.kernel import kernel_of
from parsers.lines import NO_LAYOUT, NO_OFFSET, NO_TIME, Stamps, StampsOfNone
from parsers.units import SECOND

_NEWLINE = np.frombuffer(b"\n", np.uint8)
_NOTHING, _NO_BYTES = np.zeros(0, np.int64), np.zeros(0, np.uint8)

#: Share of lines without a layout that is no longer the raw output of programs.
MANY_UNREAD = 1 / 3
#: What to do where no line has one.
WHAT_TO_DO = (
    "errlog format detect shows what they look like, --format 'ErrorLogFormat' or "
    "--config HTTPD.CONF names their layout; of a journal, journalctl -o short-iso-precise gives "
    "lines that are understood, and -o json none"
)
#: What to do where each has one, and none a time.
WHAT_TELLS_TIME = (
    "httpd leaves it to syslog and the journal, whose heads were lost or are not known; those of "
    "RSYSLOG_FileFormat and journalctl -o short-iso-precise tell instants"
)


class Kept(StrEnum):
    """Why a line came out as it went in."""

    NO_LAYOUT = "no known layout"
    NO_TIME = "no time"
    NO_CLOCK = "no known clock"
    NO_YEAR = "a time that cannot be written"


@dataclass(slots=True)
class Tally:
    """What became of the lines.

    Attributes:
        lines: how many there were.
        rewritten: how many got a stamp in UTC.
        kept: how many stayed as they were, and why.
        first: (file, line number) of the first line kept for each reason.
    """

    lines: int = 0
    rewritten: int = 0
    kept: dict[Kept, int] = field(default_factory=dict)
    first: dict[Kept, tuple[int, int]] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Count what came later."""
        self.lines += other.lines
        self.rewritten += other.rewritten
        for reason, count in other.kept.items():
            self.kept[reason] = self.kept.get(reason, 0) + count
            self.first.setdefault(reason, other.first[reason])

    def keep(self, reason: Kept, file: int, lines: Ints) -> None:
        """Count lines (their numbers) that stay as they are."""
        if len(lines):
            self.kept[reason] = len(lines)
            self.first[reason] = (file, int(lines[0]))

    def watch(self, stamped: StampedBlock) -> None:
        """Count the lines of a block, and those that no layout reads, without writing any."""
        lines = Tally(len(stamped.block) - stamped.block.torn_head)
        read = stamped.stamps.layout != NO_LAYOUT
        lines.keep(Kept.NO_LAYOUT, stamped.log.number, _unread(stamped.block, read))
        self.add(lines)


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A block after its stamps were written anew.

    Attributes:
        log: the log it belongs to.
        block: as it was read (its bytes may have been changed in place); without lines if it is
            bare.
        text: uint8, the bytes to write.
        utc_us: int64[n], each line's instant, NO_TIME where it has none; empty if it is bare.
        tally: what became of its lines.
    """

    log: Log
    block: Block
    text: Bytes
    utc_us: Ints
    tally: Tally

    def __reduce__(self) -> tuple[Callable[..., Written], tuple[object, ...]]:
        """A bare one is handed over in a third of the time that all objects in it take."""
        if len(self.block):
            return Written, (self.log, self.block, self.text, self.utc_us, self.tally)
        tally = self.tally
        told = (tally.lines, tally.rewritten, tally.kept, tally.first)
        return _bare, (self.log, self.block.offset, self.text, told)


def _bare(
    log: Log,
    offset: int,
    text: Bytes,
    told: tuple[int, int, dict[Kept, int], dict[Kept, tuple[int, int]]],
) -> Written:
    """A block of which nothing is told but where it begins, its text, and a `Tally`."""
    block = Block(_NO_BYTES, 0, _NOTHING, _NOTHING, offset=offset)
    return Written(log, block, text, _NOTHING, Tally(*told))


def normalize_blocks(
    logs: Sequence[Log],
    table: ClockTable,
    style: TimeStyle = TimeStyle.CUZ,
    ahead: Ahead | None = None,
    *,
    bare: bool = False,
) -> Iterator[Written]:
    """Every block in true order, its stamps in UTC. Arrays are good until the next is asked for.

    Lines without a stamp, of an unknown clock, or whose year would not have four digits come out
    as they are. Children that began to read the logs `ahead` go on with that. Whoever wants nothing
    but the text of blocks asks for `bare` ones.
    """
    work = partial(rewrite, table=table.line_offsets(), style=style, bare=bare)
    return worked_blocks(logs, work, apart=True, ahead=ahead)


def rewrite(
    stamped: StampedBlock, table: LineOffsets, style: TimeStyle, *, bare: bool = False
) -> Written:
    """Write the stamps of one block in UTC; give nothing but its text if all is to be `bare`."""
    text, utc_us, tally = (
        _rewritten_at_once(stamped, table, style)
        or _as_it_was(stamped)
        or _rewritten(stamped, table, style)
    )
    log, block = stamped.log, stamped.block
    if bare:
        told = (tally.lines, tally.rewritten, tally.kept, tally.first)
        return _bare(log, block.offset, text, told)
    return Written(log, block, text, utc_us, tally)


def _rewritten_at_once(
    stamped: StampedBlock, table: LineOffsets, style: TimeStyle
) -> tuple[Bytes, Ints, Tally] | None:
    """What `_rewritten` gives, by loops that need no column of stamps unpacked.

    None unless all lines of a block that a layout reads have the same form, a time, and a process
    whose clock is known: most blocks are such.
    """
    log, block, packed, room = stamped.log, stamped.block, stamped.given, stamped.room
    kernel = kernel_of(block.data)
    if kernel is None or isinstance(packed, Stamps) or room is None:
        return None
    form = packed.form()
    if form is None or log.decoder.layouts[form.layout].further:
        return None
    writer = only_writer(style, log.decoder, form.layout, form.digits)
    if writer is None:
        return None
    slots = table.slots(log.number, block.first_line, len(block))
    columns = None if slots is None else packed.columns(kernel.column)
    if slots is None or columns is None:
        return None
    timed = len(block) if form.read is None else int(np.count_nonzero(form.read))
    made = put_recalled(block, timed, columns, slots, writer, room)
    if made is None:
        return None
    text, utc_us = made
    tally = Tally(len(block) - block.torn_head, timed)
    if form.read is not None:
        tally.keep(Kept.NO_LAYOUT, log.number, _unread(block, form.read))
        every = np.full(len(block), NO_TIME)
        every[form.read] = utc_us
        utc_us = every
    return text, utc_us, tally


def _as_it_was(stamped: StampedBlock) -> tuple[Bytes, Ints, Tally] | None:
    """What `_rewritten` gives of a block of which no layout reads any line; else None."""
    given, block = stamped.given, stamped.block
    if not (
        isinstance(given, StampsOfNone) or (isinstance(given, PackedStamps) and given.reads_none)
    ):
        return None
    tally = Tally(len(block) - block.torn_head)
    tally.keep(Kept.NO_LAYOUT, stamped.log.number, _unread(block, np.zeros(len(block), np.bool_)))
    return block.data[: block.size], np.full(len(block), NO_TIME), tally


def _rewritten(
    stamped: StampedBlock, table: LineOffsets, style: TimeStyle
) -> tuple[Bytes, Ints, Tally]:
    """The text of a block with its stamps in UTC, each line's instant, and what became of them."""
    log, block, stamps = stamped.log, stamped.block, stamped.stamps
    numbers = np.arange(block.first_line, block.first_line + len(block))
    offsets = table.offsets(log.number, numbers, stamps)
    timed, utc_us = stamps.local_us != NO_TIME, stamps.local_us - offsets * SECOND
    known = timed & (offsets != NO_OFFSET)
    utc_us[~known] = NO_TIME
    # What is in UTC already needs no other text to keep its form.
    right = known & (offsets == 0) if style == TimeStyle.KEEP else np.zeros_like(known)
    put: list[tuple[StampWriter, Ints, Ints]] = []
    done = right.copy()
    for writer, rows in stamp_writers(style, log.decoder, block, stamps, known & ~right):
        instants = _at(utc_us, rows)
        first, last = writer.first_second * SECOND, (writer.last_second + 1) * SECOND
        if instants.min() < first or instants.max() >= last:
            rows = rows[(instants >= first) & (instants < last)]
            instants = utc_us[rows]
        done[slice(None) if len(rows) == len(done) else rows] = True
        put.append((writer, rows, instants))
    text = _spliced(stamped, done & ~right, put)
    text = with_further_stamps(text, log.decoder.layouts, stamps, offsets, style)
    tally = Tally(len(block) - block.torn_head, int(np.count_nonzero(done)))
    if tally.rewritten < len(block):
        read = stamps.layout != NO_LAYOUT
        tally.keep(Kept.NO_LAYOUT, log.number, _unread(block, read))
        tally.keep(Kept.NO_TIME, log.number, numbers[~timed & read])
        tally.keep(Kept.NO_CLOCK, log.number, numbers[timed & ~known])
        tally.keep(Kept.NO_YEAR, log.number, numbers[known & ~done])
    return text, utc_us, tally


def _unread(block: Block, read: NDArray[np.bool_]) -> Ints:
    """The numbers of the lines that no layout reads."""
    return block.first_line + np.flatnonzero(~read)[int(block.torn_head) :]


def _at(column: Ints, rows: Ints) -> Ints:
    """The column at some ascending rows; without copying where these are all."""
    return column if len(rows) == len(column) else column[rows]


def _spliced(
    stamped: StampedBlock, new: NDArray[np.bool_], put: Sequence[tuple[StampWriter, Ints, Ints]]
) -> Bytes:
    """The block's bytes with instants in place of the stamps of the lines that are `new`.

    Args:
        stamped: the block.
        new: bool[n].
        put: forms of time, each with its rows and their instants.
    """
    block, stamps, room = stamped.block, stamped.stamps, stamped.room
    starts, ends = stamps.time_start, stamps.time_end
    whole = bool(new.all())
    if not whole:
        starts, ends = starts[new], ends[new]
    if len(put) == 1:
        writer, _, us = put[0]
        text = put_instants(block.data[: block.size], starts, ends, Instants(writer, us), room)
        if text is not None:
            return text
    nth = None if whole else np.cumsum(new) - 1
    parts = [
        Texts(rows if nth is None else nth[rows], writer.write(us)) for writer, rows, us in put
    ]
    return replace_spans(block.data, block.size, starts, ends, parts, room)


def in_file_order(blocks: Iterable[Written]) -> Iterator[Bytes]:
    """The bytes of blocks as they come; a newline is added where two files would run together."""
    last: Log | None = None
    ended = True
    for written in blocks:
        if not ended and written.log is not last:
            yield _NEWLINE
        last, ended = written.log, _is_ended(written)
        yield written.text


def in_utc_order(blocks: Iterable[Written]) -> Iterator[Bytes]:
    """The bytes of blocks, their lines sorted by instant, in pieces.

    A line without an instant stays with the line before it; the last line of a file gets a newline
    if it has none.
    """
    from logtool.writing.sorting import LineSorter  # seldom needed, and slow to import

    last: Log | None = None
    ended = True
    carried = NO_TIME
    with LineSorter() as sorter:
        for written in blocks:
            if not ended and written.log is not last:
                sorter.add(_NEWLINE, np.ones(1, np.int64), np.full(1, carried))
            if last is None or last.source.sequence != written.log.source.sequence:
                carried = _first_instant(written)
            last, ended = written.log, _is_ended(written)
            text = written.text.copy()
            keys = _carried_on(written.utc_us, carried)
            ends = np.flatnonzero(text == ord("\n"))
            if not ended:
                ends = np.append(ends, len(text) - 1)
            sorter.add(text, np.diff(ends, prepend=-1), keys)
            carried = int(keys[-1])
        if not ended:
            sorter.add(_NEWLINE, np.ones(1, np.int64), np.full(1, carried))
        yield from sorter.sorted_text()


def _is_ended(written: Written) -> bool:
    return bool(written.text[-1] == ord("\n"))


def _first_instant(written: Written) -> int:
    """That of a block's first line with one: what a log's lines before it are sorted by."""
    known = written.utc_us[written.utc_us != NO_TIME]
    return int(known[0]) if len(known) else NO_TIME


def _carried_on(utc_us: Ints, carried: int) -> Ints:
    """Instants, where a line without one has that of the line before it."""
    known = np.flatnonzero(utc_us != NO_TIME)
    if not len(known):
        return np.full(len(utc_us), carried)
    last = np.searchsorted(known, np.arange(len(utc_us)), side="right") - 1
    return np.where(last >= 0, utc_us[known[np.maximum(last, 0)]], carried)
