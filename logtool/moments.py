"""Moments: takes what people write for a time, gives the instant."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial

from dateutil import parser
from dateutil.relativedelta import relativedelta

from logtool.clocks.tzdb.zones import is_alias, load_zone, servers_in, zone_names
from logtool.people.instants import SECONDS
from parsers.whole_numbers import whole_number

_UNITS = {
    "s": "seconds", "sec": "seconds", "second": "seconds",
    "m": "minutes", "min": "minutes", "minute": "minutes",
    "h": "hours", "hr": "hours", "hour": "hours",
    "d": "days", "day": "days",
    "w": "weeks", "week": "weeks",
    "mo": "months", "month": "months",
    "y": "years", "year": "years",
}  # fmt: skip
_SPAN = re.compile(
    r"(?P<number>\d+)\s*(?P<unit>"
    + "|".join(sorted(_UNITS, key=len, reverse=True))
    + r")s?(?![a-z])\s*"
)
#: `last week`, `past 2 hours`: a week, two hours ago.
_LAST = re.compile(r"\A(?:last|past) (?P<number>\d)?")
_ONE = re.compile(r"\b(?:an?|one) ")
#: dateutil takes other names for those of zones only in capitals.
_UTC = re.compile(r"(?<![a-z])(?:utc|gmt)\b", re.IGNORECASE)
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_TIMES_OF_DAY = {"noon": "12:00", "midnight": "00:00"}
_TIME_OF_DAY = re.compile(rf"(?<!\S)(?:{'|'.join(_TIMES_OF_DAY)})(?!\S)", re.IGNORECASE)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = (
    r"(?P<last>last )?(?P<day>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?"
    r"|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)
_WEEKDAY = re.compile(rf"{_DAY},?(?: (?P<rest>.*))?", re.IGNORECASE)
_TIME_WEEKDAY = re.compile(rf"(?P<rest>[\d:.]{{1,16}}(?: ?[ap]m)?) (?:on )?{_DAY}", re.IGNORECASE)
#: An access log writes a colon between day and time.
_ACCESS = re.compile(r"(?<=/\d{4}):")
#: Two numbers of which nobody knows which is the day.
_TWO_WAYS = re.compile(r"(?<![\d:/.-])(\d{1,2})([/.-])(\d{1,2})(?:\2(?:\d{4}|\d\d))?(?![\d:/.-])")
#: What dateutil takes where a text says nothing: where both answers differ it says nothing.
_UNSAID = datetime(2001, 1, 1, 0), datetime(2014, 10, 28, 23)  # noqa: DTZ001 - only compared
_MONTHS = 12
#: What abbreviations of time zones look like.
_ABBREVIATION = re.compile(r"[A-Z]{3,5}")


class UnclearError(ValueError):
    """A text may mean several times; says what to write instead."""


def moment(text: str, now: datetime, earliest: datetime | None = None) -> datetime:
    """The instant that a text means.

    Args:
        text: `now`, `today`, `yesterday` (midnight, also with a time of day: `yesterday 14:30`),
            `-1h`, `1h30m`, `2 hours ago`, `last week` (7 days ago), `1780642949.5` or
            `@1780642949` (seconds since 1970), `monday`, a time of day (also `noon` and
            `midnight`), or a date in about any form, also as httpd's logs write it. A time
            without a zone is UTC; the zone may be an offset or a tzdb name. A weekday, a time of
            day, or a date without a year means the last one before `now`.
        now: an aware time to count from.
        earliest: such a text means the first one after this time if the last one is before it.

    Returns:
        The instant, in UTC.

    Raises:
        ValueError: the text means no time.
        UnclearError: it means one of several.
        UsageError: it names an unknown zone.
    """
    text = " ".join(text.strip("[] ").split())
    text = _UTC.sub(lambda zone: zone[0].upper(), text)
    text = _TIME_OF_DAY.sub(lambda word: _TIMES_OF_DAY[word[0].lower()], text)
    words = text.lower()
    now = now.astimezone(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    day, _, rest = text.partition(" ")
    if words == "now":
        return now
    if day.lower() in _DAYS:
        start = midnight + timedelta(days=_DAYS[day.lower()])
        return _parsed(rest, start, now) if rest else start
    if words.startswith("@") or SECONDS.fullmatch(words):
        return _epoch(words.removeprefix("@"))
    span = _span(words)
    if span is not None:
        before: datetime = now - span
        return before
    found, step = _written(text, now, midnight)
    while step and found > now:
        found -= step
    while step and earliest is not None and found < earliest:
        found += step
    return found


def _span(words: str) -> relativedelta | None:
    """How long ago: `-1h30m`, `1h`, `2 hours ago`, `an hour ago`, `last week`."""
    words = _LAST.sub(lambda last: last["number"] or "1 ", words)
    words = _ONE.sub("1 ", words).removeprefix("-").removesuffix(" ago").replace(" and ", " ")
    total, place = relativedelta(), 0
    while place < len(words) and (match := _SPAN.match(words, place)):
        total += relativedelta(**{_UNITS[match["unit"]]: whole_number(match["number"])})
        place = match.end()
    return total if words and place == len(words) else None


def _epoch(words: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(words), UTC)
    except (ValueError, OverflowError, OSError) as fault:
        raise ValueError(f"{words!r} is no time") from fault


def _written(
    text: str, now: datetime, midnight: datetime
) -> tuple[datetime, timedelta | relativedelta | None]:
    """The time that a text tells, and after how long it comes again: never where it has a year."""
    text = _ACCESS.sub(" ", text)
    weekday = _WEEKDAY.fullmatch(text) or _TIME_WEEKDAY.fullmatch(text)
    if weekday is not None:
        rest = weekday["rest"] or ""
        if not _said(rest, now) - {"time"}:
            back = (midnight.weekday() - _WEEKDAYS.index(weekday["day"][:3].lower())) % 7
            day = midnight - timedelta(days=back or 7 if weekday["last"] else back)
            return (_parsed(rest, day, now) if rest else day), timedelta(days=7)
    if (two := _TWO_WAYS.search(text)) is not None:
        one, other = int(two[1]), int(two[3])
        if one != other and 0 < one <= _MONTHS and 0 < other <= _MONTHS:
            raise UnclearError(f"{text!r} is no time: write the date as 2026-06-05 or 5 Jun 2026")
    said = _said(text, now)
    if said == {"year", "month"}:
        midnight = midnight.replace(day=1)
    elif not said or not ({"month", "day"} <= said or said == {"time"}):
        raise ValueError(f"{text!r} is no time: it says neither a day nor a time of day")
    if said == {"time"}:
        # Of a zone east of UTC the last one may be tomorrow's. Each is read by itself: where a zone
        # changes, days are not 24 hours apart.
        days = (_parsed(text, midnight + timedelta(days=away), now) for away in (1, 0, -1))
        if (gone_by := next((one for one in days if one <= now), None)) is None:
            raise ValueError(f"{text!r} is no time")
        return gone_by, timedelta(days=1)
    step = relativedelta(years=1)
    return _parsed(text, midnight, now), None if "year" in said else step


def _said(text: str, now: datetime) -> set[str]:
    """Which of `year`, `month`, `day` and `time` a text tells."""
    if not text:
        return set()
    one, other = (_read(text, default, now)[0] for default in _UNSAID)
    same = {name for name in ("year", "month", "day") if getattr(one, name) == getattr(other, name)}
    return same | {"time"} if one.hour == other.hour else same


def _parsed(text: str, default: datetime, now: datetime) -> datetime:
    found, zone = _read(text, default, now)
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone or UTC)
    return found.astimezone(UTC)


def _read(text: str, default: datetime, now: datetime) -> tuple[datetime, tzinfo | None]:
    """The time that stands there, and the zone that is named behind it.

    Args:
        text: a time, and perhaps a zone.
        default: tells what the text does not.
        now: tells the year whose zones people mean.
    """
    zone: tzinfo | None = None
    head, _, last = text.rpartition(" ")
    if "/" in last and last[:1].isalpha():
        text, zone = head, load_zone(last)
    try:
        found: datetime = parser.parse(
            text, default=default.replace(tzinfo=None), tzinfos=partial(_refused, now.year)
        )
    except (parser.ParserError, ArithmeticError) as fault:  # also decimal's, of many digits
        if zones := _zones_called(last.upper(), now.year):
            raise UnclearError(f"{last!r} is not taken for a time zone; write {zones}") from fault
        raise ValueError(f"{text!r} is no time") from fault
    return found, zone


def _refused(year: int, name: str | None, offset: int | None) -> int | None:
    """Offsets as they are; of names only those of UTC, for CST is at least three zones."""
    if offset is not None or name is None:
        return offset
    if name.upper() not in ("Z", "UTC", "GMT"):
        zones = _zones_called(name, year) or "+0200 or Europe/Berlin"
        raise UnclearError(f"{name!r} is not taken for a time zone; write {zones}")
    return 0


def _zones_called(abbreviation: str, year: int) -> str:
    """Each offset that is called so in a year, with its best-known zone; empty for none."""
    if not _ABBREVIATION.fullmatch(abbreviation):
        return ""
    found: dict[str, list[str]] = {}
    for name in zone_names():
        for month in (1, 7):
            there = datetime(year, month, 1, tzinfo=load_zone(name))
            if there.tzname() == abbreviation:
                found.setdefault(f"{there:%z}", []).append(name)
    best = {
        offset: min(names, key=lambda name: (-servers_in(name), is_alias(name), name))
        for offset, names in found.items()
    }
    told = [f"{offset} ({name})" for offset, name in sorted(best.items())]
    return " or ".join(filter(None, (", ".join(told[:-1]), *told[-1:])))
