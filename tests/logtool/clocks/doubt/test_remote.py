"""Clocks of remote places: hardly any server stands there, so one witness does not prove it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from logtool.clocks.doubt.remote import REMOTE_S, remote_doubt
from logtool.clocks.options import ClockOptions
from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.spans import UTC as UTC_SPAN
from logtool.clocks.tzdb.zones import load_zone, zone_names
from tests.logtool.clocks.scenes import at, line, resuming, solved

BEGIN = datetime(2026, 6, 5, 8, 42, 36, tzinfo=UTC)
PARENT, DAEMON = 4001, 4007
#: Whose clocks these are.
HONOLULU, KIRITIMATI = (-10.0, "certain"), (14.0, "certain")


def conversation() -> list[str]:
    """A server in Honolulu and its application on Kiritimati speak by turns."""
    made = [resuming("2026-06-04 22:42:36", PARENT)]
    for turn in range(1, 9):
        here = BEGIN + timedelta(seconds=70 * turn)
        for pid, zone, words in (
            (PARENT, "Pacific/Honolulu", "core:error"),
            (DAEMON, "Pacific/Kiritimati", "wsgi:error"),
        ):
            stamp = here.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            made.append(line(f"{stamp}", pid, "a word", words))
    return made


MODIFIED = at("2026-06-05 08:51:56.2")


@pytest.mark.parametrize(
    ("options", "mtime_us", "expected"),
    [
        # What the user says of the server may be wrong for the application.
        (ClockOptions(server_tz="Pacific/Honolulu"), None, {HONOLULU, (14.0, "likely")}),
        (ClockOptions(server_tz="Pacific/Honolulu"), MODIFIED, {HONOLULU, KIRITIMATI}),
        (ClockOptions(clocks=((f"{DAEMON}", "Pacific/Kiritimati"),)), None, {HONOLULU, KIRITIMATI}),
    ],
)
def test_two_witnesses(
    options: ClockOptions, mtime_us: int | None, expected: set[tuple[float, str]]
) -> None:
    """Certain is what the user says of it, or what two kinds of witnesses agree with."""
    _, found = solved(conversation(), options, mtime_us=mtime_us)
    assert {*found} == expected


def _link(kind: str, hours: float, span: int = 0, *, sure: bool = False) -> Link:
    return Link(UTC_SPAN, span, int(hours * 3600), 10.0, kind, kind, "", sure=sure)


@pytest.mark.parametrize(
    ("links", "doubted"),
    [
        ([], True),
        ([_link("mtime", 14), _link("access-log", 14)], False),
        ([_link("mtime", 14), _link("mtime", 14)], True),
        ([_link("mtime", 14), _link("access-log", 13)], True),
        ([_link("mtime", 14), _link("access-log", 9, span=1)], False),
        ([_link("mtime", 14), _link("access-log", 14, span=1)], True),
        ([_link("mtime", 14), replace(_link("default", 14), assumed=True)], True),
        ([_link("mtime", 14), replace(_link("order", 14), a=1)], True),
        ([_link("user", 14, sure=True)], False),
        ([_link("user", 13, sure=True)], True),
    ],
)
def test_who_agrees(links: list[Link], doubted: bool) -> None:
    """Witnesses of absolute time that name what was found, each kind once, or a sure one."""
    found = np.array([14, 9], np.int64) * 3600
    assert remote_doubt(found, links).tolist() == [doubted, False]


def test_remote_offsets_are_those_of_few() -> None:
    """Each is known in few zones, whose places are islands, a roadhouse, or the sea."""
    moments = [datetime(2026, month, 15, tzinfo=UTC) for month in (1, 7)]
    whose = {
        name
        for name in zone_names()
        for moment in moments
        if (shift := moment.astimezone(load_zone(name)).utcoffset())
        and int(shift.total_seconds()) in REMOTE_S
    }
    places = {"Kiritimati", "Chatham", "NZ-CHAT", "Eucla", "Marquesas", "GMT+12", "GMT-14"}
    assert {name.rpartition("/")[2] for name in whose} == places
    assert len(np.unique(REMOTE_S)) == len(REMOTE_S)
