"""Ranges: rows come in ranges of a column, none is lost, and few are held."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.errors import WriteError
from logtool.events.ranges import Kept, Rows, in_ranges

PARTS = st.lists(st.lists(st.integers(0, 30), max_size=20), min_size=1, max_size=8)


def _rows(kept: Kept, parts: list[list[int]], most_held: int) -> Rows:
    rows, number = Rows(kept, most_held), 0
    for part in parts:
        texts = [f"text {one} of many" for one in part]
        columns = {
            "key": pl.Series(part, dtype=pl.Int64),
            "text": pl.Series(texts, dtype=pl.String),
        }
        rows.add(pl.DataFrame(columns).with_row_index("number", number))
        number += len(part)
    return rows


@settings(max_examples=150, deadline=None)
@given(PARTS, st.integers(1, 40), st.sampled_from(["key", "text"]))
def test_ranges_rise(parts: list[list[int]], at_once: int, column: str) -> None:
    """All rows come, each value in one range only, few at once unless they have one value."""
    with Kept("rows") as kept:
        found = [*in_ranges(_rows(kept, parts, at_once), column, at_once)]
        every = pl.concat(_rows(kept, parts, 1000).parts())
    assert pl.concat([every.clear(), *found]).sort("number").equals(every)
    for before, after in pairwise(found):
        assert before[column].max() < after[column].min()  # type: ignore[operator]
    for some in found:
        assert some.height <= at_once or some[column].n_unique() == 1


@settings(max_examples=100, deadline=None)
@given(PARTS.filter(lambda parts: any(map(len, parts))), st.integers(0, 40), st.randoms())
def test_rows_at_places(parts: list[list[int]], most_held: int, chance: Random) -> None:
    """Rows are found again by their index, held or not, in any order."""
    with Kept("rows") as kept:
        rows = _rows(kept, parts, most_held)
        places = chance.choices(range(rows.height), k=25)
        assert rows.at(np.array(places))["number"].to_list() == places


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that takes no rows is told in one line that names whose they were."""
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    with Kept("lines of requests") as kept, pytest.raises(WriteError, match="lines of requests: "):
        _rows(kept, [[1, 2]], 0)
