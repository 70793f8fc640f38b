"""Votes: what each kind of evidence says, and how loudly."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from logtool.clocks.anchors import MTIME_SLACK_US, modification_times
from logtool.clocks.constraints import Link
from logtool.clocks.knots import SECOND
from logtool.clocks.links import (
    continuity,
    daylight_saving,
    pairs,
    server_clock,
    siblings,
    steadfast,
)
from logtool.clocks.roles import Process, Sample
from logtool.clocks.scene import sample_spans
from logtool.clocks.spans import UTC, cut_spans
from logtool.clocks.table import hours
from logtool.clocks.zones import changes_between
from tests.logtool.clocks.scenes import HOUR, at, knots_of, sample, scene

DAEMON = Process("daemon", "app")
PARENT = Process("parent")


def votes(links: Sequence[Link]) -> dict[int, float]:
    """Difference in seconds -> the weight of the vote for it."""
    return {link.delta_s: link.weight for link in links}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "+00:00"), (20700, "+05:45"), (-12600, "-03:30"), (-36000, "-10:00"), (900, "+00:15")],
)
def test_hours(seconds: int, text: str) -> None:
    """Offsets are told as people write them."""
    assert hours(seconds) == text


class TestContinuity:
    """A process keeps its clock, or moves no further than it must."""

    def test_a_silence_keeps(self) -> None:
        """After a silence that no quarter of an hour explains, keeping is the loudest vote."""
        found = votes(list(continuity(scene(knots_of((7, 0), (7, 5 * HOUR + 400))))))
        assert max(found, key=lambda delta: found[delta]) == 0

    def test_a_jump_just_after_a_line(self) -> None:
        """A fall of just under some hours within seconds is a jump of those hours."""
        found = votes(list(continuity(scene(knots_of((7, 0), (7, 5 - 8 * HOUR))))))
        assert found[-8 * HOUR] > 4
        assert 0 not in found

    def test_the_parent_is_steadier_than_a_daemon(self) -> None:
        """What keeps the server's clock keeps it more firmly."""
        knots = knots_of((7, 0), (7, 5 * HOUR))
        firm = votes(list(continuity(scene(knots, {7: PARENT}))))
        loose = votes(list(continuity(scene(knots, {7: DAEMON}))))
        assert firm[0] > loose[0] > 0


def test_processes_are_born_with_the_server_s_clock() -> None:
    """A daemon that was seen starting is voted to begin where the parent is."""
    knots = knots_of((1, 0), (7, 1))
    processes = {1: PARENT, 7: Process("daemon", "app", born=True)}
    assert [(x.a, x.b, x.delta_s) for x in server_clock(scene(knots, processes))] == [(1, 2, 0)]


def test_the_parent_keeps_its_zone() -> None:
    """Over any silence the parent's clock moves by summer time at most, not so an application's."""
    knots = knots_of((1, 0), (1, 5 * HOUR + 400), (1, 11 * HOUR + 800))
    found = list(steadfast(scene(knots, {1: PARENT})))
    steps = {0, HOUR, HOUR // 2, 2 * HOUR}  # what summer time is, somewhere in the tz database
    assert {abs(link.delta_s) for link in found} == steps
    assert {(link.a, link.b) for link in found} == {(1, 2), (2, 3)}
    assert {link.kind for link in found} == {"same-process"}
    assert list(steadfast(scene(knots, {1: DAEMON}))) == []


def test_daemons_of_a_group_are_siblings() -> None:
    """Daemons of one group share a zone; those of different groups do not."""
    knots = knots_of((7, 0), (8, 1))
    assert votes(list(siblings(scene(knots, {7: DAEMON, 8: DAEMON})))) == {0: 4.0}
    assert [x.kind for x in siblings(scene(knots, {7: DAEMON, 8: DAEMON}))] == ["group"]
    other = Process("daemon", "blog")
    assert list(siblings(scene(knots, {7: DAEMON, 8: other}))) == []


@pytest.mark.parametrize(
    ("client", "expected"),
    [("192.0.2.7:99", [5 * HOUR]), ("192.0.2.7", []), ("forged-\xff:99", [5 * HOUR])],
)
def test_two_processes_of_one_request(client: str, expected: list[int]) -> None:
    """Lines of one client address and port are moments apart; a bare address proves nothing."""
    later = (5 * HOUR + 3) * SECOND
    lines = [
        Sample(0, 1, 7, 0, b"ssl", b"client", b"x", client.encode(), b"", b""),
        Sample(0, 2, 8, later, b"wsgi", b"remote", b"x", client.encode(), b"", b""),
    ]
    found = pairs(scene(knots_of((7, 0), (8, 5 * HOUR + 3)), samples=lines))
    assert [link.delta_s for link in found] == expected


def test_a_night_in_which_zones_change() -> None:
    """A change of the offset is thinkable over a night in which some zone changes, and no other."""
    for night, thinkable in (("2026-10-25", True), ("2026-10-21", False)):
        start = at(f"{night} 00:30") // SECOND
        changes = changes_between(at(night), at(f"{night} 12:00"))
        log = scene(knots_of((1, start), (1, start + 3 * HOUR)), {1: PARENT})
        assert (-HOUR in votes(list(daylight_saving(log, changes)))) == thinkable


@pytest.mark.parametrize(
    ("late_us", "offset"),
    [(0, 2), (4_000, 2), (MTIME_SLACK_US, 2), (-1_000_000, 2), (7 * 60 * SECOND, None)],
)
def test_modification_times(late_us: int, offset: float | None) -> None:
    """The file was modified at its last line, or moments after, under one offset."""
    log = scene(knots_of((7, 0), (7, 2 * HOUR + 60)))
    found = list(modification_times(log, {0: 60 * SECOND + late_us}, ["error.log"]))
    assert [(link.a, link.delta_s) for link in found] == (
        [] if offset is None else [(UTC, offset * HOUR)]
    )
    assert not any(link.sure for link in found)


def test_the_span_of_a_sample() -> None:
    """A sample belongs to the newest span of its process that began at or before its line."""
    knots = knots_of((7, 0), (7, 1), (7, -5 * HOUR), (8, 0))
    find = sample_spans(knots, cut_spans(knots))
    assert [find(sample("x", line=n)) for n in (1, 2, 3, 9)] == [1, 1, 2, 2]
    assert find(sample("x", line=3, pid=8)) is None
    assert find(sample("x", pid=4711)) is None
