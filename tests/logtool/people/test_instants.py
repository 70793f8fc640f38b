"""Date and time for people, within the calendar and beyond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from logtool.people.instants import (
    date_and_time,
    instant,
    microseconds,
    moment_text,
    span_text,
    utc_text,
)


@pytest.mark.parametrize(
    ("digits", "text"),
    [(0, "2026-06-05 08:42:36"), (3, "2026-06-05 08:42:36.978"), (6, "2026-06-05 08:42:36.978307")],
)
def test_digits(digits: int, text: str) -> None:
    """As many digits of the fraction as are asked for."""
    assert date_and_time(1780648956978307, digits) == text
    assert utc_text(1780648956978307, digits) == text.replace(" ", "T") + "Z"


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_all_of_a_stamp(us: int) -> None:
    """What the calendar holds can be read again; of the rest it is said that it does not."""
    text = utc_text(us, 6)
    if text == "beyond the calendar":
        assert not -62135596800 <= us // 1_000_000 <= 253402300799
    else:
        time = datetime.fromisoformat(text[:-1])
        assert (time - datetime.fromisoformat("1970-01-01")) // timedelta(microseconds=1) == us


@given(st.datetimes(), st.integers(-1439, 1439))
@example(datetime(9999, 12, 31, 23, 59, 59, 999999), 1439)  # noqa: DTZ001 - given one below
def test_microseconds_are_exact(local: datetime, minutes: int) -> None:
    """In all years and zones: `instant` gives the same time, as far as the calendar has it."""
    time = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    us = microseconds(time)

    assert us == microseconds(local.replace(tzinfo=UTC)) - minutes * 60_000_000
    if abs(us) < 250_000_000_000_000_000 and us > -62_000_000_000_000_000:
        assert instant(us) == time


@pytest.mark.parametrize(
    ("since", "until", "text"),
    [
        (True, True, "from 0987-06-05 08:42:36Z until 0987-06-05 08:42:36Z"),
        (True, False, "from 0987-06-05 08:42:36Z"),
        (False, True, "until 0987-06-05 08:42:36Z"),
        (False, False, ""),
    ],
)
def test_a_span_that_may_be_open(since: bool, until: bool, text: str) -> None:
    """Only an end that is known is told; years have four digits."""
    time = datetime(987, 6, 5, 8, 42, 36, 978307, tzinfo=UTC)

    assert text == span_text(time if since else None, time if until else None)
    assert text.count(moment_text(time)) == since + until
