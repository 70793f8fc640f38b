"""Instants: take microseconds of a clock, give date and time for people."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

#: An instant written as seconds since 1970; no date is written with ten digits in a row.
SECONDS = re.compile(r"\d{10}(?:\.\d+)?")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - whose clock it is, the caller knows
_EPOCH_UTC = _EPOCH.replace(tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: What a stamp says that no calendar holds.
BEYOND = "beyond the calendar"


def date_and_time(us: int, digits: int = 0, between: str = " ") -> str:
    """`2026-06-05 08:42:36.978`, with so many digits of the fraction; or that it is BEYOND.

    Args:
        us: microseconds since 1970 began on the clock that is meant.
        digits: 0 to 6.
        between: one character.
    """
    try:
        time = _EPOCH + timedelta(microseconds=us)
    except OverflowError:
        return BEYOND
    return time.isoformat(between, "microseconds")[: 20 + digits].rstrip(".")


def utc_text(utc_us: int, digits: int = 0, between: str = "T") -> str:
    """`2026-06-05T08:42:36Z`: the same of UTC."""
    text = date_and_time(utc_us, digits, between)
    return text if text == BEYOND else f"{text}Z"


def moment_text(time: datetime) -> str:
    """`2026-06-05 08:42:36Z`, of a time in UTC."""
    return f"{time.replace(tzinfo=None).isoformat(' ', 'seconds')}Z"


def span_text(since: datetime | None, until: datetime | None) -> str:
    """`from 2026-06-05 08:42:36Z until …`; what is None is left out, nothing is left of two."""
    begin = f"from {moment_text(since)}" if since else ""
    return f"{begin} until {moment_text(until)}".strip() if until else begin


def rfc3339(time: datetime | None) -> str | None:
    """`2026-06-05T08:42:36.978307Z`, as JSON has times; None where there is none."""
    return None if time is None else time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def microseconds(time: datetime) -> int:
    """Those from 1970 on to a time with a zone."""
    return (time - _EPOCH_UTC) // _MICROSECOND


def instant(utc_us: int) -> datetime:
    """The time of an instant in microseconds; the calendar's last or first year beyond it."""
    try:
        return _EPOCH_UTC + timedelta(microseconds=utc_us)
    except OverflowError:
        return _EPOCH_UTC.replace(year=9999 if utc_us > 0 else 1)
