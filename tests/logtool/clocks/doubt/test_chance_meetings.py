"""Requests that some lines meet by chance, as those of another server's access log."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from logtool.clocks.doubt.chance_meetings import met_by_chance
from logtool.clocks.evidence.placed import Placed
from logtool.clocks.seen.constraints import Link, Tie
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import UTC
from tests.logtool.clocks.scenes import HOUR


def vote(span: int, hours: int, kind: str = "requests") -> Link:
    """What is said of a span."""
    return Link(UTC, span, hours * HOUR, 5.0, kind, kind, "so it is")


def tie(*links: Link) -> Tie:
    """A tie to UTC by what is said."""
    return Tie(UTC, 1, 0, False, links=links)


#: What holds each span to UTC: requests, what others say too, others alone, and order.
HELD = {
    1: tie(vote(1, 0)),
    2: tie(vote(2, 0), vote(2, 0, "mtime")),
    3: tie(vote(3, 0, "mtime")),
    4: tie(),
}


@pytest.mark.parametrize(
    ("right", "elsewhere", "expected"),
    [
        pytest.param(1, 3, [1], id="three elsewhere for one that is where it is put"),
        pytest.param(1, 2, [], id="two may be chance"),
        pytest.param(2, 4, [1], id="twice as many"),
        pytest.param(2, 3, [], id="not even that"),
    ],
)
def test_most_spans_tell_whether_requests_are_met_by_chance(
    right: int, elsewhere: int, expected: list[int]
) -> None:
    """What only requests tie to UTC is doubted where most that meet any deny the answer."""
    votes = [vote(span, 0) for span in range(1, 1 + right)]
    # Who is met at several offsets, one of which is the answer, does not deny it.
    votes += [vote(1, 9)]
    votes += [vote(10 + span, 2) for span in range(elsewhere)]
    # What other witnesses deny is not counted.
    votes += [vote(20 + span, 2, "mtime") for span in range(5)]
    offset = np.zeros(30, np.int64)
    assert met_by_chance(Placed(cast(Scene, None), votes, offset, HELD, {})) == expected
