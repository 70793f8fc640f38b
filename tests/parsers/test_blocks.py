"""Blocks: where lines end is what Python says of their bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.blocks import cut_blocks, first_lines, newlines, starts_between

TEXTS = st.lists(st.sampled_from([b"", b"\n", b"a", b"\n" * 9, b"b" * 63, b"c" * 200, b"\x8a"]))


@given(TEXTS)
def test_newlines_are_found(texts: list[bytes]) -> None:
    """Every place of a newline, however many stand together, and nothing else."""
    raw = b"".join(texts)
    places = newlines(np.frombuffer(raw, np.uint8))
    assert places.dtype == np.int64
    assert places.tolist() == [k for k, byte in enumerate(raw) if byte == ord("\n")]


@given(TEXTS, st.integers(1, 5), st.integers(1, 70))
def test_the_first_of_them(texts: list[bytes], most: int, window: int) -> None:
    """So many lines from the first on, however wide the windows are in which they are sought."""
    data = np.frombuffer(b"".join(texts), np.uint8)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("parsers.blocks._WINDOW", window)
        starts, ends = first_lines(data, most)
    assert starts.dtype == ends.dtype == np.int64
    assert ends.tolist() == newlines(data)[:most].tolist()
    assert starts.tolist() == starts_between(ends).tolist()


@given(st.lists(st.sampled_from([b"", b"\n", b"a", b"\n" * 9, b"bb\n"])), st.integers(1, 5))
def test_blocks_have_few_lines(chunks: list[bytes], most: int) -> None:
    """No block has more lines than asked; all bytes come, lines have numbers, pieces are marked."""
    blocks = list(cut_blocks(chunks, 8, most=most))
    raw = b"".join(chunks)

    assert b"".join(block.data[: block.size].tobytes() for block in blocks) == raw
    assert all(len(block) <= most for block in blocks)
    before = 0
    for block in blocks:
        assert block.offset == before
        assert block.first_line == raw[:before].count(b"\n") + 1
        assert block.torn_head == (before > 0 and raw[before - 1] != ord("\n"))
        before += block.size


@given(st.lists(st.integers(0, 9)))
def test_lines_begin_where_the_one_before_ends(widths: list[int]) -> None:
    """The first at 0, each other one behind a newline."""
    ends = np.cumsum(np.array(widths, np.int64) + 1) - 1
    assert starts_between(ends).tolist() == [0, *(ends + 1).tolist()][: len(ends)]
