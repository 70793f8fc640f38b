"""What comes out of a source: every byte, the same on each pass."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import os
import re
import sys
import tarfile
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.errors import ReadError
from logtool.sources import heads, raw
from logtool.sources.opening import open_sources
from logtool.sources.reading import read_blocks
from logtool.sources.source import Source
from parsers.blocks import Block, cut_blocks

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LINES = b"".join(b"[Fri Jun 05 10:42:36.978307 2026] [core:error] %d\n" % i for i in range(9000))

COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd.compress,
}


def everything(source: Source) -> bytes:
    """All bytes of a source."""
    return b"".join(block.data[: block.size].tobytes() for block in source.blocks())


def store(path: Path, stored: bytes) -> Source:
    """A source of a file with these stored bytes."""
    path.write_bytes(stored)
    return Source(str(path))


class TestBlocks:
    """Blocks are read straight into their buffers."""

    @given(
        st.lists(st.sampled_from([b"", b"a", b"\r", b"\0\xff", b"b" * 9, b"\n"])),
        st.integers(1, 7),
        st.integers(1, 9),
    )
    def test_agree_with_the_plain_way(self, texts: list[bytes], step: int, most: int) -> None:
        """Reading in place gives the blocks that cutting a stream of chunks gives."""
        raw = b"\n".join(texts)
        place = 0

        def fill(view: memoryview) -> int:
            nonlocal place
            piece = raw[place : place + min(step, len(view))]
            view[: len(piece)] = piece
            place += len(piece)
            return len(piece)

        blocks = list(read_blocks(fill, 16, most=most))

        assert all(len(block) <= most for block in blocks)
        assert raw == b"".join(b.data[: b.size].tobytes() for b in blocks)
        assert all(not b.data[b.size :].any() for b in blocks)
        assert [b"".join(rows) for rows in _lines(blocks)] == raw.removesuffix(b"\n").split(b"\n")
        assert _numbers(blocks) == _numbers(cut_blocks([raw], 1 << 20))


def _lines(blocks: list[Block]) -> list[list[bytes]]:
    """Lines with their torn pieces put together again."""
    lines: list[list[bytes]] = []
    for block in blocks:
        for row in range(len(block)):
            if row == 0 and block.torn_head:
                lines[-1].append(block.line(row))
            else:
                lines.append([block.line(row)])
    return lines or [[b""]]


def _numbers(blocks: object) -> int:
    """How many lines were counted."""
    last = 0
    for block in blocks:  # type: ignore[attr-defined]
        last = block.first_line + len(block) - 1
    return last


@given(
    st.lists(st.text("ab", max_size=5), max_size=8), st.integers(0, 50), st.integers(1, 50),
    st.booleans(),
)  # fmt: skip
def test_some_lines(texts: list[str], place: int, size: int, is_ended: bool) -> None:
    """Lines about a place are whole, and all behind it come from where one of them begins."""
    with tempfile.TemporaryDirectory() as name:
        raw = ("\n".join(texts) + "\n" * is_ended).encode()
        with closing(store(Path(name) / "log", raw)) as source:
            found = source.lines_at(place, size)
            lines = found.data[: found.size].tobytes()
            behind = [*source.blocks_behind(found.offset, 3)]
    begin = found.offset

    assert raw[begin : begin + len(lines)] == lines
    assert not lines or begin == 0 or raw[begin - 1 : begin] == b"\n"
    assert not lines or lines.endswith(b"\n") or begin + len(lines) == len(raw)
    inner = raw[place : place + size].split(b"\n")[1 if place else 0 :]
    whole = inner if place + size >= len(raw) else inner[:-1]
    assert [line for line in lines.split(b"\n") if line] == [*filter(None, whole)]
    assert b"".join(block.data[: block.size].tobytes() for block in behind) == raw[begin:]


class TestCompressed:
    """Compression is known by content, and every byte before a fault is kept."""

    @pytest.mark.parametrize("kind", COMPRESSORS)
    def test_opened_by_content(self, tmp_path: Path, kind: str) -> None:
        """The name of a compressed file does not matter, and it reads the same twice."""
        source = store(tmp_path / "error.log", COMPRESSORS[kind](LINES))

        assert kind == source.compression
        assert LINES == everything(source) == everything(source)
        assert source.complete

    @pytest.mark.parametrize("kind", COMPRESSORS)
    def test_several_members(self, tmp_path: Path, kind: str) -> None:
        """Members appended to one another, and zeros after the last, read as one."""
        member = COMPRESSORS[kind]
        source = store(
            tmp_path / "log", member(LINES) + member(b"") + member(b"tail") + b"\0" * 512
        )

        assert everything(source) == LINES + b"tail"
        assert source.complete

    @pytest.mark.parametrize("kind", COMPRESSORS)
    def test_cut_short(self, tmp_path: Path, kind: str) -> None:
        """A truncated file gives what it holds and a fault with its place."""
        stored = COMPRESSORS[kind](LINES)
        source = store(tmp_path / "log", stored[: len(stored) - 3])

        assert LINES.startswith(everything(source))
        assert ["ends early" in str(fault) for fault in source.faults] == [True]

    @pytest.mark.parametrize("kind", COMPRESSORS)
    def test_rubbish_after_the_last_member(self, tmp_path: Path, kind: str) -> None:
        """What follows the compressed data and is none is told with its place."""
        stored = COMPRESSORS[kind](LINES)
        source = store(tmp_path / "log", stored + b"plain text")

        assert everything(source) == LINES
        assert [len(stored)] == [fault.place for fault in source.faults]

    def test_broken_gzip_keeps_every_byte_before_the_fault(self, tmp_path: Path) -> None:
        """A decoder drops its output when it fails; the part before the broken byte is kept."""
        random = os.urandom(200_000)
        stored = bytearray(gzip.compress(random))
        stored[100_000] ^= 0xFF  # random bytes are stored uncompressed: only the checksum fails
        source = store(tmp_path / "log", bytes(stored))

        assert len(random) == len(everything(source))
        assert not source.complete

    def test_broken_text_gzip(self, tmp_path: Path) -> None:
        """Broken deflate data gives a right beginning and one fault."""
        stored = bytearray(gzip.compress(LINES, 1))
        half = len(stored) // 2
        stored[half : half + 64] = b"\xff" * 64
        source = store(tmp_path / "log", bytes(stored))

        kept = everything(source)

        agree = next(
            (i for i, (a, b) in enumerate(zip(kept, LINES, strict=False)) if a != b), len(kept)
        )
        assert agree > len(LINES) // 3
        assert len(source.faults) == 1

    def test_time_in_the_gzip_header_counts(self, tmp_path: Path) -> None:
        """A copied .gz keeps the log's own last write in its header."""
        source = store(tmp_path / "log", gzip.compress(LINES, mtime=1_780_000_000))
        silent = store(tmp_path / "silent", gzip.compress(LINES, mtime=0))

        assert source.mtime_us == 1_780_000_000_000_000
        assert silent.mtime_us == (tmp_path / "silent").stat().st_mtime_ns // 1000


class TestForeign:
    """Compressed data of kinds that are not read is no text."""

    @pytest.mark.parametrize(
        ("head", "told"),
        [
            (
                b"PK\x03\x04\x14\0\0\0\x08\0",
                "a zip archive, which is not read here; unpack it into a new folder: mkdir FOLDER "
                "&& unzip FILE -d FOLDER && errlog ... FOLDER",
            ),
            (b"PK\x05\x06" + b"\0" * 18, "a zip archive"),
            (b"7z\xbc\xaf\x27\x1c\0\x04", "a 7z archive"),
            (b"Rar!\x1a\x07\x01\0", "a RAR archive"),
            (b"\x04\x22\x4d\x18\x64\x40", "lz4 data"),
            (b"\x1f\x9d\x90[\xa8", "compress"),
            (lzma.compress(LINES, lzma.FORMAT_ALONE), "lzma data"),
            (b"LZIP\x01\x0c", "lzip data"),
            (b"\x89LZO\0\r\n\x1a\n\x10", "lzop data"),
            (
                codecs.BOM_UTF16_LE + LINES.decode().encode("utf-16-le"),
                "UTF-16 text, which is not read here; convert it: iconv -f UTF-16 -t UTF-8 FILE |",
            ),
            (codecs.BOM_UTF16_BE + LINES.decode().encode("utf-16-be"), "UTF-16 text"),
        ],
        ids=lambda given: given if isinstance(given, str) else "",
    )
    def test_refused(self, head: bytes, told: str, tmp_path: Path) -> None:
        """It is told what it is and what to do; beside others it is left out, and is a fault."""
        path = tmp_path / "log"
        with pytest.raises(ReadError, match=f"log: {re.escape(told)}"):
            store(path, head)

        source = Source(str(path), needed=False)
        assert everything(source) == b""
        assert not source.is_open
        assert [str(fault).endswith("; left out") for fault in source.faults] == [True]

    @pytest.mark.parametrize("stored", [bytes, gzip.compress, bz2.compress, lzma.compress])
    def test_tar(self, stored: Callable[[bytes], bytes], tmp_path: Path) -> None:
        """An archive is known by its content, compressed or not."""
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as packed:
            packed.addfile(tarfile.TarInfo("error.log"))

        with pytest.raises(
            ReadError,
            match="a tar archive, which is not read here; unpack it into a new folder: mkdir ",
        ):
            store(tmp_path / "log", stored(archive.getvalue()))

    def test_zip_that_python_makes(self, tmp_path: Path) -> None:
        """A zip file is known by its content, whatever its name; the other log is read."""
        with ZipFile(tmp_path / "error.log.1", "w") as packed:
            packed.writestr("error.log", LINES)
        (tmp_path / "error.log").write_bytes(LINES)

        with open_sources([str(tmp_path)], all_needed=False) as sources:
            assert [everything(source) for source in sources] == [b"", LINES]
            assert len(sources[0].faults) == 1

    def test_text_that_begins_alike(self, tmp_path: Path) -> None:
        """Lines that begin as archives nearly do are lines."""
        for text in (b"PK\n", b"7z x\n", b"Rar!\n", b"LZIP\n", b"]\0\0]\n", b"\xff\xfe[\n",
                     b"\xfe\xff\0\0\0\0\0\0\n"):  # fmt: skip
            assert everything(store(tmp_path / "log", text)) == text


class TestChangingFiles:
    """Both passes see the same bytes."""

    def test_growing(self, tmp_path: Path) -> None:
        """What is appended after opening is not seen in either pass."""
        path = tmp_path / "log"
        source = store(path, LINES)
        with path.open("ab") as log:
            log.write(b"later\n")

        assert everything(source) == LINES

    def test_renamed_between_passes(self, tmp_path: Path) -> None:
        """Rotation by rename does not change what is read."""
        path = tmp_path / "log"
        source = store(path, LINES)
        everything(source)
        path.rename(tmp_path / "log.1")
        path.write_bytes(b"new\n")

        assert everything(source) == LINES

    def test_truncated(self, tmp_path: Path) -> None:
        """A file cut short under us gives what is left, and a fault that says how much is gone."""
        path = tmp_path / "log"
        source = store(path, LINES)
        os.truncate(path, 1000)

        assert LINES[:1000] == everything(source)
        assert [f"{len(LINES) - 1000} bytes are gone" in str(f) for f in source.faults] == [True]

    def test_written_anew(self, tmp_path: Path) -> None:
        """Of a file that others begin anew under us, what they write there is not given."""
        path = tmp_path / "log"
        source = store(path, LINES)
        assert everything(source) == LINES
        path.write_bytes(b"new\n")

        assert everything(source) == b""
        assert [
            f"byte 0: cut short while being read, {len(LINES)} " in str(f) for f in source.faults
        ]

    @pytest.mark.parametrize("stored", [bytes, gzip.compress])
    @pytest.mark.parametrize("size", [0.5, 1, 2])
    @pytest.mark.parametrize("read", [False, True])
    def test_written_over(
        self, read: bool, size: float, stored: Callable[[bytes], bytes], tmp_path: Path
    ) -> None:
        """The same before its first reading and after, however long the file is again."""
        path = tmp_path / "log"
        source = store(path, stored(LINES))
        if read:
            assert everything(source) == LINES
        other = os.urandom(int(path.stat().st_size * size))
        path.write_bytes(other)

        assert everything(source) == b""
        what = "cut short" if size < 1 else "written over"
        assert f"{what} while being read" in str(source.faults[0])

    def test_written_over_and_emptied(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The same where it is empty again as soon as that was read."""
        path = tmp_path / "log"
        source = store(path, LINES)
        path.write_bytes(b"new\n" * len(LINES))
        begins_so = heads.begins_so

        def emptied(fd: int, head: bytes, begin: int) -> bool:
            os.truncate(path, 0)
            return begins_so(fd, head, begin)

        monkeypatch.setattr(raw, "begins_so", emptied)

        assert everything(source) == b""
        assert "cut short while being read" in str(source.faults[0])


class TestPipes:
    """A pipe can be read twice."""

    def test_fifo(self, tmp_path: Path) -> None:
        """What came through a FIFO is there again on the second pass."""
        fifo = tmp_path / "fifo"
        os.mkfifo(fifo)
        writer = threading.Thread(target=fifo.write_bytes, args=(LINES,))
        writer.start()
        source = Source(str(fifo))

        assert LINES == everything(source) == everything(source)
        writer.join()
        source.close()

    def test_compressed_fifo(self, tmp_path: Path) -> None:
        """A compressed pipe is opened by content too."""
        fifo = tmp_path / "fifo"
        os.mkfifo(fifo)
        writer = threading.Thread(target=fifo.write_bytes, args=(gzip.compress(LINES),))
        writer.start()
        source = Source(str(fifo))

        assert LINES == everything(source) == everything(source)
        writer.join()
        source.close()

    def test_spool_limit(self, tmp_path: Path) -> None:
        """More than the limit is refused in one clear line."""
        fifo = tmp_path / "fifo"
        os.mkfifo(fifo)

        def write() -> None:
            with suppress(BrokenPipeError):
                fifo.write_bytes(LINES)

        writer = threading.Thread(target=write)
        writer.start()
        with (
            closing(Source(str(fifo), spool_limit=100_000)) as source,
            pytest.raises(ReadError, match="raise --spool-limit"),
        ):
            everything(source)
        writer.join(0.1)
