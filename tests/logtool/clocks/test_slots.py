"""Slots: a table for one look a line tells what the runs of clocks tell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from logtool.clocks.slots import NONE, Slots

#: Pids, of which the last has the low bits of the first.
PIDS = (7, 9, -1, 7 + (1 << 20))
RUNS = st.lists(
    st.tuples(st.sampled_from(PIDS), st.integers(1, 60), st.sampled_from([0, 3600, -1800, None])),
    max_size=12,
    unique_by=lambda run: run[:2],
).map(lambda runs: sorted(runs, key=lambda run: run[:2]))


def _slots(runs: Sequence[tuple[int, int, int | None]], lasts: list[int]) -> Slots:
    off = [NONE if run[2] is None else run[2] * 1_000_000 for run in runs]
    pids, firsts = ([run[k] for run in runs] for k in (0, 1))
    return Slots(*(np.array(column, np.int64) for column in (pids, firsts, lasts, off)))


def _told(table: np.ndarray[tuple[int, int], np.dtype[np.int64]], pid: int, row: int) -> int:
    """What a look at a table tells of a line."""
    owner, before, first, between, later, behind, *_ = table[pid & (len(table) - 1)].tolist()
    told = before if row < first else between if row < later else behind
    return int(told) if owner == pid else NONE


@given(RUNS, st.data())
def test_a_look_tells_the_newest_run(
    runs: list[tuple[int, int, int | None]], data: st.DataObject
) -> None:
    """Or that it tells nothing: only where clocks change too often, or pids have equal bits."""
    lasts = [
        data.draw(st.integers(first, 99)) if data.draw(st.booleans()) else 99
        for _, first, _ in runs
    ]
    slots = _slots(runs, lasts)
    for _ in range(3):
        first = data.draw(st.integers(1, 60))
        last = first + data.draw(st.sampled_from([0, 1, 10, 39]))
        table = slots.between(first, last)
        assert table is not None
        for pid in PIDS:
            mine = [n for n, run in enumerate(runs) if run[0] == pid and run[1] <= last]
            changes = sum(runs[n][1] > first for n in mine)
            alone = changes <= 2 and pid in PIDS[1:3]
            for line in range(first, last + 1):
                newest = max((n for n in mine if runs[n][1] <= line), default=None)
                off = None if newest is None else runs[newest][2]
                told = _told(table, pid, line - first)
                if off is None or newest is None:
                    assert told == NONE
                elif line <= lasts[newest] and alone:
                    assert told == off * 1_000_000
                else:
                    assert told in (NONE, off * 1_000_000)


def test_many_processes_are_given_up() -> None:
    """Of whom so many write at once nothing is told; one after the other they are few."""
    runs = [(pid, 1 + pid, 0) for pid in range(5000)]
    assert _slots(runs, [9999] * 5000).between(6000, 6001) is None
    assert _slots(runs, [9999] * 5000).between(1, 600) is None
    table = _slots(runs, [pid + 3 for pid in range(5000)]).between(2000, 2001)
    assert table is not None
    assert _told(table, 1999, 0) == 0
