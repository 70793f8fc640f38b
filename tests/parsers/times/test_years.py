"""Times without a year get the latest that fits."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from parsers.blocks import Block
from parsers.built_in import SYSLOG
from parsers.decode import Decoder
from parsers.lines import NO_OFFSET, NO_TIME
from parsers.times.years import not_in_future, put_years
from parsers.units import SECOND

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(1996, 1, 1), datetime(2026, 11, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as hypothesis wants them


def micros(when: datetime) -> int:
    """Microseconds since 1970."""
    return (when - EPOCH) // timedelta(microseconds=1)


def latest(when: datetime, latest_day: datetime) -> datetime:
    """The same time of another year: tried year by year."""
    for year in range(latest_day.year, 0, -1):
        try:
            found = when.replace(year=year)
        except ValueError:  # no leap year
            continue
        if found.date() <= latest_day.date():
            return found
    raise AssertionError


def read(when: datetime, last: datetime, form: str = "%b {day} %H:%M:%S") -> tuple[int, int]:
    """The local time and the offset of a line that syslog stamped so, in a file of an instant."""
    stamp = when.strftime(form.format(day=f"{when.day:2}"))
    text = f"{stamp} web1 apache2[5]: [wsgi:info] [pid 5:tid 5] a\n".encode()
    stamps = Decoder([SYSLOG[0]], micros(last)).stamps(Block.of(text))
    assert text[stamps.time_start[0] : stamps.time_end[0]] == stamp.encode()
    return int(stamps.local_us[0]), int(stamps.offset_s[0])


@given(INSTANTS, INSTANTS)
@example(datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
@example(datetime(2024, 2, 29, tzinfo=UTC), datetime(2024, 2, 28, tzinfo=UTC))
@example(datetime(2024, 2, 29, tzinfo=UTC), datetime(2024, 2, 27, 23, 59, tzinfo=UTC))
@example(datetime(2020, 12, 31, 23, 0, 0, tzinfo=UTC), datetime(2026, 1, 1, 0, 5, tzinfo=UTC))
@example(datetime(2020, 1, 1, 0, 0, 0, tzinfo=UTC), datetime(2025, 12, 31, 0, 5, tzinfo=UTC))
def test_a_line_has_the_latest_year_in_which_it_is_not_after_its_file(
    when: datetime, last: datetime
) -> None:
    """A day of slack, for clocks ahead of UTC; the year is tried out one by one."""
    when = when.replace(microsecond=0)

    assert read(when, last) == (micros(latest(when, last + timedelta(days=1))), NO_OFFSET)


@pytest.mark.parametrize("digits", [0, 3, 6])
def test_fractions(digits: int) -> None:
    """`journalctl -o short-precise` writes one, and syslog-ng if it is told to."""
    when = datetime(2026, 11, 8, 2, 5, 6, 123456, tzinfo=UTC)
    form = "%b {day} %H:%M:%S" + f".{when.microsecond:06}"[: digits + bool(digits)]
    told = micros(when) // 10 ** (6 - digits) * 10 ** (6 - digits)

    assert read(when, when, form) == (told, NO_OFFSET)


def test_other_times_stay() -> None:
    """Lines with a year, even one that no log had, and those without a time."""
    local_us = np.array([NO_TIME, 0, -62_000_000_000 * SECOND])
    expected = local_us.tolist()
    put_years(local_us, micros(datetime(2026, 1, 1, tzinfo=UTC)))

    assert local_us.tolist() == expected


@pytest.mark.parametrize("untrue", [None, 0, 315_532_800 * SECOND, 1 << 61])
def test_a_file_whose_time_is_not_true(untrue: int | None) -> None:
    """Of none, of 1970 and of 1980, as packers write it, and of the future: now counts."""
    before_us = time.time_ns() // 1000

    assert before_us <= not_in_future(untrue) <= time.time_ns() // 1000
