"""Hashing: equal texts have equal numbers, others have others, with the kernel and without it."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logtool.frame.hashing import client_signs, hashes
from parsers.blocks import PADDING
from tests.kernel_memory import lent

#: Lengths about those of words, steps and long texts.
_LENGTHS = st.sampled_from([8, 15, 16, 17, 32, 1023, 1024, 1025, 3000, 40_000])
_REPEATED = st.builds(lambda size, text: (text * size)[:size], _LENGTHS, st.binary(min_size=1))
TEXTS = st.lists(st.one_of(st.binary(max_size=40), _REPEATED, st.none()), max_size=12)


def _placed(texts: list[bytes | None]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bytes that hold the texts with other bytes between them, and where each begins and ends."""
    raw, start, end = b"", [], []
    for number, text in enumerate(texts):
        raw += bytes([number, 255]) if number else b""
        start.append(-1 if text is None else len(raw))
        raw += text or b""
        end.append(-1 if text is None else len(raw))
    data = np.frombuffer(raw + b"\xfe" * PADDING, np.uint8)
    return data, np.array(start, np.int64), np.array(end, np.int64)


@settings(deadline=None)
@given(TEXTS)
@example([b"x" * 40_000])
@example([b"", b"\0", b"\0\0", b"\0" * 16, b"\0" * 17, None])
def test_equal_texts_have_equal_numbers_and_others_others(texts: list[bytes | None]) -> None:
    """A number is 0 only where there is no text; the kernel gives the same numbers."""
    data, start, end = _placed(texts)
    numbers = hashes(data, start, end).tolist()
    assert [number == 0 for number in numbers] == [text is None for text in texts]
    by_text = dict(zip(texts, numbers, strict=True))
    assert [by_text[text] for text in texts] == numbers
    assert len(set(by_text.values())) == len(by_text)
    with lent() as memory:
        assert hashes(memory.put(data), start, end).tolist() == numbers


_ADDRESSES = st.one_of(
    st.sampled_from(["", "::1", "127.0.0.1", "fe80::1", "a" * 1020, "9", "host"]),
    st.text("0123456789:.a", max_size=9),
)
_PORTS = st.one_of(st.just(""), st.sampled_from([":80", ":", ":123456", ":65535"]), st.none())


@settings(deadline=None)
@given(st.lists(st.tuples(_ADDRESSES, _PORTS), min_size=1, max_size=12))
@example([("::1", ":80")])
@example([("", ":80"), ("", "80")])
def test_clients_have_a_number_without_their_port_and_one_with_it(
    clients: list[tuple[str, str | None]],
) -> None:
    """That without it is the number of the address; texts that share both numbers are equal."""
    texts = [None if port is None else (address + port).encode() for address, port in clients]
    bare = [None if text is None else re.sub(rb":[0-9]{1,5}$", b"", text) for text in texts]
    data, start, end = _placed(texts)
    addresses, whole, _ = client_signs(data, start, end)
    assert addresses.tolist() == hashes(*_placed(bare)).tolist()
    assert [number == 0 for number in whole.tolist()] == [text is None for text in texts]
    by_text = dict(zip(texts, whole.tolist(), strict=True))
    assert [by_text[text] for text in texts] == whole.tolist()
    assert len(set(by_text.values())) == len(by_text)
    with lent() as memory:
        again = client_signs(memory.put(data), start, end)
        assert [column.tolist() for column in again[:2]] == [addresses.tolist(), whole.tolist()]


def test_no_byte_before_a_client_is_part_of_its_port() -> None:
    """A number behind a colon is not one where the client begins with the number."""
    data = np.frombuffer(b"x:80 9:80 " + b"\0" * PADDING, np.uint8)
    start, end = np.array([2, 7, 1]), np.array([4, 9, 4])
    expected = hashes(data, start, np.array([4, 9, 1])).tolist()
    assert client_signs(data, start, end)[0].tolist() == expected
    with lent() as memory:
        assert client_signs(memory.put(data), start, end)[0].tolist() == expected


def test_the_letter_of_the_word_before_a_client_is_told() -> None:
    """Of `client` and `remote` in httpd's own form, wholly within the data, and of nothing else."""
    text = b"client 9[client 9 [remote 9:1][clients 9 [client 9"
    data = np.frombuffer(text + b"\0" * PADDING, np.uint8)
    start = np.array([7, 16, 26, 39, 49, -1])
    end = start + np.array([1, 1, 3, 1, 1, 0])
    letters = [0, ord("c"), ord("r"), 0, ord("c"), 0]
    assert client_signs(data, start, end)[2].tolist() == letters
    with lent() as memory:
        held = memory.put(data)
        before = memory.kernel._bytes[memory.kernel._place_of(held) - 8 :][:8]
        before[:] = list(b"xxxxxxx[")  # what is before the data is not looked at
        assert client_signs(held, start, end)[2].tolist() == letters


def test_many_texts_that_differ_in_a_bit_or_two_have_different_numbers() -> None:
    """Also where the bits stand in neighbouring words, so that they might undo each other."""
    rng = np.random.default_rng(1)
    base = rng.integers(0, 256, 64, np.uint8)
    bits = np.unpackbits(np.tile(base, (4096, 1)), axis=1)
    pairs = rng.integers(0, bits.shape[1], (4096, 2))
    for nth in range(2):
        bits[np.arange(4096), pairs[:, nth]] ^= 1
    rows = np.packbits(bits, axis=1)
    data = np.append(rows.ravel(), np.zeros(PADDING, np.uint8))
    start = 64 * np.arange(4096)
    numbers = hashes(data, start, start + 64)
    assert len(np.unique(numbers)) == len(np.unique(rows, axis=0))


def test_too_many_texts_for_the_kernels_memory_have_the_same_numbers() -> None:
    """They are hashed without it."""
    data = np.frombuffer(b"one two three " * 8 + b"\0" * PADDING, np.uint8)
    start = np.arange(90)
    expected = hashes(data, start, start + 5).tolist()
    with lent() as memory:
        held = memory.put(data)
        memory.kernel.begin(memory.columns[: 300 << 10])
        many = np.tile(start, 1000)
        assert hashes(held, many, many + 5).tolist() == expected * 1000
