"""Some lines of a block that was read before: the same bytes, or none where others stand there."""

from __future__ import annotations

import gzip
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.sources.line_index import LineIndex
from logtool.sources.source import Source
from parsers.blocks import BLOCK_SIZE, MOST_LINES, PADDING, Block

_LINES = st.lists(
    st.sampled_from([b"", b"a", b"\r", b"\0\xff", b"b" * 9, b"c" * 9_000]), min_size=1
)


def _read(path: Path, raw: bytes) -> tuple[Source, list[Block]]:
    """A source of a file with these bytes, and its blocks as they were read first."""
    path.write_bytes(raw)
    source = Source(str(path))
    source.index = LineIndex()
    return source, list(source.blocks())


@given(_LINES, st.booleans(), st.data())
def test_lines_are_those_of_their_block(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], ends: bool, data: st.DataObject
) -> None:
    """Where each is, and its bytes with its newline; also of a last line that has none."""
    raw = b"\n".join(lines) + b"\n" * ends
    source, blocks = _read(tmp_path_factory.mktemp("some") / "a.log", raw)
    with closing(source):
        for place, block in zip(source.places(), blocks, strict=True):
            every = list(range(len(block)))
            rows = np.array(sorted(data.draw(st.sets(st.sampled_from(every)))), np.int64)
            some = source.unread(place)
            assert some is not None
            some.data[:] = 1
            assert source.read_lines(some, rows)
            assert (some.first_line, some.offset, some.size) == (1, 0, block.size)
            assert some.checksum == block.checksum
            assert np.array_equal(some.starts, block.starts)
            assert np.array_equal(some.ends, block.ends)
            for row in rows.tolist():
                one = slice(block.starts[row], min(block.ends[row] + 1, block.size))
                assert some.data[one].tobytes() == block.data[one].tobytes()


def test_short_lines_are_read_again_once(tmp_path: Path) -> None:
    """A block that so many short lines fill is read again without what stands behind it."""
    raw = b"\n" * 200_000 + b"".join(b"%d\n" % n for n in range(200_000))
    source, blocks = _read(tmp_path / "a.log", raw)
    with closing(source):
        places = list(source.places())
        assert [place.offset for place in places] == [block.offset for block in blocks]
        assert [len(block) for block in blocks] == [MOST_LINES] * 6 + [400_000 % MOST_LINES]
        assert [place.filled for place in places] == [block.size for block in blocks]
        for place, block in zip(places, blocks, strict=True):
            data = np.empty(BLOCK_SIZE + PADDING, np.uint8)
            again = source.block_at(place, data)
            assert again.checksum == block.checksum
            assert again.data.tobytes() == block.data.tobytes()
            assert again.starts.tolist() == block.starts.tolist()


def test_each_block_is_at_its_own_place(tmp_path: Path) -> None:
    """Of a log of several blocks, plain or compressed, the lines of each with their numbers."""
    raw = b"".join(b"line %d %s\n" % (i, b"x" * (i % 300)) for i in range(60_000))
    for name, stored in (("plain.log", raw), ("a.log.gz", gzip.compress(raw, 1))):
        source, blocks = _read(tmp_path / name, stored)
        with closing(source):
            windows = (
                source.windows() if source.compression else ((x, None) for x in source.places())
            )
            for (place, bytes_there), block in zip(windows, blocks, strict=True):
                rows = np.array([0, 7, 8, len(block) - 1])
                some = source.unread(place)
                assert some is not None
                assert source.read_lines(some, rows, bytes_there)
                assert some.first_line == block.first_line
                assert [some.line(row) for row in rows] == [block.line(row) for row in rows]
            assert len(blocks) > 1


@pytest.mark.parametrize("changed", [b"x\n" * 500, b"x" * 1000, b"", b"y" * 9 + b"\n"])
def test_other_lines_are_not_taken_for_those_before(tmp_path: Path, changed: bytes) -> None:
    """Where a log was cut short, or written over with lines of other lengths."""
    source, _ = _read(path := tmp_path / "a.log", b"0123456789 and more\n" * 50)
    with closing(source):
        (place,) = source.places()
        some = source.unread(place)
        assert some is not None
        path.write_bytes(changed)
        assert not source.read_lines(some, np.array([3, 40]))


def test_what_is_not_known_is_not_told(tmp_path: Path) -> None:
    """Without an index, and of a block that was not read."""
    source, _ = _read(tmp_path / "a.log", b"one\ntwo\n")
    with closing(source):
        (place,) = source.places()
        source.index = LineIndex()
        assert source.unread(place) is None
        source.index = None
        assert source.unread(place) is None
