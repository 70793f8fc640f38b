"""Scanning: what whole-word arithmetic says of bytes is what Python says of them."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from parsers.blocks import Block
from parsers.scanning import Text, port_length, word_at

lines = st.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b"."))
digit_lines = st.text("0123456789 x", max_size=45).map(str.encode)
INT64_MAX = 2**63 - 1


@given(st.lists(digit_lines, min_size=1, max_size=8))
def test_numbers_are_read_as_python_reads_them(rows: list[bytes]) -> None:
    """Digits of any count; -1 where there are none or they do not fit."""
    block = Block.of(b"\n".join(rows) + b"\n")
    values, ends = Text(block).number(block.starts)
    for row, value, end, start in zip(rows, values, ends, block.starts, strict=True):
        digits = re.match(rb"\d*", row)
        assert digits
        count = min(len(digits[0]), 32)
        assert end - start == count
        fits = 0 < count <= 19 and int(digits[0]) <= INT64_MAX
        assert value == (int(digits[0]) if fits else -1)


@given(st.lists(lines, min_size=1, max_size=8), st.sampled_from(b"]:x"))
def test_tokens_end_at_their_stop_or_a_blank(rows: list[bytes], stop: int) -> None:
    """Whichever of the stop, a space and a control byte comes first."""
    block = Block.of(b"\n".join(rows) + b"\n")
    ends = Text(block).token_end(block.starts, stop)
    for row, end, start in zip(rows, ends, block.starts, strict=True):
        place = next((k for k, byte in enumerate(row) if byte == stop or byte <= 32), len(row))
        assert end - start == place


@given(st.lists(st.text("ab: ", max_size=20).map(str.encode), min_size=1, max_size=8),
       st.sampled_from([b"a", b": ", b"ab:", b"ab: a", b"aaaaaaaaab"]))  # fmt: skip
def test_literals_are_found_within_their_line_only(rows: list[bytes], literal: bytes) -> None:
    """The first and the last place, as bytes.find and bytes.rfind say."""
    block = Block.of(b"\n".join(rows) + b"\n")
    text = Text(block)
    first = text.find(block.starts, block.ends, literal)
    last = text.rfind(block.starts, block.ends, literal)
    for row, found, ultimate, start in zip(rows, first, last, block.starts, strict=True):
        assert (found - start if found >= 0 else -1) == row.find(literal)
        assert (ultimate - start if ultimate >= 0 else -1) == row.rfind(literal)
        assert text.has(np.array([start]), literal)[0] == row.startswith(literal)


@given(
    st.lists(st.text("ab: ", max_size=700).map(str.encode), min_size=1, max_size=3),
    st.sampled_from([b"a", b": ", b"ab:", b"ab: ab", b"aaaaaaaaab"]),
    st.integers(0, 90),
)
def test_literals_are_found_near_few_places(rows: list[bytes], literal: bytes, shift: int) -> None:
    """Also in long lines, where a block has few of them, and from a place within."""
    block = Block.of(b"\n".join([*rows, b"x" * 5000]) + b"\n")
    at = np.minimum(block.starts + shift, block.ends)[:-1]
    found = Text(block).find(at, block.ends[:-1], literal)
    for row, place, start in zip(rows, found, block.starts[:-1], strict=True):
        assert (place - start if place >= 0 else -1) == row.find(literal, min(shift, len(row)))


@given(st.binary(min_size=24, max_size=24), st.integers(0, 16))
def test_a_word_may_begin_anywhere_in_words(raw: bytes, at: int) -> None:
    """Shifting two words together gives the bytes between them."""
    words = [np.array([w]) for w in np.frombuffer(raw, "<u8")]
    assert word_at(words, at)[0].tobytes() == raw[at : at + 8]


@given(st.text("0123456789:.]a", min_size=8, max_size=8))
def test_a_port_is_a_colon_and_one_to_five_digits_at_the_end(text: str) -> None:
    """Of a longer number, and of a number without a colon, no byte is one."""
    found = re.search(r":[0-9]{1,5}$", text)
    length = port_length(np.frombuffer(text.encode(), "<u8"))
    assert length.tolist() == [len(found[0]) if found else 0]
