"""Folding: take rows of lines in file order, put the event each belongs to beside it.

The lines of one traceback are written one by one, between those of other processes and threads.
They share a stream: file, pid, tid and client. Inside a stream a line joins the one before by what
both are (see `kinds`), so all of it is done on whole columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logtool.events.kinds import Kind, is_syntax_error, kinds, unscripted
from logtool.events.python_levels import has_level

#: Modules whose lines may hold Python's text; an empty or missing module too.
PYTHON_MODULES = ("wsgi", "cgi", "cgid", "")

#: A head and what follows it are written at once, up to a switch of threads.
_HEAD_GAP_US = 1_000_000
#: More lines of an exception's text follow within this time: one write, cut at its line breaks.
_TEXT_GAP_US = 50_000
#: Two lines further apart than this are never one stack.
_STACK_GAP_US = 5_000_000
#: Lines without process and time belong together only when they are this near in the file.
_RAW_LINES = 20

#: Rows of the neighbouring batches in which an event may go on.
CONTEXT = 5000
#: Rows that are folded together.
_ROWS_AT_ONCE = 100_000

_STREAM = ("file", "pid", "tid", "client")
_OPEN_TEXT = r"(?:validation errors? for .*|[:(\[{,])$"

Kinds = NDArray[np.int8]
Mask = NDArray[np.bool_]


def fold(lines: pl.DataFrame) -> pl.DataFrame:
    """The same rows with `row`, `kind` (Int8 of `Kind`) and `event`.

    Args:
        lines: rows in file order with `file`, `line`, `utc`, `pid`, `tid`, `client`, `module` and
            `message`; a `row` (Int64, rising) is kept, or made.

    Returns:
        `event` is the `row` of the event's first line, so a line alone is its own event.
    """
    if "row" not in lines.columns:
        lines = lines.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("row"))
    module = pl.col("module")
    eligible = lines.select(
        (module.is_null() | module.is_in(PYTHON_MODULES)) & pl.col("message").is_not_null()
    ).to_series()
    kind = np.zeros(lines.height, np.int8)
    event = lines["row"].to_numpy().copy()
    places = eligible.arg_true().to_numpy()
    if len(places):
        asked = lines.filter(eligible)
        kind[places] = kinds(asked["message"])
        some = _in_stacked_streams(asked, kind[places])
        stacked = places[some.to_numpy()]
        event[stacked], kind[stacked] = _events(asked.filter(some), kind[stacked])
    return lines.with_columns(pl.Series("kind", kind), pl.Series("event", event))


def _in_stacked_streams(lines: pl.DataFrame, kind: Kinds) -> pl.Series:
    """Which lines are in a stream that holds more than plain lines: few, mostly."""
    stream = lines.select(_stream_number()).to_series()
    plain = _among(kind, Kind.PLAIN, Kind.FINAL, Kind.BLANK, Kind.INDENTED, Kind.MARGIN)
    return stream.is_in(stream.filter(pl.Series(~plain)).unique().implode())


def fold_batches(batches: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Fold batch after batch; every event comes whole.

    Rows of an event that may still go on are held back and come first in the next batch, so rows
    leave in file order only within one batch. What is held is bounded: the last event of each
    stream that spoke in the last seconds.
    """
    held: pl.DataFrame | None = None
    next_row = 0
    for batch in _merged(batches):
        fresh = batch.with_columns(
            pl.int_range(next_row, next_row + batch.height, dtype=pl.Int64).alias("row")
        )
        next_row += batch.height
        folded = fold(fresh if held is None else pl.concat([held, fresh]))
        still_open = _still_open(folded)
        whole = folded.filter(~still_open)
        if whole.height:
            yield whole
        held = folded.filter(still_open).select(fresh.columns)
    if held is not None and held.height:
        yield fold(held)


def fold_around(batches: Iterable[pl.DataFrame], asked: pl.Expr) -> Iterator[pl.DataFrame]:
    """Fold only what is near the lines that are asked for: much faster where they are few.

    Args:
        batches: as for `fold`, with `row`; lines that share no stream with a line asked for, or
            are more than CONTEXT rows away from it, may be missing.
        asked: whether a line is asked for.

    Yields:
        The whole events of those lines, each event once. An event is whole if its lines are within
        CONTEXT rows of each other's batch; that bounds what is held.
    """
    known: frozenset[int] = frozenset()
    for rows, start, stop in _windows(_merged(batches)):
        inside = (pl.col("row") >= start) & (pl.col("row") < stop)
        hits = rows.select(asked & inside).to_series()
        if not hits.any():
            known = frozenset()
            continue
        stream = rows.select(_stream_number()).to_series()
        near = fold(rows.filter(stream.is_in(stream.filter(hits).unique().implode())))
        events = frozenset(near.filter(asked & inside)["event"].to_list())
        yield near.filter(pl.col("event").is_in(list(events - known)))
        known = events


def _windows(
    batches: Iterable[pl.DataFrame],
) -> Iterator[tuple[pl.DataFrame, int, int]]:
    """Each batch with some rows of its neighbours, and the first and last row of its own."""
    before = here = None
    for after in batches:
        if here is not None:
            yield _window(before, here, after)
        before, here = here, after
    if here is not None:
        yield _window(before, here, None)


def _window(
    before: pl.DataFrame | None, here: pl.DataFrame, after: pl.DataFrame | None
) -> tuple[pl.DataFrame, int, int]:
    start = here["row"][0]
    parts = [here]
    if before is not None:
        parts.insert(0, before.tail(CONTEXT))
    if after is not None:
        parts.append(after.head(CONTEXT))
    return pl.concat(parts), start, here["row"][-1] + 1


def _merged(batches: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Larger batches: folding costs the same for one row and for thousands."""
    waiting: list[pl.DataFrame] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.height
        if rows >= _ROWS_AT_ONCE:
            yield pl.concat(waiting)
            waiting, rows = [], 0
    if rows:
        yield pl.concat(waiting)


def _still_open(folded: pl.DataFrame) -> pl.Series:
    """Which rows belong to an event that a later line could join."""
    last = folded.group_by(_STREAM).agg(
        pl.col("event").last(), pl.col("kind").last(), pl.col("utc").last(), pl.col("line").last()
    )
    newest = folded["utc"].max()
    if newest is None:
        spoke_lately = pl.lit(value=True)
    else:
        spoke_lately = pl.col("utc").is_null() | (
            pl.lit(newest) - pl.col("utc") < pl.duration(microseconds=_STACK_GAP_US)
        )
    near_end = pl.col("pid").is_not_null() | (pl.col("line") > folded["line"][-1] - _RAW_LINES)
    alive = last.filter((pl.col("kind") != Kind.PLAIN) & spoke_lately & near_end)
    tail = folded.height - 200_000
    return folded.select(
        pl.col("event").is_in(alive["event"].implode()) & (pl.int_range(pl.len()) >= tail)
    ).to_series()


def _events(lines: pl.DataFrame, kind: Kinds) -> tuple[NDArray[np.int64], Kinds]:
    """For each line its event and its kind, where a printed level makes it a head."""
    message = pl.col("message")
    talks = _among(kind, Kind.PLAIN, Kind.FINAL)
    levelled = _where(lines, talks, has_level(unscripted(message)))
    kind = np.where(levelled, Kind.PYTHON_HEAD, kind).astype(np.int8)
    final = kind == Kind.FINAL
    syntax = _where(lines, final, is_syntax_error(message))
    opens = _where(lines, final, message.str.contains(_OPEN_TEXT))
    stream = lines.select(_stream_number()).to_series().to_numpy()
    order = np.argsort(stream, kind="stable")
    starts = _event_starts(
        kind[order], _Gaps.of(lines, stream[order], order), syntax[order], opens[order]
    )
    event = np.empty(len(order), np.int64)
    event[order] = lines["row"].to_numpy()[order][starts]
    return event, kind


def _stream_number() -> pl.Expr:
    """One number for each stream; two streams share one as good as never."""
    return pl.struct(_STREAM).hash().alias("stream")


def _where(lines: pl.DataFrame, asked: Mask, test: pl.Expr) -> Mask:
    """Whether the test holds, asked only on some lines."""
    answer = np.zeros(len(asked), bool)
    answer[asked] = lines.filter(pl.Series(asked)).select(test).to_series().to_numpy()
    return answer


class _Gaps:
    """How each sorted row follows the one before in its stream."""

    def __init__(self, new: Mask, gap_us: NDArray[np.int64]) -> None:
        self.new = new
        self.gap_us = gap_us

    @classmethod
    def of(cls, lines: pl.DataFrame, stream: NDArray[np.uint64], order: NDArray[np.int64]) -> _Gaps:
        line = lines["line"].to_numpy()[order]
        raw = lines["pid"].is_null().to_numpy()[order]
        us = lines["utc"].dt.epoch("us").fill_null(0).to_numpy()[order]
        new = np.ones(len(order), bool)
        new[1:] = stream[1:] != stream[:-1]
        new[1:] |= raw[1:] & (line[1:] - line[:-1] > _RAW_LINES)
        gap = np.zeros(len(order), np.int64)
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
        anchors = finals | _among(kinds, Kind.FATAL, Kind.MARGIN)
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


def _among(kinds: Kinds, *some: Kind) -> Mask:
    table = np.zeros(256, bool)
    table[list(some)] = True
    answer: Mask = table[kinds.astype(np.uint8)]
    return answer


#: (kind of the line, kinds of the line before that it joins)
_JOINS = (
    (
        Kind.FRAME,
        *(Kind.HEADER, Kind.FRAME, Kind.INDENTED, Kind.EXCEPTION_HEAD, Kind.STACK_HEAD),
        *(Kind.THREAD, Kind.FATAL, Kind.LINK, Kind.MARGIN),
    ),
    (
        Kind.INDENTED,
        *(Kind.HEADER, Kind.FRAME, Kind.INDENTED, Kind.FATAL, Kind.THREAD, Kind.MARGIN),
    ),
    (Kind.MARGIN, Kind.HEADER, Kind.MARGIN, Kind.FRAME, Kind.INDENTED),
    (
        Kind.LINK,
        *(Kind.BLANK, Kind.FINAL, Kind.INDENTED, Kind.CONTINUATION, Kind.FRAME, Kind.MARGIN),
    ),
    (Kind.BLANK, Kind.LINK, Kind.FATAL),
    (Kind.DUMPED, Kind.DUMP_HEAD, Kind.DUMPED),
    (Kind.THREAD, Kind.BLANK, Kind.FATAL, Kind.FRAME, Kind.INDENTED),
    (Kind.HEADER, Kind.EXCEPTION_HEAD, Kind.LINK, Kind.PYTHON_HEAD),
    (Kind.EXCEPTION_HEAD, Kind.EXCEPTION_HEAD),
    (Kind.FATAL, Kind.INDENTED, Kind.FATAL),
)


def _join_stacks(kinds: Kinds, gaps: _Gaps) -> Mask:
    """Joins that two neighbouring lines of a stream decide by themselves."""
    before = _before(kinds, gaps.new)
    joined = np.zeros(len(kinds), bool)
    for this, *previous in _JOINS:
        joined |= (kinds == this) & _among(before, *previous)
    joined |= (
        (kinds == Kind.HEADER) & (before == Kind.BLANK) & (_before(kinds, gaps.new, 2) == Kind.LINK)
    )
    heads = _among(before, Kind.EXCEPTION_HEAD, Kind.PYTHON_HEAD, Kind.STACK_HEAD)
    in_time = gaps.gap_us <= np.where(heads, _HEAD_GAP_US, _STACK_GAP_US)
    return joined & in_time


def _run_starts(joined: Mask) -> NDArray[np.int64]:
    index = np.arange(len(joined))
    starts: NDArray[np.int64] = np.maximum.accumulate(np.where(joined, 0, index))
    return starts


def _holds(kinds: Kinds, starts: NDArray[np.int64], *some: Kind) -> Mask:
    """For each row whether its run holds one of these kinds up to here."""
    last = np.maximum.accumulate(np.where(_among(kinds, *some), np.arange(len(kinds)), -1))
    answer: Mask = last >= starts
    return answer


def _join_finals(kinds: Kinds, gaps: _Gaps, starts: NDArray[np.int64], syntax: Mask) -> Mask:
    """`Type: text` after the frames of a traceback, or right after mod_wsgi's head."""
    before = _before(kinds, gaps.new)
    raised = _holds(kinds, starts, Kind.HEADER, Kind.EXCEPTION_HEAD)
    raised_before = np.zeros(len(kinds), bool)
    raised_before[1:] = raised[:-1]
    after_stack = _among(before, Kind.FRAME, Kind.INDENTED, Kind.HEADER)
    after_head = (before == Kind.EXCEPTION_HEAD) & (gaps.gap_us <= _HEAD_GAP_US)
    in_time = gaps.gap_us <= _STACK_GAP_US
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
    headed = _holds(kinds, starts, Kind.EXCEPTION_HEAD, Kind.FATAL) & anchors
    trusted = np.maximum.accumulate(np.where(anchors & (headed | opens), index, -1))
    anchor = np.maximum.accumulate(np.where(anchors, index, -1))
    shows = _among(kinds, Kind.BLANK, Kind.INDENTED, Kind.CONTINUATION)
    talks = _among(kinds, Kind.PLAIN, Kind.FINAL) & (trusted == anchor)
    goes_on = (shows | talks) & ~gaps.new & (gaps.gap_us <= _TEXT_GAP_US) & ~anchors
    stops = np.maximum.accumulate(np.where(goes_on | anchors, -1, index))
    answer: Mask = goes_on & (anchor > stops)
    return answer


def _unfold_plain(kinds: Kinds, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Take runs apart that hold no stack: indented text that an application printed."""
    stack = _among(
        kinds, Kind.HEADER, Kind.FRAME, Kind.DUMPED, Kind.FATAL, Kind.EXCEPTION_HEAD, Kind.THREAD
    )
    holds = np.zeros(len(kinds), bool)
    holds[starts[stack]] = True
    answer: NDArray[np.int64] = np.where(holds[starts], starts, np.arange(len(kinds)))
    return answer
