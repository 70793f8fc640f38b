"""Listings in little room."""

from __future__ import annotations

import re

import pytest

from logtool.tui.screens.listing import ListingScreen
from tests.logtool.tui.pilots import SAMPLES, Flight, fly

_CRASH = SAMPLES / "daemon_crash_and_rebirth" / "error.log"


@pytest.mark.parametrize("key", ["C", "P", "X", "R"])
def test_tables_are_not_cut_at_80_columns(key: str) -> None:
    """No time is cut off at the right end, and nothing is to be scrolled to; wide has all."""

    async def steps(flight: Flight) -> None:
        await flight.press(key)
        screen = flight.app.screen
        assert isinstance(screen, ListingScreen)
        await flight.until(lambda: bool(screen.table.row_count))
        await flight.settle()
        assert screen.table.virtual_size.width <= 80
        assert not re.search(r"2026-?(\d\d)?-?$", flight.dump(), re.MULTILINE)
        narrow = len(screen.table.columns)
        await flight.resize(200, 40)
        assert len(screen.table.columns) == len(screen._listing.columns) >= narrow
        await flight.resize(80, 24)
        assert len(screen.table.columns) == narrow

    fly([_CRASH], steps)
