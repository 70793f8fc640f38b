"""Blocks: where lines end is what Python says of their bytes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from parsers.blocks import newlines, starts_between

TEXTS = st.lists(st.sampled_from([b"", b"\n", b"a", b"\n" * 9, b"b" * 63, b"c" * 200, b"\x8a"]))


@given(TEXTS)
def test_newlines_are_found(texts: list[bytes]) -> None:
    """Every place of a newline, however many stand together, and nothing else."""
    raw = b"".join(texts)
    places = newlines(np.frombuffer(raw, np.uint8))
    assert places.dtype == np.int64
    assert places.tolist() == [k for k, byte in enumerate(raw) if byte == ord("\n")]


@given(st.lists(st.integers(0, 9)))
def test_lines_begin_where_the_one_before_ends(widths: list[int]) -> None:
    """The first at 0, each other one behind a newline."""
    ends = np.cumsum(np.array(widths, np.int64) + 1) - 1
    assert starts_between(ends).tolist() == [0, *(ends + 1).tolist()][: len(ends)]
