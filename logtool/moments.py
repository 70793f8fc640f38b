"""Moments: takes what people write for a time, gives the instant."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from dateutil import parser
from dateutil.relativedelta import relativedelta

from logtool.clocks.zones import load_zone

_UNITS = {
    "s": "seconds", "sec": "seconds", "second": "seconds",
    "m": "minutes", "min": "minutes", "minute": "minutes",
    "h": "hours", "hr": "hours", "hour": "hours",
    "d": "days", "day": "days",
    "w": "weeks", "week": "weeks",
    "month": "months",
    "y": "years", "year": "years",
}  # fmt: skip
_SPAN = re.compile(
    r"(?P<number>\d+)\s*(?P<unit>"
    + "|".join(sorted(_UNITS, key=len, reverse=True))
    + r")s?(?![a-z])\s*"
)
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(utc_us: int) -> datetime:
    """The time of an instant in microseconds; the calendar's last or first year beyond it."""
    try:
        return _EPOCH + timedelta(microseconds=utc_us)
    except OverflowError:
        return _EPOCH.replace(year=9999 if utc_us > 0 else 1)


def moment(text: str, now: datetime) -> datetime:
    """The instant that a text means.

    Args:
        text: `now`, `today`, `yesterday` (midnight, also with a time of day: `yesterday 14:30`),
            `-1h`, `1h30m`, `2 hours ago`, `@1780642949` (seconds since 1970), or a date and time in
            about any form. A time without a zone is UTC; the zone may be an offset or a tzdb name.
        now: an aware time to count from.

    Returns:
        The instant, in UTC.

    Raises:
        ValueError: the text means no time.
        UsageError: it names an unknown zone.
    """
    words = " ".join(text.lower().split())
    now = now.astimezone(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    day, _, rest = words.partition(" ")
    if words == "now":
        return now
    if day in _DAYS:
        start = midnight + timedelta(days=_DAYS[day])
        return _parsed(rest, start) if rest else start
    if words.startswith("@"):
        return _epoch(words[1:])
    span = _span(words)
    return now - span if span is not None else _parsed(" ".join(text.split()), midnight)


def _span(words: str) -> relativedelta | None:
    """How long ago: `-1h30m`, `1h`, `2 hours ago`."""
    words = words.removeprefix("-").removesuffix(" ago").replace(" and ", " ")
    total, place = relativedelta(), 0
    while place < len(words) and (match := _SPAN.match(words, place)):
        total += relativedelta(**{_UNITS[match["unit"]]: int(match["number"])})
        place = match.end()
    return total if words and place == len(words) else None


def _epoch(words: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(words), UTC)
    except (ValueError, OverflowError, OSError) as fault:
        raise ValueError(f"@{words} is no time") from fault


def _parsed(text: str, default: datetime) -> datetime:
    zone: tzinfo | None = None
    head, _, last = text.rpartition(" ")
    if "/" in last and last[:1].isalpha():
        text, zone = head, load_zone(last)
    try:
        found: datetime = parser.parse(text, default=default.replace(tzinfo=None), tzinfos=_refused)
    except (parser.ParserError, OverflowError) as fault:
        raise ValueError(f"{text!r} is no time") from fault
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone or UTC)
    return found.astimezone(UTC)


def _refused(name: str | None, offset: int | None) -> int | None:
    """Offsets as they are; of names only those of UTC, for CST is at least three zones."""
    if offset is not None or name is None:
        return offset
    if name.upper() not in ("Z", "UTC", "GMT"):
        raise ValueError(f"{name!r} is no time zone; write +0200 or Europe/Berlin")
    return 0
