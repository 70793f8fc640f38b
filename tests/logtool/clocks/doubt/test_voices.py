"""Lines without a pid that either of two clocks may have stamped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from logtool.clocks.options import ClockOptions
from tests.logtool.clocks.scenes import solved

#: India's clocks.
SERVER = 5.5


def lines_of(app: float, silence: timedelta) -> list[str]:
    """A child and an application by turns; after a silence a few more lines of the child."""
    now, lines = datetime(2026, 6, 10, 12, tzinfo=UTC), list[str]()
    for turn in range(43):
        now += timedelta(seconds=10) if turn != 40 else silence
        words = "File does not exist: /x" if turn % 2 or turn >= 40 else "Not Found: /x"
        local = now + timedelta(hours=SERVER if "exist" in words else app)
        lines.append(f"[{local:%a %b %d %H:%M:%S %Y}] [error] [client 192.0.2.1] {words}")
    return lines


@pytest.mark.parametrize(
    ("app", "minutes", "sure"),
    [
        pytest.param(SERVER + 0.5, 33, "assumed", id="half an hour apart"),
        pytest.param(SERVER - 5.5, 33, "likely", id="hours apart"),
        pytest.param(SERVER + 0.5, 1, "likely", id="no silence"),
    ],
)
def test_after_a_silence_another_clock_close_by_may_speak(
    app: float, minutes: int, sure: str
) -> None:
    """Nothing but the time passed tells which; what was before it is as sure as it was."""
    lines = lines_of(app, timedelta(minutes=minutes))
    _, told = solved(lines, ClockOptions(server_tz="Asia/Kolkata"))
    assert {one[1] for one in told[2:40] if one is not None} == {"likely"}
    assert {one[1] for one in told[40:] if one is not None} == {sure}
