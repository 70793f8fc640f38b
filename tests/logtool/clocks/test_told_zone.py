"""A zone that is told where no line tells who keeps it."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest

from logtool.clocks.options import ClockOptions
from tests.logtool.clocks.scenes import line, solved

BEGIN = datetime.fromisoformat("2026-02-03T10:00")


def requests(kind: str, hours: float) -> list[str]:
    """Lines of four processes, all in one clock, so many hours apart; nobody is seen starting."""
    rng, at, lines = Random(1), BEGIN, []
    for _ in range(40):
        at += timedelta(seconds=round(rng.expovariate(1 / (hours * 3600))))
        pid, client = rng.choice((11, 12, 13, 14)), f"10.0.0.1:{rng.randrange(2000, 60_000)}"
        if kind == "child":
            told = f"[client {client}] AH01964: Connection to child 1 established"
            lines.append(line(f"{at}", pid, told, "ssl:info"))
        lines.append(line(f"{at}", pid, f"[{KINDS[kind]} {client}] Not Found: /x"))
    return lines


#: How a format marks the client where an application runs in a child or in a daemon.
KINDS = {"child": "client", "daemon": "remote"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hours", [0.3, 12])
@pytest.mark.parametrize(
    ("zone", "offset"), [("Asia/Kathmandu", 5.75), ("Pacific/Chatham", 13.75), ("UTC", 0)]
)
def test_who_may_keep_it_keeps_it(kind: str, hours: float, zone: str, offset: float) -> None:
    """However rare the zone is; an application may have moved the clock, so it is not certain."""
    _, answers = solved(requests(kind, hours), ClockOptions(server_tz=zone))
    assert {*answers} == {(offset, "likely")}
