"""Timestamps: pieces read together say what they say one by one."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.layouts import compile_layout
from parsers.lines import NO_TIME
from parsers.time_columns import civil_days


def _local(error_log_format: str, *lines: str) -> list[int]:
    block = Block.of("".join(f"{line}\n" for line in lines).encode())
    local: list[int] = Decoder([compile_layout(error_log_format)]).stamps(block).local_us.tolist()
    return local


@pytest.mark.parametrize(
    "date", [(1, 1, 1), (1970, 1, 1), (2000, 2, 29), (2100, 3, 1), (9999, 12, 31)]
)
def test_days_are_those_of_the_calendar(date: tuple[int, int, int]) -> None:
    """Days since 1970 as Python counts them."""
    days = civil_days(*(np.array([part]) for part in date))

    assert days.tolist() == [(datetime(*date, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days]


@pytest.mark.parametrize(
    ("day", "there"), [("001", True), ("365", True), ("366", False), ("000", False)]
)  # fmt: skip
def test_a_common_year_has_no_day_366(day: str, there: bool) -> None:
    """A day of the year that the year does not have is no stamp."""
    (local,) = _local("[%{%Y %j %T}t] %M", f"[2026 {day} 10:00:00] x")

    assert (local != NO_TIME) is there


def test_a_leap_year_has_day_366() -> None:
    """The last day of a leap year."""
    (local,) = _local("[%{%Y %j %T}t] %M", "[2024 366 10:00:00] x")

    assert datetime.fromtimestamp(local / 1e6, UTC) == datetime(2024, 12, 31, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("month", "number"), [("September", 9), ("SEPTEMBER", 9), ("May", 5), ("february", 2)]
)
def test_names_are_read_to_their_end(month: str, number: int) -> None:
    """Full names in any case, also those longer than a word of eight bytes."""
    (local,) = _local("[%{%d %B %Y %T}t] %M", f"[05 {month} 2026 10:00:00] x")

    assert datetime.fromtimestamp(local / 1e6, UTC) == datetime(2026, number, 5, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "month", ["Septembex", "xeptember", "Sxptember", "Septembe", "Maj", "Feb ruary"]
)
def test_what_is_no_name_is_not_read(month: str) -> None:
    """A name that differs in any byte is none."""
    assert _local("[%{%d %B %Y %T}t] %M", f"[05 {month} 2026 10:00:00] x") == [NO_TIME]


@pytest.mark.parametrize("zone", ["CET", "Central European Standard Time", "+0330", "a" * 36])
def test_the_name_of_a_zone_ends_where_the_format_goes_on(zone: str) -> None:
    """A zone's name is any text, blanks too, up to what follows the time; errlog infers its own."""
    line = f"[05 Jun 2026 10:00:00 {zone}] [warn] [pid 7] x"
    (local,) = _local("[%{%d %b %Y %T %Z}t] [%l] [pid %P] %M", line)

    assert datetime.fromtimestamp(local / 1e6, UTC) == datetime(2026, 6, 5, 10, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["", "a" * 40])
def test_what_is_no_name_of_a_zone(zone: str) -> None:
    """Nothing, or what is longer than any name."""
    assert _local("[%{%d %b %Y %T %Z}t] %M", f"[05 Jun 2026 10:00:00 {zone}] x") == [NO_TIME]


def test_numbers_that_stand_alone() -> None:
    """Seconds since 1970 of any number of digits that a clock can show."""
    assert _local("[%{%s}t] %M", "[1780642949] x", "[17806429x9] x") == [
        1_780_642_949_000_000, NO_TIME,
    ]  # fmt: skip
