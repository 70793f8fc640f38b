"""Sorting lines that need not fit in memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.writing import sorting
from logtool.writing.sorting import LineSorter

BLOCKS = st.lists(
    st.lists(st.tuples(st.integers(0, 30), st.binary(max_size=12)), min_size=1), max_size=20
)


@given(BLOCKS, st.integers(1, 200), st.integers(1, 60))
def test_agrees_with_a_stable_sort(
    blocks: list[list[tuple[int, bytes]]], run_size: int, chunk_size: int
) -> None:
    """Runs of any size, in chunks of any size, come out as one stable sort would give them."""
    lines = [(key, text.replace(b"\n", b"_") + b"\n") for block in blocks for key, text in block]
    expected = b"".join(text for _, text in sorted(lines, key=lambda line: line[0]))

    out = b""
    with pytest.MonkeyPatch.context() as patch, LineSorter() as sorter:
        patch.setattr(sorting, "RUN_SIZE", run_size)
        patch.setattr(sorting, "CHUNK_SIZE", chunk_size)
        for block in blocks:
            texts = [text.replace(b"\n", b"_") + b"\n" for _, text in block]
            sorter.add(
                np.frombuffer(b"".join(texts), np.uint8),
                np.array([len(text) for text in texts]),
                np.array([key for key, _ in block]),
            )
        for text in sorter.sorted_text():
            out += text.tobytes()

    assert out == expected
