"""Silences of everybody that may just as well be two clocks."""

from __future__ import annotations

import numpy as np
import pytest

from logtool.clocks.doubt.silences import Silences
from logtool.clocks.options import ClockOptions
from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.roles import Process
from tests.logtool.clocks.scenes import HOUR, knots_of, line, scene, solved

IN_BERLIN = ClockOptions(server_tz="Europe/Berlin")
TOLD = "; but everybody is silent for 5:00:00 then, as two clocks may differ"
HTTPD = "[client 192.0.2.1:7] AH00128: File does not exist: /x"


def without_pid(*stamps: str) -> list[str]:
    """Lines of an application, then one of httpd's own, whose process the format does not name."""
    said = [*["report started"] * (len(stamps) - 1), HTTPD]
    modules = [*["wsgi:error"] * (len(stamps) - 1), "core:info"]
    return [
        line(stamp, 7, text, module).replace("[pid 7] ", "").replace("[pid 7:tid 7] ", "")
        for stamp, text, module in zip(stamps, said, modules, strict=True)
    ]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("2026-02-03 10:00:00", {"assumed"}),  # five hours to the second
        ("2026-02-03 09:48:20", {"likely"}),  # not so near to any half hour
    ],
)
def test_a_silence_as_long_as_clocks_differ(before: str, expected: set[str]) -> None:
    """Who wrote before it may have written in another clock, and nobody was silent."""
    lines = without_pid(before, before, "2026-02-03 15:00:00")
    table, answers = solved(lines, IN_BERLIN)
    assert {answer[1] for answer in answers[:2] if answer} == expected
    told = [fact.text for clock in table.clocks for fact in clock.evidence]
    assert any(text.endswith(TOLD) for text in told) == (expected == {"assumed"})
    assert answers[-1] == (1, "likely")


def test_a_job_that_runs_regularly() -> None:
    """Silences of one length that come again and again are no difference of clocks."""
    stamps = [f"2026-02-0{day} {hour}:00:00" for day in (3, 4) for hour in ("08", "20")]
    _, answers = solved(without_pid(*stamps), IN_BERLIN)
    assert {*answers} == {(1, "likely")}


@pytest.mark.parametrize(
    ("embedded", "turns", "doubted"),
    [
        pytest.param(True, 2, True, id="by turns"),
        pytest.param(True, 1, False, id="once"),
        pytest.param(False, 2, False, id="as it is loaded, and in a night"),
    ],
)
def test_a_silence_of_who_sets_its_clock_to_and_fro(
    embedded: bool, turns: int, doubted: bool
) -> None:
    """Its clock was seen falling by hours, and may have gone ahead by them while nobody spoke."""
    every = [(11, 0.0), (11, 7 * HOUR + 900.0)]
    for turn in range(turns):
        every += [(11, 1800 - 3600 * turn + 5 * turn), (11, 1803 - 3600 * turn + 5 * turn)]
    known = {11: Process("child" if embedded else "daemon", "", embedded=embedded)}
    of = scene(knots_of(*every), known)
    link = Link(1, 2, 0, 6.0, "kept child", "same-process", "a process keeps its clock")
    offset = np.zeros(len(of.spans), np.int64)
    assert Silences(of, offset).doubted(link).assumed == doubted


@pytest.mark.parametrize(
    ("later", "before", "role", "doubted"),
    [
        pytest.param(0.012, 0.5, "daemon", True, id="in the second of its loading"),
        pytest.param(0.012, 0.5, "parent", False, id="who loads nothing"),
        pytest.param(0.012, 9.0, "daemon", False, id="long before it"),
        pytest.param(300.0, 0.5, "daemon", False, id="a silence of any length"),
    ],
)
def test_a_file_that_begins_as_an_application_is_loaded(
    later: float, before: float, role: str, doubted: bool
) -> None:
    """What stands before a silence as long as clocks differ may be of the server's clock still."""
    half = 3.5 * HOUR + later
    every = [(11, 0.0), (11, before), (12, before + half), (11, before + half + 60)]
    of = scene(knots_of(*every), {11: Process(role), 12: Process("child")})
    (one, two) = np.flatnonzero(of.spans.pid == 11).tolist()
    link = Link(one, two, 0, 6.0, "kept daemon", "same-process", "a process keeps its clock")

    told = Silences(of, np.zeros(len(of.spans), np.int64)).doubted(link)

    assert told.assumed is doubted
    assert told.text.endswith("silent for 3:30:00 then, as two clocks may differ") is doubted
