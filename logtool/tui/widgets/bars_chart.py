"""BarChart: lines over time, as bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from logtool.tui.model.told.histogram import By, Histogram, Span
from logtool.tui.widgets.colours import clock_style

_TIMELESS = "no times"
#: What is told below the bars behind their span, as far as there is room: what they are divided
#: by, and what keys do.
_LEGEND = {
    By.LEVEL: ("   by level", "   z Z zoom", "   i by clock"),
    By.CLOCK: ("   by clock", "   z Z zoom", "   i small"),
}


class BarChart(Widget):
    """A histogram: one row, its span beside it; or, when it is open, many, its span below."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chart--error", "chart--warn", "chart--bar", "chart--label", "chart--here",
    }  # fmt: skip
    DEFAULT_CSS = """
    BarChart {
        height: 1; background: $surface;
        & > .chart--error { color: $text-error; }
        & > .chart--warn { color: $text-warning; }
        & > .chart--bar { color: $foreground-darken-3; }
        & > .chart--here { background: $primary; }
        & > .chart--label { color: $foreground-darken-2; }
        &.low { display: none; }
        &.open { display: block; height: 7; }
    }
    """

    histogram: reactive[Histogram | None] = reactive(None, always_update=True)
    here: reactive[int | None] = reactive(None)
    #: No line has a time.
    timeless: reactive[bool] = reactive(False)

    @dataclass
    class Clicked(Message):
        """A bar was clicked."""

        time_us: int

    @property
    def is_open(self) -> bool:
        """It has room for more than one row of bars."""
        return self.has_class("open")

    def bars(self, span: Span) -> int:
        """How many bars there is room for."""
        beside = 0 if self.is_open else len(span.short) + 2
        return max(self.size.width - beside, 0)

    def on_click(self, event: events.Click) -> None:
        """Tell the time of the bar."""
        if self.histogram is not None and event.x < self.histogram.counts.shape[1]:
            self.post_message(self.Clicked(self.histogram.time_of(event.x)))

    def render_line(self, y: int) -> Strip:
        """One row."""
        width, height = self.size.width, self.size.height - self.is_open
        histogram = self.histogram
        label = self.rich_style + self.get_component_rich_style("chart--label", partial=True)
        if histogram is None:
            text = _TIMELESS if self.timeless and not y else ""
            return Strip([Segment(text, label)]).adjust_cell_length(width, self.rich_style)
        if y >= height:
            text = _legend(histogram, width)
            return Strip([Segment(text, label)]).adjust_cell_length(width, self.rich_style)
        segments = [
            Segment(text, self._style(name, bar))
            for bar, (text, name) in enumerate(histogram.cells(height)[y])
        ]
        if not self.is_open:
            segments.append(Segment(f"  {histogram.span.short}", label))
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _style(self, name: str, bar: int) -> Style:
        style = self.rich_style
        if name.startswith("clock"):
            style += clock_style(self.app, name)
        else:
            style += self.get_component_rich_style(f"chart--{name}", partial=True)
        if bar == self.here:
            here = self.get_component_rich_style("chart--here")
            style += Style(bgcolor=here.bgcolor, reverse=self.app.no_color or None)
        return style


def _legend(histogram: Histogram, width: int) -> str:
    """What the bars tell: nothing of it is cut in the middle."""
    first, *keys = _LEGEND[histogram.by]
    text = f"{histogram.span}{first}"
    if len(text) > width:
        text = f"{histogram.span.short}{first}"
    for key in keys:
        text += key if len(text + key) <= width else ""
    return text
