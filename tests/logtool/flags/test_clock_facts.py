"""Clock facts: what is flagged of clocks and formats."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from logtool.clocks.line_offsets import Runs
from logtool.clocks.table import Clock, ClockTable, Confidence
from logtool.flags.clock_facts import clock_findings
from logtool.flags.rule import shipped_rules
from parsers.lines import NO_PID

HOUR = 3600
LIKELY, WRITTEN, ASSUMED = Confidence.LIKELY, Confidence.WRITTEN, Confidence.ASSUMED


def clock(
    process: int,
    role: str,
    offset_s: int,
    lines: tuple[int, int] = (1, 100),
    confidence: Confidence = LIKELY,
    runs: int = 1,
    pid: int | None = None,
) -> Clock:
    """A clock of a process, a line a second."""
    return Clock(
        process=process,
        pid=100 + process if pid is None else pid,
        role=role,
        group="app" if role == "daemon" else "",
        file=0,
        first_line=lines[0],
        last_line=lines[1],
        lines=lines[1] - lines[0] + 1,
        runs=runs,
        first_us=lines[0] * 1_000_000,
        last_us=lines[1] * 1_000_000,
        offset_s=offset_s,
        zone="",
        confidence=confidence,
    )


def table(clocks: list[Clock]) -> ClockTable:
    """A table of these clocks; which line has which does not matter here."""
    none = np.zeros(0, np.int64)
    return ClockTable(clocks, Runs(none.astype(np.int32), none, none, none))


PARENT = clock(0, "parent", 2 * HOUR)


@pytest.mark.parametrize(
    ("clocks", "expected"),
    [
        ([PARENT, clock(1, "child", 2 * HOUR), clock(2, "daemon", 2 * HOUR)], {}),
        (
            [PARENT, clock(1, "daemon", 2 * HOUR, (1, 9)), clock(1, "daemon", 0, (10, 100))],
            {"clock-differs-from-server": 1, "timestamp-without-offset": 1},
        ),
        (
            [PARENT, clock(1, "daemon", 0), clock(2, "daemon", 0)],
            {"clock-differs-from-server": 2, "timestamp-without-offset": 1},
        ),
        ([PARENT, clock(1, "daemon", 0, confidence=ASSUMED)], {}),
        (
            [clock(0, "parent", 0, confidence=WRITTEN), clock(1, "daemon", 60, confidence=WRITTEN)],
            {"clock-differs-from-server": 1},
        ),
        (
            [clock(1, "child", 0, (1, 99), runs=2), clock(1, "child", HOUR, (41, 60))],
            {"clock-flips-in-process": 1},
        ),
        ([clock(1, "child", 0, (1, 40)), clock(1, "child", HOUR, (41, 60))], {}),
        # A child that has turned, while another still keeps the server's clock.
        (
            [
                clock(1, "child", HOUR, (1, 40)), clock(2, "child", HOUR, (3, 60)),
                clock(1, "child", 0, (41, 80)), clock(2, "child", 0, (61, 80)),
                clock(3, "child", 0, (5, 70)),
            ],
            {"clock-differs-from-server": 3, "timestamp-without-offset": 1},
        ),
        # Which of two came first to its application's zone is not known.
        (
            [
                clock(1, "child", HOUR, (1, 40)), clock(2, "child", 0, (3, 60)),
                clock(1, "child", 0, (41, 80)), clock(2, "child", HOUR, (61, 80)),
            ],
            {},
        ),
        # The night in which the zone of all of them changes.
        (
            [
                clock(1, "child", 0, (1, 40)), clock(2, "child", 0, (3, 40)),
                clock(1, "child", HOUR, (41, 80)), clock(3, "child", HOUR, (42, 80)),
                clock(4, "daemon", HOUR, (50, 60)),
            ],
            {},
        ),
        # The zone is named that children have from Apache.
        (
            [
                replace(clock(1, "child", HOUR), zone="Europe/Berlin"), clock(2, "child", 0),
                clock(3, "child", 0, (201, 300)),
            ],
            {"clock-differs-from-server": 2, "timestamp-without-offset": 1},
        ),
        (
            [clock(0, "parent", 0, confidence=ASSUMED), clock(1, "daemon", 60, confidence=ASSUMED)],
            {"clock-differs-from-server": 1, "timestamp-without-offset": 1},
        ),
        (
            [clock(1, "", 0, (1, 99), runs=2, pid=NO_PID), clock(1, "", 60, (4, 6), pid=NO_PID)],
            {"timestamp-without-offset": 1},
        ),
    ],
)  # fmt: skip
def test_clocks(clocks: list[Clock], expected: dict[str, int]) -> None:
    """Only clocks that are known to differ, or to come back, are flagged."""
    found = clock_findings(table(clocks), shipped_rules(), file_names=["error.log"])
    assert expected == {finding.rule: finding.count for finding in found}


def test_files_of_a_process_that_flips() -> None:
    """Of a process that comes back to an offset only the files are shown in which it does."""
    there = [clock(1, "child", 0, (1, 99), runs=2), clock(1, "child", HOUR, (41, 60))]
    (found,) = clock_findings(
        table([*there, replace(clock(1, "child", 0, (7, 8)), file=1)]), shipped_rules()
    )
    assert found.excerpt == (
        "child 101: UTC+00:00, lines 1 to 99", "child 101: UTC+01:00, lines 41 to 60",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (r"[%{%cuz}t] %M", 1),
        (r"[%{cuz}t] %M", 0),
        (r"[%{%d/%b/%Y %T}t] %M", 0),
        (r"[%-{%cu}t] %M", 1),
    ],
)
def test_formats(text: str, count: int) -> None:
    """Option letters behind a percent sign are a slip; strftime's own words are none."""
    found = clock_findings(ClockTable.empty(), shipped_rules(), [[text, text], []])
    assert [finding.rule for finding in found] == ["strftime-in-time-options"] * count
    assert all((finding.count, finding.excerpt) == (1, (text,)) for finding in found)
