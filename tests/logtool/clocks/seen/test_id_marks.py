"""Log ids tell clocks apart where lines have no pid."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.clock_accuracy import errlog
from logtool.clocks.seen.id_marks import Marks
from logtool.clocks.seen.log_ids import PERIOD_US
from logtool.clocks.seen.roles import Sample
from parsers.lines import NO_PID
from parsers.units import MINUTE, SECOND
from tests.logtool.clocks.scenes import knots_of, sample
from tests.logtool.clocks.simulate.layouts import FORMATS

QUARTER_S = 900
#: Of Istanbul and of Tehran, in hours.
SERVER, APPLICATION = 3.0, 3.5
#: An instant of a day, the hours of the clock that stamps it, and whether the line has ids.
Row = tuple[str, float, bool]
#: Lines of an application around two of the server's, each with its ids.
AROUND: list[Row] = [
    *(("02:45:23", APPLICATION, True), ("02:45:24", APPLICATION, True)),
    *(("02:45:29", SERVER, True), ("02:51:54", SERVER, True)),
    *(("02:52:33", APPLICATION, True), ("02:52:39", APPLICATION, True)),
]
AFTER: list[Row] = [("04:24:07", APPLICATION, True), ("04:24:09", APPLICATION, True)]


def core_id(instant_us: int, other: int = 7) -> bytes:
    """An id that httpd makes at an instant."""
    raw = (instant_us % PERIOD_US).to_bytes(4, "little") + other.to_bytes(4, "little")
    return base64.b64encode(raw)[:11]


def answers(rows: Sequence[Row]) -> list[tuple[float, str]]:
    """By how many minutes errlog puts each line of such a log too late, and how sure it is."""
    lines: list[str] = []
    truth: list[int] = []
    for time, hours, dated in rows:
        instant = datetime.fromisoformat(f"2017-02-07 {time}.728457").replace(tzinfo=UTC)
        made = round(instant.timestamp() * SECOND)
        local = instant + timedelta(hours=hours)
        module = "core:info" if hours == SERVER else "wsgi:error"
        request, connection = (
            (core_id(made - 90, 8).decode(), core_id(made - 900, 9).decode()) if dated else "--"
        )
        stamp = f"{local:%a %b %d %H:%M:%S.%f %Y}"
        lines.append(
            f"[{stamp}] [{module}] [R:{request}] [C:{connection}] Not Found: /{len(lines)}\n"
        )
        truth.append(made)
    given = errlog("".join(lines).encode(), mtime_us=truth[-1], formats=(FORMATS["ids-no-pid"],))
    return [
        ((at - true) / MINUTE, sure)
        for (at, sure), true in zip(given, truth, strict=True)
        if at is not None
    ]


@pytest.mark.parametrize("time", ["03:16:28", "03:26:20"])
def test_a_line_of_another_clock(time: str) -> None:
    """What seems to be six minutes before the last line, or four after it, was half an hour later.

    Its own ids say so.
    """
    found = answers([*AROUND, (time, SERVER, True), *AFTER])
    assert [late for late, _ in found] == [0.0] * len(found)


def test_order_speaks_of_single_lines() -> None:
    """Of lines without a pid some are surely of one clock; what has no id among them may not be."""
    *_, (late, sure), _, _ = answers([*AROUND, ("03:26:20", SERVER, False), *AFTER])
    assert sure == "likely" or not late


def dated(rows: Sequence[tuple[float, int]], late_us: Sequence[int]) -> list[Sample]:
    """Samples without a pid, one a line, of instants (s) and clocks (s), with their ids."""
    return [
        replace(
            sample("hello", line=at, pid=NO_PID),
            local_us=round((instant + offset) * SECOND),
            log_id=core_id(round(instant * SECOND) - late),
        )
        for at, ((instant, offset), late) in enumerate(zip(rows, late_us, strict=True), 1)
    ]


@settings(deadline=None, derandomize=True)
@given(
    clocks=st.lists(st.sampled_from([0, 1, 2, 3, 4, -14, 40]), min_size=1, max_size=20),
    gaps=st.lists(st.integers(1, 5000), min_size=20, max_size=20),
    late_us=st.lists(st.integers(0, 2 * SECOND), min_size=20, max_size=20),
)
def test_marks_change_with_clocks(clocks: list[int], gaps: list[int], late_us: list[int]) -> None:
    """Whatever time passes, ids tell where the clock is another one, and which offsets deny it."""
    instants = np.cumsum(gaps[: len(clocks)]) + 1_500_000_000
    rows = [(float(at), clock * QUARTER_S) for at, clock in zip(instants, clocks, strict=True)]
    samples = dated(rows, late_us[: len(rows)])
    knots = knots_of(*((NO_PID, one.local_us / SECOND) for one in samples))
    marks = Marks.of(knots, samples)
    expected = [at for at, (one, two) in enumerate(pairwise(clocks), 1) if one != two]
    assert marks.turns().tolist() == expected
    firsts = np.array([[clock, clock + 1] for clock in clocks], np.float64) * QUARTER_S
    assert marks.denials(np.arange(len(rows)), firsts).tolist() == [[0.0, 1.0]] * len(rows)
    apart = {(clock - clocks[0]) * QUARTER_S for clock in clocks}
    assert {*marks.relative().offsets_s()} == apart


def test_lines_of_a_long_request_tell_no_clocks_apart() -> None:
    """What is written minutes after its request began has the mark of no other clock."""
    rows = [(1_500_000_000.0 + at * 200, 0) for at in range(4)]
    samples = dated(rows, [at * 200 * SECOND for at in range(4)])
    marks = Marks.of(knots_of(*((NO_PID, one.local_us / SECOND) for one in samples)), samples)
    assert not len(marks.turns())


def test_a_connection_without_a_request() -> None:
    """Where no request has an id, that of the connection tells its clock."""
    rows = [(1_500_000_000.0, 2 * QUARTER_S), (1_500_003_000.0, 0)]
    samples = [
        replace(one, log_id=b"", connection_log_id=one.log_id) for one in dated(rows, [90, 90])
    ]
    marks = Marks.of(knots_of(*((NO_PID, one.local_us / SECOND) for one in samples)), samples)
    assert marks.turns().tolist() == [1]


def test_ids_of_processes_with_a_pid_and_no_ids() -> None:
    """Who has a pid is not asked, nor who has no id."""
    samples = [*dated([(1_500_000_000.0, 0)], [0]), sample("hello", line=2, pid=NO_PID)]
    samples[0] = replace(samples[0], pid=7)
    marks = Marks.of(knots_of((7, 0.0), (NO_PID, 1.0)), samples)
    assert not len(marks.knot)
    assert not len(marks.turns())
    assert not marks.relative().offsets_s()
