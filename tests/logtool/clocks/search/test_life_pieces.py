"""Where a life keeps no zone, a stretch of the log may have to move."""

from __future__ import annotations

import numpy as np

from logtool.clocks.evidence.steady_lives import SteadyLives
from logtool.clocks.search.life_pieces import LifePieces
from logtool.clocks.seen.roles import Process
from logtool.clocks.seen.scene import Scene
from parsers.units import SECOND
from tests.logtool.clocks.scenes import HOUR, at, knots_of, scene

#: Lebanon's summer ends, then that of the European Union.
_NIGHT = at("2026-10-24 21:00:00") // SECOND, at("2026-10-25 01:00:00") // SECOND


def put(*rows: tuple[int, int, int]) -> tuple[Scene, np.ndarray]:
    """Lines of a parent (1) and of others, by pid, second UTC and hours east: a scene, offsets."""
    found = scene(
        knots_of(*((pid, utc + hours * HOUR) for pid, utc, hours in rows)),
        {1: Process(role="parent")},
    )
    offset = np.zeros(len(found.spans), np.int64)
    for span in range(1, len(offset)):
        offset[span] = rows[int(found.spans.first[span])][2] * HOUR
    return found, offset


def test_each_piece_may_have_the_offset_of_the_one_beside_it() -> None:
    """A stretch ends at the longest silence between two pieces, the first begins with the log."""
    found, offset = put(
        (9, _NIGHT[0] - 1900, 0),
        (1, _NIGHT[0] - 1800, 3),
        (9, _NIGHT[0] - 1700, 0),
        (9, _NIGHT[0] + 4000, 0),
        (1, _NIGHT[0] + 4100, 2),
        (1, _NIGHT[1] + 4000, 1),
    )
    lives = SteadyLives(found, np.zeros(len(offset), np.bool_))
    assert LifePieces(found, lives).of(offset) == [
        (0, 3, -HOUR), (3, 5, HOUR), (3, 5, -HOUR), (5, 6, HOUR)
    ]  # fmt: skip


def test_a_life_in_one_zone_asks_for_nothing() -> None:
    """Where the parent's clock goes as Berlin's does, no stretch has to move."""
    found, offset = put(
        (1, _NIGHT[0] - 1800, 2), (1, _NIGHT[0] + 4100, 2), (1, _NIGHT[1] + 4000, 1)
    )
    lives = SteadyLives(found, np.zeros(len(offset), np.bool_))
    assert not LifePieces(found, lives).of(offset)
