"""Histogram: takes a view and a span of time, gives how many lines stand in each part of it."""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from logtool.people.instants import BEYOND, date_and_time
from logtool.tui.model.chosen.view import LogView
from logtool.tui.model.told.pieces import CLOCK_COLOURS
from parsers.classes import dataclass
from parsers.error_log_format.items import LEVELS
from parsers.lines import NO_TIME

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_AT_ONCE = 1 << 18
_ZOOM = 4
_SHORTEST_US = 1000
#: Shorter spans are told with their seconds.
_SHORT_US = 600_000_000
#: Spans shorter than so many microseconds need so many digits of the second.
_FRACTIONS = ((100_000, 6), (2_000_000, 3))
_ERROR, _WARN = LEVELS.index("error"), LEVELS.index("warn")


class By(Enum):
    """What the bars are divided by."""

    LEVEL = "level"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time, microseconds UTC."""

    begin_us: int
    end_us: int

    def zoomed(self, centre_us: int, whole: Span, *, closer: bool) -> Span:
        """A shorter or longer span around an instant, inside `whole`."""
        length = self.end_us - self.begin_us
        length = max(length // _ZOOM, _SHORTEST_US) if closer else length * _ZOOM
        if length >= whole.end_us - whole.begin_us:
            return whole
        begin = min(max(centre_us - length // 2, whole.begin_us), whole.end_us - length)
        return Span(begin, begin + length)

    @property
    def short(self) -> str:
        """`2026-06-05 00:00Z … 06-06 00:00Z`, with seconds where it is short."""
        end = 19 if self.end_us - self.begin_us < _SHORT_US else 16
        begin, last = self._texts(end)
        same = 11 if begin[:10] == last[:10] else 5 if begin[:4] == last[:4] else 0
        return f"{begin} … {last[same:]}"

    def __str__(self) -> str:
        """`2026-06-05 00:00:00Z … 2026-06-06 00:00:00Z`."""
        return " … ".join(self._texts(19))

    def _texts(self, end: int) -> list[str]:
        """Begin and end, cut after so many characters; with a fraction where the span is short."""
        length = self.end_us - self.begin_us
        digits = next((digits for limit, digits in _FRACTIONS if length < limit), 0)
        end = 20 + digits if digits else end
        texts = [date_and_time(time, digits) for time in (self.begin_us, self.end_us)]
        return [text if text == BEYOND else f"{text[:end]}Z" for text in texts]


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Counted lines.

    Attributes:
        span: of time.
        by: what the groups are.
        counts: int64[groups, bars].
        styles: a style for each group, from the bottom up.
    """

    span: Span
    by: By
    counts: NDArray[np.int64]
    styles: tuple[str, ...]

    def bar_of(self, utc_us: int) -> int | None:
        """The bar in which an instant is, if any."""
        bars: int = self.counts.shape[1]
        length = max(self.span.end_us - self.span.begin_us, 1)
        bar = int((utc_us - self.span.begin_us) * bars // length)
        return bar if 0 <= bar < bars else None

    def time_of(self, bar: int) -> int:
        """The instant at which a bar begins."""
        length = self.span.end_us - self.span.begin_us
        return self.span.begin_us + bar * length // int(self.counts.shape[1])

    def cells(self, height: int) -> list[list[tuple[str, str]]]:
        """For each row from the top and each bar a character and its style."""
        total = self.counts.sum(axis=0)
        most = max(int(total.max(initial=0)), 1)
        # A bar with any line is seen.
        eighths = np.where(total, np.maximum(total * height * 8 // most, 1), 0)
        tops = np.cumsum(self.counts, axis=0)
        rows = []
        for row in range(height - 1, -1, -1):
            filled = np.clip(eighths - row * 8, 0, 8)
            middle = (row * 8 + filled / 2) / np.maximum(eighths, 1) * total
            group = (tops <= middle).sum(axis=0)
            rows.append(
                [
                    (_EIGHTHS[part], self.styles[min(number, len(self.styles) - 1)])
                    for part, number in zip(filled.tolist(), group.tolist(), strict=True)
                ]
            )
        return rows


def whole_span(view: LogView) -> Span | None:
    """From the first to the last line; None while clocks are unknown, or without any time."""
    time = view.index.time_us.values[: view.total]
    if view.clocks.table is None or not len(time):
        return None
    dated = time[time != NO_TIME] if time.min() == NO_TIME else time
    if not len(dated) or has_no_times(view):
        return None
    begin, end = int(dated.min()), int(dated.max())
    return Span(begin, max(end, begin + _SHORTEST_US) + 1)


def has_no_times(view: LogView) -> bool:
    """All is read, and no line has a time."""
    return view.clocks.table is not None and not view.clocks.offsets


def count_lines(view: LogView, span: Span, bars: int, by: By) -> Histogram:
    """Count the shown lines of a span in `bars` equal parts."""
    groups = 3 if by is By.LEVEL else CLOCK_COLOURS
    counts = np.zeros(groups * bars, np.int64)
    length = span.end_us - span.begin_us
    for first in range(0, len(view), _AT_ONCE):
        rows = view.rows_at(first, first + _AT_ONCE)
        time = view.index.time_us.values[rows]
        inside = (time >= span.begin_us) & (time < span.end_us)
        bar = ((time[inside] - span.begin_us) / length * bars).astype(np.int64)
        group = _levels(view, rows[inside]) if by is By.LEVEL else _clocks(view, rows[inside])
        counts += np.bincount(group * bars + np.minimum(bar, bars - 1), minlength=len(counts))
    styles: tuple[str, ...] = ("error", "warn", "bar")
    if by is By.CLOCK:
        styles = tuple(f"clock{number}" for number in range(groups))
    return Histogram(span, by, counts.reshape(groups, bars), styles)


def _levels(view: LogView, rows: NDArray[np.int32]) -> NDArray[np.int64]:
    level = view.index.level.values[rows]
    group = np.where(level == _WARN, 1, 2)
    return np.where((level >= 0) & (level <= _ERROR), 0, group).astype(np.int64)


def _clocks(view: LogView, rows: NDArray[np.int32]) -> NDArray[np.int64]:
    offset = view.index.offset.values[rows]
    colours = np.full(len(view.index.offsets) + 1, CLOCK_COLOURS - 1, np.int64)
    for number, known in enumerate(view.clocks.offsets):
        colours[view.index.number_of(known)] = number % CLOCK_COLOURS
    return np.take(colours, offset)
