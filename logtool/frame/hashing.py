"""Hashing: takes places in a block's bytes, gives one number for each text there.

Words of a text are multiplied with each other, as wyhash does, after keys that are drawn for each
run of the program: nobody can write two texts that share a number. The kernel gives the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logtool.machine.run_seed import SEED
from parsers.arrays import Bytes
from parsers.compiled.kernel import kernel_of
from parsers.compiled.kinds import MADE, NO_LEVELS, Lines, Sign, Signing
from parsers.scanning import KEEP, port_length, word_of
from parsers.steps.message_step import TAIL
from parsers.steps.programs import WHOLE

Places = NDArray[np.int64]
Words = NDArray[np.uint64]

_SEED = SEED.to_bytes(8, "little")
_KEYS = np.frombuffer(blake2b(_SEED, digest_size=24).digest(), np.uint64)
#: Numbers are mixed by multiplying them with these, as SplitMix64 does.
ODD, SPREAD = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
#: Longer texts, of which there are few, are hashed one by one.
_LONG = 1024
#: What stands before a client in httpd's own format.
_BEFORE = np.array([word_of(b"[client "), word_of(b"[remote ")])
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)


def hashes(data: Bytes, start: Places, end: Places) -> Words:
    """A number for each text at half-open places of `data`: equal for equal texts, 0 for none.

    Two texts share one as good as never, and nobody can write texts that do: the numbers of each
    run of the program are others.

    Args:
        data: uint8, with at least 15 readable bytes after the last place.
        start: int64[n], negative for none.
        end: int64[n].
    """
    found = _by_loop(Sign.NUMBER, data, start, end)
    if found is None:
        length = end - start
        numbers = _plainly(data, np.where(length > _LONG, -1, start), length)
    else:
        (numbers,), count = found
        if not count:
            return numbers
    long = np.flatnonzero((end - start > _LONG) & (start >= 0))
    for row, begin, stop in zip(
        long.tolist(), start[long].tolist(), end[long].tolist(), strict=True
    ):
        told = blake2b(data[begin:stop].data, digest_size=8, key=_SEED).digest()
        numbers[row] = int.from_bytes(told, "little") or 1
    return numbers


def told_of(sign: Sign, data: Bytes, start: Places, end: Places) -> tuple[NDArray[Any], ...]:
    """What a sign tells of texts at half-open places of `data`, as `hashes` takes them."""
    if not (start >= 0).any():
        return tuple(np.zeros(len(start), dtype) for dtype in MADE[sign])
    if sign is Sign.NUMBER:
        return (hashes(data, start, end),)
    return client_signs(data, start, end)


def signing(columns: Mapping[str, Sign]) -> Signing:
    """What is to be told of columns, with numbers as `hashes` gives them."""
    return Signing(columns, _KEYS, _LONG, told_of)


def client_signs(data: Bytes, start: Places, end: Places) -> tuple[Words, Words, Bytes]:
    """What `Sign.CLIENT` tells of texts that may end in a port.

    Ports are many, and addresses few: only those are worth remembering.

    Args:
        data: uint8, with at least 15 readable bytes after the last place.
        start: int64[n], negative for none.
        end: int64[n].

    Returns:
        A number without the port, one with it, and the letter before it; 0 for none.
    """
    found = _by_loop(Sign.CLIENT, data, start, end)
    if found is not None and not found[1]:
        (address, client, letter), _ = found
        return address, client, letter
    there = start >= 0
    words = np.ndarray((len(data) - 7,), "V8", data, strides=(1,))
    word = _word_before(words, end)
    port = port_length(word)
    port[~there | (port > end - start)] = 0
    address = hashes(data, start, end - port)
    told = (word & ~KEEP[8 - port]) * SPREAD
    mixed = (address ^ (told ^ (told >> np.uint64(29)))) * ODD
    before = np.where(there, _word_before(words, np.maximum(start, 0)), np.uint64(0))
    letter = np.where(np.isin(before, _BEFORE), before >> np.uint64(8), np.uint64(0))
    mixed = np.where(there, mixed ^ (mixed >> _HALF), np.uint64(0))
    return address, mixed, letter.astype(np.uint8)


def _word_before(words: NDArray[np.void], end: Places) -> Words:
    """The eight bytes before each place; zeros for what is before the first byte."""
    missing = (8 * np.maximum(8 - end, 0)).astype(np.uint64)
    word: Words = words[np.maximum(end - 8, 0)].view(np.uint64)
    return np.where(missing < 64, word << np.minimum(missing, 63), np.uint64(0))


def _by_loop(
    sign: Sign, data: Bytes, start: Places, end: Places
) -> tuple[tuple[NDArray[Any], ...], int] | None:
    """What a loop tells of texts, and how many are too long for it; None where there is none."""
    kernel = kernel_of(data)
    if kernel is None:
        return None
    lines = Lines(start, end, is_raw=False, levels=NO_LEVELS)
    read = kernel.signs(data, lines, WHOLE, signing({TAIL: sign}))
    if read is None:
        return None
    (told,), _, _, long = read
    return told, long


def _plainly(data: Bytes, start: Places, length: Places) -> Words:
    """The numbers of texts, without the kernel."""
    words = np.ndarray((len(data) - 15,), "V16", data, strides=(1,))
    # The longest first: those that go on are always the first so many.
    size = np.where(start < 0, -1, length).astype(np.int16)
    order = np.argsort(-size, kind="stable")[: int((size >= 0).sum())]
    at, left = start[order], length[order]
    number = _KEYS[1] ^ left.astype(np.uint64)
    rounds = np.maximum(left - 1, 0) >> 4
    for done, count in enumerate(np.cumsum(np.bincount(rounds)[::-1])[::-1][1:]):
        one, other = words[at[:count] + 16 * done].view(np.uint64).reshape(-1, 2).T
        number[:count] = _mixed(one ^ _KEYS[0], other ^ number[:count])
    # The last 16 bytes, or all there are.
    one, other = words[at + np.maximum(left - 16, 0)].view(np.uint64).reshape(-1, 2).T
    one, other = one & KEEP[np.minimum(left, 8)], other & KEEP[np.clip(left - 8, 0, 8)]
    number = _mixed(_mixed(one ^ _KEYS[0], other ^ number) ^ _KEYS[2], _KEYS[0])
    answer = np.zeros(len(start), np.uint64)
    answer[order] = np.maximum(number, 1)
    return answer


def _mixed(one: Words, other: Words | np.uint64) -> Words:
    """Both halves of a product as one number."""
    high, other_high = one >> _HALF, other >> _HALF
    low, other_low = one & _LOW, other & _LOW
    middle, other_middle = high * other_low, low * other_high
    carried = (low * other_low >> _HALF) + (middle & _LOW) + (other_middle & _LOW)
    above = high * other_high + (middle >> _HALF) + (other_middle >> _HALF) + (carried >> _HALF)
    mixed: Words = (one * other) ^ above
    return mixed
