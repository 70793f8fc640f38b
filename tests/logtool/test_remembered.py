"""Stamps kept for the second pass."""

from __future__ import annotations

import errno
import os
import pickle
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.remembered import RememberedStamps
from logtool.sources.packing import Memory
from parsers.blocks import Block
from parsers.built_in import HTTPD_24
from parsers.decode import Decoder
from parsers.lines import Stamps

LINES = st.lists(
    st.sampled_from([
        b"",
        b"raw",
        b"[Fri Jun 05 10:42:36.978307 2026] [core:error] [pid 4711] AH02182: text",
        b"[Fri Jun 05 10:42:37.000001 2026] [core:error] [pid 99999999] text",
        b"[Wed Dec 31 23:59:59.999999 9999] [core:error] [pid 1] text",
        b"[2026-06-05 08:42:36.978307 +0000] [core:error] [pid 4711] text",
    ])
)  # fmt: skip


@given(LINES, st.integers(0, 9))
def test_recalled_as_they_were(lines: list[bytes], left: int) -> None:
    """Packing loses nothing, whatever stands in the lines, in memory or in a file."""
    block = Block.of(b"\n".join(lines), offset=7)
    stamps = Decoder([HTTPD_24]).stamps(block)
    remembered = RememberedStamps(Memory(left))

    remembered.keep(block, stamps)
    recalled = remembered.recall(block)

    assert recalled is not None
    for field in fields(Stamps):
        before, after = getattr(stamps, field.name), getattr(recalled, field.name)
        assert after.dtype == before.dtype
        np.testing.assert_array_equal(after, before)


@given(st.sampled_from(["", "raw", "\r"]), st.integers(1, 9))
def test_lines_that_no_layout_reads(text: str, count: int) -> None:
    """They take no room, and come back, and from a child, as such lines among others are told."""
    line = text.encode()
    block = Block.of(b"\n".join([line] * count) + b"\n")
    other = b"[Fri Jun 05 10:42:36.978307 2026] [core:error] [pid 4711] AH02182: text\n"
    beside = Block.of(block.data[: block.size].tobytes() + other)
    decoder = Decoder([HTTPD_24])
    stamps, told = decoder.stamps(block), decoder.stamps(beside)
    memory = Memory()
    room, remembered = memory.left, RememberedStamps(memory)
    remembered.keep(block, stamps)
    recalled = remembered.recall(block)

    assert memory.left == room
    for one in (stamps, recalled, pickle.loads(pickle.dumps(stamps))):
        for field in fields(Stamps):
            wanted = getattr(told, field.name)[:count]
            assert getattr(one, field.name).dtype == wanted.dtype
            assert getattr(one, field.name).tolist() == wanted.tolist()


def test_room_is_limited() -> None:
    """Without room nothing is kept, and the second pass reads again."""
    block = Block.of(b"[Fri Jun 05 10:42:36.978307 2026] [core:error] [pid 4711] text\n")
    remembered = RememberedStamps(Memory(left=0, file_left=0))

    remembered.keep(block, Decoder([HTTPD_24]).stamps(block))

    assert remembered.recall(block) is None


@pytest.mark.parametrize("broken", ["pwrite", "preadv"])
def test_a_file_that_fails(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk, or one that cannot be read, is no fault: the log is read again."""
    lines = b"[Fri Jun 05 10:42:36.978307 2026] [core:error] [pid 4711] text\n" * 2
    block = Block.of(lines + lines.replace(b"4711", b"12"))
    remembered = RememberedStamps(Memory(left=0))

    def failing(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, broken, failing)
    remembered.keep(block, Decoder([HTTPD_24]).stamps(block))

    assert remembered.recall(block) is None
