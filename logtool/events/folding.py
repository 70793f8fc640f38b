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

from logtool.events.joining import RAW_LINES, STACK_GAP_US, Kinds, among, event_starts
from logtool.events.kinds import HARMLESS, Kind, is_syntax_error, kinds
from logtool.events.torn import mended, pieces
from logtool.frame.python_text import has_level, may_be_python, unscripted
from parsers.arrays import Mask

#: Rows of the neighbouring batches in which an event may go on.
CONTEXT = 5000
#: Rows that are folded together.
_ROWS_AT_ONCE = 100_000
#: The same where three times as many are held.
_ROWS_AROUND = 15_000

_STREAM = ("file", "pid", "tid", "client")
_OPEN_TEXT = r"(?:validation errors? for .*|[:(\[{,])$"


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
    eligible = lines.select(
        may_be_python(pl.col("module")) & pl.col("message").is_not_null()
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
    plain = among(kind, *HARMLESS)
    return stream.is_in(stream.filter(pl.Series(~plain)).unique().implode())


def fold_batches(
    batches: Iterable[pl.DataFrame], at_once: int = _ROWS_AT_ONCE
) -> Iterator[pl.DataFrame]:
    """Fold batch after batch, or so many rows at once; every event comes whole.

    Rows of an event that may still go on are held back and come first in the next batch, so rows
    leave in file order only within one batch. What is held is bounded: the last event of each
    stream that spoke in the last seconds.
    """
    held: pl.DataFrame | None = None
    next_row = 0
    for batch in _merged(batches, at_once):
        fresh = batch
        if "row" not in batch.columns:
            numbers = pl.int_range(next_row, next_row + batch.height, dtype=pl.Int64)
            fresh = batch.with_columns(numbers.alias("row"))
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
    for rows, start, stop in _windows(_merged(batches, _ROWS_AROUND)):
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


def _merged(batches: Iterable[pl.DataFrame], at_once: int) -> Iterator[pl.DataFrame]:
    """Larger batches: folding costs the same for one row and for thousands."""
    waiting: list[pl.DataFrame] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.height
        if rows >= at_once:
            yield pl.concat(waiting)
            waiting, rows = [], 0
    if rows:
        yield pl.concat(waiting)


def _still_open(folded: pl.DataFrame) -> pl.Series:
    """Which rows belong to an event that a later line could join."""
    last = folded.group_by(_STREAM).agg(
        pl.col("event").last(), pl.col("kind").last(), pl.col("utc").last(),
        pl.col("line").last(), pl.col("row").last(),
    )  # fmt: skip
    newest = folded["utc"].max()
    if newest is None:
        spoke_lately = pl.lit(value=True)
    else:
        spoke_lately = pl.col("utc").is_null() | (
            pl.lit(newest) - pl.col("utc") < pl.duration(microseconds=STACK_GAP_US)
        )
    near_end = pl.col("pid").is_not_null() | (pl.col("line") > folded["line"][-1] - RAW_LINES)
    # A line that is plain by itself may be part of what a crash prints, which goes on.
    goes_on = (pl.col("kind") != Kind.PLAIN) | (pl.col("event") != pl.col("row"))
    alive = last.filter(goes_on & spoke_lately & near_end)
    tail = folded.height - 200_000
    return folded.select(
        pl.col("event").is_in(alive["event"].implode()) & (pl.int_range(pl.len()) >= tail)
    ).to_series()


def _events(lines: pl.DataFrame, kind: Kinds) -> tuple[NDArray[np.int64], Kinds]:
    """For each line its event and its kind, where a printed level makes it a head."""
    message = pl.col("message")
    talks = among(kind, Kind.PLAIN, Kind.FINAL)
    levelled = _where(lines, talks, has_level(unscripted(message)))
    stream = lines.select(_stream_number()).to_series().to_numpy()
    us = lines["utc"].dt.epoch("us").fill_null(0).to_numpy()
    kind = np.where(levelled, Kind.PYTHON_HEAD, kind).astype(np.int8)
    kind = mended(kind, pieces(lines["message"]), stream, us)
    final = kind == Kind.FINAL
    syntax = _where(lines, final, is_syntax_error(message))
    opens = _where(lines, final, opens_text(message))
    starts = event_starts(
        kind,
        syntax,
        opens,
        stream,
        us,
        lines["line"].to_numpy(),
        lines["pid"].is_null().to_numpy(),
    )
    return lines["row"].to_numpy()[starts], kind


def opens_text(message: pl.Expr) -> pl.Expr:
    """Whether an exception's last line says that more text follows."""
    return message.str.contains(_OPEN_TEXT)


def _stream_number() -> pl.Expr:
    """One number for each stream; two streams share one as good as never."""
    return pl.struct(_STREAM).hash().alias("stream")


def _where(lines: pl.DataFrame, asked: Mask, test: pl.Expr) -> Mask:
    """Whether the test holds, asked only on some lines."""
    answer = np.zeros(len(asked), bool)
    answer[asked] = lines.filter(pl.Series(asked)).select(test).to_series().to_numpy()
    return answer
