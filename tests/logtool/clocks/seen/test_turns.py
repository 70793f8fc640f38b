"""Turns: a block's lines by process, as a plain loop puts them together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logtool.clocks.seen.turns import BACKWARD, FAR_US, FORWARD, LATE_US, SAMPLE, by_numpy, turns_of
from parsers.compiled import kernel as kernels
from parsers.compiled.turns import Limits, Moves, Picked, Turns
from parsers.lines import NO_OFFSET, NO_PID, NO_TIME, Stamps
from parsers.units import SECOND

#: Pids that share their low bits, and none at all.
PIDS = st.sampled_from([1, 2, 65_537, 65_538, 131_073, NO_PID, 2**40 + 1])
TIMES = st.one_of(
    st.sampled_from([NO_TIME, 0, 1, FORWARD, FORWARD + 1, FORWARD + 2, 2 * FORWARD, BACKWARD]),
    st.integers(-3 * SECOND, 5 * SECOND),
    st.integers(-LATE_US - 1, 1),
)
WRITTEN = st.sampled_from([NO_OFFSET, NO_OFFSET, NO_OFFSET, 3600])
LINES = st.lists(st.tuples(PIDS, TIMES, WRITTEN), max_size=40)

Line = tuple[int, int, int]


def by_loop(stamps: Stamps, bucket_us: int) -> Turns:
    """By the kernel's loop."""
    kernel = kernels.load(1 << 20)
    assert kernel is not None
    limits = Limits(bucket_us, BACKWARD, FORWARD, FAR_US, LATE_US, SAMPLE)
    turns = kernel.turns(stamps.pid, stamps.local_us, stamps.offset_s, limits)
    assert turns is not None
    return turns


def without_loop(stamps: Stamps, bucket_us: int) -> Turns:
    """By numpy."""
    return by_numpy(stamps, Limits(bucket_us, BACKWARD, FORWARD, FAR_US, LATE_US, SAMPLE))


def stamps_of(lines: list[Line]) -> Stamps:
    """Stamps of lines: pid, local time and offset of each."""
    rows = len(lines)
    return Stamps(
        np.zeros(rows, np.int16), np.zeros(rows, np.int64), np.zeros(rows, np.int64),
        np.array([time for _, time, _ in lines], np.int64), np.zeros(rows, np.int8),
        np.array([offset for _, _, offset in lines], np.int32),
        np.array([pid for pid, _, _ in lines], np.int64),
    )  # fmt: skip


def picked(turns: Turns, some: Picked) -> list[tuple[int, int, int]]:
    """Row, pid and number of each picked line."""
    of = [turns.pids[number] for number in some.of.tolist()]
    return list(zip(some.rows.tolist(), of, some.nth.tolist(), strict=True))


@pytest.mark.parametrize("way", [turns_of, by_loop, without_loop])
@settings(deadline=None)
@given(lines=LINES, bucket_us=st.sampled_from([1, SECOND, 16 * SECOND]))
@example(lines=[(1, at * 5, NO_OFFSET) for at in range(60)], bucket_us=SECOND)
def test_lines_are_put_together_by_process(
    way: Callable[[Stamps, int], Turns], lines: list[Line], bucket_us: int
) -> None:
    """What is told of each process, of leads and first lines, of jumps and how times move."""
    turns = way(stamps_of(lines), bucket_us)
    mine: dict[int, list[int]] = {}
    nth, leads, jumps, steps = {}, set(), set(), []
    for row, (pid, time, written) in enumerate(lines):
        if time == NO_TIME:
            continue
        before = mine.setdefault(pid, [])
        nth[row] = (row, pid, len(before))
        old = lines[before[-1]] if before else None
        if old is None or (old[1] // bucket_us, old[2]) != (time // bucket_us, written):
            leads.add(row)
        if old and not -BACKWARD <= time - old[1] <= FORWARD:
            jumps.add(row)
            leads |= {row, before[-1]}
        elif old:
            steps.append(time - old[1])
            if time - old[1] < -LATE_US:
                leads |= {row, before[-1]}
        before.append(row)

    assert sorted(turns.pids) == sorted(mine)
    for at, pid in enumerate(turns.pids):
        rows = mine[pid]
        told = [turns.counts, turns.firsts, turns.newest, turns.first_us, turns.newest_us]
        first, newest = rows[0], rows[-1]
        assert [int(one[at]) for one in told] == [
            len(rows), first, newest, lines[first][1], lines[newest][1]
        ]  # fmt: skip
        assert turns.is_kept[at] == (newest in leads)
    assert picked(turns, turns.leads) == [nth[row] for row in sorted(leads)]
    early = sorted(row for rows in mine.values() for row in rows[:SAMPLE])
    assert sorted(picked(turns, turns.early)) == [nth[row] for row in early]
    assert {*turns.jumps.tolist()} == jumps
    far = sum(step < -FAR_US for step in steps)
    assert turns.moves == Moves(
        sum(step > 0 for step in steps), sum(step < 0 for step in steps), far
    )


@pytest.mark.parametrize("processes", [4096, 4097, 9000])
def test_many_processes(processes: int) -> None:
    """More than the loop tells apart, and it can be asked again."""
    lines = [(pid, 5, NO_OFFSET) for pid in range(processes)] * 2
    stamps = stamps_of(lines)
    limits = Limits(SECOND, BACKWARD, FORWARD, FAR_US, LATE_US, SAMPLE)
    kernel = kernels.load(1 << 20)
    assert kernel is not None
    told = kernel.turns(stamps.pid, stamps.local_us, stamps.offset_s, limits)
    assert (told is None) is (processes > 4096)
    turns = turns_of(stamps)
    assert sorted(turns.pids) == list(range(processes))
    assert set(turns.counts.tolist()) == {2}
    assert by_loop(stamps_of(lines[:3]), SECOND).pids == [0, 1, 2]
