"""Spans: take knots, cut every process where its clock may have changed.

Within a span the offset is constant. A cut costs nothing but work, a missing cut is an error, so
cuts are made wherever a process's own time and the time that passed for the others cannot be
reconciled.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.knots import BACKWARD, FORWARD, Knots
from logtool.clocks.seen.strands import Strands
from parsers.classes import dataclass
from parsers.compiled import kernel as kernels
from parsers.units import SECOND

#: The span that stands for UTC: lines that write their offset belong to it, at their UTC instant.
UTC = 0
#: The pid of such lines in `Knots.pid`.
UTC_PID = -2
#: The pid of lines that write an offset where hardly any other line does.
HEARSAY_PID = -3
#: Where a zone's clocks go back, a process's local time that falls by more than this has gone back.
FELL = 10 * SECOND
#: A mark of the kernel's: lines that begin no span.
_NO_SPAN = 2
#: Microseconds that no clock goes through.
_MOST = 1 << 62


class Cut(IntEnum):
    """Why a span begins; `parsers/compiled/kernel.wat` knows the numbers."""

    FIRST = 0
    """The process speaks for the first time."""
    BACKWARD = 1
    """Its local time fell back: the clock has changed."""
    SILENCE = 2
    """Its local time moved on while nobody else spoke for as long: silence or a change."""
    OVERTAKEN = 3
    """The others moved on further than it did: the clock has changed."""
    ZONE = 4
    """A rule of its zone begins or ends here."""
    DOUBT = 5
    """The others moved on further, if their silence was not a change of clock."""


#: Cuts at which a clock has changed.
CHANGED = (Cut.BACKWARD, Cut.OVERTAKEN)

#: Of the span of UTC: pid, cut, previous, first, step_us, passed_us.
_UTC_ROW = (UTC_PID, int(Cut.FIRST), -1, -1, 0, 0)


@dataclass(slots=True, eq=False)
class Spans:
    """Spans of one constant offset, in order of their first knot; span 0 is UTC itself.

    Attributes:
        of_knot: int64[knots], the span of each knot.
        pid: int64[spans].
        cut: int8[spans], why it begins (Cut).
        previous: int64[spans], the span of the same process before it, or -1.
        first, last: int64[spans], its first and last knot; -1 for UTC without knots.
        step_us: int64[spans], own local time since the process's knot before; 0 for a first span.
        passed_us: int64[spans], time that passed for the others meanwhile, at least.
    """

    of_knot: NDArray[np.int64]
    pid: NDArray[np.int64]
    cut: NDArray[np.int8]
    previous: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    step_us: NDArray[np.int64]
    passed_us: NDArray[np.int64]

    def __len__(self) -> int:
        """The number of spans."""
        return len(self.pid)


def cut_spans(
    strands: Strands,
    forced: NDArray[np.bool_] | None = None,
    doubted: NDArray[np.bool_] | None = None,
) -> Spans:
    """Cut processes into spans; `forced`, bool[knots], marks knots that begin one in any case.

    So does `doubted`: there a clock may have gone back unseen (see `falls`).

    `passed` is a lower bound of the time since the log began: it advances by what any process's own
    clock advances inside its span, so silence of everybody counts as nothing.
    """
    knots = strands.knots
    if forced is None:
        forced = np.zeros(len(knots), np.bool_)
    begins = forced if doubted is None else forced | doubted
    spans = _by_kernel(strands, begins) or _knot_by_knot(knots, begins)
    if begins is not forced and len(knots):
        spans.cut[(spans.cut == Cut.ZONE) & ~forced[spans.first]] = Cut.DOUBT
    return spans


def _by_kernel(strands: Strands, forced: NDArray[np.bool_]) -> Spans | None:
    """What `cut_spans` gives, by a compiled loop; None where none is loaded or fit for it."""
    kernel, knots = kernels.loaded(), strands.knots
    if kernel is None or not len(knots) or _may_overflow(knots):
        return None
    before = _knots_before(strands)
    marks = forced.astype(np.uint8)
    marks[knots.pid == UTC_PID] |= _NO_SPAN
    made = kernel.cuts(before, knots.local_us, marks, (BACKWARD, FORWARD, FELL))
    if made is None:
        return None
    passed, spans, cuts = made
    begins = np.flatnonzero(cuts >= 0)
    old = before[begins]
    # A first span has none before it, whatever stands in the place of -1.
    later = old >= 0
    step = np.where(later, knots.local_us[begins] - knots.local_us[old], 0)
    others = np.where(later, passed[begins - 1] - passed[old], 0)
    previous = np.where(later, spans[old], -1)
    rows = np.stack([knots.pid[begins], cuts[begins], previous, begins, step, others], axis=1)
    return _spans(spans.astype(np.int64), np.concatenate([[_UTC_ROW], rows]))


def _knots_before(strands: Strands) -> NDArray[np.int32]:
    """For each knot the one of its process before it, or -1."""
    order = strands.order.astype(np.int32)
    before = np.full(len(order), -1, np.int32)
    before[order[1:]] = order[:-1]
    before[order[strands.heads]] = -1
    return before


def _may_overflow(knots: Knots) -> bool:
    """Whether what passes may be more than 64 bits hold: only forged times of UTC go so far."""
    reach = int(knots.local_us.max()) - int(knots.local_us.min())
    leaps = int(np.count_nonzero(knots.pid == UTC_PID)) + 1
    return reach * leaps + FORWARD * len(knots) >= _MOST


def _knot_by_knot(knots: Knots, forced: NDArray[np.bool_]) -> Spans:
    """What `cut_spans` gives."""
    pids = knots.pid.tolist()
    times = knots.local_us.tolist()
    force = forced.tolist()
    of_knot = [UTC] * len(pids)
    newest: dict[int, tuple[int, int, int, int]] = {}  # pid -> span, local time, passed, perhaps
    rows = [_UTC_ROW]
    passed = perhaps = 0
    for knot, (pid, time) in enumerate(zip(pids, times, strict=True)):
        before = newest.get(pid)
        if before is None:
            if pid != UTC_PID:
                rows.append((pid, Cut.FIRST, -1, knot, 0, 0))
                of_knot[knot] = len(rows) - 1
            newest[pid] = (of_knot[knot], time, passed, perhaps)
            continue
        span, old_time, old_passed, old_perhaps = before
        step = time - old_time
        others = passed - old_passed
        if (
            step - FORWARD <= others <= step + BACKWARD
            and -BACKWARD <= step >= perhaps - old_perhaps - BACKWARD
            and not force[knot]
        ):
            # Nearly all of some hundred thousand knots: nothing ends here (see `_cut`).
            if old_passed + step > passed:
                passed = old_passed + step
            if old_perhaps + step > perhaps:
                perhaps = old_perhaps + step
            of_knot[knot] = span
            newest[pid] = (span, time, passed, perhaps)
            continue
        cut = _cut(step, others, perhaps - old_perhaps, force[knot])
        if pid == UTC_PID or cut is None or cut == Cut.ZONE:
            passed = max(passed, old_passed + step)
        if pid == UTC_PID or cut != Cut.BACKWARD:
            perhaps = max(perhaps, old_perhaps + step)
        if cut is not None and pid != UTC_PID:
            rows.append((pid, cut, span, knot, step, others))
            span = len(rows) - 1
        of_knot[knot] = span
        newest[pid] = (span, time, passed, perhaps)
    return _spans(np.array(of_knot, np.int64), np.array(rows, np.int64))


def _spans(spans: NDArray[np.int64], table: NDArray[np.int64]) -> Spans:
    """The span of each knot, and what is known of each span, as columns: int64[spans, 6]."""
    last = np.full(len(table), -1, np.int64)
    np.maximum.at(last, spans, np.arange(len(spans)))
    return Spans(
        spans,
        table[:, 0],
        table[:, 1].astype(np.int8),
        table[:, 2],
        table[:, 3],
        last,
        table[:, 4],
        table[:, 5],
    )


def _cut(step: int, others: int, perhaps: int, forced: bool) -> Cut | None:
    """Whether and why a span ends between two knots of a process.

    Args:
        step: own local time between them.
        others: time that passed for the others, at least.
        perhaps: time that passed for them, if no silence was a change of clock.
        forced: a rule of the zone changes between them.
    """
    if step < -BACKWARD or (forced and step < -FELL):
        return Cut.BACKWARD
    if others - step > BACKWARD:
        return Cut.OVERTAKEN
    if step - others > FORWARD:
        return Cut.SILENCE
    if perhaps - step > BACKWARD:
        return Cut.DOUBT
    return Cut.ZONE if forced else None
