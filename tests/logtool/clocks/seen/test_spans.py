"""Processes are cut into spans where their clocks may have changed."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.clocks.seen import spans as spans_module
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.spans import UTC, UTC_PID, Cut, Spans, cut_spans
from logtool.clocks.seen.strands import Strands
from parsers.compiled import kernel as kernels
from parsers.units import SECOND
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
    assert cuts(cut_spans(Strands.of(knots)), 1) == [Cut.FIRST, *expected]


def test_a_silence_passes_no_time_for_others() -> None:
    """What may be a change of clock is no proof that time has passed."""
    spans = cut_spans(Strands.of(knots_of((1, 0), (2, 0), (2, 3600), (1, MINUTE))))
    assert spans.passed_us.tolist() == [0, 0, 0, 0, 0]


def test_a_rule_of_the_zone_forces_a_cut() -> None:
    """Where a zone's rule changes a span begins in any case."""
    knots = knots_of((1, 0), (1, MINUTE), (1, 2 * MINUTE))
    spans = cut_spans(Strands.of(knots), np.array([False, True, False]))
    assert cuts(spans, 1) == [Cut.FIRST, Cut.ZONE]
    assert spans.of_knot.tolist() == [1, 2, 2]


@pytest.mark.parametrize(
    ("second", "forced", "expected"),
    [(9 * MINUTE, False, Cut.DOUBT), (-MINUTE, False, Cut.BACKWARD), (9 * MINUTE, True, Cut.ZONE)],
)
def test_where_a_fall_may_hide(second: int, forced: bool, expected: Cut) -> None:
    """There a span begins; what steps back has fallen, and a rule of the zone tells more."""
    knots = knots_of((1, 0), (1, second), (1, second + 1))
    doubted = np.array([False, True, False])
    spans = cut_spans(Strands.of(knots), doubted & forced, doubted)
    assert cuts(spans, 1) == [Cut.FIRST, expected]
    assert spans.of_knot.tolist() == [1, 2, 2]


def test_what_a_span_tells() -> None:
    """Each span knows its knots, the one before it, its step and what passed for the others."""
    spans = cut_spans(Strands.of(knots_of((1, 0), *BUSY, (1, MINUTE), (1, 2 * MINUTE))))
    assert spans.pid.tolist() == [UTC_PID, 1, 2, 1]
    assert spans.previous.tolist() == [-1, -1, -1, 1]
    assert (spans.first.tolist(), spans.last.tolist()) == ([-1, 0, 1, 10], [-1, 0, 9, 11])
    assert spans.step_us[3] == MINUTE * SECOND
    assert spans.passed_us[3] == 40 * MINUTE * SECOND


def test_written_lines_are_span_zero() -> None:
    """Lines at their UTC instant are never cut: they are UTC."""
    spans = cut_spans(
        Strands.of(knots_of((UTC_PID, 0), (1, 60), (UTC_PID, -9999), (UTC_PID, 99_999)))
    )
    assert spans.of_knot.tolist() == [UTC, 1, UTC, UTC]
    assert len(spans) == 2


#: Steps in seconds at which clocks are cut, and to either side of them.
_STEPS = st.one_of(
    st.integers(-20, 20),
    st.sampled_from([-11, -10, -9]),
    st.integers(-422, -418),
    st.integers(418, 422),
    st.integers(598, 602),
    st.integers(-9000, 9000),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([1, 2, 3, UTC_PID]), _STEPS, st.booleans()),
        min_size=1, max_size=60,
    )
)  # fmt: skip
def test_the_compiled_loop_cuts_alike(lines: list[tuple[int, int, bool]]) -> None:
    """Both ways give the same spans, whichever process speaks and whatever is forced."""
    now = 0
    told = []
    for pid, step, _ in lines:
        now += step
        told.append((pid, now))
    knots = knots_of(*told)
    forced = np.array([one for _, _, one in lines])
    kernels.load(1 << 20)
    assert_alike(
        spans_module._by_kernel(Strands.of(knots), forced),
        spans_module._knot_by_knot(knots, forced),
    )


def test_times_too_far_apart_are_not_for_the_compiled_loop() -> None:
    """What 64 bits cannot hold is added up without it: forged offsets may swing at every line."""
    kernels.load(1 << 20)
    swing = [(UTC_PID, 2**42 * (at % 2)) for at in range(40)]
    knots = knots_of((1, 0), *swing)
    assert spans_module._by_kernel(Strands.of(knots), np.zeros(len(knots), np.bool_)) is None
    assert len(cut_spans(Strands.of(knots))) == 2


def test_too_many_knots_are_not_for_the_compiled_loop() -> None:
    """What its memory does not hold is cut without it."""
    kernels.load(1 << 20)
    knots = knots_of((1, 0)).take(np.zeros(300_000, np.int64))
    assert spans_module._by_kernel(Strands.of(knots), np.zeros(len(knots), np.bool_)) is None


def assert_alike(one: Spans | None, other: Spans) -> None:
    """Two answers have the same columns, of the same types."""
    assert one is not None
    for field in fields(Spans):
        left, right = getattr(one, field.name), getattr(other, field.name)
        assert left.dtype == right.dtype, field.name
        assert left.tolist() == right.tolist(), field.name
