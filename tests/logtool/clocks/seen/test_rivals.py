"""Two servers that write into one log at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.clock_accuracy import Engine, anchors_of, errlog
from logtool.clocks.options import ClockOptions
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.rivals import rivals
from logtool.clocks.seen.roles import Process, Sample
from logtool.clocks.seen.strands import Strands
from logtool.clocks.table import Evidence
from tests.logtool.clocks.scenes import HOUR, at, born, knots_of, line, resuming, sample, solved
from tests.logtool.clocks.simulate import Group, Spec, interleaved, simulate

#: In June, when no zone goes back.
START = at("2026-06-10 12:00:00") // 1_000_000
ONE, OTHER, DAEMON = 1, 2, 3
CHILD = Process("child")
ROLES = {ONE: CHILD, OTHER: CHILD, DAEMON: Process("daemon", "app")}


def found(
    knots: Knots, roles: dict[int, Process] = ROLES, samples: tuple[Sample, ...] = ()
) -> list[Evidence]:
    """What is said of these lines."""
    breaks = np.zeros(len(knots), np.bool_)
    return [*rivals(Strands.of(knots), roles, samples, breaks, ["error.log"])]


def by_turns(rng: Random, offsets: dict[int, int], count: int = 24) -> Knots:
    """Lines of processes, some seconds apart, each in its clock, in any order."""
    second, rows = float(START), []
    for _ in range(count // len(offsets)):
        for pid in rng.sample([*offsets], len(offsets)):
            second += rng.uniform(0.1, 20)
            rows.append((pid, second + offsets[pid]))
    return knots_of(*rows)


@given(st.integers(0, 999), st.sampled_from([900, 3600, 5 * HOUR, -11 * HOUR]))
def test_two_clocks_of_those_who_run_no_application_are_two_servers(seed: int, apart: int) -> None:
    """Time falls back and goes on for both, again and again; daemons tell nothing."""
    rng = Random(seed)
    (note,) = found(by_turns(rng, {ONE: 0, OTHER: apart, DAEMON: 2 * HOUR}))
    assert note.kind == "servers"
    assert not found(by_turns(rng, {ONE: 0, OTHER: 0, DAEMON: apart}))


@pytest.mark.parametrize(
    ("roles", "samples"),
    [
        pytest.param({ONE: CHILD, OTHER: Process("child", embedded=True)}, (), id="embedded"),
        pytest.param({ONE: CHILD, OTHER: Process("child", born=True)}, (), id="born"),
        pytest.param({ONE: CHILD}, (), id="unknown"),
        pytest.param(
            ROLES, (sample("hello", pid=OTHER, module="wsgi", marker="remote"),), id="a pid again"
        ),
    ],
)
def test_who_may_run_an_application_is_no_witness(
    roles: dict[int, Process], samples: tuple[Sample, ...]
) -> None:
    """It may have changed its clock."""
    assert not found(by_turns(Random(1), {ONE: 0, OTHER: 5 * HOUR}), roles, samples)


def test_once_is_the_host_s_clock_that_was_set_back() -> None:
    """While both were silent for longer."""
    rows = [(OTHER, 0), (ONE, 4000), (OTHER, 1000), (ONE, 4100), (OTHER, 4200), (ONE, 4300)]
    assert not found(knots_of(*((pid, START + second) for pid, second in rows)))


def test_an_hour_is_a_night_s_where_zones_go_back() -> None:
    """Twice as well, in two years."""
    rows = []
    for night in ("2025-10-26 02:55:00", "2026-10-25 02:55:00"):
        high = at(night) // 1_000_000
        rows += [(OTHER, high - 7200), (ONE, high), (OTHER, high - 3000), (ONE, high + 60)]
    assert not found(knots_of(*rows))
    assert found(knots_of(*((pid, second + 90 * 86_400) for pid, second in rows)))


def test_the_zone_that_is_told_is_one_server_s_and_nobody_knows_whose() -> None:
    """What it says is no more than assumed then; of one server it is likely."""
    words = "AH00128: File does not exist: /x"

    def answers(hours: int) -> set[str]:
        lines = [
            line(f"2026-06-10 {12 + (second % 2) * hours}:00:{second:02}", 7 + second % 2,
                 f"[client 192.0.2.1:{second}] {words}", "core:info")
            for second in range(0, 60, 3)
        ]  # fmt: skip
        _, told = solved(lines, ClockOptions(server_tz="Europe/Berlin"))
        return {one[1] for one in told if one is not None}

    assert answers(0) == {"likely"}
    assert answers(5) == {"assumed"}


@pytest.mark.parametrize(
    ("seed", "anchor"), [(0, "server-tz"), (1, "server-tz"), (2, "access-log"), (3, "all")]
)
def test_nothing_wrong_is_more_than_assumed_of_two_servers_in_one_log(
    seed: int, anchor: str
) -> None:
    """One in New York, one in Tokyo, and what is told is of the first one."""
    rng = Random(seed)
    app = (Group("shop", ("UTC",)),)
    one, other = (
        simulate(rng, Spec("one of two", server_zone=zone, groups=app, requests=30, tls=1.0))
        for zone in ("America/New_York", "Asia/Tokyo")
    )
    log = interleaved(one, other)
    engine: Engine = errlog
    answers = engine(log.log, **anchors_of(log, anchor))
    pairs = zip(answers, log.truth_us, strict=True)
    assert not [one for one, true in pairs if one[0] != true and one[1] != "assumed"]


@pytest.mark.parametrize("seed", [0, 2, 4])
def test_a_zone_is_not_certain_where_only_daemons_of_its_server_speak(seed: int) -> None:
    """One in Chicago writes errors only, and all words are of one in Berlin, by its level."""
    rng = Random(seed)
    app = (Group("shop", ("UTC",)),)
    quiet = Spec("quiet", server_zone="America/Chicago", groups=app, requests=20, level="error")
    loud = Spec("loud", server_zone="Europe/Berlin", groups=app, requests=20, tls=1.0)
    log = interleaved(simulate(rng, replace(quiet, tls=0.0, plain=0.0)), simulate(rng, loud))
    engine: Engine = errlog
    answers = engine(log.log, **anchors_of(log, "server-tz"))
    assert {sure for _, sure in answers} == {"assumed"}


PARENT, BORN, STRANGER = 1, 2, 3
#: Apache starts in Berlin, and its daemon with it.
START_LINES = (
    line("2026-06-10 12:00:00.1", PARENT, "AH01909: www:443:0 server certificate", "ssl:warn"),
    born("2026-06-10 12:00:00.2", BORN),
    resuming("2026-06-10 12:00:00.3", PARENT),
)


def from_daemon(pid: int, *times: str) -> list[str]:
    """What it writes of a client."""
    return [line(f"2026-06-10 {time}", pid, "[remote 192.0.2.1:9] Not Found: /x") for time in times]


def surest(lines: Sequence[str]) -> str:
    """How sure the parent's clock is with the zone that the user names."""
    _, told = solved(lines, ClockOptions(server_tz="Europe/Berlin"))
    answer = next(one for text, one in zip(lines, told, strict=True) if "resuming" in text)
    assert answer is not None
    return answer[1]


def test_a_daemon_that_nobody_saw_being_born_is_another_server_s() -> None:
    """It comes after all others were, and stays."""
    assert surest([*START_LINES, *from_daemon(STRANGER, "12:10:00", "12:41:00")]) == "assumed"


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([*START_LINES, *from_daemon(BORN, "12:10:00", "12:41:00")], id="born"),
        pytest.param([*START_LINES, *from_daemon(STRANGER, "12:10:00", "12:39:00")], id="lingers"),
        pytest.param(
            [*START_LINES[1:], *from_daemon(STRANGER, "12:10:00", "12:41:00")], id="begins later"
        ),
        pytest.param(
            [
                START_LINES[2],
                line("2026-06-10 12:00:00.3", PARENT, "AH00094: Command line: 'x'", "core:notice"),
                born("2026-06-10 12:00:00.4", BORN),
                *from_daemon(STRANGER, "12:10:00", "12:41:00"),
            ],
            id="begins within the start",
        ),
        pytest.param(
            [START_LINES[0], START_LINES[2], *from_daemon(STRANGER, "12:10:00", "12:41:00")],
            id="tells of no birth",
        ),
        pytest.param(
            [
                *from_daemon(BORN + 9, "11:45:00"),
                *from_daemon(STRANGER, "11:50:00"),
                *START_LINES,
                *from_daemon(STRANGER, "12:10:00", "12:41:00"),
            ],
            id="a pid again",
        ),
    ],
)
def test_a_daemon_may_be_one_s_own_though_its_birth_is_not_shown(lines: list[str]) -> None:
    """What it has still to answer it may write after a restart; a log may begin after births."""
    assert surest(lines) == "certain"
