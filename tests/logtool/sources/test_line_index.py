"""Line index: what is known of blocks from an earlier pass is used only while it is true."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.sources.line_index import LineIndex, checksum_of, with_lengths
from logtool.sources.packing import Memory
from logtool.sources.reading import read_blocks
from parsers.blocks import Block


def read(raw: bytes, size: int, index: LineIndex | None, most: int = 9) -> list[tuple[object, ...]]:
    """All that blocks of some bytes say, read with what an index knows."""
    place = 0

    def fill(view: memoryview) -> int:
        nonlocal place
        piece = raw[place : place + len(view)]
        view[: len(piece)] = piece
        place += len(piece)
        return len(piece)

    return [_said(block) for block in read_blocks(fill, size, index, most=most)]


def _said(block: Block) -> tuple[object, ...]:
    return (
        block.data.tobytes(), block.size, block.starts.tolist(), block.ends.tolist(),
        block.first_line, block.offset, block.torn_head, block.torn_tail,
    )  # fmt: skip


@given(st.binary(max_size=80).map(lambda raw: raw.replace(b"\x01", b"\n")), st.integers(0, 2**32))
def test_a_second_pass_gives_the_same(raw: bytes, seed: int) -> None:
    """Of the same bytes; and of bytes that were changed, cut or appended between the passes."""
    index = LineIndex()
    first = read(raw, 16, index)
    assert first == read(raw, 16, None)
    assert first == read(raw, 16, index)

    chance = random.Random(seed)
    changed = bytearray(raw)
    for _ in range(chance.randint(0, 2)):
        if changed:
            changed[chance.randrange(len(changed))] = chance.choice(b"\nx")
    del changed[chance.randint(0, 99) :]
    changed += bytes(chance.choices(b"\nx", k=chance.randint(0, 9)))
    assert read(bytes(changed), 16, index) == read(bytes(changed), 16, None)


@given(st.lists(st.sampled_from([0, 1, 254, 255, 65_534, 65_535]), min_size=1, max_size=9))
def test_lengths_that_a_reader_told(lengths: list[int]) -> None:
    """They are in few bytes, and places are told as if nobody had told them."""
    block = Block.of(b"".join(b"x" * length + b"\n" for length in lengths))
    data = block.data[: block.size]
    told = with_lengths(replace(block, checksum=checksum_of(data)))
    assert told.lengths is not None
    assert told.lengths.itemsize == (4 if 65_535 in lengths else 1 if max(lengths) < 255 else 2)
    index = LineIndex()
    index.keep(told)
    known = index.recall(0, checksum_of(data), data)
    assert known is not None
    size, *places = known
    assert size == block.size
    assert [one.dtype for one in places] == [np.int64, np.int64]
    assert [one.tolist() for one in places] == [block.starts.tolist(), block.ends.tolist()]


def test_room_is_limited() -> None:
    """Without room nothing is kept, and lines are looked for again."""
    memory = Memory(left=3, file_left=0)
    index = LineIndex(memory)
    raw = b"a\nbb\n" * 40
    assert read(raw, 16, index) == read(raw, 16, None)
    assert -16 < memory.left <= 0
    assert read(raw, 16, index) == read(raw, 16, None)


_UNREAD = """
from dataclasses import replace
from parsers.blocks import Block
from logtool.machine.heap import keep_freed_memory
from logtool.sources.line_index import LineIndex, with_lengths

def resident():
    with open("/proc/self/statm") as told:
        return int(told.read().split()[1]) << 12

keep_freed_memory()
index, small = LineIndex(), []
block = Block.of((b"x" * 4095 + b"\\n") * 1024)
index.keep(replace(with_lengths(block), checksum=0))
before = resident()
for _ in range(4):
    several = [index.unread(0) for _ in range(4)]
    for one in several:
        one.data.fill(1)
        small.append(bytes(200_000))
    del several, one
print(resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_blocks_whose_lines_were_read_leave_no_memory_behind() -> None:
    """Also where freed memory is kept, and something small is made while they are there."""
    left = int(subprocess.check_output([sys.executable, "-c", _UNREAD]))

    assert left < 8 << 20
