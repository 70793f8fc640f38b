"""Stack events: takes lines that may hold Python's text, tells which of them are one stack.

It finds the same events as `logtool.events.folding`, without frames, in the lines of a block and in
those that are held of blocks before, because their events may still go on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logtool.events.joining import (
    GAPS_US,
    RAW_LINES,
    RULES,
    STACK_GAP_US,
    WORTH,
    among,
    event_starts,
    together,
)
from logtool.events.kinds import RAISED, TALK, Kind
from logtool.events.torn import mended
from logtool.frame.hashing import ODD
from logtool.reports.meant.signs import kinds_of
from logtool.reports.meant.wordings import WORDING
from parsers.arrays import Ints, Mask
from parsers.compiled import kernel as kernels
from parsers.compiled.rows import Spoken, Stacked, Tells, Told, Wholes
from parsers.lines import NO_TIME

_KIND, _LEVELLED, _SYNTAX, _OPENS, _STACKS, _FLAGGED = map(
    WORDING.place, ("kind", "levelled", "syntax", "opens", "stacks", "flagged")
)
_TALK_BITS, _RAISED_BITS = (sum(1 << kind for kind in some) for some in (TALK, RAISED))
_TELLS = Tells(
    _KIND, _LEVELLED, _SYNTAX, _OPENS, _STACKS, _TALK_BITS, Kind.PYTHON_HEAD, _RAISED_BITS, _FLAGGED
)
_ODD, _SPREAD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
#: Streams are told apart by so many bits where a few lines too many do no harm.
_SLOT_BITS = 16
_SLOT_SHIFT = np.uint64(64 - _SLOT_BITS)


def stack_events(
    held: Spoken, old: Mask, told: Told, newest_us: int, last_line: int, *, torn: bool
) -> Stacked:
    """The events of rows that are held and of those of a block that may hold Python's text.

    An event may go on if a line of its stream that comes later could join it. Rows of a block that
    are events by themselves, of a kind that makes no stack, are neither whole nor open. What is
    given is good until other loops of the kernel are called.

    Args:
        held: rows of blocks before; all rows tell `wordings.WORDING`.
        old: which of them are held for too long.
        told: of the lines of the block.
        newest_us: when the block ends, NO_TIME where nothing tells; later lines are written later.
        last_line: the number of the block's last line.
        torn: whether there may be pieces of torn lines in the block, which the kernel cannot mend.
    """
    torn = torn or bool(WORDING.holds(held.tells, "piece").any())
    kernel = kernels.loaded() if len(told.message) >= WORTH and not torn else None
    found = None
    if kernel is not None:
        ends = newest_us, last_line
        found = kernel.stacks(held, old, told, _TELLS, RULES, GAPS_US, RAW_LINES, ends)
    return _plainly(held, old, told, newest_us, last_line) if found is None else found


def signs_together(signs: NDArray[np.uint64], start: Ints) -> NDArray[np.uint64]:
    """One number for each event: equal where its rows have the same signs in the same order.

    Args:
        signs: of rows, those of one event behind each other.
        start: where each event begins among them.
    """
    place = np.arange(len(signs)) - np.repeat(start, np.diff(start, append=len(signs)))
    mixed = (signs + place.astype(np.uint64) * _ODD) * _SPREAD
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _ODD
    together: NDArray[np.uint64] = np.add.reduceat(mixed ^ (mixed >> np.uint64(32)), start)
    return together


def rows_together(starts: Ints, some: Ints) -> tuple[Ints, Ints]:
    """Rows of which all of each event are there, sorted by event, and where each event begins.

    Args:
        starts: for each row, 2**32 at most, the first one of its event.
        some: which rows, rising.
    """
    # One sort of numbers takes a fraction of a stable sort of places.
    packed = starts[some].astype(np.int64) << 32 | some
    packed.sort()
    start = packed >> 32
    new = np.ones(len(packed), np.bool_)
    np.not_equal(start[1:], start[:-1], out=new[1:])
    return packed & 0xFFFFFFFF, np.flatnonzero(new)


def wholes_among(rows: Spoken, kind: NDArray[np.int8], starts: Ints, some: Ints) -> Wholes:
    """What is known of whole events.

    Args:
        rows: all rows.
        kind: of each.
        starts: the first row of the event of each.
        some: the rows of these events, rising.
    """
    row, start = rows_together(starts, some)
    if not len(row):
        none, masks = np.zeros(0, np.int32), np.zeros(0, np.bool_)
        return Wholes(none, none, masks, masks, np.zeros(0, np.uint64))
    final = among(kind[row], *RAISED) & (starts[row] != row)
    return Wholes(
        row[start].astype(np.int32),
        np.diff(start, append=len(row)).astype(np.int32),
        np.logical_or.reduceat(final, start),
        np.logical_or.reduceat(WORDING.holds(rows.tells[row], "flagged"), start),
        signs_together(rows.sign[row], start),
    )


def _spoken(told: Told, at: NDArray[np.int32]) -> Spoken:
    """Rows of a block at some places."""
    message, writer = told.message[at], told.writer[at]
    client = np.where(told.addressed[at], told.asking[at], np.uint64(0))
    return Spoken(
        (told.thread[writer] ^ client) * ODD,  # as `grouping.wat` does
        told.words[message],
        told.signs[message],
        told.us[at],
        told.numbers[at] + told.first_line,
        told.raw[writer],
    )


def _plainly(
    held_rows: Spoken, old_rows: Mask, told: Told, newest_us: int, last_line: int
) -> Stacked:
    """The same without the kernel."""
    at = np.flatnonzero(told.python[told.message]).astype(np.int32)
    here = _spoken(told, at)
    rows = Spoken(
        np.append(held_rows.stream, here.stream),
        np.append(held_rows.tells, here.tells),
        np.append(held_rows.sign, here.sign),
        np.append(held_rows.us, here.us),
        np.append(held_rows.line, here.line),
        np.append(held_rows.raw, here.raw),
    )
    held = np.arange(len(rows.stream)) < len(old_rows)
    us = np.where(rows.us == NO_TIME, 0, rows.us)
    piece = WORDING.number(rows.tells, "piece").astype(np.int8)
    kind = mended(kinds_of(rows.tells), piece, rows.stream, us)
    near = ~rows.raw | (~held & (rows.line > last_line - RAW_LINES))
    late = (rows.us == NO_TIME) | (rows.us > max(newest_us, 0) - STACK_GAP_US)
    stacks = WORDING.holds(rows.tells, "stacks") | (late & near & (kind != Kind.PLAIN)) | held
    some = np.flatnonzero(_in_streams(rows.stream, stacks))
    starts = np.arange(len(held))
    final = among(kind, *RAISED)
    starts[some] = some[
        event_starts(
            kind[some],
            (final & WORDING.holds(rows.tells, "syntax"))[some],
            (final & WORDING.holds(rows.tells, "opens"))[some],
            rows.stream[some],
            us[some],
            rows.line[some],
            rows.raw[some],
        )
    ]
    order = together(rows.stream[some])
    stream = rows.stream[some][order]
    last = np.ones(len(order), np.bool_)
    np.not_equal(stream[1:], stream[:-1], out=last[:-1])
    ends = some[order[last]]
    lately = (us == 0) | (newest_us - us < STACK_GAP_US)
    # A line that is plain by itself may be part of what a crash prints, which goes on.
    goes_on = ((kind != Kind.PLAIN) | (starts != np.arange(len(held)))) & lately & near
    alive = np.zeros(len(held), np.bool_)
    alive[starts[ends[goes_on[ends]]]] = True
    alive[starts[: len(old_rows)][old_rows]] = False
    still = alive[starts]
    whole = ((np.bincount(starts, minlength=len(held))[starts] > 1) | stacks) & ~still
    alone = np.ones(len(told.message), np.bool_)
    alone[at[(whole | still)[len(old_rows) :]]] = False
    wholes = wholes_among(rows, kind, starts, np.flatnonzero(whole))
    return Stacked(rows, at, starts.astype(np.int32), kind, still, alone, wholes)


def _in_streams(stream: NDArray[np.uint64], some: Mask) -> Mask:
    """Rows of streams of which there are some, and a few others: they come out as they are."""
    slot = (stream >> _SLOT_SHIFT).view(np.int64)
    marked = np.zeros(1 << _SLOT_BITS, np.bool_)
    marked[slot[some]] = True
    return marked.take(slot)
