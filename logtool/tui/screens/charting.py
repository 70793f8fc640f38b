"""ChartingScreen: the histogram above the lines."""

from __future__ import annotations

from textual import work

from logtool.tui.model.chosen.view import LogView
from logtool.tui.model.told.histogram import (
    By,
    Histogram,
    Span,
    count_lines,
    has_no_times,
    whole_span,
)
from logtool.tui.screens.finding import FindingScreen
from logtool.tui.widgets.bars_chart import BarChart

#: Lower screens have no row to spare for bars that nobody asked for.
_LEAST_HEIGHT = 15
_CATCH_UP_S = 2


class ChartingScreen(FindingScreen):
    """Lines one can see over time."""

    _span: Span | None = None
    _by = By.LEVEL
    _counted: LogView | None = None

    def on_mount(self) -> None:
        """While lines come in all the time, count them now and then."""
        self.set_interval(_CATCH_UP_S, self._catch_up)

    def _catch_up(self) -> None:
        if self._counted is not None and self._counted.total != self.view.total:
            self._draw()

    @property
    def _chart(self) -> BarChart:
        return self.query_one(BarChart)

    def action_histogram(self) -> None:
        """High bars by level, by clock, then low ones again, of all lines."""
        chart = self._chart
        opened = chart.is_open
        if opened and self._by is By.LEVEL:
            self._by = By.CLOCK
        else:
            self._by = By.LEVEL
            chart.set_class(not opened, "open")
            self._span = None
        self.call_after_refresh(self._draw)

    def action_zoom_in(self) -> None:
        """A shorter span around the cursor."""
        self._zoom(closer=True)

    def action_zoom_out(self) -> None:
        """A longer span."""
        self._zoom(closer=False)

    def _zoom(self, *, closer: bool) -> None:
        whole = whole_span(self.view)
        if whole is None or not len(self.view):
            timeless = has_no_times(self.view)
            self.tell("no line has a time" if timeless else self.view.without_clocks)
            return
        self._chart.add_class("open")
        here = self.view.time_at(self.lines.cursor)
        self._span = (self._span or whole).zoomed(here, whole, closer=closer)
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        """Count again, in the background."""
        whole = whole_span(self.view)
        chart = self._chart
        chart.timeless = has_no_times(self.view)
        if whole is None or not chart.size.width:
            return
        span = self._span or whole
        self._counted = self.view
        self._count(self.view, span, chart.bars(span), self._by)

    @work(thread=True, exclusive=True, group="histogram")
    def _count(self, view: LogView, span: Span, bars: int, by: By) -> None:
        histogram = count_lines(view, span, bars, by)
        self.app.call_from_thread(self._take_histogram, histogram)

    def _take_histogram(self, histogram: Histogram) -> None:
        self._chart.histogram = histogram
        self._mark_here()

    def _mark_here(self) -> None:
        histogram = self._chart.histogram
        if histogram is not None and len(self.view):
            self._chart.here = histogram.bar_of(self.view.time_at(self.lines.cursor))

    def tell_place(self) -> None:
        """Bring the chart up to date too."""
        super().tell_place()
        before, view = self._counted, self.view
        grown = before is not None and before.total != view.total
        if before is None or (not view.following and (before.rows is not view.rows or grown)):
            self._draw()
        else:
            self._mark_here()

    def on_resize(self) -> None:
        """As many bars as there are columns; on a low screen none that nobody asked for."""
        self._chart.set_class(self.size.height < _LEAST_HEIGHT, "low")
        self.call_after_refresh(self._draw)

    def on_bar_chart_clicked(self, event: BarChart.Clicked) -> None:
        """Go to the time of a bar."""
        self.lines.cursor = self.view.place_of_time(event.time_us)
