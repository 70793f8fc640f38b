"""Lines that would run backwards in real time are of no clock that is more than assumed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from logtool.clocks.evidence.disorder import disordered
from logtool.clocks.evidence.placed import Placed
from logtool.clocks.options import ClockOptions
from logtool.clocks.seen.constraints import Edges, Link, Tie
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import UTC
from tests.logtool.clocks.scenes import HOUR, line, solved

LOADS = "[client 127.0.0.1:4] mod_wsgi (pid={}, process='', application=''): Loading Python script"
#: Some children keep Berlin's clock, others the UTC that an application has set, all before. One is
#: seen being born an hour after it says so: that is forged, or of a clock that was wrong.
HEAD = [
    line("2026-11-27 03:56:42.701789", 24, "[client 127.0.0.1:1] ValueError: broken q=14"),
    line("2026-11-27 04:56:42.716979", 63, "[client 127.0.0.1:2] AH01964: x", "ssl:info"),
    line("2026-11-27 04:56:42.720746", 63, LOADS.format(63), "wsgi:info"),
    line("2026-11-27 04:56:43.049588", 33, LOADS.format(33), "wsgi:info"),
    line("2026-11-27 03:56:43.060000", 2, "mod_wsgi (pid=2): Initializing Python.", "wsgi:info"),
    line("2026-11-27 03:56:43.098981", 3, "[client 127.0.0.1:5] INFO shop: q=22"),
    line("2026-11-27 03:56:43.105316", 2, "[client 127.0.0.1:6] AH01992: x", "ssl:info"),
]


def test_lines_that_would_run_backwards_are_assumed() -> None:
    """Who loads a script keeps Berlin's clock, and so does the newborn, an hour before."""
    table, answers = solved(HEAD, ClockOptions(server_tz="Europe/Berlin"))
    assert answers[3] == (1, "assumed")
    assert {*answers[4:]} == {(1, "certain")}
    facts = [fact.text for clock in table.clocks for fact in clock.evidence]
    assert any(text.endswith("which contradicts itself: no offset is both") for text in facts)


def scene_of(*lines: int) -> Scene:
    """A log whose spans, but for that of UTC, have so many lines."""
    last = np.cumsum(lines)
    spans = SimpleNamespace(
        first=np.array([-1, *range(0, 2 * len(lines), 2)]),
        last=np.array([-1, *range(1, 2 * len(lines), 2)]),
    )
    nth = np.stack((last - lines, last - 1), axis=1).ravel()
    return cast("Scene", SimpleNamespace(spans=spans, knots=SimpleNamespace(nth=nth)))


@pytest.mark.parametrize(
    ("lines", "sure", "expected"),
    [
        ((100, 100, 100), False, [1, 2, 3]),  # either is wrong, and what is held with either
        ((1, 100, 100), False, [1, 3]),
        ((100, 1, 100), False, [2]),  # a single line may be forged, and disproves only itself
        ((100, 100, 100), True, [2]),  # what is sure is not disproved
    ],
)
def test_few_lines_disprove_themselves(
    lines: tuple[int, ...], sure: bool, expected: list[int]
) -> None:
    """The second span is put an hour before the first one; one tie holds the first and third."""
    one, two = (Tie(UTC, 1, 0, sure, links=()), Tie(UTC, 2, 0, False, links=()))
    order = Edges(np.array([1]), np.array([2]), np.array([0]))
    offset = np.array([0, 0, HOUR, 0])
    placed = Placed(scene_of(*lines), (), offset, {1: one, 2: two, 3: one}, {})
    assert disordered(placed, order) == expected


@pytest.mark.parametrize(
    ("kind", "expected"), [("server-tz", [2]), ("access-log", [2]), ("log-id", []), ("", [])]
)
def test_what_is_said_of_the_server_may_be_said_of_another(kind: str, expected: list[int]) -> None:
    """A line that order denies is doubted where only that makes it sure; a log ID is its own."""
    said = (Link(UTC, 2, HOUR, 100.0, kind, kind, "so they say", 0, sure=True),) if kind else ()
    one, two = (Tie(UTC, 1, 0, sure=True), Tie(UTC, 2, HOUR, sure=True, links=said))
    order = Edges(np.array([1]), np.array([2]), np.array([0]))
    placed = Placed(scene_of(100, 1), (), np.array([0, 0, HOUR]), {1: one, 2: two}, {})
    assert disordered(placed, order) == expected


def test_a_change_that_hides_behind_the_loading_of_an_application() -> None:
    """A daemon loads it an hour late, and goes on in UTC an hour later: no silence shows that."""
    lines = [
        line(
            "2026-03-28 05:38:52.460", 12, "AH00489: Apache/2.4.62 configured", "mpm_event:notice"
        ),
        line("2026-03-28 05:38:52.490", 5, "mod_wsgi (pid=5): Starting process 'app'", "wsgi:info"),
        line("2026-03-28 05:38:52.491", 5, "mod_wsgi (pid=5): Initializing Python.", "wsgi:info"),
        line(
            "2026-03-28 06:23:15.616", 5, LOADS.replace("client", "remote").format(5), "wsgi:info"
        ),
        line("2026-03-28 06:23:15.669", 5, "[remote 127.0.0.1:4] GET / took 12 ms"),
        line("2026-03-28 07:24:42.199", 7, "[client 127.0.0.1:9] AH01964: x", "ssl:info"),
        line("2026-03-28 06:24:42.221", 5, "[remote 127.0.0.1:9] Not Found: /"),
        line("2026-03-28 06:24:42.222", 5, "[remote 127.0.0.1:9] Not Found: /"),
        line("2026-03-28 07:24:49.290", 7, "[client 127.0.0.1:9] AH01998: x", "ssl:info"),
    ]
    _, answers = solved(lines, ClockOptions(server_tz="Europe/Berlin"))
    assert {answer for answer in answers[3:5] if answer} <= {(0, "assumed"), (1, "likely")}
