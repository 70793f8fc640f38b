"""Hashing: takes places in a block's bytes, gives one number for each text there.

Words of a text are multiplied with each other, as wyhash does, after keys that are drawn for each
run of the program: nobody can write two texts that share a number. The kernel gives the same ones.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from logtool.run_seed import SEED
from parsers.kernel import kernel_of
from parsers.scanning import KEEP, port_length

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Words = NDArray[np.uint64]

_SEED = SEED.to_bytes(8, "little")
_KEYS = np.frombuffer(blake2b(_SEED, digest_size=24).digest(), np.uint64)
#: Numbers are mixed by multiplying them with these, as SplitMix64 does.
ODD, SPREAD = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
#: Longer texts, of which there are few, are hashed one by one.
_LONG = 1024
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
    kernel = kernel_of(data)
    if kernel is not None and kernel.has_room(len(start)):
        numbers, count = kernel.hashes(data, start, end, _KEYS, _LONG)
        if not count:
            return numbers
    else:
        length = end - start
        numbers = _plainly(data, np.where(length > _LONG, -1, start), length)
    long = np.flatnonzero((end - start > _LONG) & (start >= 0))
    for row, begin, stop in zip(
        long.tolist(), start[long].tolist(), end[long].tolist(), strict=True
    ):
        told = blake2b(data[begin:stop].data, digest_size=8, key=_SEED).digest()
        numbers[row] = int.from_bytes(told, "little") or 1
    return numbers


def client_hashes(data: Bytes, start: Places, end: Places) -> tuple[Words, Words]:
    """Two numbers for each text that may end in a port: without it, and with it; 0 for none.

    Ports are many, and addresses few: only those are worth remembering.

    Args:
        data: uint8, with at least 15 readable bytes after the last place.
        start: int64[n], negative for none.
        end: int64[n].
    """
    kernel = kernel_of(data)
    if kernel is not None and kernel.has_room(len(start)):
        address, client, long = kernel.ported(data, start, end, _KEYS, _LONG)
        if not long:
            return address, client
    there = start >= 0
    words = np.ndarray((len(data) - 7,), "V8", data, strides=(1,))
    word = words[np.maximum(end - 8, 0)].view(np.uint64) << (8 * np.maximum(8 - end, 0)).astype(
        np.uint64
    )
    port = port_length(word)
    port[~there | (port > end - start)] = 0
    address = hashes(data, start, end - port)
    told = (word & ~KEEP[8 - port]) * SPREAD
    mixed = (address ^ (told ^ (told >> np.uint64(29)))) * ODD
    return address, np.where(there, mixed ^ (mixed >> _HALF), np.uint64(0))


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
    left = left - 16 * rounds
    one, other = words[at + 16 * rounds].view(np.uint64).reshape(-1, 2).T
    one, other = one & KEEP[np.minimum(left, 8)], other & KEEP[np.maximum(left - 8, 0)]
    number = _mixed(_mixed(one ^ _KEYS[0], other ^ number) ^ _KEYS[2], _KEYS[0])
    answer = np.zeros(len(start), np.uint64)
    answer[order] = np.maximum(number, 1)
    return answer


def _mixed(one: Words, other: Words | np.uint64) -> Words:
    """Both halves of a product, but for a carry, as one number."""
    high, other_high = one >> _HALF, other >> _HALF
    above = high * other_high
    above += (high * (other & _LOW)) >> _HALF
    above += (other_high * (one & _LOW)) >> _HALF
    mixed: Words = (one * other) ^ above
    return mixed
