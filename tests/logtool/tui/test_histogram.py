"""The histogram: its counts, its zoom, its bars on the screen."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from logtool.tui.model.chosen.clocks import ShownClocks
from logtool.tui.model.told.histogram import By, Span, count_lines, whole_span
from logtool.tui.widgets.bars_chart import BarChart
from tests.logtool.tui.pilots import DJANGO, Flight, fly
from tests.logtool.tui.test_model import looking_at


def test_counts_are_all_shown_lines() -> None:
    """Every line is in one bar, by level and by clock."""
    with looking_at(DJANGO, folding=False) as session:
        span = whole_span(session.view)
        assert span is not None
        for by in By:
            assert count_lines(session.view, span, 37, by).counts.sum() == session.view.total


def test_a_bar_and_its_time_belong_together() -> None:
    """The bar of a bar's first instant is that bar."""
    with looking_at(DJANGO, folding=False) as session:
        span = whole_span(session.view)
        assert span is not None
        histogram = count_lines(session.view, span, 40, By.LEVEL)
        assert [histogram.bar_of(histogram.time_of(bar) + 1) for bar in (0, 7, 39)] == [0, 7, 39]
        assert histogram.bar_of(span.end_us) is None


def test_no_time_between_the_clocks_and_their_view(tmp_path: Path) -> None:
    """Times are settled a moment before the view knows the clocks: without any there is no span."""
    log = tmp_path / "error.log"
    log.write_bytes(b"no stamp\n" * 3)
    with looking_at(log) as session:
        view = session.view
        assert view.index.settled
        assert whole_span(replace(view, clocks=ShownClocks(view.index, None))) is None
        assert whole_span(view) is None


def test_any_line_is_seen() -> None:
    """A bar with one line beside one with thousands is not empty."""
    with looking_at(DJANGO, folding=False) as session:
        span = whole_span(session.view)
        assert span is not None
        histogram = count_lines(session.view, span, 40, By.LEVEL)
        lowest = histogram.cells(4)[-1]
        for bar, (text, _) in enumerate(lowest):
            assert (text != " ") == bool(histogram.counts[:, bar].sum())


def test_zoom_stays_inside() -> None:
    """Zooming in at an end stays inside; zooming out ends at the whole."""
    whole = Span(0, 1_000_000)
    near = whole.zoomed(0, whole, closer=True)
    assert near == Span(0, 250_000)
    assert near.zoomed(0, whole, closer=False) == whole


@pytest.mark.parametrize("width", [60, 80, 100])
def test_legend_fits(width: int) -> None:
    """Below the bars stands their span, and what the next key does; no word is cut."""

    async def steps(flight: Flight) -> None:
        for by, after in (("level", "by clock"), ("clock", "small")):
            await flight.press("i")
            legend = flight.dump().splitlines()[7]
            assert re.fullmatch(
                rf"2026-11-23 19:58:22Z … (2026-11-23 )?19:58:28Z   by {by}"
                rf"(   z Z zoom(   i {after})?)?",
                legend,
            )
            assert legend.endswith(f"i {after}") == (width >= 80)

    fly([DJANGO], steps, (width, 24))


def test_a_closed_histogram_tells_of_all_lines() -> None:
    """What was zoomed is whole again in the small bars."""

    async def steps(flight: Flight) -> None:
        before = flight.dump().splitlines()[1]
        await flight.press("z", "z")
        assert "19:58:22Z … " not in flight.dump()
        await flight.press("i", "i")
        assert flight.dump().splitlines()[1] == before

    fly([DJANGO], steps)


def test_keys() -> None:
    """I shows high bars by level, by clock, low ones; z and Z zoom; a click goes to a time."""

    async def steps(flight: Flight) -> None:
        chart = flight.app.screen.query_one(BarChart)
        await flight.press("i")
        assert "by level" in flight.dump()
        assert "█" in flight.dump()
        await flight.press("i")
        assert "by clock" in flight.dump()
        assert chart.histogram is not None
        whole = chart.histogram.span
        await flight.press("G", "z")
        assert chart.histogram.span.end_us == whole.end_us
        assert chart.histogram.span.begin_us > whole.begin_us
        await flight.press("Z")
        assert chart.histogram.span == whole
        await flight.click(40, 2)
        assert 0 < flight.place < len(flight.session.view) - 1
        await flight.press("i")
        assert not chart.is_open
        assert "2026-11-23 19:58:22Z … 19:58:28Z" in flight.dump().splitlines()[1]

    fly([DJANGO], steps)


@pytest.mark.parametrize(
    ("begin_us", "length_us", "short"),
    [
        (0, 86_400_000_000, "1970-01-01 00:00Z … 01-02 00:00Z"),
        (0, 60_000_000, "1970-01-01 00:00:00Z … 00:01:00Z"),
        (0, 1_500_000, "1970-01-01 00:00:00.000Z … 00:00:01.500Z"),
        (0, 1_000, "1970-01-01 00:00:00.000000Z … 00:00:00.001000Z"),
        (253_402_300_740_000_000, 86_400_000_000, "9999-12-31 23:59Z … beyond the calendar"),
    ],
)
def test_ends_of_a_span(begin_us: int, length_us: int, short: str) -> None:
    """Short spans are told with fractions, and what no calendar holds in whole words."""
    assert Span(begin_us, begin_us + length_us).short == short
