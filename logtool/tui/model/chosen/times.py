"""Times: takes instants and how a time column shall tell them, gives its texts."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from logtool.clocks.table import hours
from logtool.clocks.tzdb.zones import offset_at, zone_suggestion
from logtool.errors import UsageError
from logtool.people.instants import SECONDS, date_and_time, microseconds
from parsers.classes import dataclass
from parsers.units import SECOND


class TimeMode(Enum):
    """What the time column tells."""

    UTC = "UTC"
    LOGGED = "as logged"
    ZONE = "local"


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """How times are shown.

    Attributes:
        mode: of which clock.
        zone: the zone of `TimeMode.ZONE`, or empty for this host's.
    """

    mode: TimeMode = TimeMode.UTC
    zone: str = ""

    @property
    def label(self) -> str:
        """For the title."""
        if self.mode is TimeMode.ZONE:
            return self.zone or "this host's time"
        return str(self.mode.value)

    def text(self, local_us: int, offset_s: int | None, digits: int) -> str:
        """A line's time; without a known offset only as logged, with a question mark."""
        if self.mode is TimeMode.LOGGED:
            return date_and_time(local_us, digits)
        if offset_s is None:
            return date_and_time(local_us, digits) + "?"
        utc_us = local_us - offset_s * SECOND
        return date_and_time(utc_us + self.zone_offset_s(utc_us) * SECOND, digits)

    def zone_offset_s(self, utc_us: int) -> int:
        """What the shown clock adds to UTC at an instant, seconds."""
        if self.mode is not TimeMode.ZONE:
            return 0
        return offset_at(ZoneInfo(self.zone) if self.zone else None, utc_us)


def check_zone(name: str) -> str:
    """The name of a zone, if there is such a zone.

    Raises:
        UsageError: there is none.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise UsageError(f"{name}: no such zone{zone_suggestion(name)}") from fault
    return name


def elapsed(us: int) -> str:
    """A span of time in at most nine characters: `+0.004`, `+12:05`, `+3d 04h`."""
    sign = "-" if us < 0 else "+"
    seconds, micros = divmod(abs(us), SECOND)
    if seconds < 60:
        return f"{sign}{seconds}.{micros // 1000:03}"
    if seconds < 3600:
        return f"{sign}{seconds // 60}:{seconds % 60:02}"
    if seconds < 86400:
        return f"{sign}{seconds // 3600}h {seconds // 60 % 60:02}m"
    return f"{sign}{seconds // 86400}d {seconds // 3600 % 24:02}h"


def utc_offset(seconds: int) -> str:
    """`+02:00`, `UTC` for none."""
    return hours(seconds) if seconds else "UTC"


def read_time(text: str, near_us: int) -> int:
    """Microseconds UTC of `2026-06-05 08:42:36`, `06-05`, or `08:42` on the day of `near_us`.

    What is none of these is read as `--since` is: `yesterday`, `2 hours ago`.

    Raises:
        UsageError: it is no time.
    """
    whole = text.strip()
    text = whole.removesuffix("Z").replace("T", " ")
    day = date_and_time(near_us)[:10]
    # Of ten digits in a row Python would read the first six as a time of day.
    on_that_day = () if SECONDS.fullmatch(text) else (f"{day} {text}", f"{day[:5]}{text}")
    for guess in (text, *on_that_day):
        try:
            time = datetime.fromisoformat(guess)
        except ValueError:
            continue
        return _us(time)
    from logtool.moments import UnclearError, moment  # only now: it needs dateutil

    try:
        return _us(moment(whole, datetime.now(UTC)))
    except UnclearError as fault:
        raise UsageError(str(fault)) from fault
    except (ValueError, OverflowError, OSError):
        pass
    raise UsageError(f"{text!r} is no time, such as 2026-06-05 08:42, 08:42:36, -1h or 'last week'")


def _us(time: datetime) -> int:
    """Microseconds since 1970; a time without a zone is UTC."""
    return microseconds(time.replace(tzinfo=time.tzinfo or UTC))
