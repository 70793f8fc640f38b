"""Where each group could be anywhere, all that is thinkable is thought of."""

from __future__ import annotations

import pytest

from logtool.clocks import outside
from tests.logtool.clocks.scenes import at, line, resuming, solved


@pytest.fixture(autouse=True)
def _host_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host's zone is one that no test's log was written in."""
    monkeypatch.setattr(outside, "host_zone", lambda: "Pacific/Marquesas")


def refused(stamp: str, pid: int) -> str:
    """A line of a child."""
    words = "AH01114: HTTP: failed to make connection to backend: 127.0.0.1"
    return line(stamp, pid, f"[client 127.0.0.1:45256] {words}", "proxy_http:error")


def boom(stamp: str, pid: int) -> str:
    """A line of a daemon."""
    return line(stamp, pid, "[remote 127.0.0.1:45256] boom")


def test_days_of_silence_between_a_few_lines() -> None:
    """A server in UTC-4, a daemon that goes over to UTC+8, another in UTC-3: all move at once.

    Whoever moves one clock alone from where they all agree breaks the order of lines.
    """
    lines = [
        resuming("2026-10-22 05:30:00.10"), boom("2026-10-22 05:30:00.41", 92),
        *[boom("2026-10-23 18:12", 92)] * 3, refused("2026-10-23 11:21:01", 94),
        refused("2026-10-24 11:21:01", 95), refused("2026-10-24 16:24:02", 94),
        boom("2026-10-25 10:17:02", 92), *[boom("2026-10-26 10:24:02", 92)] * 3,
        boom("2026-10-26 11:48:03", 92), *[boom("2026-10-26 02:08:03", 93)] * 3,
        resuming("2026-10-26 01:08:05"),
    ]  # fmt: skip
    _, answers = solved(lines, mtime_us=at("2026-10-26 05:08:05"))
    hours = [answer[0] for answer in answers if answer]
    assert hours == [-4, -4, *[8] * 3, *[-4] * 3, *[8] * 5, *[-3] * 3, -4]
    assert {answer[1] for answer in answers if answer} == {"likely"}
