"""The work of finding clocks grows with the processes of a log, not with their square."""

from __future__ import annotations

import sys
from types import FrameType

import pytest

from benchmarks.clock_accuracy import errlog
from benchmarks.many_processes import many_processes


def calls_for(log: bytes) -> int:
    """How many functions written in Python are called; a count that no busy machine changes."""
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        errlog(log, server_tz="Europe/Berlin")
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("shape", ["one line", "by turns"])
def test_four_times_the_processes(shape: str) -> None:
    """Four times the processes take about four times the calls."""
    few, many = (many_processes(shape, count) for count in (600, 2400))
    errlog(few, server_tz="Europe/Berlin")  # looks up zones, once
    assert calls_for(many) < 5 * calls_for(few)
