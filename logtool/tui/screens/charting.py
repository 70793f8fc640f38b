"""ChartingScreen: the histogram above the lines."""

from __future__ import annotations

from logtool.tui.model.histogram import By, Span, count_lines, whole_span
from logtool.tui.model.view import LogView
from logtool.tui.screens.finding import FindingScreen
from logtool.tui.widgets.bars_chart import BarChart


class ChartingScreen(FindingScreen):
    """Lines one can see over time."""

    _span: Span | None = None
    _by: By | None = None
    _counted: LogView | None = None

    @property
    def _chart(self) -> BarChart:
        return self.query_one(BarChart)

    def action_histogram(self) -> None:
        """By level, by clock, not at all."""
        self._by = {None: By.LEVEL, By.LEVEL: By.CLOCK, By.CLOCK: None}[self._by]
        self._chart.set_class(self._by is not None, "open")
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
            self.tell("the clocks are being found")
            return
        if self._by is None:
            self.action_histogram()
        here = self.view.time_at(self.lines.cursor)
        self._span = (self._span or whole).zoomed(here, whole, closer=closer)
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        """Count again."""
        whole = whole_span(self.view)
        if self._by is None or whole is None or not self._chart.size.width:
            return
        span = self._span or whole
        self._counted = self.view
        self._chart.histogram = count_lines(self.view, span, self._chart.size.width, self._by)
        self._mark_here()

    def _mark_here(self) -> None:
        histogram = self._chart.histogram
        if histogram is not None and len(self.view):
            self._chart.here = histogram.bar_of(self.view.time_at(self.lines.cursor))

    def tell_place(self) -> None:
        """Bring the chart up to date too."""
        super().tell_place()
        if self._by is None:
            return
        before = self._counted
        if before is None or before.rows is not self.view.rows or before.total != self.view.total:
            self._draw()
        else:
            self._mark_here()

    def on_resize(self) -> None:
        """As many bars as there are columns."""
        self.call_after_refresh(self._draw)

    def on_bar_chart_clicked(self, event: BarChart.Clicked) -> None:
        """Go to the time of a bar."""
        self.lines.cursor = self.view.place_of_time(event.time_us)
