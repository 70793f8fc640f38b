"""Copies: takes the opened members of rotated sets, tells which hold nothing of their own.

Rotation leaves copies behind: `error.log.1` beside the `error.log.1.gz` that is being made of it,
or a backup under another number. Read twice, their lines would count twice.

Files under names of other logs are read, whatever they hold; it is only told that they are equal.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress

from logtool.sources.paths import STDIN, rotation
from logtool.sources.source import Source

#: Bytes compared at once, and as many as chance never makes alike.
_STEP, _TELLING = 64 << 10, 4 << 10
#: Nor does it make fewer alike in which so many times of day stand.
_TIME, _SEVERAL = re.compile(rb"\b\d\d:\d\d:\d\d\b"), 3


class Heads:
    """How sources begin: nothing is read, or decompressed, for that twice."""

    def __init__(self) -> None:
        self._known: dict[Source, bytes] = {}

    def of(self, source: Source) -> bytes:
        """The first bytes of a source, decompressed: as many as chance never makes alike."""
        if source not in self._known:
            self._known[source] = next(source.pieces(_TELLING), b"")
        return self._known[source]


def copies(sources: Sequence[Source], heads: Heads) -> dict[int, int]:
    """Which sources are whole in another member of their set: number -> number of that one.

    Members are compared byte by byte, but only where they begin alike. One is a copy if the other
    begins with all it holds, and chance is ruled out: by its length, or by names of the same age.
    The youngest member, which may still be written, is never one.
    """
    sets: dict[int, list[int]] = defaultdict(list)
    for number, source in enumerate(sources):
        sets[source.sequence].append(number)
    found: dict[int, int] = {}
    for members in sets.values():
        if len(members) > 1:
            begin = [heads.of(sources[number]) for number in members]
            for alike in _alike(begin, members):
                found |= _copies_among(sources, heads, alike, youngest=members[-1])
    return found


def equals(sources: Sequence[Source], heads: Heads) -> Iterator[tuple[int, int]]:
    """Files that hold, byte for byte, what one of another log does, in which chance is ruled out.

    Compressed or not is the same. Only those that begin alike are read, and of plain ones those of
    one size. Gives the numbers of each and of the first one that is equal.
    """
    if len({source.sequence for source in sources}) == 1:
        return
    files = [n for n, one in enumerate(sources) if one.is_stored and one.path != STDIN and one.size]
    plain = [number for number in files if not sources[number].compression]
    if len(plain) == len(files):
        sizes = Counter(sources[number].size for number in plain)
        files = [number for number in plain if sizes[sources[number].size] > 1]
    begin = [heads.of(sources[number]) for number in files]
    telling = [_is_telling(head, len(head)) for head in begin]
    for numbers in _alike(compress(begin, telling), compress(files, telling)):
        kept: list[int] = []
        for number in numbers:
            equal = next((one for one in kept if _is_equal(sources[one], sources[number])), None)
            if equal is None:
                kept.append(number)
            elif sources[equal].sequence != sources[number].sequence:
                yield number, equal


def _is_equal(one: Source, other: Source) -> bool:
    alike = one.compression == other.compression and one.size == other.size
    if alike and _end_together(one.stored_pieces(_STEP), other.stored_pieces(_STEP)):
        return True
    compressed = bool(one.compression or other.compression)
    return compressed and _end_together(one.pieces(_STEP), other.pieces(_STEP))


def _end_together(one: Iterator[bytes], other: Iterator[bytes]) -> bool:
    found = _compared(one, other)
    return found is not None and found[1] == 0


def _alike(heads: Iterable[bytes], numbers: Iterable[int]) -> Iterator[list[int]]:
    """Those that begin alike, where there are several."""
    begin: dict[bytes, list[int]] = defaultdict(list)
    for head, number in zip(heads, numbers, strict=True):
        begin[head].append(number)
    yield from (alike for head, alike in begin.items() if head and len(alike) > 1)


def _is_telling(head: bytes, length: int) -> bool:
    """Whether chance does not make so many bytes alike that begin so."""
    return length >= _TELLING or len(_TIME.findall(head[:length])) >= _SEVERAL


def _copies_among(
    sources: Sequence[Source], heads: Heads, numbers: Sequence[int], youngest: int
) -> dict[int, int]:
    found: dict[int, int] = {}
    kept: list[int] = []
    # A plain file is cheaper to read than its compressed copy, and knows when it was written.
    for number in sorted(numbers, key=lambda n: (n != youngest, bool(sources[n].compression), -n)):
        for at, other in enumerate(kept):
            shorter = _shorter(sources[number], sources[other], heads)
            if shorter is sources[number]:
                found[number] = other
            elif shorter is not None and other != youngest:
                found[other] = kept[at] = number
            else:
                continue
            break
        else:
            kept.append(number)
    return found


def _shorter(one: Source, other: Source, heads: Heads) -> Source | None:
    """Which of two ends first while both are alike (`one` if both end together), or None."""
    found = _compared(one.pieces(_STEP), other.pieces(_STEP))
    if found is None:
        return None
    if _age(one) != _age(other) and not _is_telling(heads.of(one), found[0]):
        return None
    return one if found[1] <= 0 else other


def _compared(one: Iterator[bytes], other: Iterator[bytes]) -> tuple[int, int] | None:
    """How long two are alike until one ends, and by how much more is known of the one then.

    Both come in pieces of one size; of two that end together that is 0. None where they differ.
    """
    length = 0
    while True:
        mine, theirs = next(one, b""), next(other, b"")
        common = min(len(mine), len(theirs))
        if mine[:common] != theirs[:common]:
            return None
        length += common
        if not common or len(mine) != len(theirs):
            return length, len(mine) - len(theirs)


def _age(source: Source) -> tuple[int, ...]:
    return rotation(source.path)[1]
