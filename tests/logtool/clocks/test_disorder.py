"""Lines that would run backwards in real time are of no clock that is more than assumed."""

from __future__ import annotations

import pytest

from logtool.clocks.options import ClockOptions
from tests.logtool.clocks.scenes import line, solved

LOADS = "[client 127.0.0.1:4] mod_wsgi (pid={}, process='', application=''): Loading Python script"
#: Some children keep Berlin's clock, others the UTC that an application has set, all before.
HEAD = [
    line("2026-11-27 03:56:42.701789", 24, "[client 127.0.0.1:1] ValueError: broken q=14"),
    line("2026-11-27 04:56:42.716979", 63, "[client 127.0.0.1:2] AH01964: x", "ssl:info"),
    line("2026-11-27 04:56:42.720746", 63, LOADS.format(63), "wsgi:info"),
    line("2026-11-27 04:56:43.049588", 33, LOADS.format(33), "wsgi:info"),
    line("2026-11-27 03:56:43.098981", 3, "[client 127.0.0.1:5] INFO shop: q=22"),
    line("2026-11-27 03:56:43.105316", 2, "[client 127.0.0.1:6] AH01992: x", "ssl:info"),
]


@pytest.mark.parametrize(("more", "sure"), [(4, "assumed"), (200, "likely")])
def test_lines_that_would_run_backwards_are_assumed(more: int, sure: str) -> None:
    """All children seem to keep Berlin's, one an hour before the line above it.

    That one line, which may be forged, disproves itself, and not two hundred.
    """
    talk = [
        line(f"2026-11-27 03:56:43.{258746 + 9 * at}", 3, "[client 127.0.0.1:5] x")
        for at in range(more)
    ]
    table, answers = solved([*HEAD, *talk], ClockOptions(server_tz="Europe/Berlin"))
    assert answers[3] == (1, "assumed")
    assert {*answers[4:]} == {(1, sure)}
    facts = [fact.text for clock in table.clocks for fact in clock.evidence]
    assert any(text.endswith("which contradicts itself: no offset is both") for text in facts)
