"""What only tells offsets is told in few bytes."""

from __future__ import annotations

import pickle

import numpy as np

from logtool.clocks.line_offsets import Runs
from logtool.clocks.table import Clock, ClockTable, Confidence, Evidence, Facts
from parsers.lines import NO_OFFSET
from tests.logtool.clocks.test_table import HOUR, stamps


def asked() -> tuple[Evidence, ...]:
    """Nobody is to ask for evidence."""
    raise AssertionError


def test_a_copy_for_other_processes() -> None:
    """It gives the same offsets, and carries no clock and no evidence along."""
    clock = Clock(0, 7, "", "", 0, 1, 9, 9, 1, 0, 0, HOUR, "", Confidence.CERTAIN, Facts(asked))
    one = np.ones(1, np.int64)
    table = ClockTable([clock], Runs(np.zeros(1, np.int32), 7 * one, one, 0 * one))
    copied = pickle.loads(pickle.dumps(table.line_offsets()))
    assert copied.offsets(0, np.array([1, 2]), stamps(7, 9)).tolist() == [HOUR, NO_OFFSET]
    assert not hasattr(copied, "clocks")
