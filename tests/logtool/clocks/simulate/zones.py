"""Zones of the tzdata package: offsets of instants, and the instants at which a zone jumps."""

from __future__ import annotations

import importlib.resources
from datetime import UTC, datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

MS = 1000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

#: Days between two looks at a zone: no zone of httpd's lifetime jumps twice within three weeks.
_STRIDE_S = 20 * 86_400


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of that name, always from the tzdata package, so that every machine agrees."""
    file = importlib.resources.files("tzdata.zoneinfo").joinpath(name)
    with file.open("rb") as content:
        return ZoneInfo.from_file(content, key=name)


def offset_at(name: str, second: int) -> int:
    """Seconds east of UTC of a zone at an instant given in seconds UTC."""
    offset = datetime.fromtimestamp(second, zone(name)).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


@lru_cache(maxsize=4096)
def jumps(name: str, year: int) -> tuple[int, ...]:
    """The instants (seconds UTC) of a year from which a zone's offset is another than before."""
    first, end = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (year, year + 1))
    found = []
    for low in range(first, end, _STRIDE_S):
        high = min(low + _STRIDE_S, end)
        old = offset_at(name, low)
        if offset_at(name, high) != old:
            found.append(_bisect(name, low, high, old))
    return tuple(found)


def _bisect(name: str, low: int, high: int, old: int) -> int:
    """The first second of `low`..`high` at which the offset is not `old` any more."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset_at(name, middle) == old else (low, middle)
    return high


def directed(zone: str, year: int) -> list[tuple[int, bool]]:
    """The jumps of a zone in a year, and whether each is forward."""
    return [(j, offset_at(zone, j) > offset_at(zone, j - 1)) for j in jumps(zone, year)]


def jump_in(name: str, year: int, month: int) -> int:
    """The one jump (seconds UTC) of a zone in a month; ValueError where there is not one."""
    (jump,) = (j for j in jumps(name, year) if datetime.fromtimestamp(j, UTC).month == month)
    return jump


def us(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    """A UTC date as microseconds since 1970."""
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()) * SECOND
