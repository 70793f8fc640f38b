"""Texts become the same polars strings that Python would make, and nothing stays behind."""

from __future__ import annotations

import gc
import tracemalloc
from unittest import mock

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.frame import texts
from logtool.frame.texts import detached, strings
from parsers.blocks import PADDING


def _padded(raw: bytes) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.frombuffer(raw + bytes(PADDING), np.uint8)


#: Parts of characters, of some that there are not, and of some that are more than one byte.
BROKEN = (
    b"\xc3", b"\xa9", b"\xe2\x82", b"\xac", b"\xed\xb2\x80", b"\xf0\x9f", b"\x98\x80", b"\n",
    b"\xf4\x90\x80\x80", b"\xc0\x80", "\u00e9\u20ac\U0001f600".encode(), b"abcdefghijklm",
)  # fmt: skip
TEXTS = (
    st.binary(max_size=40)
    | st.text(max_size=30).map(str.encode)
    | st.lists(st.sampled_from(BROKEN), max_size=6).map(b"".join)
)


@settings(deadline=None)
@given(st.lists(st.none() | TEXTS), st.sampled_from((9, 1 << 18)))
def test_strings_are_what_python_decodes(wanted: list[bytes | None], piece: int) -> None:
    """Every text comes as Python decodes it; a missing one is null."""
    raw = b"".join(text or b"" for text in wanted)
    ends = np.cumsum([len(text or b"") for text in wanted], dtype=np.int64)
    starts = ends - np.array([len(text or b"") for text in wanted], np.int64)
    starts[[text is None for text in wanted]] = -1

    with mock.patch.object(texts, "_PIECE", piece):
        found = strings(_padded(raw), starts, ends)

    assert found.to_list() == [
        None if text is None else text.decode("utf-8", "backslashreplace") for text in wanted
    ]


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(0, 200), st.sampled_from((1, 50, 1 << 16)))
def test_some_of_a_large_buffer(length: int, gap: int, piece: int) -> None:
    """Texts that are little of a buffer are copied out of it, and are the same."""
    raw = bytes(range(32, 127)) * 40
    starts = np.arange(0, len(raw) - length, length + gap + 1, dtype=np.int64)

    with mock.patch.object(texts, "_COPIED", piece):
        found = strings(_padded(raw), starts, starts + length)

    assert found.to_list() == [raw[a : a + length].decode() for a in starts.tolist()]


def test_copying_texts_takes_little_memory() -> None:
    """Not several times what is copied: there are many blocks at once."""
    data = _padded(b"x" * (4 << 20))
    starts = np.arange(0, 4 << 20, 512)
    strings(data, starts, starts + 200)
    tracemalloc.start()
    try:
        found = strings(data, starts, starts + 200)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert found.str.len_bytes().sum() == 200 * len(starts)
    assert peak < 4 << 20


def test_few_texts_do_not_hold_the_block() -> None:
    """A column that is little of a block does not keep the block in memory."""
    data = _padded(b"x" * 1_000_000)
    places = np.array([0], np.int64)
    others = set(texts._held)
    series = strings(data, places, places + 100)
    new = [parts for key, (parts, *_) in texts._held.items() if key not in others]
    held = [part for parts in new for part in parts]

    assert series.len() == len(new) == 1
    assert all(part is None or part.nbytes < 1000 for part in held)


def test_nothing_stays_behind() -> None:
    """When polars drops a column, the bytes it pointed into are let go."""
    gc.collect()
    before = len(texts._held)
    data = _padded(b"a text that is longer than twelve bytes" * 3)
    series = strings(data, np.zeros(3, np.int64), np.full(3, 39, np.int64))
    assert len(texts._held) == before + 1
    kept = pl.DataFrame({"text": series}).lazy().filter(pl.col("text") != "").collect()
    del series, kept
    gc.collect()

    assert len(texts._held) == before


def test_detached_rows_hold_no_block() -> None:
    """A few rows of a frame, detached, are the same and let the block go."""
    data = _padded(b"a text that is longer than twelve bytes" * 30)
    places = np.arange(30, dtype=np.int64) * 39
    frame = pl.DataFrame({"text": strings(data, places, places + 39), "n": places})
    gc.collect()
    before = len(texts._held)
    kept = detached(frame.filter(pl.col("n") > 1000))
    expected = frame["text"].to_list()[-4:]
    del frame
    gc.collect()

    assert kept["text"].to_list() == expected
    assert len(texts._held) == before - 1
