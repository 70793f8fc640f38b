"""Votes: what each kind of evidence says, and how loudly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from logtool.clocks.evidence.anchors import MTIME_SLACK_US, modification_times
from logtool.clocks.evidence.links import (
    continuity,
    daylight_saving,
    pairs,
    server_clock,
    siblings,
    steadfast,
    summer_time,
)
from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.roles import Process, Sample
from logtool.clocks.seen.scene import Scene, sample_spans
from logtool.clocks.seen.spans import UTC, cut_spans
from logtool.clocks.seen.strands import Strands
from logtool.clocks.table import hours
from logtool.clocks.tzdb.zones import changes_between
from parsers.units import SECOND
from tests.logtool.clocks.scenes import HOUR, at, knots_of, sample, scene

DAEMON = Process("daemon", "app")
PARENT = Process("parent")


#: A daemon that was seen starting, and a process whose steps say that 40 minutes have passed.
BORN = Process("daemon", "app", born=True)
BUSY = [(2, 300 * step) for step in range(9)]
#: So many seconds a line may stand too late in a file.
RACE = 2


def votes(links: Iterable[Link]) -> dict[int, float]:
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

    @pytest.mark.parametrize(
        ("knots", "expected"),
        [
            pytest.param(knots_of((7, 0), (7, 5 * HOUR + 7)), {0: 6, 5 * HOUR: 3.9}, id="in 9 s"),
            pytest.param(knots_of((7, 0), (7, 5 * HOUR + 8)), {0: 6, 5 * HOUR: 1.9}, id="in 10 s"),
            pytest.param(knots_of((7, 0), (7, 5 * HOUR + 57)), {0: 6, 5 * HOUR: 1.9}, id="in 59 s"),
            pytest.param(knots_of((7, 0), (7, 5 * HOUR + 58)), {0: 6, 5 * HOUR: 0.4}, id="in 60 s"),
            pytest.param(knots_of((7, 0), (7, 18_900)), {0: 6, 18_900: 2.5}, id="odd quarters"),
            pytest.param(knots_of((7, 0), (7, 19_800)), {0: 6, 19_800: 3.9}, id="half an hour"),
            pytest.param(knots_of((7, 0), (7, 15 * HOUR)), {0: 6, 15 * HOUR: 3.9}, id="a leap"),
            pytest.param(knots_of((7, 0), (7, 55_800)), {0: 6}, id="too far to leap"),
            pytest.param(knots_of((7, 0), (7, 1 - 5 * HOUR)), {-5 * HOUR: 4.5}, id="a fall"),
            pytest.param(knots_of((7, 0), (7, 50 - 5 * HOUR)), {-5 * HOUR: 2.5}, id="a slow fall"),
            pytest.param(knots_of((7, 0), *BUSY, (7, 605)), {-1800: 4.5}, id="overtaken"),
            pytest.param(knots_of((2, 0), (7, 0), *BUSY, (2, 2401)), {}, id="nothing happens"),
        ],
    )
    def test_how_loud(self, knots: Knots, expected: dict[int, float]) -> None:
        """The more promptly and the rounder a jump, the louder; to keep a clock is louder."""
        found = [link for link in continuity(scene(knots)) if link.voice == "kept pid 7"]
        assert votes(found) == pytest.approx(expected)
        assert {link.kind for link in found} <= {"same-process", "jump"}

    @pytest.mark.parametrize(("second", "weight"), [(119, 12), (120, 6), (60, 12)])
    def test_doubt(self, second: int, weight: float) -> None:
        """Who writes on at once has hardly changed its clock, whatever others do."""
        log = scene(knots_of((7, 0), (2, 0), (2, 3600), (7, second)))
        found = [link for link in continuity(log) if link.voice == "kept pid 7"]
        assert [(x.a, x.b, x.delta_s, x.weight, x.knot) for x in found] == [(1, 4, 0, weight, 3)]

    def test_another_process_of_the_same_pid(self) -> None:
        """A restart in the silence leaves little of the belief that a clock is kept."""
        knots = knots_of((1, 0), (7, 1), (1, 2), (7, 5 * HOUR + 400))
        words = "AH00489: Apache/2.4.71 (Debian) configured -- resuming normal operations"
        for said, weight in ((words, 0.5), ("hello", 6)):
            log = scene(knots, {1: PARENT}, [sample(said, line=3, pid=1)])
            assert votes(continuity(log))[0] == weight

    @pytest.mark.parametrize(
        ("late", "proven", "embedded", "weight"),
        [
            (60, True, False, 9.0), (-RACE, True, False, 9.0), (-RACE - 1, True, False, None),
            (119, True, False, 9.0), (120, True, False, 6.5), (1799, True, False, 6.5),
            (1800, True, False, None), (60, False, False, 5.5), (119, False, False, 5.5),
            (120, False, False, None), (60, False, True, 6.5), (120, True, True, 6.5),
        ],
    )  # fmt: skip
    def test_flips(self, late: int, proven: bool, embedded: bool, weight: float | None) -> None:
        """A clock that fell elsewhere may rise as far: surely so if one process fell so twice."""
        rise = 5 * HOUR + late
        fallers = [(8, 0), (8, -5 * HOUR)]
        if proven:
            fallers += [(8, 0), (8, -5 * HOUR)]
        knots = knots_of(*fallers, (7, -5 * HOUR), (7, rise - 5 * HOUR))
        process = Process("child", "app", embedded=embedded) if embedded else DAEMON
        found = continuity(scene(knots, {7: process, 8: replace(process)}))
        flips = [x for x in found if x.kind == "flip" and x.knot == len(knots) - 1]
        assert votes(flips) == ({} if weight is None else {5 * HOUR: weight})

    def test_a_flip_back(self) -> None:
        """After a fall a clock may be where it was before it rose, unless just born."""
        knots = knots_of((7, 0), (7, 5 * HOUR), (7, 1))
        for process, expected in ((DAEMON, [(1, 3, 0, 3.5, 2)]), (BORN, [])):
            found = [x for x in continuity(scene(knots, {7: process})) if x.kind == "flip-back"]
            assert [(x.a, x.b, x.delta_s, x.weight, x.knot) for x in found] == expected


def test_processes_are_born_with_the_server_s_clock() -> None:
    """A daemon that was seen starting is voted to begin where the parent is."""
    knots = knots_of((1, 0), (7, 1))
    processes = {1: PARENT, 7: Process("daemon", "app", born=True)}
    assert [(x.a, x.b, x.delta_s) for x in server_clock(scene(knots, processes))] == [(1, 2, 0)]


def births(log: Scene) -> list[tuple[int, int, int, float]]:
    """Whose clock is whose, by how much, and how loudly."""
    return [(x.a, x.b, x.delta_s, x.weight) for x in server_clock(log)]


def test_who_is_born_with_whose_clock() -> None:
    """Each has the clock of who served last; one of whom nothing is known hardly says so."""
    knots = knots_of((1, 0), (7, 1), (8, 2), (9, 3), (10, 4), (1, 5 * HOUR), (11, 5 * HOUR))
    kinds = {1: PARENT, 7: BORN, 8: Process(), 9: Process("child"), 10: DAEMON, 11: BORN}
    assert births(scene(knots, kinds)) == [
        (1, 2, 0, 7.0), (1, 3, 0, 1.5), (1, 4, 0, 7.0), (4, 5, 0, 1.5), (6, 7, 0, 7.0),
    ]  # fmt: skip


def test_without_a_server() -> None:
    """Where nobody serves, the first that was seen starting has its clock."""
    knots = knots_of((8, 0), (7, 1), (9, 2), (10, 3))
    kinds = {7: BORN, 9: BORN}
    assert births(scene(knots, kinds)) == [(2, 3, 0, 7.0), (2, 4, 0, 1.5)]
    assert births(scene(knots)) == []


def test_a_pid_that_others_outlived_is_born_again() -> None:
    """After a restart a pid is another process, and has the server's clock once more."""
    knots = knots_of((1, 0), (7, 1), (1, 2), (7, 5 * HOUR))
    words = "AH00489: Apache/2.4.71 (Debian) configured -- resuming normal operations"
    lines = [sample(words, line=3, pid=1)]
    assert births(scene(knots, {1: PARENT}, lines)) == [(1, 2, 0, 1.5), (1, 3, 0, 1.5)]
    assert births(scene(knots, {1: PARENT})) == [(1, 2, 0, 1.5)]


#: No zone changes.
NEVER = np.zeros((0, 3), np.int64)


def test_who_runs_no_application_keeps_its_zone() -> None:
    """Over any silence its clock moves by what zones change by at that time, if any does."""
    knots = knots_of((1, 0), (1, 5 * HOUR + 400), (1, 11 * HOUR + 800))
    nights = np.array([[6 * HOUR * SECOND, 0, HOUR], [7 * HOUR * SECOND, HOUR, 0]], np.int64)
    for role, weight in (("parent", 40), ("child", 14)):
        found = list(steadfast(scene(knots, {1: Process(role)}), nights))
        steps = [(1, 2, 0), (2, 3, 0), (2, 3, -HOUR), (2, 3, HOUR)]
        assert [(link.a, link.b, link.delta_s) for link in found] == steps
        assert {(link.kind, link.weight) for link in found} == {("same-process", weight)}
    assert list(steadfast(scene(knots, {1: DAEMON}), nights)) == []
    assert list(steadfast(scene(knots, {1: Process("child", embedded=True)}), nights)) == []


def test_a_child_that_was_outlived_is_another() -> None:
    """After a restart its pid is another's, who may have another zone."""
    knots = knots_of((1, 0), (7, 1), (1, 2), (7, 5 * HOUR))
    words = "AH00489: Apache/2.4.71 (Debian) configured -- resuming normal operations"
    kinds = {1: PARENT, 7: Process("child")}
    assert [x.b for x in steadfast(scene(knots, kinds), NEVER)] == [3]
    lines = [sample(words, line=3, pid=1)]
    assert list(steadfast(scene(knots, kinds, lines), NEVER)) == []


def test_daemons_of_a_group_are_siblings() -> None:
    """Daemons of one group share a zone; those of different groups do not."""
    knots = knots_of((7, 0), (8, 1))
    assert votes(list(siblings(scene(knots, {7: DAEMON, 8: DAEMON})))) == {0: 4.0}
    assert [x.kind for x in siblings(scene(knots, {7: DAEMON, 8: DAEMON}))] == ["group"]
    other = Process("daemon", "blog")
    assert list(siblings(scene(knots, {7: DAEMON, 8: other}))) == []


def test_a_parent_that_falls() -> None:
    """What is certainly a change is left to other votes; each parent votes for itself."""
    knots = knots_of((7, 0), (1, 0), (7, 5 * HOUR + 400), (1, -5 * HOUR), (1, 400))
    found = list(steadfast(scene(knots, {7: DAEMON, 1: PARENT}), NEVER))
    assert {(x.a, x.b, x.weight, x.voice, x.knot) for x in found} == {(4, 5, 40, "parent 1", 4)}


def test_which_siblings() -> None:
    """Each daemon is tied to the newest before it; newborn ones and others are not."""
    knots = knots_of((7, 0), (1, 0), (8, 1), (9, 2), (8, 5 * HOUR), (10, 5 * HOUR), (11, 5 * HOUR))
    blog = Process("daemon", "blog")
    kinds = {7: DAEMON, 1: PARENT, 8: DAEMON, 9: BORN, 10: blog, 11: blog}
    found = [(x.a, x.b, x.delta_s, x.weight, x.voice) for x in siblings(scene(knots, kinds))]
    assert found == [(1, 3, 0, 4.0, "sibling app"), (6, 7, 0, 4.0, "sibling blog")]


def test_siblings_that_say_little() -> None:
    """Daemons whose group is unknown, and those that flip, may have other zones."""
    knots = knots_of((7, 0), (8, 1))
    nameless = Process("daemon")
    assert votes(siblings(scene(knots, {7: nameless, 8: nameless}))) == {0: 1.2}
    flips = knots_of((7, 0), (7, -5 * HOUR), (7, 60), (7, 60 - 5 * HOUR), (8, 60 - 5 * HOUR))
    assert votes(siblings(scene(flips, {7: DAEMON, 8: DAEMON}))) == {0: 1.0}
    once = knots_of((7, 0), (7, -5 * HOUR), (8, -5 * HOUR))
    assert votes(siblings(scene(once, {7: DAEMON, 8: DAEMON}))) == {0: 4.0}


@pytest.mark.parametrize(
    ("apart", "expected"),
    [
        (5 * HOUR + 29, [5.0]), (5 * HOUR + 30, [4.5]), (5 * HOUR + 300, [4.5]),
        (5 * HOUR + 301, []), (5 * HOUR - RACE, [5.0]), (5 * HOUR - RACE - 1, []),
        (-5 * HOUR, [5.0]), (26 * HOUR, [5.0]), (26.25 * HOUR, []), (0, [5.0]),
    ],
)  # fmt: skip
def test_how_far_a_request_s_lines_are_apart(apart: float, expected: list[float]) -> None:
    """Within five minutes of a quarter of an hour, and no further than clocks on earth."""
    lines = [
        replace(sample("x", line=n, pid=pid, client="192.0.2.7:99"), local_us=int(second * SECOND))
        for n, pid, second in ((1, 7, 0), (2, 8, apart), (3, 7, 0), (4, 8, apart))
    ]
    log = scene(knots_of((7, 0), (8, apart)), samples=lines)
    found = [(x.a, x.b, x.weight) for x in pairs(log) if x.a < x.b]
    assert found == [(1, 2, weight) for weight in expected]
    assert not list(pairs(scene(log.knots, samples=[lines[0], lines[2]])))
    elsewhere = [lines[0], replace(lines[1], file=1)]
    assert not list(pairs(scene(log.knots, samples=elsewhere)))


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
    ("before", "after", "change_s", "expected"),
    [
        ("00:30", "03:30", (7200, 3600), {-HOUR: 13.0}),
        ("00:30", "03:30", (7200, 7200), {}),
        ("00:30", "04:30", (12_600, 10_800), {-1800: 12.5}),
        ("00:30", "09:30", (0, 7200), {2 * HOUR: 12.0}),
        ("00:30", "09:30", (0, 7201), {}),
        ("01:59:30", "03:00:30", (3600, 7200), {HOUR: 14.5}),
        ("01:59:30", "03:01:30", (3600, 7200), {HOUR: 13.0}),
        ("01:59:30", "02:59:57", (3600, 7200), {}),
        ("01:59:30", "02:59:58", (3600, 7200), {HOUR: 14.5}),
        ("02:00:02", "03:20", (3600, 7200), {HOUR: 13.0}),
        ("02:00:03", "03:20", (3600, 7200), {}),
    ],
)
def test_how_loudly_a_night_speaks(
    before: str, after: str, change_s: tuple[int, int], expected: dict[int, float]
) -> None:
    """A change at 01:00 UTC counts between a line before it and one after; an hour is usual."""
    times = [at(f"2026-03-29 {clock}") // SECOND for clock in (before, after)]
    knots = knots_of((9, times[0]), *((1, time) for time in times))
    changes = np.array([[at("2026-03-29 01:00"), *change_s]], np.int64)
    assert votes(daylight_saving(scene(knots, {1: PARENT}), changes)) == pytest.approx(expected)
    assert not list(daylight_saving(scene(knots, {1: PARENT}), changes[:0]))


def test_a_clock_that_changes_when_a_zone_does() -> None:
    """At 01:00 UTC a clock went from +01:00 to +02:00: Berlin does, so those are its offsets."""
    times = [at(f"2026-03-29 {clock}") // SECOND for clock in ("01:50", "03:10")]
    log = scene(knots_of((9, times[0]), *((1, time) for time in times)))
    found = list(summer_time(log, np.array([0, 0, HOUR, 2 * HOUR])))
    assert [(x.a, x.b, x.delta_s, x.weight, x.assumed, x.knot) for x in found] == [
        (UTC, 3, 2 * HOUR, 3.0, False, 2)
    ]
    assert found[0].text == "its clock goes from +01:00 to +02:00 when a zone does"
    for offsets in ([0, 0, HOUR, HOUR], [0, 0, 0, HOUR], [0, 0, HOUR, 3 * HOUR]):
        assert not list(summer_time(log, np.array(offsets)))


def test_a_night_of_silence_leaves_a_choice() -> None:
    """If London's and Athens' change fall into the silence too, Berlin is but one of them."""
    times = [at(f"2026-03-{clock}") // SECOND for clock in ("28 20:00", "29 08:00")]
    log = scene(knots_of(*((1, time) for time in times)))
    found = list(summer_time(log, np.array([0, HOUR, 2 * HOUR])))
    assert [(x.delta_s, x.weight, x.assumed) for x in found] == [(2 * HOUR, 0.05, True)]
    assert found[0].text.endswith("; so might one elsewhere, at another instant")


@pytest.mark.parametrize(("changes", "heard"), [(4, 1), (5, 0)])
def test_who_flips_tells_nothing_of_summer_time(changes: int, heard: int) -> None:
    """A clock that changes in more than four places of a log does so for another reason."""
    begin = at("2026-03-29 01:50") // SECOND
    rows = [(1, begin), (1, begin + 80 * 60)]
    for turn in range(changes - 1):
        rows.append((1, begin + 86_400 * (turn + 1)))
    log = scene(knots_of(*rows))
    offsets = [0, HOUR, 2 * HOUR, *(9 * HOUR * (turn % 2) for turn in range(1, changes))]
    assert len(list(summer_time(log, np.array(offsets)))) == heard


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


@pytest.mark.parametrize(
    ("name", "late_us", "told"),
    [
        ("error.log", 0, "error.log was modified at the moment of its last line, "),
        ("error.log", 240_000, "error.log was modified 0.2 s after its last line, "),
        ("standard input", 0, "the file on standard input was modified at the moment of its last "),
    ],
)
def test_the_words_of_modification_times(name: str, late_us: int, told: str) -> None:
    """What was modified, and how long after its last line, if that is any time."""
    log = scene(knots_of((7, 0), (7, 2 * HOUR + 60)))
    (found,) = modification_times(log, {0: 60 * SECOND + late_us}, [name])
    assert found.text.startswith(told)
    assert found.text.endswith(", if that is at +02:00")


def test_the_span_of_a_sample() -> None:
    """A sample belongs to the newest span of its process that began at or before its line."""
    knots = knots_of((7, 0), (7, 1), (7, -5 * HOUR), (8, 0))
    find = sample_spans(knots, cut_spans(Strands.of(knots)))
    assert [find(sample("x", line=n)) for n in (1, 2, 3, 9)] == [1, 1, 2, 2]
    assert find(sample("x", line=3, pid=8)) is None
    assert find(sample("x", pid=4711)) is None
