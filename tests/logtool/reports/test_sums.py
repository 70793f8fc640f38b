"""Sums of batches are the sums of the whole."""

from __future__ import annotations

from collections import Counter

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.reports.sums import Sums

SCHEMA = {"key": pl.String, "lines": pl.Int64}


@settings(deadline=None)
@given(st.lists(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)), max_size=5)))
def test_batches_add_up(batches: list[list[tuple[str, int]]]) -> None:
    """Counts of any batches are those of all rows together, most first."""
    sums = Sums("key", limit=3)
    expected: Counter[str] = Counter()
    for batch in batches:
        sums.add(pl.DataFrame(batch, SCHEMA, orient="row"))
        for key, count in batch:
            expected[key] += count
    table = sums.table()
    found = {} if table is None else dict(table.iter_rows())

    assert found == expected
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert sums.dropped == 0


def test_memory_is_bounded() -> None:
    """Of too many groups the smallest are given up, and how much that was is known."""
    sums = Sums("key", limit=10)
    for _ in range(3):
        keys = [f"often {n}" for n in range(5)] + [f"rare {n}" for n in range(100)]
        counts = [100] * 5 + [1] * 100
        sums.add(pl.DataFrame({"key": keys, "lines": counts}))
    table = sums.table()

    assert table is not None
    assert table.height == 10
    assert table.head(5)["lines"].to_list() == [300] * 5
    assert int(table["lines"].sum()) + sums.dropped == 3 * 600
