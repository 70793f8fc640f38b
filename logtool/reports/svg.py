"""SVG: takes numbers, gives drawings that need no script and no font of their own.

Colours are classes, which the page sets for light and dark; every text is escaped. Each drawing has
a name that screen readers tell, each mark a title that appears under the mouse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

_WIDTH, _LEFT, _RIGHT = 960, 64, 8
_PLOT = _WIDTH - _LEFT - _RIGHT
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Bars:
    """One layer of stacked bars.

    Attributes:
        name: for the legend.
        style: its class.
        values: one for each bar.
    """

    name: str
    style: str
    values: Sequence[int]


@dataclass(frozen=True, slots=True)
class Span:
    """A bar on a map of rows against time.

    Attributes:
        row: the row's name.
        start: where it begins.
        end: where it ends.
        style: its class.
        title: what it says under the mouse.
    """

    row: str
    start: datetime
    end: datetime
    style: str
    title: str


def stacked_bars(
    name: str, layers: Sequence[Bars], start: datetime, step: timedelta, marks: Sequence[int] = ()
) -> str:
    """Bars over time, one layer upon the other; `marks` are bars with a sign above them."""
    height, top, floor = 230, 18, 200
    totals = [sum(column) for column in zip(*(layer.values for layer in layers), strict=True)]
    most = max([*totals, 1])
    scale, bar = (floor - top) / most, _PLOT / len(totals)
    parts = list(_count_axis(most, top, floor))
    base = [float(floor)] * len(totals)
    for layer in layers:
        for at, value in enumerate(layer.values):
            if not value:
                continue
            tall = max(value * scale, 0.5)
            base[at] -= tall
            title = f"{_when(start + at * step)}: {value:,} {layer.name}"
            parts.append(_rect(_LEFT + at * bar, base[at], bar * 0.92, tall, layer.style, title))
    for at in marks:
        x = _LEFT + (at + 0.5) * bar
        parts.append(
            f'<path class="mark" d="M{x - 5:.1f} {top - 14} h10 l-5 8 z">'
            f"<title>spike: {totals[at]:,} lines from {_when(start + at * step)}</title></path>"
        )
    parts += _time_axis(start, start + len(totals) * step, floor)
    return _drawing(name, height, parts)


def heat_map(name: str, hours: Sequence[Sequence[int]]) -> str:
    """Weekday against hour of the day; the stronger the colour, the more lines."""
    cell_width, cell_height, top = _PLOT / 24, 22, 4
    most = max(max(day) for day in hours) or 1
    parts = []
    for number, (day, counts) in enumerate(zip(_DAYS, hours, strict=True)):
        y = top + number * cell_height
        parts.append(_label(_LEFT - 8, y + 15, day, "end"))
        for hour, count in enumerate(counts):
            shade = 0.0 if not count else 0.12 + 0.88 * count / most
            parts.append(
                f'<rect class="heat" style="--heat:{shade:.3f}" '
                f'x="{_LEFT + hour * cell_width:.1f}" y="{y}" '
                f'width="{cell_width - 1.5:.1f}" height="{cell_height - 1.5}">'
                f"<title>{day} {hour:02}:00 to {hour:02}:59 UTC: {count:,} lines</title></rect>"
            )
    for hour in range(0, 24, 3):
        x = _LEFT + (hour + 0.5) * cell_width
        parts.append(_label(x, top + 7 * cell_height + 14, f"{hour:02}"))
    return _drawing(name, top + 7 * cell_height + 20, parts)


def time_map(name: str, spans: Sequence[Span], start: datetime, end: datetime, left: int) -> str:
    """A row for each name with its spans; `left` is the room for the names."""
    tall, top = 20, 4
    rows = {row: at for at, row in enumerate(dict.fromkeys(span.row for span in spans))}
    floor = top + len(rows) * tall
    whole = max((end - start).total_seconds(), 1e-6)
    plot = _WIDTH - left - _RIGHT
    parts = [
        _label(left - 8, top + at * tall + 14, _cut(row, left), "end") for row, at in rows.items()
    ]
    parts += [
        f'<line class="grid" x1="{left}" x2="{_WIDTH - _RIGHT}" y1="{top + at * tall + 10}" '
        f'y2="{top + at * tall + 10}"/>'
        for at in rows.values()
    ]
    for span in spans:
        x = left + plot * (span.start - start).total_seconds() / whole
        wide = max(plot * (span.end - span.start).total_seconds() / whole, 3)
        y = top + rows[span.row] * tall + 3
        parts.append(_rect(min(x, _WIDTH - _RIGHT - 3), y, wide, tall - 6, span.style, span.title))
    parts += _time_axis(start, end, floor, left)
    return _drawing(name, floor + 30, parts)


def legend(entries: Sequence[tuple[str, str]]) -> str:
    """What the classes of a drawing mean: pairs of a class and a name."""
    items = "".join(
        f'<li><svg width="12" height="12" aria-hidden="true"><rect class="{style}" width="12" '
        f'height="12"/></svg> {escape(name)}</li>'
        for style, name in entries
    )
    return f'<ul class="legend">{items}</ul>'


def sparkline(counts: Sequence[int]) -> str:
    """A small row of bars; its numbers are told to screen readers."""
    most = max([*counts, 1])
    bars = "".join(
        f'<rect class="spark" x="{at * 4}" y="{18 - 17 * count / most:.1f}" width="3" '
        f'height="{17 * count / most:.1f}"/>'
        for at, count in enumerate(counts)
        if count
    )
    told = " ".join(map(str, counts))
    return (
        f'<svg class="sparkline" role="img" aria-label="counts over time: {told}" '
        f'width="{len(counts) * 4}" height="18">{bars}</svg>'
    )


def _drawing(name: str, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg class="chart" role="img" aria-label="{escape(name)}" '
        f'viewBox="0 0 {_WIDTH} {height}">{"".join(parts)}</svg>'
    )


def _rect(x: float, y: float, width: float, height: float, style: str, title: str) -> str:
    return (
        f'<rect class="{style}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}">'
        f"<title>{escape(title)}</title></rect>"
    )


def _label(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _cut(text: str, room: int) -> str:
    most = room // 7
    return text if len(text) <= most else text[: most - 1] + "…"


def _count_axis(most: int, top: int, floor: int) -> Iterator[str]:
    for share in (0.5, 1.0):
        y = floor - (floor - top) * share
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>'
        yield _label(_LEFT - 6, y + 4, f"{most * share:,.0f}", "end")
    yield f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{floor}" y2="{floor}"/>'


def _time_axis(start: datetime, end: datetime, floor: float, left: int = _LEFT) -> Iterator[str]:
    plot = _WIDTH - left - _RIGHT
    form = _tick_form(end - start)
    for number in range(5):
        at = start + (end - start) * number / 4
        anchor = ("start", "middle", "middle", "middle", "end")[number]
        yield _label(left + plot * number / 4, floor + 18, at.strftime(form), anchor)


def _tick_form(span: timedelta) -> str:
    if span > timedelta(days=3):
        return "%d %b %Y"
    return "%d %b %H:%M" if span > timedelta(minutes=10) else "%H:%M:%S"


def _when(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S}Z"
