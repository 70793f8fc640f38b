"""Replacing spans of bytes."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.writing.splice import Instants, Texts, put_instants, replace_spans
from logtool.writing.stamps import StampWriter, time_pieces
from tests.kernel_memory import lent

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


#: Years 0001 to 9999; many instants within few seconds.
INSTANTS = st.one_of(
    st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999),
    st.integers(-2_000_000, 2_000_000),
    st.integers(0, 100).map(lambda hundredths: 10_000 * hundredths),
)
WRITERS = [
    StampWriter(time_pieces(style, digits)) for style in ("cuz", "iso") for digits in (0, 3, 6)
]


@settings(deadline=None)
@given(PIECES, st.binary(max_size=50), st.data())
def test_instants_come_out_as_their_texts_do(
    pieces: list[tuple[bytes, bytes, int]], tail: bytes, data: st.DataObject
) -> None:
    """Whatever the kernel is told to put anywhere: what the writer writes, and all other bytes."""
    before = b"".join(kept + old for kept, old, _ in pieces) + tail
    ends = np.cumsum([len(kept) + len(old) for kept, old, _ in pieces], dtype=np.int64)
    starts = ends - np.array([len(old) for _, old, _ in pieces], np.int64)
    us = np.array([data.draw(INSTANTS) for _ in pieces], np.int64)
    writer = data.draw(st.sampled_from(WRITERS))
    texts = [row.tobytes() for row in writer.write(us)]
    after = b"".join(kept + text for (kept, _, _), text in zip(pieces, texts, strict=True)) + tail
    with lent() as memory:
        held = memory.put(np.frombuffer(before + b"\0" * 64, np.uint8))[: len(before)]

        out = put_instants(held, starts, ends, Instants(writer, us), memory.room)

        assert (out is None) == (not pieces)
        assert out is None or out.tobytes() == after
        assert held.tobytes() == before
        small = memory.room[: len(after)]
        assert put_instants(held, starts, ends, Instants(writer, us), small) is None
