"""Told: takes lines of a known LogFormat, gives their columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from parsers.access_log.log_format import Kind, LogFormat, Piece
from parsers.access_log.marks import Marks, Places, next_at
from parsers.access_log.numbers import (
    CALENDAR_END_S,
    calendar_days,
    fixed_number,
    month_number,
    number_between,
    offset_seconds,
)
from parsers.access_log.stamps import NOT_LOGGED, AccessStamps
from parsers.access_log.structure import find_brackets, read_clf
from parsers.arrays import Ints, Mask
from parsers.blocks import Block
from parsers.lines import NO_OFFSET, NO_PID, NO_TIME
from parsers.units import SECOND

Span = tuple[Places, Places]
#: Columns of whole moments, coarsest first, and the microseconds of their unit.
_EPOCHS = (("epoch_s", SECOND), ("epoch_ms", 1_000), ("epoch_us", 1))
#: Columns of fractions, coarsest first: digits, and the microseconds of the last digit.
_FRACTIONS = (("fraction_ms", 3, 1_000), ("fraction_us", 6, 1))
_EPOCH_DIGITS = {"epoch_s": 0, "epoch_ms": 3, "epoch_us": 6}
_DURATIONS = (("duration_s", SECOND), ("duration_ms", 1_000), ("duration_us", 1))


def read_told(block: Block, log_format: LogFormat) -> AccessStamps:
    """Read the lines of a block that `log_format` printed.

    A line that is not of this format is a row of nothing, counted as unreadable.
    """
    marks = Marks(block)
    spans, fits = _walk(marks, log_format.pieces)
    stamps = AccessStamps.empty(len(block))
    _fill_time(stamps, block.data, spans, fits)
    for column in ("request", "method", "path", "query", "log_id"):
        if column in spans:
            out = getattr(stamps, column)
            out.start[fits], out.end[fits] = (places[fits] for places in spans[column])
    for column in ("peer", "host", "client"):
        if column in spans:
            stamps.host.start[fits], stamps.host.end[fits] = (p[fits] for p in spans[column])
    stamps.status[fits] = _number(block.data, spans, "status", fits, 999, NOT_LOGGED)
    stamps.port[fits] = _number(block.data, spans, "port", fits, 0xFFFF, NOT_LOGGED)
    stamps.pid[fits] = _number(block.data, spans, "pid", fits, 1 << 32, NO_PID)
    for column, unit in _DURATIONS:
        if column in spans:
            duration = _number(block.data, spans, column, fits, 1 << 40, NOT_LOGGED)
            stamps.duration_us[fits] = np.where(duration >= 0, duration * unit, NOT_LOGGED)
    return stamps


def _number(
    data: NDArray[np.uint8],
    spans: dict[str, Span],
    column: str,
    fits: Mask,
    most: int,
    nothing: int,
) -> Ints:
    if column not in spans:
        return np.full(np.count_nonzero(fits), nothing, np.int64)
    start, end = spans[column]
    value = number_between(data, start[fits], end[fits])
    return np.where((value >= 0) & (value <= most), value, nothing)


def _walk(marks: Marks, pieces: Sequence[Piece]) -> tuple[dict[str, Span], Mask]:
    """Where each column stands on each line, and which lines the pieces fit to their end."""
    block = marks.block
    cursor = block.starts.copy()
    carriage_return = (block.ends > block.starts) & (
        block.data[np.maximum(block.ends - 1, 0)] == ord("\r")
    )
    limit = block.ends - carriage_return
    fits = np.ones(len(block), bool)
    spans: dict[str, Span] = {}
    for index, piece in enumerate(pieces):
        if piece.kind is Kind.LITERAL:
            fits &= _stands(block, cursor, piece.literal)
            end = cursor + len(piece.literal)
        elif piece.width is not None:
            end = cursor + piece.width
        else:
            end = _field_end(marks, pieces, index, cursor, limit)
        fits &= (end >= cursor) & (end <= limit)
        end = np.where(fits, end, cursor)
        name = "clf" if piece.kind is Kind.CLF else piece.column
        if name:
            spans[name] = (cursor, end)
        cursor = end
    return spans, fits & (cursor == limit)


def _stands(block: Block, at: Places, text: bytes) -> Mask:
    """Whether `text` stands at each place."""
    right = np.ones(len(at), bool)
    for ahead, byte in enumerate(text):
        right &= block.data[np.minimum(at + ahead, block.size)] == byte
    return right


def _field_end(
    marks: Marks, pieces: Sequence[Piece], index: int, cursor: Places, limit: Places
) -> Places:
    """Where a field of varying width ends, or -1."""
    if index + 1 == len(pieces):
        return limit
    behind = pieces[index + 1].literal
    before = pieces[index - 1].literal if index else b""
    if behind.startswith(b'"') and before.endswith(b'"'):
        return next_at(marks.quotes, cursor, limit)
    if index + 2 < len(pieces) and pieces[index + 2].kind is Kind.CLF:
        after = pieces[index + 3].literal if index + 3 < len(pieces) else b""
        return _end_before_time(marks, behind, after, cursor, limit)
    return next_at(marks.literal(behind), cursor, limit)


def _end_before_time(
    marks: Marks, between: bytes, after: bytes, cursor: Places, limit: Places
) -> Places:
    """Where a field ends that `between` and a bracketed time follow."""
    # A user's name may hold blanks and even a forged time, but no bare quote: the true time is the
    # one behind which the format goes on.
    block, brackets = marks.block, find_brackets(marks)
    at = brackets.at[_stands(block, brackets.end, after)]
    time = next_at(at, cursor + len(between), limit)
    end = np.where(time >= 0, time - len(between), -1)
    return np.where(_stands(block, np.maximum(end, 0), between), end, -1)


def _fill_time(
    stamps: AccessStamps, data: NDArray[np.uint8], spans: dict[str, Span], fits: Mask
) -> None:
    """Put together the line's moment from whatever pieces say it, the finest last."""
    rows = np.flatnonzero(fits)
    if "clf" in spans:
        at = spans["clf"][0][rows]
        epoch_us, offset, _, _, right = read_clf(data, at)
        stamps.epoch_us[rows[right]] = epoch_us[right]
        stamps.offset_s[rows[right]] = offset[right]
    elif {"year", "offset"} <= spans.keys():
        _fill_calendar(stamps, data, spans, rows)
    for column, unit in _EPOCHS:
        if column in spans:
            epoch = number_between(data, *(places[rows] for places in spans[column]))
            good = (epoch >= 0) & (epoch < CALENDAR_END_S * SECOND // unit)
            stamps.epoch_us[rows[good]] = epoch[good] * unit
            stamps.digits[rows[good]] = _EPOCH_DIGITS[column]
    for column, digits, unit in _FRACTIONS:
        if column in spans and not {"epoch_ms", "epoch_us"} & spans.keys():
            timed = rows[stamps.epoch_us[rows] != NO_TIME]
            fraction = fixed_number(data, spans[column][0][timed], digits)
            whole = stamps.epoch_us[timed] // SECOND * SECOND
            stamps.epoch_us[timed] = np.where(fraction >= 0, whole + fraction * unit, NO_TIME)
            stamps.digits[timed] = digits


def _fill_calendar(
    stamps: AccessStamps, data: NDArray[np.uint8], spans: dict[str, Span], rows: Ints
) -> None:
    def number(column: str, width: int) -> Ints:
        if column not in spans:
            return np.full(len(rows), -1, np.int64)
        return fixed_number(data, spans[column][0][rows], width)

    month = number("month", 2)
    if "month_name" in spans:
        month = month_number(data, spans["month_name"][0][rows])
    days, right = calendar_days(number("year", 4), month, number("day", 2))
    hour, minute, second = number("hour", 2), number("minute", 2), number("second", 2)
    offset, signed = offset_seconds(data, spans["offset"][0][rows])
    right &= signed & (hour >= 0) & (hour < 24) & (minute >= 0) & (minute < 60)
    right &= (second >= 0) & (second <= 60)
    epoch_s = days * 86_400 + hour * 3600 + minute * 60 + second - offset
    right &= epoch_s < CALENDAR_END_S
    stamps.epoch_us[rows[right]] = epoch_s[right] * SECOND
    stamps.offset_s[rows[right]] = offset[right]
    stamps.offset_s[rows[~right]] = NO_OFFSET
