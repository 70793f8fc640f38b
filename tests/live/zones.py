"""Zones, drawn at random."""

from __future__ import annotations

import importlib.resources
import random
import zoneinfo
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

HOST_ZONES = "/usr/share/zoneinfo"
#: Scenarios take place today, or on a day of 2026 and some weeks after.
DAYS = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(425)]


@cache
def all_zones() -> tuple[str, ...]:
    """Every geographical zone that Python and libc agree upon, quarters of an hour from UTC."""
    now = datetime.now(UTC)
    return tuple(
        name
        for name in sorted(zoneinfo.available_timezones())
        if "/" in name
        and not name.startswith(("Etc/", "SystemV/", "posix/", "right/"))
        and Path(HOST_ZONES, name).is_file()
        and not offset(name, now).seconds % 900
        and not disputed(name)
    )


@cache
def disputed(name: str) -> bool:
    """Whether this host's tz database and that of the tzdata package disagree on a zone.

    Apache asks the host's, errlog its package's. Where a law is younger than one of them (a
    province that gives up summer time), a name means two zones, and no log can tell which.
    """
    package = importlib.resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    if not package.is_file():
        return True
    with package.open("rb") as ours, Path(HOST_ZONES, name).open("rb") as theirs:
        zones = [zoneinfo.ZoneInfo.from_file(file, name) for file in (ours, theirs)]
    return any(
        at.astimezone(zones[0]).utcoffset() != at.astimezone(zones[1]).utcoffset()
        for at in (*DAYS, datetime.now(UTC))
    )


def offset(zone: str, at: datetime) -> timedelta:
    """A zone's distance from UTC at an instant."""
    return at.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset() or timedelta()


def draw_zones(rng: random.Random, count: int, *apart_from: str) -> list[str]:
    """Zones with offsets that differ today from one another and from those of given zones."""
    now = datetime.now(UTC)
    taken = {offset(zone, now) for zone in apart_from}
    drawn: list[str] = []
    while len(drawn) < count:
        zone = rng.choice((*all_zones(), "UTC"))
        if offset(zone, now) not in taken:
            taken.add(offset(zone, now))
            drawn.append(zone)
    return drawn


def jumps(zone: str, year: int) -> list[tuple[datetime, timedelta]]:
    """The instants of a year at which a zone's offset changes, and by how much."""
    found = []
    at, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    while at < end:
        later = at + timedelta(days=1)
        if change := offset(zone, later) - offset(zone, at):
            low, high = at, later
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                middle = middle.replace(microsecond=0)
                low, high = (
                    (middle, high) if offset(zone, middle) == offset(zone, low) else (low, middle)
                )
            found.append((high, change))
        at = later
    return found


def draw_jumping_zone(
    rng: random.Random, year: int, *, forward: bool
) -> tuple[str, datetime, timedelta]:
    """A zone that springs forward or falls back in a year, with the instant and the change."""
    while True:
        zone = rng.choice(all_zones())
        for at, change in jumps(zone, year):
            if (change > timedelta()) == forward and not change.seconds % 900:
                return zone, at, change
