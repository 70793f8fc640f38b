"""Timestamps: pieces read together say what they say one by one."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest

from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.layouts import compile_layout
from parsers.lines import NO_TIME
from parsers.scanning import Text
from parsers.steps import time_steps
from parsers.steps.cursor import Cursor, Findings
from parsers.steps.time_steps import time_step
from parsers.times.strftime import ANY, time_forms
from parsers.times.time_columns import civil_days


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


#: Times, and what may follow: all pairs are read by forms that may follow each other.
_STAMPS = ("2026-11-23 20:58:22.240113", "2026-11-23T20:58:22.240", "2026-11-23 20:58:22",
           "Mon Nov 23 20:58:22.240113 2026", "Mon Nov  3 20:58:22 2026", "1764104402",
           "1764104402.240113")  # fmt: skip
_BEHIND = ("", " +0000", "Z", "+00:00", " +0100")
_TRAILS = ("] [", "Z] ", " +0000] ", " ", "")
_RUNS: tuple[tuple[str | bytes | None, ...], ...] = ((ANY,), ("cuz",), ("cu",), (None,), ("u",))


@pytest.mark.parametrize("trail", _TRAILS)
@pytest.mark.parametrize("run", _RUNS, ids=str)
def test_forms_that_exclude_each_other_read_no_text_both(
    run: tuple[str | bytes | None, ...], trail: str
) -> None:
    """And one without its suffix reads what it reads with it, where that is not written."""
    chance = random.Random(f"{run} {trail}")
    texts = [stamp + behind + end for stamp in _STAMPS for behind in _BEHIND for end in _TRAILS]
    for text in tuple(texts):
        at = chance.randrange(len(text))
        texts.append(text[:at] + chance.choice("0 3Z+:]Tm.") + text[at + 1 :])
    block = Block.of("".join(f"[{text}x\n" for text in texts).encode())
    seen, places = Text(block), block.starts
    forms = [replace(form, lead=b"[", trail=trail.encode()) for form in time_forms(*run)]
    read = [form.read(seen, places) for form in forms]
    for k, form in enumerate(forms):
        for other in range(k):
            if form.excludes(forms[other]):
                assert not (read[k][0] & read[other][0]).any()
        if (bare := form.without_suffix()) is not None:
            fine, end, said = bare.read(seen, places)
            assert read[k][0][fine].all()
            assert read[k][1][fine].tolist() == end[fine].tolist()
            assert read[k][2].local_us[fine].tolist() == said.local_us[fine].tolist()


@pytest.mark.parametrize("run", _RUNS, ids=str)
def test_forms_that_no_line_can_have_are_not_missed(
    run: tuple[str | bytes | None, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A time step reads each of a few lines as where it tries all forms, also a cut one."""
    texts = [stamp + behind + end for stamp in _STAMPS for behind in _BEHIND for end in _TRAILS]
    chance = random.Random(f"{run}")
    for _ in range(200):
        chosen = [chance.choice(texts) for _ in range(chance.randint(1, 4))]
        data = "".join(f"[{text}x\n" for text in chosen).encode()
        block = Block.of(data[: chance.choice((len(data), chance.randrange(1, len(data) + 1)))])
        rows = np.arange(len(block))
        told = []
        for most in (time_steps._FEW, 0):
            monkeypatch.setattr(time_steps, "_FEW", most)
            found = Findings(len(block), ("time",))
            step = time_step(*run).between(b"[", b"")
            cursor = Cursor(Text(block), found, rows, block.starts.copy(), block.ends.copy())
            fine = step.run(cursor)
            told.append([fine.tolist(), cursor.at.tolist()])
        assert told[0] == told[1]


def test_most_forms_are_known_to_exclude_each_other() -> None:
    """What the test above checks is in use."""
    forms = [replace(form, lead=b"[", trail=b"] ") for form in time_forms("cu")]
    assert all(form.excludes(other) for form, other in pairwise(forms))


@pytest.mark.parametrize(
    ("item", "time"),
    [
        ("%{%s %T}t", "1767614401 12:00:01"),
        ("%{%F %T %s}t", "2026-01-05 12:00:01 1767614401"),
        ("%{%s}t %{%H:%M}t", "1767614401 12:00"),
    ],
)
def test_beside_an_epoch_nothing_else_counts(item: str, time: str) -> None:
    """It tells the whole time, and in UTC."""
    assert _local(f"[{item}] [pid %P] %M", f"[{time}] [pid 9] x") == [1_767_614_401_000_000]
