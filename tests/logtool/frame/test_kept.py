"""Lines of several blocks and logs that were kept, looked at together, are what they were there."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from logtool.clocks.options import ClockOptions
from logtool.frame.columns import SCHEMA
from logtool.frame.kept import Kept, frame_together
from logtool.frame.lines import Lines
from logtool.frame.texts import detached
from logtool.passes.first import find_clocks, open_logs
from logtool.passes.logs import blocks_of
from logtool.sources.opening import open_sources
from logtool.sources.source import Source
from tests.places import SAMPLE_LOGS

LOGS = [
    SAMPLE_LOGS / name / "error.log" for name in ("hard_restart", "raw_stderr", "offset_stamps")
]


def test_lines_kept_are_those_of_their_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every column, also those that need clocks and line numbers; in any order of lines."""
    monkeypatch.setattr(Source.blocks, "__defaults__", (4_000,))
    drawn = np.random.default_rng(1)
    parts, expected = [], []
    with open_sources([str(log) for log in LOGS]) as sources:
        logs = open_logs(sources)
        table = find_clocks(logs, ClockOptions("Europe/Berlin"))
        for log, block in blocks_of(logs):
            lines = Lines(log, block, table)
            at = drawn.permutation(len(lines))[: drawn.integers(1, 9)]
            parts.append(Kept.of(lines, at))
            expected.append(detached(lines.frame(SCHEMA)[at]))
            block.data[:] = 0  # what is kept does not lie there

    assert len({part.log.number for part in parts}) == len(LOGS) < len(parts)
    assert frame_together(parts, SCHEMA).equals(pl.concat(expected))
