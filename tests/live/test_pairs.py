"""`errlog pairs` on a log that nobody has seen before."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from logtool.clocks.options import ClockOptions
from tests.logtool.events.told_apart import told_apart

from .conftest import SEED
from .scenarios import SCENARIOS

pytestmark = pytest.mark.live


def test_requests_are_told_apart(folder: Path) -> None:
    """Without log IDs no request is cut, and none that is said to be one holds two."""
    capture = SCENARIOS["log_ids"](random.Random(f"{SEED} pairs"), folder)
    told = told_apart(capture.log, ClockOptions(server_tz=capture.server_tz))
    assert (told.mixed, told.split) == (0, 0)
    assert told.certain > told.requests // 3
