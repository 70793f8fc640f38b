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
from parsers.scanning import KEEP

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Words = NDArray[np.uint64]

_SEED = SEED.to_bytes(8, "little")
_KEYS = np.frombuffer(blake2b(_SEED, digest_size=24).digest(), np.uint64)
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
    length = end - start
    long = np.flatnonzero((length > _LONG) & (start >= 0))
    if kernel is not None and kernel.has_room(len(start)):
        numbers = kernel.hashes(data, start, end, _KEYS)
    elif len(long):
        numbers = _plainly(data, np.where(length > _LONG, -1, start), length)
    else:
        numbers = _plainly(data, start, length)
    for row, begin, stop in zip(
        long.tolist(), start[long].tolist(), end[long].tolist(), strict=True
    ):
        told = blake2b(data[begin:stop].data, digest_size=8, key=_SEED).digest()
        numbers[row] = int.from_bytes(told, "little") or 1
    return numbers


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
