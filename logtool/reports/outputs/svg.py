"""SVG: takes numbers, gives drawings that need no script and no font of their own.

Colours are classes, which the page sets for light and dark; every text is escaped. Each drawing has
a name that screen readers tell, each mark a title that appears under the mouse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from html import escape

from logtool.people.instants import moment_text
from parsers.classes import dataclass

_WIDTH, _LEFT, _RIGHT = 960, 64, 8
_PLOT = _WIDTH - _LEFT - _RIGHT
#: What stands on the left of rows that have names.
_NAMED = 210
#: Signs above bars: their outline from the middle of the bar, and what they say.
_MARKS = {
    "spike": ("12 m-6 -10 h12 l-6 10 z", "spike: {:,} lines"),
    "new": ("12 m0 0 l6 6 l-6 6 l-6 -6 z", "a new problem first seen"),
}
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
    name: str,
    layers: Sequence[Bars],
    start: datetime,
    step: timedelta,
    marks: Sequence[tuple[int, str]] = (),
) -> str:
    """Bars over time, one layer upon the other; `marks` are bars with a sign: `spike` or `new`."""
    height, top, floor = 246, 26, 210
    totals = [sum(column) for column in zip(*(layer.values for layer in layers), strict=True)]
    tick = _round_count(max([*totals, 1]) / 4)
    most = tick * -(-max([*totals, 1]) // tick)
    scale, bar = (floor - top) / most, _PLOT / len(totals)
    parts = list(_count_axis(most, tick, top, floor))
    base = [float(floor)] * len(totals)
    for layer in layers:
        for at, value in enumerate(layer.values):
            if not value:
                continue
            tall = max(value * scale, 0.5)
            base[at] -= tall
            title = f"{moment_text(start + at * step)}: {value:,} {layer.name}"
            parts.append(_rect(_LEFT + at * bar, base[at], bar * 0.92, tall, layer.style, title))
    for at, kind in marks:
        x = _LEFT + (at + 0.5) * bar
        shape, says = _MARKS[kind]
        told = f"{says.format(totals[at])} in the part from {moment_text(start + at * step)}"
        parts.append(
            f'<path class="mark {kind}" d="M{x:.1f} {shape}"><title>{escape(told)}</title></path>'
        )
    until_end_of_calendar = datetime.max.replace(tzinfo=start.tzinfo) - start
    parts += _time_axis(start, start + min(len(totals) * step, until_end_of_calendar), floor)
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
    y = top + 7 * cell_height + 24
    parts.append(_label(_LEFT, y + 11, "0", "start"))
    for number in range(9):
        parts.append(
            f'<rect class="heat" style="--heat:{0.12 * bool(number) + 0.88 * number / 8:.3f}" '
            f'x="{_LEFT + 12 + number * 16}" y="{y}" width="15" height="13"/>'
        )
    parts.append(_label(_LEFT + 12 + 9 * 16 + 4, y + 11, f"{most:,} lines", "start"))
    return _drawing(name, y + 18, parts)


def time_map(name: str, spans: Sequence[Span], start: datetime, end: datetime) -> str:
    """A row for each name with its spans."""
    tall, top = 20, 4
    rows = {row: at for at, row in enumerate(dict.fromkeys(span.row for span in spans))}
    floor = top + len(rows) * tall
    whole = max((end - start).total_seconds(), 1e-6)
    plot = _WIDTH - _NAMED - _RIGHT
    parts = [
        _label(_NAMED - 8, top + at * tall + 14, _cut(row, _NAMED), "end")
        for row, at in rows.items()
    ]
    parts += [_line("grid", _NAMED, _WIDTH - _RIGHT, top + at * tall + 10) for at in rows.values()]
    for span in spans:
        x = _NAMED + plot * (span.start - start).total_seconds() / whole
        wide = max(plot * (span.end - span.start).total_seconds() / whole, 3)
        y = top + rows[span.row] * tall + 3
        parts.append(_rect(min(x, _WIDTH - _RIGHT - 3), y, wide, tall - 6, span.style, span.title))
    parts += _time_axis(start, end, floor, _NAMED)
    return _drawing(name, floor + 36, parts, "chart map")


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


def _drawing(name: str, height: int, parts: Sequence[str], style: str = "chart") -> str:
    return (
        f'<svg class="{style}" role="img" aria-label="{escape(name)}" '
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


def _count_axis(most: int, tick: int, top: int, floor: int) -> Iterator[str]:
    for count in range(tick, most + 1, tick):
        y = floor - (floor - top) * count / most
        yield _line("grid", _LEFT, _WIDTH - _RIGHT, y)
        yield _label(_LEFT - 6, y + 4, f"{count:,}", "end")
    yield _line("axis", _LEFT, _WIDTH - _RIGHT, floor)
    yield _label(_LEFT - 6, floor + 4, "0", "end")


def _line(style: str, left: float, right: float, y: float) -> str:
    return f'<line class="{style}" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _round_count(count: float) -> int:
    """The least round number that is no less, of 1, 2, 5, 10, 20 and so on."""
    unit = 1
    while True:
        for round_number in (unit, 2 * unit, 5 * unit):
            if count <= round_number:
                return round_number
        unit *= 10


#: Seconds between ticks of a time axis, and how their labels are written.
_TICKS = (
    *((seconds, "%H:%M:%S") for seconds in (1, 2, 5, 10, 15, 30)),
    *((60 * minutes, "%H:%M") for minutes in (1, 2, 5, 10, 15, 30)),
    *((3600 * hours, "%H:%M") for hours in (1, 2, 3, 6, 12)),
    *((86400 * days, "%d %b") for days in (1, 2, 7, 14, 30, 61, 91, 182)),
)
_MOST_TICKS = 8


def _time_axis(start: datetime, end: datetime, floor: float, left: int = _LEFT) -> Iterator[str]:
    """Ticks at round times; where a day begins, its date."""
    plot, whole = _WIDTH - left - _RIGHT, max((end - start).total_seconds(), 1e-6)
    fits = (tick for tick in _TICKS if whole / tick[0] <= _MOST_TICKS)
    step, form = next(fits, (86400 * 365 * max(1, int(whole / 86400 / 365 / _MOST_TICKS)), "%Y"))
    first = -(-start.timestamp() // step) * step
    shown = ""
    # As a float, the calendar's last instant would be beyond it.
    last = end.replace(microsecond=0).timestamp()
    for number in range(int((last - first) // step) + 1):
        at = datetime.fromtimestamp(first + number * step, UTC)
        x = left + plot * (at.timestamp() - start.timestamp()) / whole
        date = f"{at:%d %b %Y}" if form != "%Y" else ""
        anchor = "start" if x < left + 30 else "end" if x > _WIDTH - _RIGHT - 30 else "middle"
        yield f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{floor}" y2="{floor + 4}"/>'
        yield _label(x, floor + 17, at.strftime(form), anchor)
        if date and date != shown and ":" in form:
            yield _label(x, floor + 31, date, anchor)
        shown = date
