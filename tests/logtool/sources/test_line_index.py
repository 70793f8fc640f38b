"""Line index: what is known of blocks from an earlier pass is used only while it is true."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from logtool.sources.line_index import LineIndex
from logtool.sources.packing import Memory
from logtool.sources.source import read_blocks
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


def test_room_is_limited() -> None:
    """Without room nothing is kept, and lines are looked for again."""
    memory = Memory(left=3, file_left=0)
    index = LineIndex(memory)
    raw = b"a\nbb\n" * 40
    assert read(raw, 16, index) == read(raw, 16, None)
    assert -16 < memory.left <= 0
    assert read(raw, 16, index) == read(raw, 16, None)
