"""Requests that lines meet under another offset than the answer's."""

from __future__ import annotations

import numpy as np
import pytest

from logtool.clocks.doubt.met_elsewhere import met_elsewhere
from logtool.clocks.evidence.placed import Placed
from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.roles import Process
from logtool.clocks.seen.spans import UTC
from tests.logtool.clocks.scenes import HOUR, knots_of, scene

SHOP, OTHER = Process("daemon", "shop"), Process("daemon", "other")


def vote(kind: str, hours: int) -> Link:
    """What is said of the second process."""
    return Link(UTC, 2, hours * HOUR, 5.0, kind, kind, "so it is")


@pytest.mark.parametrize(
    ("second", "votes", "met"),
    [
        pytest.param(SHOP, [vote("requests", -6)], 1, id="where its group is"),
        pytest.param(OTHER, [vote("requests", -6)], 0, id="where only others are"),
        pytest.param(SHOP, [vote("requests", -7)], 0, id="where nobody is"),
        pytest.param(SHOP, [vote("requests", -5)], 0, id="where it is"),
        pytest.param(
            SHOP, [vote("requests", -6), vote("mtime", -5)], 0, id="another witness agrees"
        ),
        pytest.param(
            SHOP, [vote("requests", -6), vote("access-log", -5)], 1, id="only as the server's"
        ),
    ],
)
def test_who_met_a_request_elsewhere(second: Process, votes: list[Link], met: int) -> None:
    """A process at -05:00, of whose group another is at -06:00, and requests that tell of it."""
    of = scene(knots_of((7, 0), (8, 3600)), {7: SHOP, 8: second})
    offset = np.array([0, -6 * HOUR, -5 * HOUR])
    assert len(met_elsewhere(Placed(of, votes, offset, {}, {}))) == met
