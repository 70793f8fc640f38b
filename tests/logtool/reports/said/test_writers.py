"""Writers: what is said of the lines that stand for all holds for each line of theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.clocks.options import ClockOptions
from logtool.clocks.table import ClockTable
from logtool.frame.hashing import hashes
from logtool.frame.lines import Lines
from logtool.passes.first import find_clocks, open_logs
from logtool.reports.said import writers
from logtool.reports.said.writers import OF_WRITERS, Writers
from logtool.sources.opening import open_sources
from parsers.arrays import Ints
from parsers.blocks import Block
from parsers.lines import NO_OFFSET, Spans
from tests.kernel_memory import everywhere
from tests.logtool.reports.conftest import SAMPLES

LOGS = sorted(SAMPLES.glob("*/error.log"))


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.parent.name)
def test_lines_of_a_writer_agree(log: Path) -> None:
    """In all that tells writers apart; and lines get the clocks that they have by themselves."""

    def try_it(block_of: Callable[[bytes], Block]) -> None:
        block = block_of(log.read_bytes())
        offset_s = np.where(np.arange(len(block)) % 3 < 2, NO_OFFSET, np.arange(len(block)) % 5)
        for clocks, written, step in product((table, ClockTable.empty()), (False, True), (1, 2)):
            lines = Lines(logs[0], block, clocks)
            if written:
                lines.stamps = replace(lines.stamps, offset_s=offset_s.astype(np.int32))
            lines = lines if step == 1 else lines.at(np.arange(len(block))[::step])
            alone = lines.at(np.arange(len(lines)))
            spans = lines.spans(OF_WRITERS)
            writers = Writers.of(lines, spans)
            assert np.array_equal(lines.clocks, alone.clocks)
            assert np.array_equal(writers.place[writers.rows], np.arange(len(writers.rows)))
            assert len(writers.place) == len(lines)
            some = writers.some(lines)
            for name in ("pids", "layouts", "timed", "written", "clocks", "offsets"):
                each = getattr(alone, name)
                assert np.array_equal(getattr(some, name)[writers.place], each), name
            for told, each in zip(some.confidences, alone.confidences, strict=True):
                assert np.array_equal(told[writers.place], each)
            for name in OF_WRITERS:
                each = texts(block, spans[name])
                assert np.array_equal(each[writers.rows][writers.place], each), name

    with open_sources([str(log)]) as sources:
        logs = open_logs(sources)
        table = find_clocks(logs, ClockOptions("Europe/Berlin"))
        everywhere(try_it)


def test_clocks_are_asked_for_only_of_processes_that_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not of those that are born in a block, nor of their children."""
    log = SAMPLES / "berlin_utc_django" / "error.log"
    asked, clock_rows = [], ClockTable.clock_rows

    def counted(self: ClockTable, file: int, lines: Ints, pids: Ints) -> Ints:
        asked.append(sorted(set(pids.tolist())))
        return clock_rows(self, file, lines, pids)

    with open_sources([str(log)]) as sources:
        logs = open_logs(sources)
        table = find_clocks(logs, ClockOptions("Europe/Berlin"))
        lines = Lines(logs[0], Block.of(log.read_bytes()), table)
        monkeypatch.setattr(ClockTable, "clock_rows", counted)
        Writers.of(lines, lines.spans(OF_WRITERS))
        assert len(asked) == 1
    alone = Lines(logs[0], lines.block, table)
    told = {*zip(alone.pids.tolist(), alone.clocks.tolist(), strict=True)}
    turning = [pid for pid, count in Counter(pid for pid, _ in told).items() if count > 1]
    assert 0 < len(turning) < len({pid for pid, _ in told})
    assert asked[0] == sorted(turning)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-2, 3)), min_size=1), st.booleans())
def test_pairs_are_numbered_as_they_come(pairs: list[tuple[int, int]], far: bool) -> None:
    """Also where values are far from each other; and the first of each is told."""
    place, value = (np.array(column) for column in zip(*pairs, strict=True))
    number, first = writers._pairs(place.astype(np.int32), value << (40 if far else 0))

    known = list(dict.fromkeys(pairs))
    assert [known[at] for at in number.tolist()] == pairs
    assert first.tolist() == [pairs.index(pair) for pair in known]


def texts(block: Block, spans: Spans) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """A number for the text of a field on each line."""
    return hashes(block.data, spans.start, spans.end)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 2), st.booleans())))
def test_told_apart_by_more_columns(lines: list[tuple[int, int, bool]]) -> None:
    """No two lines that differ are of one writer, and no two writers' lines are the same."""
    columns = [np.array([line[at] for line in lines], np.int64) for at in range(3)]
    writers = Writers(np.arange(min(len(lines), 1)), np.zeros(len(lines), np.int32))
    for column in columns:
        writers = writers.by(column)

    found = dict(zip(writers.place.tolist(), lines, strict=True))
    assert [found[place] for place in writers.place.tolist()] == lines
    assert len(found) == len(set(lines)) == len(writers.rows)
    assert [found[place] for place in range(len(writers.rows))] == [
        lines[row] for row in writers.rows
    ]
