"""Ahead: blocks of compressed files come in order, whatever happens to those who read or take."""

from __future__ import annotations

import gzip
import threading
from itertools import islice
from pathlib import Path

import pytest

from logtool.sources.ahead import blocks_in_order
from logtool.sources.source import Source
from parsers.blocks import BLOCK_SIZE, Block


def sources(folder: Path, kinds: str) -> list[Source]:
    """Plain (p) and compressed (z) files of different lines, of more than a block each."""
    made = []
    for number, kind in enumerate(kinds):
        raw = b"%d: a line that comes again and again\n" % number * (BLOCK_SIZE // 25)
        path = folder / str(number)
        path.write_bytes(gzip.compress(raw, 1) if kind == "z" else raw)
        made.append(Source(str(path)))
    return made


def running() -> list[threading.Thread]:
    """Threads that still read ahead."""
    return [thread for thread in threading.enumerate() if thread.name == "ahead"]


@pytest.mark.parametrize("kinds", ["", "p", "z", "zz", "zpz", "pzzzp"])
def test_everything_comes_in_order(tmp_path: Path, kinds: str) -> None:
    """Every block of each source as it gives them itself, and no thread stays."""
    opened = sources(tmp_path, kinds)

    def said(number: int, block: Block) -> tuple[int, int, int, bytes]:
        return number, block.offset, block.first_line, block.data.tobytes()

    got = [said(number, block) for number, block in blocks_in_order(opened)]
    assert got == [
        said(number, block) for number, source in enumerate(opened) for block in source.blocks()
    ]
    assert not running()


def test_who_takes_no_more_ends_the_reading(tmp_path: Path) -> None:
    """No thread goes on, or waits, for nobody."""
    blocks = blocks_in_order(sources(tmp_path, "zz"))
    assert len(list(islice(blocks, 1))) == 1
    assert running()
    blocks.close()  # type: ignore[attr-defined] # a generator
    assert not running()


def test_a_fault_is_raised_where_blocks_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not get lost in its thread."""
    opened = sources(tmp_path, "z")

    def broken(self: Source, size: int = BLOCK_SIZE) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(Source, "blocks", broken)
    with pytest.raises(RuntimeError, match="broken"):
        list(blocks_in_order(opened))
    assert not running()
