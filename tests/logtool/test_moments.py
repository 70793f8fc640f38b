"""Moments: what people write for a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from logtool.errors import UsageError
from logtool.moments import UnclearError, moment

#: 22:30 UTC, the next day already in the zone it is given in.
NOW = datetime(2026, 6, 6, 0, 30, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("now", "2026-06-05 22:30"),
        ("today", "2026-06-05"),
        ("yesterday", "2026-06-04"),
        ("Yesterday 14:30", "2026-06-04 14:30"),
        ("tomorrow", "2026-06-06"),
        # how long ago
        ("-1h", "2026-06-05 21:30"),
        ("1h30m", "2026-06-05 21:00"),
        ("-90min", "2026-06-05 21:00"),
        ("2 hours ago", "2026-06-05 20:30"),
        ("1 day and 2 hours ago", "2026-06-04 20:30"),
        ("1 month ago", "2026-05-05 22:30"),
        ("3w", "2026-05-15 22:30"),
        ("a week ago", "2026-05-29 22:30"),
        ("last week", "2026-05-29 22:30"),
        ("Last Month", "2026-05-05 22:30"),
        ("one hour ago", "2026-06-05 21:30"),
        ("past 2 hours", "2026-06-05 20:30"),
        ("last 24h", "2026-06-04 22:30"),
        # seconds since 1970
        ("@1780642949.5", "2026-06-05 07:02:29.500"),
        ("1780642949", "2026-06-05 07:02:29"),
        ("1780642949.978307", "2026-06-05 07:02:29.978307"),
        # dates; without a zone they are UTC
        ("2026-06-05", "2026-06-05"),
        ("2026-06-05 08:42:36.978307", "2026-06-05 08:42:36.978307"),
        ("2026-06-05T08:42:36Z", "2026-06-05 08:42:36"),
        ("2026-06-05 08:42 +0200", "2026-06-05 06:42"),
        ("2026-06-05 08:42 Europe/Berlin", "2026-06-05 06:42"),
        ("Fri Jun 05 08:42:36.978 2026", "2026-06-05 08:42:36.978"),
        ("14:30 utc", "2026-06-05 14:30"),
        ("2026-06-05 08:42 Gmt", "2026-06-05 08:42"),
        ("14:30utc", "2026-06-05 14:30"),
        ("Yesterday 14:30 gmt", "2026-06-04 14:30"),
        ("yesterday 14:30 Europe/Berlin", "2026-06-04 12:30"),
        ("5 Jun 2026", "2026-06-05"),
        ("14:30", "2026-06-05 14:30"),
        ("[Fri Jun 05 08:42:36.978 2026]", "2026-06-05 08:42:36.978"),
        ("[05/Jun/2026:08:42:36 +0200]", "2026-06-05 06:42:36"),
        ("2026-05", "2026-05-01"),
        ("2026-06-01 Noon", "2026-06-01 12:00"),
        ("yesterday noon", "2026-06-04 12:00"),
        ("13/05/2026", "2026-05-13"),
        # what says no day, or no year, is the last one; NOW is a Friday
        ("23:50", "2026-06-04 23:50"),
        ("23:50 America/New_York", "2026-06-05 03:50"),
        ("noon", "2026-06-05 12:00"),
        ("midnight", "2026-06-05"),
        ("noon America/Los_Angeles", "2026-06-05 19:00"),
        ("midnight Europe/Berlin", "2026-06-05 22:00"),
        ("monday midnight", "2026-06-01"),
        ("monday", "2026-06-01"),
        ("Sunday 14:30", "2026-05-31 14:30"),
        ("14:30 sunday", "2026-05-31 14:30"),
        ("8am on Mon", "2026-06-01 08:00"),
        ("noon last friday", "2026-05-29 12:00"),
        ("friday", "2026-06-05"),
        ("fri 23:50", "2026-05-29 23:50"),
        ("last friday", "2026-05-29"),
        ("24 Dec", "2025-12-24"),
        ("Jun 5 22:00", "2026-06-05 22:00"),
    ],
)
def test_meaning(text: str, means: str) -> None:
    """A text means this instant."""
    assert moment(text, NOW) == datetime.fromisoformat(means).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "means"),
    [
        ("2026-10-24 20:00", "2026-10-24 12:30"),
        ("2026-10-25 10:00", "2026-10-24 12:30"),
        ("2026-10-25 20:00", "2026-10-25 13:30"),
        ("2026-03-28 20:00", "2026-03-28 13:30"),
        ("2026-03-29 10:00", "2026-03-28 13:30"),
        ("2026-03-29 20:00", "2026-03-29 12:30"),
    ],
)
def test_a_time_of_day_where_its_zone_changes(now: str, means: str) -> None:
    """Each day has its own offset."""
    here, instant = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (now, means))
    assert moment("14:30 Europe/Berlin", here) == instant


@pytest.mark.parametrize(
    ("text", "earliest", "means"),
    [
        ("23:50", "2026-06-05 20:00", "2026-06-05 23:50"),
        ("monday", "2026-06-03", "2026-06-08"),
        ("24 Dec", "2026-06-01", "2026-12-24"),
        ("24 Dec", "2025-06-01", "2025-12-24"),
        ("2026-06-01", "2026-06-03", "2026-06-01"),
    ],
)
def test_not_before_the_earliest(text: str, earliest: str, means: str) -> None:
    """An end that says no day or no year is not before its begin."""
    begin = datetime.fromisoformat(earliest).replace(tzinfo=UTC)
    assert moment(text, NOW, begin) == datetime.fromisoformat(means).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["1", "10", "99", "2026", "Jun", "05/06/2026", "5.6.", "month"])
def test_no_one_time(text: str) -> None:
    """What may mean several times, or half a date, is refused."""
    with pytest.raises(ValueError, match="is no time"):
        moment(text, NOW)


@pytest.mark.parametrize(
    "text",
    [
        *("", "gibberish", "-1 fortnight", "2026-13-01", "@noon", "@", "1h x", "last night"),
        *("178064294.5", "yesterday last week", "14:30 +0200 sunday", "1h monday"),
    ],
)
def test_no_time(text: str) -> None:
    """What means no time is refused."""
    with pytest.raises(ValueError, match="is no time"):
        moment(text, NOW)


@pytest.mark.parametrize("text", ["2026-06-05 08:42 CST", "2026-06-05 08:42 Mars/Olympus"])
def test_no_zone(text: str) -> None:
    """Abbreviations that mean several zones, and unknown zones, are refused."""
    with pytest.raises((ValueError, UsageError), match="zone"):
        moment(text, NOW)


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("14:30 EST", "'EST' is not taken for a time zone; write -0500 (America/New_York)"),
        ("14:30 cest", "'cest' is not taken for a time zone; write +0200 (Europe/Berlin)"),
        (
            "2026-06-05 08:42 CST",
            "'CST' is not taken for a time zone; "
            "write +0800 (Asia/Shanghai), -0500 (America/Havana) or -0600 (America/Chicago)",
        ),
        ("14:30 XYZ", "'XYZ' is not taken for a time zone; write +0200 or Europe/Berlin"),
        ("05/06/2026", "'05/06/2026' is no time: write the date as 2026-06-05 or 5 Jun 2026"),
    ],
)
def test_what_to_write_instead(text: str, instead: str) -> None:
    """An abbreviation is told with each offset that it may mean, and a zone of that offset."""
    with pytest.raises(UnclearError) as caught:
        moment(text, NOW)
    assert str(caught.value) == instead


@pytest.mark.parametrize(
    ("year", "offsets"), [(2012, "+0400 (Europe/Moscow)"), (2026, "+0300 (Europe/Moscow)")]
)
def test_zones_of_the_year(year: int, offsets: str) -> None:
    """What an abbreviation may mean is told for the year from which is counted."""
    with pytest.raises(UnclearError) as caught:
        moment("yesterday 14:30 MSK", NOW.replace(year=year))
    assert str(caught.value).endswith(f"write {offsets}")
