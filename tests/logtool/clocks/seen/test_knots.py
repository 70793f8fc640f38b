"""Few lines of a log are kept, and never too few."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.clocks.seen.knots import BACKWARD, FORWARD, KnotCollector, Knots
from logtool.clocks.seen.turns import turns_of
from parsers.blocks import Block
from parsers.lines import NO_OFFSET, NO_TIME, Stamps
from parsers.units import MINUTE, SECOND

#: A line: pid and local time in seconds; None for a line without a stamp.
Row = tuple[int, float] | None


def stamps_of(rows: list[Row]) -> Stamps:
    """Stamps of lines that begin with them."""
    count = len(rows)
    return Stamps(
        layout=np.zeros(count, np.int16),
        time_start=np.zeros(count, np.int64),
        time_end=np.zeros(count, np.int64),
        local_us=np.array([NO_TIME if row is None else round(row[1] * SECOND) for row in rows]),
        digits=np.full(count, 6, np.int8),
        offset_s=np.full(count, NO_OFFSET, np.int32),
        pid=np.array([-1 if row is None else row[0] for row in rows], np.int64),
    )


def collected(*blocks: list[Row], limit: int = 1000) -> Knots:
    """The knots of a log that comes in blocks."""
    collector = KnotCollector(limit)
    first = 1
    for rows in blocks:
        block = Block.of(b"x\n" * len(rows), first_line=first)
        stamps = stamps_of(rows)
        collector.add(0, block, stamps, turns_of(stamps, collector.bucket_us))
        first += len(rows)
    return collector.finish()


def test_one_line_a_second() -> None:
    """Of many lines of a process within a second the first is kept, and its newest line."""
    rows: list[Row] = [(1, 0.1), (1, 0.2), (1, 0.3), (1, 1.1), (1, 1.2), (1, 1.3)]
    assert collected(rows).line.tolist() == [1, 4, 6]


def test_each_process_for_itself() -> None:
    """Lines of other processes between do not matter."""
    rows: list[Row] = [(1, 0.1), (2, 0.1), (1, 0.2), (2, 0.2), (1, 0.3), (2, 0.3)]
    assert collected(rows).line.tolist() == [1, 2, 5, 6]


def test_lines_without_a_stamp_count_as_lines() -> None:
    """A raw line has a number in the file, and no knot."""
    assert collected([None, (1, 0), None, (1, 5)]).line.tolist() == [2, 4]


@pytest.mark.parametrize("jump", [-BACKWARD - SECOND, FORWARD + SECOND])
@pytest.mark.parametrize("cut", [False, True])
def test_a_jump_keeps_the_line_before(jump: int, cut: bool) -> None:
    """A jump of local time is kept with the line before it, also where a block ends between."""
    before: list[Row] = [(1, 0.1), (1, 0.2), (1, 0.3)]
    after: list[Row] = [(1, 0.4 + jump / SECOND)]
    knots = collected(before, after) if cut else collected(before + after)
    assert knots.line.tolist() == [1, 3, 4]


def test_numbers_of_lines() -> None:
    """`nth` counts a process's lines through all blocks."""
    knots = collected([(1, 0), (1, 0.1), (2, 0.1)], [(1, 5), (2, 5), (1, 6)])
    assert dict(zip(knots.line.tolist(), knots.nth.tolist(), strict=True)) == {
        1: 0, 2: 1, 3: 0, 4: 2, 5: 1, 6: 3,
    }  # fmt: skip


def test_no_line_no_knot() -> None:
    """A log without a stamp has none."""
    assert len(collected([None, None], [])) == 0


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    steps=st.lists(
        st.tuples(st.integers(1, 3), st.sampled_from((0.01, 0.3, 2, 70, 700, -500, -3600))),
        min_size=1, max_size=120,
    ),
    cuts=st.sets(st.integers(1, 119), max_size=4),
    limit=st.sampled_from((8, 30, 1000)),
)  # fmt: skip
def test_what_is_never_lost(steps: list[tuple[int, float]], cuts: set[int], limit: int) -> None:
    """However blocks are cut and knots are thinned: the ends of jumps, and first and last lines."""
    clock = dict.fromkeys((1, 2, 3), 0.0)
    rows: list[Row] = []
    needed: set[int] = set()
    newest: dict[int, int] = {}
    for number, (pid, step) in enumerate(steps, start=1):
        clock[pid] += step
        rows.append((pid, clock[pid]))
        if pid not in newest:
            needed.add(number)
        elif not -BACKWARD <= step * SECOND <= FORWARD:
            needed |= {newest[pid], number}
        newest[pid] = number
    ends = [0, *sorted(cut for cut in cuts if cut < len(rows)), len(rows)]
    blocks = [rows[a:b] for a, b in pairwise(ends)]

    knots = collected(*blocks, limit=limit)

    assert needed | set(newest.values()) <= set(knots.line.tolist())
    assert np.all(np.diff(knots.line) > 0)


def test_thinning_bounds_the_number() -> None:
    """A long log of steady lines keeps no more knots than the limit."""
    blocks: list[list[Row]] = [
        [(pid, float(second)) for second in range(start, start + 200) for pid in (1, 2)]
        for start in range(0, 10 * MINUTE // SECOND * 6, 200)
    ]
    assert len(collected(*blocks, limit=300)) <= 300 + 400
