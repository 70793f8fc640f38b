"""Joining: takes what each line of a stream is, says in which line's event it is.

All is done on whole columns, sorted by stream; see `folding` for what a stream is.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from logtool.events.kinds import INDENTED, MARGINS, TALK, Kind
from parsers.arrays import Mask
from parsers.compiled import kernel as kernels
from parsers.compiled.rows import Looks
from parsers.units import SECOND

#: Compiled loops are for so many rows: to compile them takes as long as numpy for 50 times as many.
WORTH = 2_000

#: A head and what follows it are written at once, up to a switch of threads.
_HEAD_GAP_US = SECOND
#: More lines of an exception's text follow within this time: one write, cut at its line breaks.
_TEXT_GAP_US = 50_000
#: Two lines further apart than this are never one stack.
STACK_GAP_US = 5_000_000
#: The same for the kernel.
GAPS_US = _HEAD_GAP_US, _TEXT_GAP_US, STACK_GAP_US
#: What `Looks.says` of a line: it ends a SyntaxError, says that more text follows, has no pid.
_SYNTAX, _OPENS, _RAW = np.uint8(1), np.uint8(2), np.uint8(4)
#: Lines without process and time belong together only when they are this near in the file.
RAW_LINES = 20

Kinds = NDArray[np.int8]


def event_starts(
    kind: Kinds,
    syntax: Mask,
    opens: Mask,
    stream: NDArray[np.uint64],
    us: NDArray[np.int64],
    line: NDArray[np.int64],
    raw: Mask,
) -> NDArray[np.int64]:
    """For each row, in file order, the index of the first row of its event.

    Args:
        kind: int8[n] of `Kind`; PYTHON_HEAD where a line that talks has a level of Python's.
        syntax: whether a FINAL line ends a SyntaxError.
        opens: whether a FINAL line says that more text follows.
        stream: one number for each file, pid, tid and client.
        us: the instant, microseconds UTC; 0 where it is not known.
        line: its number in its file.
        raw: it has no pid.
    """
    says = syntax.astype(np.uint8) * _SYNTAX
    says += opens * _OPENS
    says += raw * _RAW
    rows = Looks(stream, kind, says, us, line.astype(np.int64, copy=False))
    kernel = kernels.loaded() if len(kind) >= WORTH else None
    if kernel is not None:
        starts = kernel.events(rows, RULES, GAPS_US, RAW_LINES)
        if starts is not None:
            return starts.astype(np.int64)
    return _plainly(rows)


def _plainly(rows: Looks) -> NDArray[np.int64]:
    """The same without the kernel."""
    order = together(rows.stream)
    says = rows.says[order]
    syntax, opens, raw = (says & one != 0 for one in (_SYNTAX, _OPENS, _RAW))
    gaps = _Gaps.of(rows.stream[order], rows.us[order], rows.line[order], raw)
    starts = _event_starts(rows.kind[order], gaps, syntax, opens)
    answer = np.empty(len(order), np.int64)
    answer[order] = order[starts]
    return answer


def together(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Rows in an order in which those of one key stand together, in their order.

    Well mixed keys differ in their high bits: the low ones make room for the row, so that one sort
    of numbers does both, several times as fast as a stable sort of places.
    """
    below = np.uint64((1 << len(keys).bit_length()) - 1)
    packed = (keys & ~below) | np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    order = (packed & below).view(np.int64)
    sorted_ = keys.take(order)
    new = np.flatnonzero(sorted_[1:] != sorted_[:-1])
    if np.any(((sorted_[new + 1] ^ sorted_[new]) & ~below) == 0):
        return np.argsort(keys, kind="stable")
    return order


def near_some(stream: NDArray[np.uint64], us: NDArray[np.int64], some: Mask) -> Mask:
    """Which rows may share an event with some of them: no long pause of their stream is between.

    Others need not be there to find the events of those: what is next to a pause is among them on
    both sides, lest lines that were far from each other seem near.

    Args:
        stream: one number for each file, pid, tid and client, in file order.
        us: the instant, microseconds UTC; 0 where it is not known.
        some: those that are asked for.
    """
    order = together(stream)
    sorted_ = stream[order]
    begins = np.ones(len(order), bool)
    np.greater(np.abs(np.diff(us[order])), STACK_GAP_US, out=begins[1:])
    begins[1:] |= sorted_[1:] != sorted_[:-1]
    ends = np.append(begins[1:], True)
    part = np.cumsum(begins)
    held = np.zeros(len(order) + 2, bool)
    held[part[some[order]]] = True
    near = np.zeros(len(order), bool)
    near[order] = held.take(part) | (begins & held.take(part - 1)) | (ends & held.take(part + 1))
    return near


class _Gaps:
    """How each sorted row follows the one before in its stream."""

    def __init__(self, new: Mask, gap_us: NDArray[np.int64]) -> None:
        self.new = new
        self.gap_us = gap_us

    @classmethod
    def of(
        cls,
        stream: NDArray[np.uint64],
        us: NDArray[np.int64],
        line: NDArray[np.int64],
        raw: Mask,
    ) -> _Gaps:
        new = np.ones(len(stream), bool)
        new[1:] = stream[1:] != stream[:-1]
        new[1:] |= raw[1:] & (line[1:] - line[:-1] > RAW_LINES)
        gap = np.zeros(len(stream), np.int64)
        gap[1:] = np.abs(us[1:] - us[:-1])
        return cls(new, gap)


def _event_starts(kinds: Kinds, gaps: _Gaps, syntax: Mask, opens: Mask) -> NDArray[np.int64]:
    """For each sorted row the index of the first row of its event."""
    if not len(kinds):
        return np.zeros(0, np.int64)
    joined = _join_stacks(kinds, gaps)
    while True:
        starts = _run_starts(joined)
        finals = _join_finals(kinds, gaps, starts, syntax)
        grown = joined | finals
        anchors = finals | among(kinds, *_ANCHORS)
        grown |= _join_texts(kinds, gaps, _run_starts(grown), anchors, opens)
        if np.array_equal(grown, joined):
            break
        joined = grown
    return _unfold_plain(kinds, starts)


def _before(kinds: Kinds, new: Mask, steps: int = 1) -> Kinds:
    """The kind of the row before in the same stream, -1 where there is none."""
    before = np.full(len(kinds), -1, np.int8)
    before[steps:] = kinds[:-steps] if steps < len(kinds) else []
    for step in range(steps):
        fresh = np.flatnonzero(new) + step
        before[fresh[fresh < len(kinds)]] = -1
    return before


def among(kinds: Kinds, *some: Kind) -> Mask:
    """Which of these are one of some kinds."""
    return _table_of(some).take(kinds.view(np.uint8))


@cache
def _table_of(some: tuple[Kind, ...]) -> Mask:
    """For each byte whether it is one of some kinds."""
    table = np.zeros(256, bool)
    table[list(some)] = True
    return table


#: (kind of the line, kinds of the line before that it joins)
_JOINS = (
    (
        Kind.FRAME,
        *(Kind.HEADER, Kind.FRAME, *INDENTED, Kind.EXCEPTION_HEAD, Kind.STACK_HEAD),
        *(Kind.THREAD, Kind.FATAL, Kind.LINK, Kind.PIECE, *MARGINS),
    ),
    *(
        (
            indented,
            *(Kind.HEADER, Kind.FRAME, *INDENTED, Kind.FATAL, Kind.PATHS, Kind.THREAD),
            *MARGINS,
        )
        for indented in INDENTED
    ),
    *((margin, Kind.HEADER, *MARGINS, Kind.FRAME, *INDENTED) for margin in MARGINS),
    (
        Kind.LINK,
        *(Kind.BLANK, Kind.FINAL, *INDENTED, Kind.CONTINUATION, Kind.FRAME, *MARGINS),
    ),
    # faulthandler writes an empty line before each thread but the first one of a dump (traceback.c,
    # _Py_DumpTracebackThreads), and no source under its frames.
    (Kind.BLANK, Kind.LINK, Kind.FATAL, Kind.FRAME),
    (Kind.DUMPED, Kind.DUMP_HEAD, Kind.DUMPED),
    (Kind.THREAD, Kind.BLANK, Kind.FATAL),
    (Kind.HEADER, Kind.EXCEPTION_HEAD, Kind.LINK, Kind.PYTHON_HEAD),
    (Kind.EXCEPTION_HEAD, Kind.EXCEPTION_HEAD),
    (
        Kind.PIECE,
        *(Kind.EXCEPTION_HEAD, Kind.PYTHON_HEAD, Kind.HEADER, Kind.FRAME, Kind.FINAL),
        *(Kind.PIECE, Kind.VALUE, Kind.END),
    ),
    (Kind.VALUE, Kind.FINAL, Kind.VALUE),
    (Kind.END, Kind.FINAL, Kind.VALUE, Kind.PIECE),
    # Not behind what is only indented: a dump of threads, which ends the crash of another process.
    (Kind.FATAL, Kind.PATHS, Kind.SETTING),
)


#: What else tells which lines are joined; see where they are used.
_HEADS = (Kind.EXCEPTION_HEAD, Kind.PYTHON_HEAD, Kind.STACK_HEAD)
_STACK_ENDS = (Kind.FRAME, *INDENTED, Kind.HEADER, Kind.PIECE)
_RAISED = (Kind.HEADER, Kind.EXCEPTION_HEAD, Kind.PIECE)
_HEADED = (Kind.EXCEPTION_HEAD, Kind.FATAL, Kind.PATHS)
_ANCHORS = (Kind.FATAL, Kind.PATHS, *MARGINS)
_SHOWS = (Kind.BLANK, *INDENTED, Kind.CONTINUATION)
_STACKED = (
    Kind.HEADER, Kind.FRAME, Kind.DUMPED, Kind.FATAL, Kind.PATHS, Kind.EXCEPTION_HEAD, Kind.THREAD,
    Kind.PIECE,
)  # fmt: skip

#: The same: whether a line of the kind of its row joins one of the kind of its column; the last is
#: that of no line.
_KINDS = 32
_JOINED = np.zeros((_KINDS, _KINDS), bool)
for _this, *_previous in _JOINS:
    _JOINED[_this, list(_previous)] = True

#: All of it for the kernel: of each kind, which ones before it, and which of these it is one of.
_SETS = (
    *(_RAISED, _HEADED, _ANCHORS, _STACKED, (Kind.FINAL,), _SHOWS, TALK, (Kind.HEADER,)),
    *((Kind.BLANK,), (Kind.LINK,), _HEADS, _STACK_ENDS, (Kind.EXCEPTION_HEAD,)),
)
RULES = np.array(
    [
        (
            sum(1 << int(before) for before in np.flatnonzero(_JOINED[kind])),
            sum(1 << place for place, some in enumerate(_SETS) if kind in some),
        )
        for kind in range(_KINDS)
    ],
    np.uint32,
).ravel()


def _join_stacks(kinds: Kinds, gaps: _Gaps) -> Mask:
    """Joins that two neighbouring lines of a stream decide by themselves."""
    before = _before(kinds, gaps.new)
    joined = _JOINED.ravel().take((kinds.astype(np.int16) << 5) + (before & (_KINDS - 1)))
    joined |= (
        (kinds == Kind.HEADER) & (before == Kind.BLANK) & (_before(kinds, gaps.new, 2) == Kind.LINK)
    )
    heads = among(before, *_HEADS)
    in_time = gaps.gap_us <= np.where(heads, _HEAD_GAP_US, STACK_GAP_US)
    return joined & in_time


def _run_starts(joined: Mask) -> NDArray[np.int64]:
    index = np.arange(len(joined))
    starts: NDArray[np.int64] = np.maximum.accumulate(np.where(joined, 0, index))
    return starts


def _holds(kinds: Kinds, starts: NDArray[np.int64], *some: Kind) -> Mask:
    """For each row whether its run holds one of these kinds up to here."""
    last = np.maximum.accumulate(np.where(among(kinds, *some), np.arange(len(kinds)), -1))
    answer: Mask = last >= starts
    return answer


def _join_finals(kinds: Kinds, gaps: _Gaps, starts: NDArray[np.int64], syntax: Mask) -> Mask:
    """`Type: text` after the frames of a traceback, or right after mod_wsgi's head."""
    before = _before(kinds, gaps.new)
    raised = _holds(kinds, starts, *_RAISED)
    raised_before = np.zeros(len(kinds), bool)
    raised_before[1:] = raised[:-1]
    after_stack = among(before, *_STACK_ENDS)
    after_head = (before == Kind.EXCEPTION_HEAD) & (gaps.gap_us <= _HEAD_GAP_US)
    in_time = gaps.gap_us <= STACK_GAP_US
    final = kinds == Kind.FINAL
    answer: Mask = final & ((after_stack & (raised_before | syntax) & in_time) | after_head)
    return answer


def _join_texts(
    kinds: Kinds, gaps: _Gaps, starts: NDArray[np.int64], anchors: Mask, opens: Mask
) -> Mask:
    """More lines of an exception's text, until another kind of line or a pause."""
    index = np.arange(len(kinds))
    # After mod_wsgi's head nothing else can follow: the request is over. Elsewhere a line must show
    # that it goes on, for the application may print anything next.
    headed = _holds(kinds, starts, *_HEADED) & anchors
    trusted = np.maximum.accumulate(np.where(anchors & (headed | opens), index, -1))
    anchor = np.maximum.accumulate(np.where(anchors, index, -1))
    shows = among(kinds, *_SHOWS)
    talks = among(kinds, *TALK) & (trusted == anchor)
    goes_on = (shows | talks) & ~gaps.new & (gaps.gap_us <= _TEXT_GAP_US) & ~anchors
    stops = np.maximum.accumulate(np.where(goes_on | anchors, -1, index))
    answer: Mask = goes_on & (anchor > stops)
    return answer


def _unfold_plain(kinds: Kinds, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Take runs apart that hold no stack: indented text that an application printed."""
    stack = among(kinds, *_STACKED)
    holds = np.zeros(len(kinds), bool)
    holds[starts[stack]] = True
    answer: NDArray[np.int64] = np.where(holds[starts], starts, np.arange(len(kinds)))
    return answer
