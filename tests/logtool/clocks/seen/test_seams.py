"""Places at which another server's log begins."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.clock_accuracy import Engine, anchors_of, errlog
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.roles import Sample
from logtool.clocks.seen.seams import put_together, sections
from parsers.lines import NO_PID
from tests.logtool.clocks.scenes import HOUR, at, knots_of, line, sample, solved
from tests.logtool.clocks.simulate import Group, Simulated, Spec, appended, simulate
from tests.logtool.clocks.simulate.zones import us

#: In June, when no zone goes back.
START = at("2026-06-10 12:00:00") // 1_000_000
TIMEOUT = "AH01382: Request header read timeout"
STOP = "AH00169: caught SIGTERM, shutting down"


def children(*pids: int) -> list[Sample]:
    """A line of each, as only children write them."""
    return [sample(TIMEOUT, pid=pid, module="core", client="192.0.2.1:5") for pid in pids]


def lines(rng: Random, pids: list[int], begin: float, count: int = 12) -> list[tuple[int, float]]:
    """Lines of some processes by turns, at least three of each, from a local time on."""
    second, rows = START + begin, []
    for row in range(count):
        second += rng.uniform(1, 60)
        rows.append((pids[row % len(pids)], second))
    return rows


def begins(knots: Knots, samples: list[Sample]) -> list[int]:
    """The first line of each section but the first."""
    return [int(part.knots.line[0]) for part in sections(knots, samples, [0, 0])[1:]]


@given(st.integers(0, 999), st.integers(20 * 60, 100 * HOUR))
def test_it_is_where_nobody_goes_on_and_time_falls(seed: int, back: int) -> None:
    """Each side is a log of its own, with its own lines and samples."""
    rng = Random(seed)
    rows = lines(rng, [1, 2], 0) + lines(rng, [3, 4], -back)
    said = children(1, 2, 3, 4)
    for number, one in enumerate(said):
        one.line = number + 1 if number < 2 else number + 11
    first, second = sections(knots_of(*rows), said, [0])
    assert [len(first.knots), len(second.knots)] == [12, 12]
    assert [[one.pid for one in part.samples] for part in (first, second)] == [[1, 2], [3, 4]]
    assert [one.alone for one in (first, second)] == [False, False]
    assert [one.goes_on for one in (first, second)] == [{0}, set()]
    (note,) = put_together([first, second], ["error.log"])
    assert (note.file, note.line) == (0, 13)


@pytest.mark.parametrize(
    ("begin", "other", "said"),
    [
        pytest.param(3600, 4, [], id="time goes on"),
        pytest.param(-7200, 1, [], id="a process goes on"),
        pytest.param(-7200, 4, [sample(STOP, pid=9, line=12)], id="Apache was stopped"),
    ],
)
def test_it_is_one_server_where_something_says_so(
    begin: int, other: int, said: list[Sample]
) -> None:
    """Time may fall as it is started anew in another zone."""
    rng = Random(1)
    rows = lines(rng, [1, 2], 0) + lines(rng, [3], begin, 6) + lines(rng, [other], 7200, 6)
    assert begins(knots_of(*rows), [*children(1, 2), *said, *children(3, other)]) == []


def test_others_may_have_the_same_pids() -> None:
    """As in containers: then time falls for all, but not as where the host's clock is set back."""
    rng = Random(1)
    every = {1: 0, 2: 0, 3: -5 * HOUR, 4: -5 * HOUR}
    before = [(pid, second + every[pid]) for pid, second in lines(rng, [*every], 0, 24)]
    after = lines(rng, [*every], -9 * HOUR, 24)
    daemons = [sample("hello", pid=pid, module="wsgi", marker="remote") for pid in (3, 4)]
    said = [*children(1, 2), *daemons]
    moved = [(pid, second + every[pid] // 2) for pid, second in after]
    assert begins(knots_of(*before, *moved), said) == [25]
    kept = [(pid, second + every[pid]) for pid, second in after]
    assert begins(knots_of(*before, *kept), said) == []


def ready(line: int, pid: int, version: str = "2.4.62") -> Sample:
    """What a parent says as it is ready."""
    return sample(
        f"AH00489: Apache/{version} (Debian) configured -- resuming normal operations",
        line=line, pid=pid, module="mpm_event",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "file", "expected"),
    [
        pytest.param([ready(1, 1), ready(8, 4, "2.4.58")], 0, [7], id="another build"),
        pytest.param([ready(1, 1), ready(8, 4)], 0, [], id="the same"),
        pytest.param([ready(8, 4, "2.4.58")], 0, [], id="nobody knows which one ran before"),
        pytest.param([ready(1, 1), ready(8, 1, "2.4.58")], 0, [], id="the same parent"),
        pytest.param(
            [ready(1, 1), sample(STOP, pid=1, line=6), ready(8, 4, "2.4.58")], 0, [], id="stopped"
        ),
        pytest.param(
            [ready(1, 1), ready(8, 4, "2.4.58")], 1, [], id="some file between may be missing"
        ),
    ],
)
def test_another_build_of_apache_starts_only_where_one_was_stopped(
    said: list[Sample], file: int, expected: list[int]
) -> None:
    """Time goes on, yet nobody stopped the one before it: its log was put behind another's."""
    rows = [(1, 0.0), (2, 60.0), (2, 120.0), (2, 180.0), (1, 240.0), (1, 300.0)]
    rows += [(3, 9000.0), (4, 9000.2), (4, 9100.0), (5, 9200.0), (5, 9300.0), (5, 9400.0)]
    knots = knots_of(*((pid, START + second) for pid, second in rows))
    knots.file[6:] = file
    for one in said:
        one.file = file if one.line > 6 else 0
    assert begins(knots, said) == expected


def buries(
    line: int, pid: int, daemon: int, told: str = "mod_wsgi (pid={}): Process '{}'"
) -> Sample:
    """What a parent says of a daemon that has ended."""
    return sample(f"{told.format(daemon, 'app')} has died, deregister", line=line, pid=pid)


@pytest.mark.parametrize(
    ("said", "file", "expected"),
    [
        pytest.param([buries(7, 4, 9)], 0, [7], id="nobody saw it begin"),
        pytest.param(
            [buries(7, 4, 9, "mod_wsgi (pid=4): Daemon process '{1}' (pid={0})")], 0, [7],
            id="in the words of mod_wsgi 6",
        ),
        pytest.param([sample("hello", pid=2), buries(7, 4, 2)], 0, [], id="it spoke here"),
        pytest.param([sample("x", pid=4, line=7), buries(8, 4, 9)], 0, [], id="not the first word"),
        pytest.param([buries(8, 3, 9)], 0, [], id="not where nobody goes on"),
        pytest.param([buries(7, 4, 9)], 1, [], id="some file between may be missing"),
    ],
)  # fmt: skip
def test_a_parent_buries_only_daemons_that_began(
    said: list[Sample], file: int, expected: list[int]
) -> None:
    """Those that it has begun have said so, at the same level: another server's log goes on."""
    rows = [(1, 0.0), (2, 60.0), (2, 120.0), (2, 180.0), (1, 240.0), (1, 300.0)]
    rows += [(4, 9000.0), (3, 9000.2), (4, 9100.0), (5, 9200.0), (5, 9300.0), (5, 9400.0)]
    knots = knots_of(*((pid, START + second) for pid, second in rows))
    knots.file[6:] = file
    for one in said:
        one.file = file if one.line > 6 else 0
    assert begins(knots, said) == expected


def test_a_build_may_be_another_where_processes_go_on() -> None:
    """Whose log goes on is the same server, and nobody ends with what comes later."""
    rows = [(1, 0.0), (2, 60.0), (2, 120.0), (2, 180.0), (1, 240.0), (1, 300.0)]
    rows += [(3, 9000.0), (4, 9000.2), (2, 9001.0), (4, 9100.0), *[(5, 9200.0 + x) for x in (0, 9)]]
    said = [ready(1, 1), ready(8, 4, "2.4.58")]
    assert begins(knots_of(*((pid, START + second) for pid, second in rows)), said) == []


@given(st.integers(0, 999), st.permutations(range(101, 107)), st.integers(60, 100 * HOUR))
@settings(max_examples=25)
def test_it_is_where_all_pids_fall(seed: int, pids: list[int], pause: int) -> None:
    """Pids rise on a machine, and a parent that starts anew says so: time alone may go on."""
    rng = Random(seed)
    high, low = sorted(pids)[3:], sorted(pids)[:3]
    rows = lines(rng, high, 0) + lines(rng, low, 1000 + pause)
    assert begins(knots_of(*rows), children(*pids)) == [13]
    rows = lines(rng, low, 0) + lines(rng, high, 1000 + pause)
    assert begins(knots_of(*rows), children(*pids)) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param([8, 9], [1, 2, 3], [], id="two end"),
        pytest.param([7, 8, 9], [1, 2], [], id="two begin"),
        pytest.param([3, 8, 9], [1, 2, 4], [], id="one is higher"),
        pytest.param([7, 8, 9], [1, 2, 3, 9], [], id="one goes on"),
        pytest.param([7, 8, 9], [1, 2, 3], [sample(STOP, pid=1, line=13)], id="a parent speaks"),
    ],
)
def test_pids_may_fall_by_chance(before: list[int], after: list[int], said: list[Sample]) -> None:
    """Few processes end together now and then, and numbers wrap."""
    rng = Random(1)
    rows = lines(rng, before, 0) + lines(rng, after, 5000)
    assert begins(knots_of(*rows), [*children(*before), *said, *children(*after)]) == []


def test_a_stop_explains_no_more_than_zones_can() -> None:
    """No two zones are a week apart."""
    rng = Random(1)
    rows = lines(rng, [1, 2], 0) + lines(rng, [3, 4], -7 * 24 * HOUR)
    said = [*children(1, 2), sample(STOP, pid=9, line=12), *children(3, 4)]
    assert begins(knots_of(*rows), said) == [13]


def test_a_night_explains_an_hour() -> None:
    """In the last one of October many zones go back, whoever writes then."""
    night = at("2026-10-25 02:50:00") // 1_000_000 - START
    rng = Random(1)
    rows = lines(rng, [1, 2], night - 300, 6) + lines(rng, [3, 4], night - 2400, 6)
    said = [*children(1, 2), *children(3, 4)]
    assert begins(knots_of(*rows), said) == []
    rows = [(pid, second + 90 * 86_400) for pid, second in rows]
    assert begins(knots_of(*rows), said) == [7]


def test_lines_without_pids_and_of_several_sets_have_none() -> None:
    """Nothing tells who goes on, and in which order files were written."""
    rng = Random(1)
    rows = lines(rng, [1, 2], 0) + lines(rng, [3, 4], -7200)
    nameless = knots_of(*((NO_PID, second) for _, second in rows))
    assert len(sections(nameless, [], [0])) == 1
    both = knots_of(*rows)
    both.file[12:] = 1
    said = [*children(1, 2), *children(3, 4)]
    assert len(sections(both, said, [0, 1])) == 1
    assert len(sections(both, said, [0, 0])) == 2


def test_a_file_was_modified_with_its_last_log_and_no_other() -> None:
    """Though the first one's last line may be the modification's minute in some zone."""

    def written(pid: int, begin: int) -> list[str]:
        return [
            line(
                f"2026-06-10 {begin:02}:{minute:02}:00", pid + minute % 2,
                f"[client 192.0.2.1:{minute}] {TIMEOUT}", "core:info",
            )
            for minute in range(10)
        ]  # fmt: skip

    before, after = written(3, 14), [one.replace(":00.", ":21.") for one in written(8, 9)]
    _, told = solved([*before, *after], mtime_us=at("2026-06-10 15:09:00"))
    assert {one[1] for one in told if one is not None} == {"assumed"}
    _, told = solved(before, mtime_us=at("2026-06-10 15:09:00"))
    assert {one[1] for one in told if one is not None} == {"likely"}


def server(rng: Random, zone: str, app: str, start_us: int) -> Simulated:
    """Some hours of a server of which everything is running already."""
    spec = Spec(
        "one of two", server_zone=zone, groups=(Group("shop", (app,)),), fresh=False,
        start_us=start_us, requests=25,
    )  # fmt: skip
    return simulate(rng, spec)


@settings(max_examples=6)
@given(
    st.integers(0, 999),
    st.sampled_from(["server-tz", "mtime", "access-log", "all"]),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Tokyo"]),
)
def test_what_is_told_of_one_server_says_nothing_of_another(
    seed: int, anchor: str, zone: str
) -> None:
    """Of two logs put into one, what is wrong is never more than assumed."""
    rng = Random(seed)
    one = server(rng, "UTC", "Asia/Kolkata", us(2026, 6, 8, 6))
    other = server(rng, zone, "UTC", us(2026, 6, 6, 6))
    log = appended(one, other)
    engine: Engine = errlog
    answers = engine(log.log, **anchors_of(log, anchor))
    wrong = [
        row
        for row, ((given_us, sure), true) in enumerate(zip(answers, log.truth_us, strict=True))
        if given_us != true and sure != "assumed"
    ]
    assert wrong == []


def test_only_the_last_servers_lines_are_held_against_the_files_time() -> None:
    """Those of the first may be of any later day: who put them together was no server."""

    def day(date: int, pids: list[int]) -> list[str]:
        words = f"[client 192.0.2.1:5] {TIMEOUT}"
        moments = [(minute, pid) for minute in range(10) for pid in pids]
        return [
            line(f"2026-06-{date} 12:{minute:02}:{pid:02}", pid, words, "core:error")
            for minute, pid in moments
        ]

    table, answers = solved(
        [*day(12, [1, 2, 3]), *day(10, [4, 5, 6])], mtime_us=at("2026-06-10 20:00")
    )
    assert {answer[1] for answer in answers if answer} == {"assumed"}
    assert {note.kind for note in table.notes} == {"servers", "assumed"}
