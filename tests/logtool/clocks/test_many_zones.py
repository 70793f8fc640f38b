"""A night in which the zone of a server's changes, and those of its applications do not."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from logtool.clocks import outside
from tests.logtool.clocks.scenes import at, line, resuming, solved

ZONES = {"P": "Europe/Berlin", "B": "Europe/Berlin", "U": "UTC", "K": "Asia/Kolkata"}
#: Seconds since the line before; whose it is: a parent's (P), or that of a process in Berlin's zone
#: (B), UTC (U) or Kolkata's (K), each with a number; and how many lines.
LINES = """
0P1x2 1049U2 120U2 702B3x3 180B3x3 524U4 122B3 88K5x3 795K6 32U2 127K5 315U2 396B7 65U2 265U4
153B7x3 330B7x3 138B3 120U2 322K5x3 154B3 49B7 178U2 188U4x3 290B7x3 69K5 148U2 165B7 665U2
45U4x3 217U2x3 168U4 498U2 245U2 81K6x3 133B3 98U4 108P1 1206P1x2 1354B8x3 626U9 139B8 507K10
526U11 82U9 139B8x3 507K12x3 195B8 163U11x3 90K10 74K12 122K10 181U11x3 139U9 112K12 34B8 162U9
135U9 105U11 27U11 599B13x3 152U9 126U11 180U9 180U9 30K10 47B8 155U9 125U11 171K12x3 118K10
74B13 150U11 102B13 304B13x3 0U11x3 251B8 153U9 378U11x3 44K12x3 182B13 131U11 370U9 25K10 0P1
2629P1x3 1564P1x3 1567P1x3 1582P1x3 2151P1x2 586B14 770U15 1148U16 165U16 395K17x3 612B18 125B18
109K17 111U16 664K19 147B18 259K19 165U16 78U16x3 83B18 186K17x3 38K19 0B18x3 115K17 163B18x3
151U16 134U16 287B18 163U15x3 121U16x3 74U15 50U16 196U16 187K19 100B14 456U15x3 375U16 48K19
47U16x3 28U15 35B14 70U16x3 200U16 76B14 140U15 98B14 175K17 57K19 27K17 130B14 189U15 2751P1x2
1564P1x2 1564P1x2 1564P1x2 785P1 1489P20x2 960B21x3 328U22 78U22 402U23 94U23 492B24 565K25
346U23 139B21x3 80K26 156B21 93U23 134B24x3 92U23 259B21 78B24 174U23 46B24 165B21 161B24 123B21
107U23 172K25 154U23 26K26 260U23 89K25 168K26 150U22 250U23 771U22 265U23 649U22x3 391B24 97B21
143U23 110B21 314U22x3 292K26x3 123K26 140B24 66B21 471K25x3 600U23 175K26 173P20 3206P20x2
1918U27x3 2194B28x3 156U27x3 729U29x3 153B28 124K30x3 186K31 188U27 31K30 66B28 55K31 126U27x3
191K31x3 115K30 73U27 126K31x3 336K31 186B32 59B32 438U27 25B28x3 24K31 0K30 0K31 149U29
2996P20x3 1564P20x3 1563P20x3 1564P20x3 781P20
"""


@pytest.mark.parametrize(
    ("start", "share"),
    [
        # One parent has to move, and none of the processes that write between its lines.
        ("2026-10-24 22:00", 1.0),
        # All processes between two silences have to move, and no parent.
        ("2026-10-24 20:00", 20 / 22),
    ],
)
def test_no_line_is_an_hour_off(monkeypatch: pytest.MonkeyPatch, start: str, share: float) -> None:
    """Who is restarted after the change is told apart by order alone."""
    monkeypatch.setattr(outside, "host_zone", lambda: "Etc/UTC")
    begin, passed, lines, expected = datetime.fromisoformat(f"{start}+00:00"), 0, [], []
    for step, zone, number, _, count in re.findall(r"(\d+)([A-Z])(\d+)(x(\d))?", LINES):
        passed += int(step)
        here = begin + timedelta(seconds=round(passed * share))
        local = here.astimezone(ZoneInfo(ZONES[zone])).replace(tzinfo=None)
        shown = resuming if zone == "P" else line
        lines += [shown(f"{local}", int(number))] * int(count or 1)
        expected += [(local - here.replace(tzinfo=None)).total_seconds() / 3600] * int(count or 1)
    _, answers = solved(lines, mtime_us=at(f"{here:%Y-%m-%d %H:%M:%S}"))
    assert [answer and answer[0] for answer in answers] == expected
