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

from logtool.tui.model.histogram import Histogram
from logtool.tui.widgets.log_lines import CLOCK_HUES


class BarChart(Widget):
    """A histogram, its span below; hidden until it is asked for."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chart--error", "chart--warn", "chart--bar", "chart--label", "chart--here",
    }  # fmt: skip
    DEFAULT_CSS = """
    BarChart {
        display: none; height: 6; background: $surface;
        & > .chart--error { color: $text-error; }
        & > .chart--warn { color: $text-warning; }
        & > .chart--bar { color: $foreground-darken-3; }
        & > .chart--here { background: $primary-muted; }
        & > .chart--label { color: $foreground; }
        &.open { display: block; }
    }
    """

    histogram: reactive[Histogram | None] = reactive(None, always_update=True)
    here: reactive[int | None] = reactive(None)

    @dataclass
    class Clicked(Message):
        """A bar was clicked."""

        time_us: int

    def on_click(self, event: events.Click) -> None:
        """Tell the time of the bar."""
        if self.histogram is not None and event.x < self.histogram.counts.shape[1]:
            self.post_message(self.Clicked(self.histogram.time_of(event.x)))

    def render_line(self, y: int) -> Strip:
        """One row."""
        width, height = self.size.width, self.size.height - 1
        if self.histogram is None:
            return Strip.blank(width, self.rich_style)
        if y == height:
            label = f"{self.histogram.span}   by {self.histogram.by.value}   z Z zoom"
            style = self.get_component_rich_style("chart--label")
            return Strip([Segment(label, style)]).adjust_cell_length(width, self.rich_style)
        segments = []
        here = self.get_component_rich_style("chart--here")
        for bar, (text, name) in enumerate(self.histogram.cells(height)[y]):
            style = self.rich_style + self._style(name)
            if bar == self.here:
                style += Style(bgcolor=here.bgcolor, reverse=self.app.no_color)
            segments.append(Segment(text, style))
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _style(self, name: str) -> Style:
        if name.startswith("clock"):
            return Style(color=CLOCK_HUES[int(name.removeprefix("clock"))])
        return self.get_component_rich_style(f"chart--{name}", partial=True)
