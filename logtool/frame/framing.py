"""Framing: takes lines of a block, gives columns of theirs as one frame."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logtool.frame.columns import CONFIDENCE, LEVEL, SCHEMA
from logtool.frame.lines import Lines, level_codes
from logtool.frame.python_text import levels_of, may_be_python
from logtool.frame.texts import strings
from logtool.writing.stamps import in_calendar
from parsers.blocks import Block
from parsers.lines import NO_OFFSET, NO_PID, NO_TIME, Spans
from parsers.scanning import Text

Places = NDArray[np.int64]


def frame_of(lines: Lines, columns: Collection[str]) -> pl.DataFrame:
    """The columns, in the order of `SCHEMA`."""
    names = [name for name in SCHEMA if name in columns]
    fields = lines.spans([name for name in names if name not in _MAKERS])
    made = [
        (_field(lines, name, fields[name]) if name in fields else _MAKERS[name](lines)).alias(name)
        for name in names
    ]
    return pl.DataFrame(made)


def _field(lines: Lines, name: str, spans: Spans) -> pl.Series:
    if name == "level":
        return _levels(lines.block, spans)
    if name == "tid":
        value, _ = Text(lines.block).number(np.maximum(spans.start, 0))
        return nullable(value, (spans.start >= 0) & (value >= 0))
    return strings(lines.block.data, spans.start, spans.end)


def _file(lines: Lines) -> pl.Series:
    return pl.Series([lines.log.source.name]).new_from_index(0, len(lines))


def _line(lines: Lines) -> pl.Series:
    return pl.Series(lines.numbers)


def _utc(lines: Lines) -> pl.Series:
    known = lines.utc_us != NO_TIME
    return nullable(np.where(known, lines.utc_us, 0), known).cast(SCHEMA["utc"])


def _local_time(lines: Lines) -> pl.Series:
    local_us = lines.stamps.local_us[lines.rows]
    known = in_calendar(local_us)
    return nullable(np.where(known, local_us, 0), known).cast(SCHEMA["local_time"])


def _offset(lines: Lines) -> pl.Series:
    return nullable(lines.offsets.astype(np.int32), lines.offsets != NO_OFFSET)


def _confidence(lines: Lines) -> pl.Series:
    number, known = lines.confidences
    return nullable(number, known).cat.to(CONFIDENCE)


def _clock(lines: Lines) -> pl.Series:
    return nullable(lines.clocks.astype(np.int32), lines.clocks >= 0)


def _python_level(lines: Lines) -> pl.Series:
    told = lines.frame(("module", "message")).with_row_index("place")
    told = told.filter(may_be_python(pl.col("module")) & pl.col("message").is_not_null())
    place = np.full(len(lines), told.height)
    place[told["place"].to_numpy()] = np.arange(told.height)
    levels = levels_of(told["message"])
    return levels.extend(levels.clear(1)).gather(place)


def _pid(lines: Lines) -> pl.Series:
    pid = lines.stamps.pid[lines.rows]
    return nullable(pid, pid != NO_PID)


def _role(lines: Lines) -> pl.Series:
    return _of_kind(lines, 0)


def _group(lines: Lines) -> pl.Series:
    return _of_kind(lines, 1)


def _of_kind(lines: Lines, part: int) -> pl.Series:
    """A part of what kind of process each line's clock is of.

    Lines without a pid are told apart by their clocks alone: that says not who wrote one of them.
    """
    kinds, number = lines.table.kinds
    pid = lines.stamps.pid[lines.rows]
    return _texts(
        [kind[part] for kind in kinds], np.where(pid == NO_PID, 0, number.take(lines.clocks))
    )


def _layout(lines: Lines) -> pl.Series:
    names = [*(layout.name for layout in lines.log.decoder.layouts), None]
    return _texts(names, lines.stamps.layout[lines.rows].astype(np.int64) % len(names))


def _raw(lines: Lines) -> pl.Series:
    return strings(lines.block.data, lines.block.starts[lines.rows], lines.block.ends[lines.rows])


_MAKERS: Mapping[str, Callable[[Lines], pl.Series]] = {
    "file": _file,
    "line": _line,
    "utc": _utc,
    "local_time": _local_time,
    "offset": _offset,
    "confidence": _confidence,
    "clock": _clock,
    "pid": _pid,
    "python_level": _python_level,
    "role": _role,
    "group": _group,
    "layout": _layout,
    "raw": _raw,
}


def _levels(block: Block, spans: Spans) -> pl.Series:
    number = level_codes(block, spans)
    known = number >= 0
    return nullable(np.where(known, number, 0).astype(np.uint8), known).cat.to(LEVEL)


def nullable(values: NDArray[np.generic], known: NDArray[np.bool_]) -> pl.Series:
    """The values where they are known, null elsewhere."""
    series = pl.Series(values)
    if known.all():
        return series
    return series.zip_with(pl.Series(known), pl.Series([None], dtype=series.dtype))


def _texts(some: Sequence[str | None], places: Places) -> pl.Series:
    """The text at each place."""
    return pl.Series(some, dtype=pl.String).gather(places)
