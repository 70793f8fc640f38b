"""Tallies of blocks are those of the whole."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.reports.tallies import Packing, Tally, grouped
from parsers.lines import NO_TIME

ROW = st.tuples(st.integers(0, 4), st.one_of(st.just(NO_TIME), st.integers(-9, 9)), st.booleans())


@settings(deadline=None)
@given(st.lists(st.lists(ROW, max_size=6)))
def test_blocks_add_up(blocks: list[list[tuple[int, int, bool]]]) -> None:
    """Counts, errors, first and last instants of any blocks are those of all rows together."""
    tally = Tally()
    for block in blocks:
        key, us, bad = (np.array(column) for column in zip(*block, strict=True)) if block else (
            np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_)
        )  # fmt: skip
        tally.add(grouped(key, us, bad))
    rows = [row for block in blocks for row in block]
    groups = tally.groups()

    assert dict(zip(groups.key, groups.lines, strict=True)) == Counter(key for key, _, _ in rows)
    assert sorted(groups.key.tolist()) == groups.key.tolist()
    for at, key in enumerate(groups.key):
        mine = [row for row in rows if row[0] == key]
        times = [us for _, us, _ in mine if us != NO_TIME]
        assert groups.errors[at] == sum(bad for _, _, bad in mine)
        assert groups.first_us[at] == min(times, default=np.iinfo(np.int64).max)
        assert groups.last_us[at] == max(times, default=NO_TIME)


def test_memory_is_bounded() -> None:
    """Of too many groups the smallest are given up, and how much that was is known."""
    tally = Tally(limit=5)
    keys = np.array([key for key in range(100) for _ in range(300 if key < 5 else 1)])
    for _ in range(3):
        tally.add(grouped(keys, np.zeros(len(keys), np.int64)))
    groups = tally.groups()

    assert groups.key.tolist() == [0, 1, 2, 3, 4]
    assert groups.lines.tolist() == [900] * 5
    assert int(groups.lines.sum()) + tally.dropped == 3 * len(keys)


@given(st.integers(0, 7), st.integers(0, 1023), st.integers(0, 1))
def test_packing(a: int, b: int, c: int) -> None:
    """What is packed into a key comes out again."""
    packing = Packing(a=3, b=10, c=1)
    key = packing.pack(a=np.array([a]), b=np.array([b]), c=c)

    assert {name: value.tolist() for name, value in packing.unpack(key).items()} == {
        "a": [a], "b": [b], "c": [c]
    }  # fmt: skip
