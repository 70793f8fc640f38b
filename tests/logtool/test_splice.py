"""Replacing spans of bytes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from logtool.splice import Texts, replace_spans

#: Pieces of a text: kept bytes, then bytes to replace, then what to put there.
PIECES = st.lists(
    st.tuples(
        st.one_of(st.binary(max_size=40), st.binary(min_size=1, max_size=9).map(lambda b: b * 500)),
        st.binary(min_size=1, max_size=20),
        st.integers(1, 24),
    ),
    max_size=30,
)


@given(PIECES, st.binary(max_size=50))
def test_agrees_with_joining_slices(pieces: list[tuple[bytes, bytes, int]], tail: bytes) -> None:
    """Spans of any length, moved by any distance, come out as when slices are joined."""
    before = b"".join(kept + old for kept, old, _ in pieces) + tail
    after = b"".join(kept + b"#" * width for kept, _, width in pieces) + tail
    ends = np.cumsum([len(kept) + len(old) for kept, old, _ in pieces], dtype=np.int64)
    starts = ends - np.array([len(old) for _, old, _ in pieces], np.int64)
    widths = np.array([width for _, _, width in pieces], np.int64)
    texts = [
        Texts(rows, np.full((len(rows), width), ord("#"), np.uint8))
        for width in np.unique(widths).tolist()
        for rows in [np.flatnonzero(widths == width)]
    ]
    data = np.frombuffer(before + b"\0" * 8, np.uint8).copy()

    out = replace_spans(data, len(before), starts, ends, texts)

    assert out.tobytes() == after
