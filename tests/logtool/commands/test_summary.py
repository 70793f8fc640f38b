"""The summary of `errlog normalize`: what it found, each reason once."""

from __future__ import annotations

import re

import numpy as np

from logtool.clocks.line_offsets import Runs
from logtool.clocks.table import Clock, ClockTable, Confidence, Evidence
from logtool.commands.summary import clock_lines

NONE = np.zeros(0, np.int64)


def clock(pid: int, offset_s: int, why: str) -> Clock:
    """One clock, for a reason."""
    facts = (Evidence("order", why),) if why else ()
    return Clock(
        pid, pid, "daemon", f"g{pid}", 0, pid, pid, 1, 1, 0, 0, offset_s, "",
        Confidence.CERTAIN, facts,
    )  # fmt: skip


def reasons(*clocks: Clock) -> list[str]:
    """What the rows of a summary say behind the confidence."""
    table = ClockTable(clocks, Runs(NONE.astype(np.int32), NONE, NONE, NONE))
    rows = [*clock_lines(table, ["error.log"], verbose=False)][1:]
    return [re.sub(r".*, certain(?:: |$)", "", row) for row in rows]


def test_a_reason_is_said_once() -> None:
    """The next row points above, a later one to whose it was; no reason is no reason."""
    told = reasons(
        clock(1, 0, "the zone was said"), clock(2, 0, "the zone was said"), clock(3, 0, ""),
        clock(4, 0, ""), clock(5, 0, "the zone was said"), clock(6, 0, "others agree"),
        clock(7, 0, "the zone was said"),
    )  # fmt: skip

    whose = "as for daemon 1 of g1"
    assert told == ["the zone was said", "as above", "", "", whose, "others agree", whose]


def test_whose_reason_it_was_is_no_riddle() -> None:
    """A process of two clocks is named with the one that is meant."""
    told = reasons(
        clock(1, 3600, "the zone was said"), clock(1, 0, "order"), clock(2, 0, "the zone was said")
    )

    assert told[2] == "as for daemon 1 of g1 at +01:00"
