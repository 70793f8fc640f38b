"""No line of a log that still grows is later than when it was read."""

from __future__ import annotations

import pytest

from logtool.clocks.evidence.present import not_later
from logtool.clocks.seen.spans import UTC
from parsers.units import SECOND
from tests.logtool.clocks.scenes import HOUR, at, knots_of, line, scene, solved

NOW = at("2026-11-26 14:15:00")


@pytest.fixture(autouse=True)
def _host_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")


def _two() -> list[str]:
    """A daemon in UTC and a child an hour ahead of it, by turns, up to the present."""
    return [
        line(f"2026-11-26 15:14:{second:02}", 200, module="core:error")
        if second % 2
        else line(f"2026-11-26 14:14:{second:02}", 300)
        for second in range(40)
    ]


def test_assumed_clock_that_would_be_of_the_future() -> None:
    """This host's zone is kept by whom it suits: not by a child whose lines were then to come."""
    _, answers = solved(_two(), read_us=NOW)

    assert answers == [(0.0, "assumed"), (1.0, "assumed")] * 20


def test_single_lines() -> None:
    """Also a process of one line has no clock by which that is still to come."""
    _, answers = solved(_two()[:2], read_us=NOW)

    assert [answer and answer[0] for answer in answers] == [0.0, 1.0]


def test_present_is_named() -> None:
    """Where this host's zone is not taken because of the present, that is the reason told."""
    table, answers = solved(_two()[1::2], read_us=NOW)
    why = (
        "nothing ties the log to UTC, and by this host's zone, UTC, lines would be later than they "
        "were read or their file changed; these offsets suit the zones on earth, as others may"
    )

    assert answers == [(1.0, "assumed")] * 20
    assert [fact.text for fact in table.clocks[0].evidence] == [why]
    assert why in table.notes[0].text


def test_present_that_decides_nothing_is_not_named() -> None:
    """Where this host's zone suits, it is the reason, though a present is known."""
    table, _ = solved(_two()[::2], read_us=NOW)

    assert "later than" not in table.notes[0].text


def test_without_a_present() -> None:
    """Of a log of which nobody knows when it was read, nothing is impossible."""
    _, answers = solved(_two())

    assert answers == [(-1.0, "assumed"), (0.0, "assumed")] * 20


def test_bounds() -> None:
    """Each span has at least the offset by which its last line was read as it was written."""
    second = NOW // SECOND
    rows = [(7, second + HOUR - 10.0), (8, second - 8.0), (7, second + HOUR - 5.0)]
    modified = {0: NOW - HOUR * SECOND}  # what is known of its reading is more
    bounds, read = not_later(scene(knots_of(*rows)), modified, {0: NOW})

    assert set(bounds.b.tolist()) == {UTC}
    assert sorted(-bounds.bound_us // SECOND) == [-8 - 300, HOUR - 5 - 300]
    assert read.bound_us.tolist() == bounds.bound_us.tolist()


def test_a_file_s_time_is_known_apart() -> None:
    """It can be set at will, and the time of a reading cannot."""
    bounds, read = not_later(scene(knots_of((7, NOW // SECOND + 1.0 * HOUR))), {0: NOW}, {})

    assert (-bounds.bound_us // SECOND).tolist() == [HOUR - 300]
    assert len(read.a) == 0


def test_forged_stamp() -> None:
    """A stamp that no offset on earth puts before its reading tells nothing."""
    bounds, _ = not_later(scene(knots_of((7, NOW // SECOND + 20.0 * HOUR))), {}, {0: NOW})

    assert len(bounds.a) == 0


def test_other_files() -> None:
    """What is known of one file binds no line of another."""
    bounds, _ = not_later(scene(knots_of((7, NOW // SECOND + 1.0 * HOUR))), {}, {1: NOW})

    assert len(bounds.a) == 0
