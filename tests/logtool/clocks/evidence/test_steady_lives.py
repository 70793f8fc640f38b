"""Who runs no application keeps one zone in his life."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from logtool.clocks.evidence.steady_lives import SteadyLives
from logtool.clocks.seen.roles import Process
from logtool.clocks.seen.scene import Scene
from logtool.clocks.tzdb.zones import zones_that_fit
from parsers.units import SECOND
from tests.logtool.clocks.scenes import HOUR, at, knots_of, sample, scene

#: Lebanon's summer ends, then that of the European Union.
_NIGHT = at("2026-10-24 21:00:00") // SECOND, at("2026-10-25 01:00:00") // SECOND
#: Nobody else speaks: where a process's time falls it has another clock.
_PARENT = Process(role="parent")


def told(rows: list[tuple[int, int, int]], **roles: Process) -> tuple[Scene, np.ndarray]:
    """A scene of lines, by pid, second UTC and hours east of it, and the offsets of its spans."""
    found = scene(
        knots_of(*((pid, utc + hours * HOUR) for pid, utc, hours in rows)),
        {int(name[1:]): process for name, process in roles.items()},
    )
    offset = np.zeros(len(found.spans), np.int64)
    for span in range(1, len(offset)):
        offset[span] = rows[int(found.spans.first[span])][2] * HOUR
    return found, offset


def nobody(offset: np.ndarray) -> np.ndarray:
    """No span is a liar's."""
    return np.zeros(len(offset), np.bool_)


class TestTorn:
    """What `torn` finds."""

    @pytest.mark.parametrize("seed", range(40))
    def test_it_finds_the_lives_whose_offsets_no_zone_has(self, seed: int) -> None:
        """The lives found are those of which the tz database names no zone."""
        rng = Random(seed)
        rows = [
            (pid, utc + rng.randrange(-3600, 3600), rng.choice((0, 1, 2, 2, 3)))
            for utc in (_NIGHT[0] - 7200, *_NIGHT, _NIGHT[1] + 7200)
            for pid in rng.sample(range(1, 4), 3)
        ]
        found, offset = told(
            sorted(rows, key=lambda row: row[1]), **dict.fromkeys(("p1", "p2", "p3"), _PARENT)
        )
        torn = {
            int(found.spans.pid[one.spans[0]])
            for one in SteadyLives(found, nobody(offset)).torn(offset)
        }
        for pid in (1, 2, 3):
            own = np.flatnonzero(found.spans.pid == pid)
            ends = [
                (int(found.knots.local_us[knot]) - int(offset[span]) * SECOND, int(offset[span]))
                for span in own
                for knot in (found.spans.first[span], found.spans.last[span])
            ]
            assert (pid in torn) == (not zones_that_fit(*zip(*ends, strict=True)))

    def test_most_lines_tell_which_zone_it_is(self) -> None:
        """Of three offsets in two nights those of the fewer lines are not of the zone."""
        times = (_NIGHT[0] - 600, _NIGHT[0] + 600, _NIGHT[1] - 600, _NIGHT[1] + 600)
        found, offset = told(
            [(1, utc, hours) for utc, hours in zip(times, (3, 2, 2, 1), strict=True)]
            + [(1, _NIGHT[1] + 900, 1)],
            p1=_PARENT,
        )
        (life,) = SteadyLives(found, nobody(offset)).torn(offset)
        assert [int(found.spans.first[span]) for span in life.spans[~life.fitting]] == [0]

    def test_an_application_may_set_another_zone(self) -> None:
        """Of who runs one, or may, nothing is said."""
        rows = [(1, _NIGHT[0] - 600, 3), (1, _NIGHT[0] + 600, 2), (1, _NIGHT[1] + 600, 1)]
        for process in (Process(role="daemon"), Process(role="child", embedded=True), Process()):
            found, offset = told(rows, p1=process)
            assert not SteadyLives(found, nobody(offset)).torn(offset)

    @pytest.mark.parametrize("restarted", [False, True])
    def test_a_pid_that_wrote_before_a_restart_is_another_process(self, restarted: bool) -> None:
        """A child's zone is another one then, if Apache was started in another."""
        rows = [(2, _NIGHT[0] - 600, 3), (1, _NIGHT[0] + 600, 1), (2, _NIGHT[1] + 600, 1)]
        words = "AH00489: Apache/2.4.71 configured -- resuming normal operations"
        samples = [sample(words, line=2, pid=1)] if restarted else []
        knots = knots_of(*((pid, utc + hours * HOUR) for pid, utc, hours in rows))
        found = scene(knots, {1: _PARENT, 2: Process(role="child")}, samples)
        offset = np.zeros(len(found.spans), np.int64)
        offset[1:] = [rows[int(first)][2] * HOUR for first in found.spans.first[1:]]
        assert bool(SteadyLives(found, nobody(offset)).torn(offset)) != restarted
