"""Fitting zones: which zones of the tz database the clocks of a process may keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from logtool.clocks.table import Clock
from logtool.clocks.telling.fitting_zones import FittingZones
from tests.logtool.clocks.telling.test_advice import HOUR, clock, table


def _at(day: tuple[int, int, int], pid: int, offset_s: int, role: str = "daemon") -> Clock:
    """A clock on a day."""
    us = int(datetime(*day, 12, tzinfo=UTC).timestamp()) * 1_000_000
    return replace(clock(pid, role, offset_s), first_us=us, last_us=us)


WINTER, SUMMER = (2026, 1, 15), (2026, 7, 15)


def test_both_sides_of_a_change_count() -> None:
    """A process an hour further east in summer keeps a zone that has summer time."""
    clocks = [_at(WINTER, 1, -5 * HOUR), _at(SUMMER, 1, -4 * HOUR)]
    for one in clocks:
        zones = FittingZones(table(*clocks)).of(one)
        assert "America/New_York" in zones
        assert "America/Bogota" not in zones  # at -05:00 all year


def test_one_side_leaves_more() -> None:
    """In winter alone, zones without summer time fit too; another process tells nothing of it."""
    clocks = [_at(WINTER, 1, -5 * HOUR), _at(SUMMER, 2, -4 * HOUR)]
    zones = FittingZones(table(*clocks)).of(clocks[0])
    assert {"America/New_York", "America/Bogota"} <= {*zones}


def test_a_clock_of_its_own() -> None:
    """Where no zone has both offsets of a process, each clock has the zones that fit it alone."""
    clocks = [_at(WINTER, 1, 0), _at(WINTER, 1, HOUR)]
    zones = [FittingZones(table(*clocks)).of(one) for one in clocks]
    assert "Europe/London" in zones[0]
    assert "Europe/Paris" in zones[1]
    assert "Europe/London" not in zones[1]


def test_offsets_far_apart_are_not_one_zone() -> None:
    """An application's zone says nothing of the one its process was born with."""
    clocks = [_at(WINTER, 1, HOUR), _at(WINTER, 1, -5 * HOUR)]
    assert "Europe/Berlin" in FittingZones(table(*clocks)).of(clocks[0])
