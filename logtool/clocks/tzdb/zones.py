"""Zones: what the tz database says of offsets, for arrays of times.

The database is the tzdata package's, never the host's: the same log gives the same answer
everywhere.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.tzdb.tzif import fixed_offset, last_rule
from logtool.errors import UsageError
from logtool.people.misspelled import did_you_mean
from parsers.classes import dataclass
from parsers.units import SECOND

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_US = 86_400 * SECOND
#: How far an offset can be from UTC; a transition this near to a time may matter to it.
REACH_US = 16 * 3600 * SECOND


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """The offsets of a zone (or of a witness, such as an access log) over some time.

    Attributes:
        name: the zone's name, or what the rules were read from.
        changes_us: int64[n], UTC instants at which a new offset begins, ascending.
        offsets_s: int64[n + 1], the offset before the first change and from each change on.
    """

    name: str
    changes_us: NDArray[np.int64]
    offsets_s: NDArray[np.int64]

    def at_utc(self, utc_us: NDArray[np.int64]) -> NDArray[np.int64]:
        """Seconds east of UTC at these instants."""
        return self.offsets_s[np.searchsorted(self.changes_us, utc_us, side="right")]

    def at_local(self, local_us: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The offsets that fit naive local times: (earlier instant's, later instant's).

        Equal where there is one. In the skipped hour both are what would have been, as RFC 5545
        reads it; no process ever writes such a time.
        """
        if not len(self.changes_us):  # few logs are of a night in which clocks change
            only = np.full(local_us.shape, self.offsets_s[0])
            return only, only
        first = self.at_utc(local_us - int(self.offsets_s.max()) * SECOND)
        last = self.at_utc(local_us - int(self.offsets_s.min()) * SECOND)
        fits_first = self.at_utc(local_us - first * SECOND) == first
        fits_last = self.at_utc(local_us - last * SECOND) == last
        return np.where(fits_first, first, last), np.where(fits_last, last, first)


@functools.cache
def zone_names() -> tuple[str, ...]:
    """Every zone of the tz database, links included."""
    listing = _tzdata().joinpath("zones").read_text("utf-8")
    return tuple(name for name in listing.split() if name not in {"Factory", "localtime"})


@functools.cache
def _places() -> frozenset[str]:
    """The zones that stand for places on the map, by the tz database's zone.tab."""
    table = _tzdata().joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return frozenset(row[2] for row in rows)


def is_alias(name: str) -> bool:
    """Whether a zone is an older or a technical name, such as Asia/Katmandu or Etc/GMT-5."""
    return name != "UTC" and name not in _places()


@functools.cache
def _tzdata() -> Path:
    """Where the tzdata package lies; importlib.resources says so too, but loads slowly."""
    import tzdata  # type: ignore[import-untyped]

    return Path(tzdata.__file__).parent


@functools.cache
def tzdata_version() -> str:
    """The version of the tz database in use, such as 2026b."""
    import tzdata

    return str(tzdata.IANA_VERSION)


@functools.cache
def load_zone(name: str) -> tzinfo:
    """The zone of this name: of the tz database, `UTC`, or a fixed offset such as `+05:45`.

    Raises:
        UsageError: there is no such zone.
    """
    fixed = _fixed(name)
    if fixed is not None:
        return fixed
    if name not in zone_names():
        raise UsageError(f"no zone is called {name!r}{zone_suggestion(name)}")
    path = _tzdata().joinpath("zoneinfo", *name.split("/"))
    with path.open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def _fixed(name: str) -> timezone | None:
    if name in {"UTC", "Z", "GMT", "UTC0"}:
        return UTC
    digits = name[1:].replace(":", "")
    if name[:1] not in "+-" or not re.fullmatch("[0-9]{2}[0-5][0-9]", digits):
        return None
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if shift > timedelta(hours=14):
        return None
    return timezone(-shift if name[0] == "-" else shift)


def zone_suggestion(name: str) -> str:
    """What to say behind a name that no zone has: whose may be meant, by city or by spelling."""
    asked = name.strip().lower().replace(" ", "_")
    known = {known.lower(): known for known in sorted(zone_names())}
    cities = [known[one] for one in known if one.rpartition("/")[2] == asked]
    # A city has one name for each country that it may stand for: the shortest is the usual one.
    usual = min(cities, key=lambda one: (one.count("/"), len(one)), default="")
    meant = f"did you mean {usual}?" if usual else did_you_mean(asked, known.values())
    return f"; {meant}" if meant else "; use a name such as Europe/Berlin or +02:00"


#: Days since 1970 of the time that 32 bits of seconds can tell.
_KNOWN_DAYS = (-2, 137 * 365 + 34)


def rules_of(name: str, from_us: int, to_us: int) -> Rules:
    """The offsets of a zone from a day before `from_us` to a day after `to_us` (UTC or local).

    Before 1970 and from 2107 on they are those of the nearest of these years: only a forged or a
    broken line is from there, and ten thousand years of changes take seconds to look up.

    Raises:
        UsageError: there is no such zone.
    """
    first, last = _known_days(from_us, to_us, 4)
    # A line may claim any year. No zone changes twice in a week.
    step = 7 if last - first > 60 * 366 else 1
    return _rules_by(name, load_zone(name), np.arange(first, last, step) * _DAY_US)


def _known_days(from_us: int, to_us: int, after: int) -> tuple[int, int]:
    """The days from two before a time to some after another, as far as they are known."""
    first = int(np.clip(from_us // _DAY_US - 2, *_KNOWN_DAYS))
    last = int(np.clip(to_us // _DAY_US + after, *_KNOWN_DAYS))
    return first, max(last, first + 1)


@functools.lru_cache(maxsize=64)
def _all_rules(from_us: int, to_us: int) -> dict[str, Rules]:
    """Like rules_of, of every zone, under the name of one that has the same: weeks are looked at.

    Where all that is written of a zone is over, only its rule counts, which many others have too.
    """
    days = np.arange(*_known_days(from_us, to_us, 9), 7) * _DAY_US
    settled_us = int(days[0]) - _MARGIN_US
    known: dict[bytes, Rules] = {}
    found = {}
    for name in zone_names():
        last_us, rule = _last_rule(name)
        if last_us >= settled_us:
            found[name] = _rules_by(name, load_zone(name), days)
            continue
        if rule not in known:
            known[rule] = _rules_by(name, _zone_by_rule(name, rule), days)
        found[name] = known[rule]
    return found


def _rules_by(name: str, zone: tzinfo, days: NDArray[np.int64]) -> Rules:
    """The offsets of a zone over some instants; a change between two of them is found exactly."""
    offsets = [offset_at(zone, day) for day in days.tolist()]
    changes, kept = [], [offsets[0]]
    for at in range(1, len(offsets)):
        if offsets[at] != offsets[at - 1]:
            changes.append(_change(zone, int(days[at - 1]), int(days[at]), offsets[at - 1]))
            kept.append(offsets[at])
    return Rules(name, np.array(changes, np.int64), np.array(kept, np.int64))


def _change(zone: tzinfo, low: int, high: int, before: int) -> int:
    """The second in (low, high] at which the offset is no longer `before`."""
    low, high = low // SECOND, high // SECOND
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(zone, middle * SECOND) == before:
            low = middle
        else:
            high = middle
    return high * SECOND


def offset_at(zone: tzinfo | None, utc_us: int) -> int:
    """Seconds east of UTC of a zone, or this host's, at one instant; far-off years as the last."""
    try:
        moment = _EPOCH + timedelta(microseconds=utc_us)
        shift = moment.astimezone(zone).utcoffset()
    except (OverflowError, ValueError):
        moment = _EPOCH.replace(year=9998 if utc_us > 0 else 2)
        shift = moment.astimezone(zone).utcoffset()
    return int(shift.total_seconds()) if shift is not None else 0


@functools.lru_cache(maxsize=64)
def changes_between(from_us: int, to_us: int) -> NDArray[np.int64]:
    """All changes of zones in a range of UTC: int64[n, 3] of instant, offset before, after.

    One row per distinct change, in order of time.
    """
    found: set[tuple[int, int, int]] = set()
    for rules in {*_all_rules(from_us, to_us).values()}:
        for at, instant in enumerate(rules.changes_us.tolist()):
            found.add((instant, int(rules.offsets_s[at]), int(rules.offsets_s[at + 1])))
    return np.array(sorted(found), np.int64).reshape(-1, 3)


@functools.lru_cache(maxsize=64)
def offsets_between(from_us: int, to_us: int) -> frozenset[int]:
    """Every offset (seconds east of UTC) that some zone has in a range of UTC."""
    every = {*_all_rules(from_us, to_us).values()}
    return frozenset(shift for rules in every for shift in rules.offsets_s.tolist())


def zones_that_fit(instants_us: Sequence[int], offsets_s: Sequence[int]) -> tuple[str, ...]:
    """Zones that have these offsets at these instants, the well-known ones first."""
    return _that_fit(tuple(sorted(set(zip(instants_us, offsets_s, strict=True)))))


@functools.lru_cache(maxsize=64)
def _that_fit(pairs: tuple[tuple[int, int], ...]) -> tuple[str, ...]:
    first_us = min((at for at, _ in pairs), default=0) - _MARGIN_US
    known: dict[bytes, bool] = {}  # what only a rule tells is the same for all zones that have it
    fitting = []
    for name in zone_names():
        last_us, rule = _last_rule(name)
        fits = known.get(rule) if first_us > last_us else None
        if fits is None:
            zone = _zone_by_rule(name, rule) if first_us > last_us else load_zone(name)
            fits = all(offset_at(zone, at) == shift for at, shift in pairs)
            if first_us > last_us:
                known[rule] = fits
        if fits:
            fitting.append(name)
    return tuple(sorted(fitting, key=_fame))


#: So long after its last written change a zone keeps to its rule, whatever the offsets.
_MARGIN_US = 3 * _DAY_US


@functools.cache
def _last_rule(name: str) -> tuple[int, bytes]:
    """When the last change that is written of a zone comes, microseconds UTC, and its rule then.

    That of which this cannot be told comes at the end of time.
    """
    last, rule = last_rule(f"{_tzdata()}/zoneinfo/{name}") or (_NEVER, b"")
    return last * SECOND, rule


#: Seconds: later than any time.
_NEVER = 1 << 43


def _zone_by_rule(name: str, rule: bytes) -> tzinfo:
    """What has a zone's offsets where only its rule counts: mostly without reading its file."""
    shift = fixed_offset(rule)
    return load_zone(name) if shift is None else timezone(timedelta(seconds=shift))


#: Roughly how many servers stand in each, of a hundred; every other zone counts a tenth.
_SERVERS = {
    "UTC": 30.0,
    "America/New_York": 10.0,
    "Europe/Berlin": 10.0,
    "America/Los_Angeles": 6.0,
    "Europe/London": 5.0,
    "Asia/Shanghai": 5.0,
    "America/Chicago": 4.0,
    "Asia/Kolkata": 4.0,
    "Asia/Tokyo": 4.0,
    "Europe/Athens": 2.5,
    "Europe/Moscow": 2.0,
    "Australia/Sydney": 2.0,
    "America/Sao_Paulo": 2.0,
    "Asia/Singapore": 2.0,
    "America/Denver": 1.5,
    "America/Phoenix": 1.0,
    "Africa/Johannesburg": 1.0,
    "America/Argentina/Buenos_Aires": 1.0,
    "Asia/Seoul": 1.0,
    "Asia/Dubai": 1.0,
    "Australia/Brisbane": 0.7,
    "Africa/Lagos": 0.7,
    "America/Halifax": 0.5,
    "America/Bogota": 0.5,
    "Pacific/Auckland": 0.5,
}


def servers_in(name: str) -> float:
    """Roughly how many servers, of a hundred, stand in a zone."""
    return _SERVERS.get(name, 0.1)


#: Of zones with about as many servers, those in which most people live, and the first words of
#: those in which few do.
_PEOPLE = (
    *(
        "Asia/Karachi",
        "Asia/Dhaka",
        "Asia/Jakarta",
        "Asia/Bangkok",
        "Asia/Manila",
        "Africa/Nairobi",
    ),
    *("America/Mexico_City", "America/Caracas", "America/Anchorage", "Pacific/Honolulu"),
    *("Asia/Tashkent", "Asia/Vladivostok", "Pacific/Guadalcanal", "Pacific/Fiji"),
)
_FEW = ("Antarctica/", "Arctic/", "Indian/", "Etc/", "US/")


def _fame(name: str) -> tuple[float, bool, bool, str]:
    few = "/" not in name or name.startswith(_FEW)
    return -servers_in(name), name not in _PEOPLE, few, name


def kinds_of_zones(from_us: int, to_us: int) -> list[tuple[Rules, float]]:
    """All zones, those that agree over a range of UTC put together; with the servers in each kind.

    A kind bears the name of its best-known zone; the kinds with most servers come first.
    """
    every = _all_rules(from_us, to_us)
    kinds: dict[tuple[bytes, bytes], list[str]] = {}
    for name, rules in every.items():
        key = (rules.changes_us.tobytes(), rules.offsets_s.tobytes())
        kinds.setdefault(key, []).append(name)
    weighed = []
    for names in kinds.values():
        known = min(names, key=_fame)
        weighed.append((replace(every[known], name=known), sum(map(servers_in, names))))
    return sorted(weighed, key=lambda row: -row[1])
