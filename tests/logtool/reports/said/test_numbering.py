"""Numbering: what is remembered of heads of lines is what each of them says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from logtool.clocks.options import ClockOptions
from logtool.clocks.table import ClockTable
from logtool.frame.lines import Lines
from logtool.machine.workers import _packed, _unpacked
from logtool.passes.first import find_clocks, open_logs
from logtool.reports.period import Period
from logtool.reports.said import numbering
from logtool.reports.said.numbering import Numbering
from logtool.reports.said.writers import Writers
from logtool.sources.opening import open_sources
from parsers.arrays import Ints
from parsers.blocks import Block
from parsers.lines import Spans
from tests.kernel_memory import everywhere
from tests.logtool.reports.conftest import SAMPLES

LOGS = sorted(SAMPLES.glob("*/error.log"))
_PERIOD = Period.of(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC), 100)


@pytest.mark.parametrize("places", [1, 1 << 12])
@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.parent.name)
def test_what_writers_say_is_what_each_block_says(log: Path, places: int) -> None:
    """Also where other heads take their places, and heads come in another order."""
    lines = log.read_bytes().splitlines(keepends=True)
    blocks = [b"".join(some) * (1 + 600 // len(some)) for some in (lines, lines[::-1], lines[::3])]
    asked: list[int] = []
    plainly, remembered = Numbering._found_out, Numbering._said

    def counted(
        self: Numbering, lines: Lines, rows: Ints, spans: Mapping[str, Spans]
    ) -> numbering._Said:
        asked.append(len(rows))
        return plainly(self, lines, rows, spans)

    def checked(
        self: Numbering, lines: Lines, writers: Writers, spans: Mapping[str, Spans]
    ) -> numbering._Said:
        said = remembered(self, lines, writers, spans)
        for column, right in zip(said, plainly(self, lines, writers.rows, spans), strict=True):
            np.testing.assert_array_equal(column, right)
        return said

    def try_it(block_of: Callable[[bytes], Block]) -> None:
        asked.clear()
        told = Numbering(ClockTable.empty(), _PERIOD)
        for raw in 2 * blocks:
            told.of(Lines(logs[0], block_of(raw), ClockTable.empty()))
        assert len(asked) <= 6

    with (
        open_sources([str(log)]) as sources,
        patch.object(numbering, "_HEADS", places),
        patch.object(Numbering, "_said", checked),
        patch.object(Numbering, "_found_out", counted),
    ):
        logs = open_logs(sources)
        everywhere(try_it)
        everywhere(try_it)
    if places > 1 and log.parent.name == "berlin_utc_django":
        assert len(asked) == 1  # who decodes lines has met all heads the first time


@pytest.mark.parametrize("lines_of", [slice(None), slice(0), slice(3, 4)])
def test_what_is_told_is_the_same_where_it_is_handed_over(lines_of: slice) -> None:
    """Every column of it, of a block, of one line and of none."""
    log = SAMPLES / "berlin_utc_django" / "error.log"
    raw = b"".join(log.read_bytes().splitlines(keepends=True)[lines_of])
    shared = np.zeros(1 << 20, np.uint8)
    with open_sources([str(log)]) as sources:
        logs = open_logs(sources)
        table = find_clocks(logs, ClockOptions("Europe/Berlin"))
        told = Numbering(table, _PERIOD).of(Lines(logs[0], Block.of(raw), table))
        told = replace(told, untimed=1, unclocked=2, assumed=3)
        known = *logs, table
        got = _unpacked(_packed(told, shared, 0, known), shared, known)
    assert len(got.message) == len(raw.splitlines())
    _equal(got, told, {"lines", "news"})
    assert got.news.modules == told.news.modules
    assert got.lines.block.ends.tolist() == told.lines.block.ends.tolist()


def _equal(got: Any, right: Any, left_out: Collection[str] = ()) -> None:  # noqa: ANN401 - any
    """Whether all that an object holds is what another one holds."""
    assert type(got) is type(right)
    if isinstance(right, np.ndarray):
        np.testing.assert_array_equal(got, right)
        assert got.dtype == right.dtype
    elif isinstance(right, int):
        assert got == right
    else:
        for field in fields(right):
            if field.name not in left_out:
                _equal(getattr(got, field.name), getattr(right, field.name))
