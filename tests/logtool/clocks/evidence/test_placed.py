"""What falls with spans that are refuted."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from logtool.clocks.evidence.placed import Placed
from logtool.clocks.seen.constraints import Link, Tie
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import UTC, UTC_PID


def tie(*texts: str) -> Tie:
    """A tie to UTC by such facts; by order where there are none."""
    links = tuple(Link(UTC, 1, 0, 1.0, text, "kind", text) for text in texts)
    return Tie(UTC, 1, 0, False, links=links)


#: What holds each span to UTC.
HELD = {1: tie("zone"), 2: tie("zone"), 3: tie("zone", "file"), 4: tie("file"), 5: tie()}

#: Span -> the one that a vote holds it to, too.
LEANING = {2: 1, 3: 2, 5: 4, 6: 5}


@pytest.mark.parametrize(
    ("refuted", "written", "expected"),
    [
        ([], False, []),
        ([9], False, []),  # nothing holds it
        ([1], False, [1, 2, 5]),  # who is tied by order is tied to whatever is told
        ([1], True, [1, 2]),  # or to lines that write their offset
        ([4], True, [4]),
        ([3], True, [1, 2, 3, 4]),
        ([5], False, [1, 2, 3, 4, 5]),
        ([5], True, []),
        ([1, 5], True, [1, 2]),
    ],
)
def test_what_rests_on_nothing_else(refuted: list[int], written: bool, expected: list[int]) -> None:
    """A span that something else holds too does not fall."""
    pid = np.array([UTC_PID if written else 7, 7])
    scene = cast("Scene", SimpleNamespace(knots=SimpleNamespace(pid=pid)))
    placed = Placed(scene, (), np.zeros(6, np.int64), HELD, {})
    assert placed.resting_on(refuted) == expected


def test_who_leans_on_others_falls_with_all_of_them_only() -> None:
    """A vote of two spans holds each as far as the other is held."""
    told = Link(UTC, 1, 0, 1.0, "zone", "kind", "zone")
    other = Link(UTC, 4, 0, 1.0, "file", "kind", "file")
    pairs = {span: Link(end, span, 0, 1.0, "pair", "kind", "pair") for span, end in LEANING.items()}
    held = {1: Tie(UTC, 1, 0, True, links=(told,)), 4: Tie(UTC, 4, 0, True, links=(other,))}
    held |= {span: Tie(UTC, span, 0, False, links=(told, link)) for span, link in pairs.items()}
    scene = cast("Scene", SimpleNamespace(knots=SimpleNamespace(pid=np.array([7]))))
    placed = Placed(scene, (), np.zeros(8, np.int64), held, {})
    assert placed.resting_on([1]) == [1, 2, 3]


def test_who_tells_the_offsets_of_spans() -> None:
    """Votes from UTC that are no default and that hold; those of requests on either side."""
    votes = [
        Link(UTC, 1, 3600, 1.0, "a", "requests", "agrees"),
        Link(UTC, 1, 3600, 1.0, "b", "mtime", "agrees"),
        Link(UTC, 2, 3600, 1.0, "c", "requests", "denies"),
        Link(UTC, 2, 0, 1.0, "d", "host", "a default", assumed=True),
        Link(1, 2, 0, 1.0, "e", "server-tz", "tells how far one is from another"),
    ]
    offset = np.array([0, 3600, 0])
    placed = Placed(cast("Scene", SimpleNamespace()), votes, offset, {}, {})
    assert placed.told == {1: {"requests", "mtime"}}
    assert placed.requests == ([votes[0]], [votes[2]])
