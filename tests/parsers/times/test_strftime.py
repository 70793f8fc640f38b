"""Times written by strftime, by several items, in several languages and releases."""

from __future__ import annotations

import pytest

from parsers.decode import Decoder
from parsers.layouts import compile_layout
from tests.parsers.test_decode import read


def time_of(directive: str, line: str) -> tuple[object, object, object]:
    """The local time, the written offset and the text of the stamp."""
    got = read(line.encode(), Decoder([compile_layout(directive)]))
    return got.get("time"), got.get("offset"), got.get("stamp")


@pytest.mark.parametrize(
    ("argument", "text", "time", "offset"),
    [
        ("%cuz", "Fri Jun  5 08:42:25 2026uz", "2026-06-05 08:42:25", None),
        ("%Y-%m-%dT%H:%M:%S%z %Z", "2026-11-22T19:43:22+0530 IST", "2026-11-22 19:43:22", 19800),
        ("%s", "1780648956", "2026-06-05 08:42:36", 0),
        ("%H:%M:%S.%f %F", "19:43:30.%f 2026-01-02", "2026-01-02 19:43:30", None),
        ("%D %r", "11/22/26 07:43:22 PM", "2026-11-22 19:43:22", None),
        ("%Y %j %T", "2024 366 23:59:59", "2024-12-31 23:59:59", None),
        ("%-d.%-m.%Y %k:%M", "5.6.2026  8:42", "2026-06-05 08:42:00", None),
        ("%A %B %e %Y %T", "Friday June  5 2026 08:42:36", "2026-06-05 08:42:36", None),
        ("%d. %B %Y %T", "05. März 2026 08:42:36", "2026-03-05 08:42:36", None),
        ("%d %b %Y %T", "05 févr. 2026 08:42:36", "2026-02-05 08:42:36", None),
        ("%d %b %Y %T", "05 dic 2026 08:42:36", "2026-12-05 08:42:36", None),
        ("%d %b %Y %T", "05 mrt 2026 08:42:36", "2026-03-05 08:42:36", None),
        ("%c", "Fr 05 Jun 2026 08:42:36 CEST", "2026-06-05 08:42:36", None),
        ("%c", "ven. 05 juin 2026 08:42:36", "2026-06-05 08:42:36", None),
        ("%F %T %z", "2026-06-05 08:42:36 W. Europe Summer Time", "2026-06-05 08:42:36", None),
        ("%F %T %:z", "2026-06-05 08:42:36 -03:30", "2026-06-05 08:42:36", -12600),
        ("%C%y%m%d %T", "20260605 08:42:36", "2026-06-05 08:42:36", None),
        ("%C%y%m%d %T", "20690605 08:42:36", "2069-06-05 08:42:36", None),
        ("%y%m%d %T", "690605 08:42:36", "1969-06-05 08:42:36", None),
        ("%y%m%d %T", "680605 08:42:36", "2068-06-05 08:42:36", None),
        ("%G-W%V-%u %F %R", "2026-W23-5 2026-06-05 08:42", "2026-06-05 08:42:00", None),
        ("%%%n%t%F %T", None, None, None),
    ],
)
def test_strftime_forms_are_read(
    argument: str, text: str | None, time: str | None, offset: int | None
) -> None:
    """Each conversion gives its part of the time."""
    if text is None:
        assert "time" in compile_layout(f"[%{{{argument}}}t] %M").columns
        return
    assert time_of(f"[%{{{argument}}}t] [%l] %M", f"[{text}] [error] x") == (time, offset, text)


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        ("%-d.%-m.%Y %-H:%M", "5.13.2026 8:42"),
        ("%-d.%-m.%Y %-H:%M", "5.0.2026 8:42"),
        ("%-d.%-m.%Y %-H:%M", "5.999999999999999999.2026 8:42"),
        ("%-d.%-m.%Y %-H:%M", "32.6.2026 8:42"),
        ("%-d.%-m.%Y %-H:%M", "5.6.2026 24:42"),
        ("%-j %Y %T", "367 2026 08:42:36"),
    ],
)
def test_numbers_without_padding_that_no_time_has(argument: str, text: str) -> None:
    """What is beyond its range is no time, however many digits it has."""
    assert time_of(f"[%{{{argument}}}t] [%l] %M", f"[{text}] [error] x")[0] is None


@pytest.mark.parametrize(
    ("items", "text", "time"),
    [
        ("%{%Y-%m-%d}tT%{%T}t", "2026-06-05T08:42:36", "2026-06-05 08:42:36"),
        ("%{%Y-%m-%dT%H:%M:%S}t.%{msec_frac}t%{%z}t",
         "2026-06-05T08:42:36.2026-06-05 08:42:36.978+0200", "2026-06-05 08:42:36.978000"),
        ("%{%F}t %{%T}t", "2026-06-05 08:42:36", "2026-06-05 08:42:36"),
        ("%{cu}t%{ %z}t", "2026-06-05 08:42:36.978307 +0200", "2026-06-05 08:42:36.978307"),
    ],
)  # fmt: skip
def test_several_items_make_one_time(items: str, text: str, time: str) -> None:
    """The whole run is one stamp."""
    got = time_of(f"[{items}] %M", f"[{text}] x")
    assert (got[0], got[2]) == (time, text)


@pytest.mark.parametrize(
    ("argument", "text", "time"),
    [
        ("cuz", "2026-06-05 08:42:36.978307", "2026-06-05 08:42:36.978307"),
        ("cm", "2026-06-05 08:42:36", "2026-06-05 08:42:36"),
        ("%usec_frac", "2026-06-05 08:42:36.978307", "2026-06-05 08:42:36.978307"),
        ("%F %T", "Fri Jun 05 08:42:36 2026", "2026-06-05 08:42:36"),
    ],
)
def test_what_older_releases_print_is_read_too(argument: str, text: str, time: str) -> None:
    """Before 2.4.58 there is no `z` and no strftime, before 2.4.68 no `m`."""
    assert time_of(f"[%{{{argument}}}t] [%l] %M", f"[{text}] [error] x") == (time, None, text)


def test_pieces_apart_from_each_other_make_one_time() -> None:
    """Date and time may stand in different brackets."""
    got = time_of("[%{%F}t] [%l] [%{%T}t] %M", "[2026-06-05] [error] [08:42:36] x")
    assert got[0] == "2026-06-05 08:42:36"


def test_a_time_without_a_date_is_no_instant() -> None:
    """Such a line is read, but it has no local time and no stamp to replace."""
    got = read(b"[08:42:36] [error] x", Decoder([compile_layout("[%{%T}t] [%l] %M")]))
    assert got["message"] == "x"
    assert "time" not in got


def test_a_literal_z_belongs_to_the_stamp() -> None:
    """It claims UTC for a local time: it goes when the stamp is replaced, and says no offset."""
    got = time_of("[%{%FT%T}tZ] %M", "[2026-06-05T08:42:36Z] x")
    assert got == ("2026-06-05 08:42:36", None, "2026-06-05T08:42:36Z")
