"""Tallies of blocks are those of the whole."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.reports.tallies.tally import Groups, Tally, grouped, groups_of
from parsers.compiled import kernel as kernels
from parsers.compiled.rows import Keyed
from parsers.lines import NO_TIME

KEY = st.one_of(st.integers(0, 4), st.integers(0, 9).map(lambda key: 3 << 60 | key << 40))
ROW = st.tuples(KEY, st.one_of(st.just(NO_TIME), st.integers(-9, 9)), st.booleans())


@contextmanager
def _grouping(*, by_loops: bool) -> Iterator[None]:
    """Rows are grouped as in reports of large logs, or of small ones."""
    kernel = kernels.load(1 << 20) if by_loops else None
    assert by_loops is (kernel is not None)
    with patch.object(kernels, "loaded", lambda: kernel):
        yield


@settings(deadline=None)
@given(st.lists(st.lists(ROW, max_size=6)), st.booleans())
def test_blocks_add_up(blocks: list[list[tuple[int, int, bool]]], by_loops: bool) -> None:
    """Counts, errors, first and last instants of any blocks are those of all rows together."""
    tally = Tally()
    for block in blocks:
        key, us, bad = (np.array(column) for column in zip(*block, strict=True)) if block else (
            np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_)
        )  # fmt: skip
        with _grouping(by_loops=by_loops):
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


@pytest.mark.parametrize("size", [1, 9])
def test_memory_does_not_grow_with_the_number_of_blocks(size: int) -> None:
    """Not even where each has a few groups, and all have the same."""
    tally, few = Tally(), grouped(np.arange(size), np.zeros(size, np.int64))
    tracemalloc.start()
    try:
        for _ in range(20_000):
            tally.add(few.copy())
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept < 1 << 20
    assert tally.groups().lines.tolist() == [20_000] * size


@pytest.mark.parametrize("kinds", [1, 700, 4096, 4097, 9000])
def test_loops_group_as_numpy_does(kinds: int) -> None:
    """Few keys or too many for them, in any order; one time after the other."""
    drawn = np.random.default_rng(kinds)
    key = drawn.permutation(np.append(np.arange(kinds), drawn.integers(0, kinds, 5000))) << 37
    us = np.where(drawn.random(len(key)) < 0.3, NO_TIME, drawn.integers(-(1 << 60), 1 << 60))
    for errors in (drawn.random(len(key)) < 0.5, None):
        answers = []
        for by_loops in (True, False):
            with _grouping(by_loops=by_loops):
                answers.append(grouped(key, us, errors))
        for name in Groups.__slots__:
            one, other = (getattr(groups, name) for groups in answers)
            assert one.tolist() == other.tolist()
            assert one.dtype == other.dtype == np.int64


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


@settings(deadline=None)
@given(st.lists(st.tuples(ROW, st.integers(0, 3), st.integers(0, 2)), max_size=40))
def test_loops_group_by_what_messages_and_writers_have(
    lines: list[tuple[tuple[int, int, bool], int, int]],
) -> None:
    """Of the lines that are chosen, those whose messages talk."""
    kernel = kernels.load(1 << 20)
    assert kernel is not None
    message, writer = (np.array([line[at] for line in lines], np.int32) for at in (1, 2))
    us = np.array([row[1] for row, *_ in lines], np.int64)
    some = np.array([row[2] for row, *_ in lines], np.bool_)
    talks = np.array([True, False, True, True])
    template, manner = np.array([0, 1, 2, 3]) << 40, np.array([0, 5, 7])
    groups = kernel.keyed(Keyed(message, writer, us, some, talks, template, manner))
    assert groups is not None
    chosen = some & talks[message]
    expected = grouped(template[message[chosen]] | manner[writer[chosen]], us[chosen])

    found = groups_of(groups)
    for name in Groups.__slots__:
        assert getattr(found, name).tolist() == getattr(expected, name).tolist()
