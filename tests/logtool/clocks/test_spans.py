"""Processes are cut into spans where their clocks may have changed."""

from __future__ import annotations

import numpy as np
import pytest

from logtool.clocks.knots import SECOND, Knots
from logtool.clocks.spans import UTC, UTC_PID, Cut, Spans, cut_spans
from tests.logtool.clocks.scenes import knots_of

MINUTE = 60
#: Another process, whose steps of five minutes say that 40 minutes have passed.
BUSY = [(2, 5 * MINUTE * step) for step in range(9)]


def cuts(spans: Spans, pid: int) -> list[Cut]:
    """Why each span of a process begins."""
    return [Cut(cut) for cut, owner in zip(spans.cut, spans.pid, strict=True) if owner == pid]


@pytest.mark.parametrize(
    ("knots", "expected"),
    [
        pytest.param(knots_of((1, 0), (1, 9 * MINUTE)), [], id="a short silence"),
        pytest.param(knots_of((1, 0), (1, 11 * MINUTE)), [Cut.SILENCE], id="a long silence"),
        pytest.param(knots_of((1, 0), (1, -6 * MINUTE)), [], id="a stepped clock"),
        pytest.param(knots_of((1, 0), (1, -3600)), [Cut.BACKWARD], id="time falls back"),
        pytest.param(knots_of((1, 0), *BUSY, (1, 40 * MINUTE)), [], id="all move on alike"),
        pytest.param(knots_of((1, 0), *BUSY, (1, MINUTE)), [Cut.OVERTAKEN], id="others move on"),
        pytest.param(
            knots_of((1, 0), *BUSY, (1, 51 * MINUTE)), [Cut.SILENCE], id="it moves on further"
        ),
        pytest.param(
            knots_of((1, 0), (2, 0), (2, 3600), (1, MINUTE)), [Cut.DOUBT], id="others were silent"
        ),
    ],
)
def test_cuts(knots: Knots, expected: list[Cut]) -> None:
    """A span ends where own time and the time of the others cannot be reconciled."""
    assert cuts(cut_spans(knots), 1) == [Cut.FIRST, *expected]


def test_a_silence_passes_no_time_for_others() -> None:
    """What may be a change of clock is no proof that time has passed."""
    spans = cut_spans(knots_of((1, 0), (2, 0), (2, 3600), (1, MINUTE)))
    assert spans.passed_us.tolist() == [0, 0, 0, 0, 0]


def test_a_rule_of_the_zone_forces_a_cut() -> None:
    """Where a zone's rule changes a span begins in any case."""
    knots = knots_of((1, 0), (1, MINUTE), (1, 2 * MINUTE))
    spans = cut_spans(knots, np.array([False, True, False]))
    assert cuts(spans, 1) == [Cut.FIRST, Cut.ZONE]
    assert spans.of_knot.tolist() == [1, 2, 2]


def test_what_a_span_tells() -> None:
    """Each span knows its knots, the one before it, its step and what passed for the others."""
    spans = cut_spans(knots_of((1, 0), *BUSY, (1, MINUTE), (1, 2 * MINUTE)))
    assert spans.pid.tolist() == [UTC_PID, 1, 2, 1]
    assert spans.previous.tolist() == [-1, -1, -1, 1]
    assert (spans.first.tolist(), spans.last.tolist()) == ([-1, 0, 1, 10], [-1, 0, 9, 11])
    assert spans.step_us[3] == MINUTE * SECOND
    assert spans.passed_us[3] == 40 * MINUTE * SECOND


def test_written_lines_are_span_zero() -> None:
    """Lines at their UTC instant are never cut: they are UTC."""
    spans = cut_spans(knots_of((UTC_PID, 0), (1, 60), (UTC_PID, -9999), (UTC_PID, 99_999)))
    assert spans.of_knot.tolist() == [UTC, 1, UTC, UTC]
    assert len(spans) == 2
