"""What would have a process keep two zones, that keeps the one it was started in, is doubted."""

from __future__ import annotations

import numpy as np
import pytest

from logtool.clocks.doubt.one_zone import of_other_zones
from logtool.clocks.evidence.placed import Placed
from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.roles import Process
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import UTC
from parsers.units import SECOND
from tests.logtool.clocks.scenes import HOUR, at, knots_of, scene

#: Lebanon's summer ends, then that of the European Union.
_NIGHT = at("2026-10-24 21:00:00") // SECOND, at("2026-10-25 01:00:00") // SECOND
#: A parent (1), a daemon that keeps UTC (9), and one more that ends (8): pid, second UTC, hours.
_ROWS = [
    (9, _NIGHT[0] - 3600, 0),
    *((1, _NIGHT[0] - 1800 + second, 3) for second in range(4)),
    *((8, _NIGHT[0] - 1700 + second, 1) for second in range(4)),
    (9, _NIGHT[0] - 1600, 0),
    *((1, _NIGHT[0] + 4100 + second, 2) for second in range(5)),
    *((1, _NIGHT[1] + 4000 + second, 1) for second in range(5)),
    (9, _NIGHT[1] + 4100, 0),
]


def doubted(links: list[Link], *, solid: bool = True) -> list[tuple[int, int]]:
    """The spans that are doubted, by pid and offset in hours."""
    found, offset = _put()
    spans = of_other_zones(Placed(found, links, offset, {}, {}), np.full(len(offset), solid))
    return [(int(found.spans.pid[span]), int(offset[span]) // HOUR) for span in spans]


@pytest.mark.parametrize(
    ("first", "hours", "told"),
    [(6, 5, True), (6, 8, True), (6, 9, False), (6, -7, False), (24, 30, True)],
)
def test_who_is_far_away_was_moved_there(first: int, hours: int, told: bool) -> None:
    """No zone's clocks change by more than two hours: then an application runs there after all.

    Who keeps none at all is doubted wherever he is.
    """
    rows = [*((1, second, first) for second in (0, 10, 20)), (1, 30, hours)]
    found = scene(
        knots_of(*((pid, _NIGHT[0] + utc + here * HOUR) for pid, utc, here in rows)),
        {1: Process(role="child")},
    )
    offset = np.array([0, *(rows[int(at)][2] * HOUR for at in found.spans.first[1:])])
    assert (len(offset) == 3, found.serves(1)) == (True, True)
    spans = of_other_zones(Placed(found, [], offset, {}, {}), np.ones(len(offset), np.bool_))
    assert bool(spans) == told


def _put() -> tuple[Scene, np.ndarray]:
    found = scene(
        knots_of(*((pid, utc + hours * HOUR) for pid, utc, hours in _ROWS)),
        {1: Process(role="parent"), 8: Process(role="daemon"), 9: Process(role="daemon")},
    )
    offset = np.zeros(len(found.spans), np.int64)
    for span in range(1, len(offset)):
        offset[span] = _ROWS[int(found.spans.first[span])][2] * HOUR
    return found, offset


def test_what_is_written_meanwhile_is_doubted_too() -> None:
    """The parent's hours in the other zone, and what lies between those before and after."""
    assert {(1, 3), (8, 1)} <= {*doubted([])}
    assert not {(1, 2), (1, 1)} & {*doubted([])}


def test_a_line_or_two_doubt_nobody_else() -> None:
    """They may be forged."""
    assert doubted([], solid=False) == [(1, 3)]


@pytest.mark.parametrize(("assumed", "spared"), [(False, True), (True, False)])
def test_a_witness_of_utc_is_believed(assumed: bool, spared: bool) -> None:
    """A server whose database is an older one writes what no zone has; an assumption is none."""
    found, offset = _put()
    span = int(np.flatnonzero((found.spans.pid == 1) & (offset == 3 * HOUR))[0])
    link = Link(UTC, span, 3 * HOUR, 9.0, "requests", "requests", "it says so", assumed=assumed)
    assert ((1, 3) not in doubted([link])) == spared
