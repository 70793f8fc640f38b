"""Compression: takes stored bytes that begin like gzip, bzip2, xz or zstd, gives what they hold."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from functools import partial
from types import ModuleType
from typing import NamedTuple, Protocol

from logtool.sources.raw import Fault, Raw
from parsers.classes import dataclass

#: Stored bytes given to a decoder at once.
_STEP = 64 << 10
#: Most bytes taken from a decoder at once, so that a decompression bomb stays small in memory.
_PIECE = 1 << 20


class _Decoder(Protocol):
    """What bz2, lzma and zstd decompressors share."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _GzipDecoder:
    """One gzip member, with the manners of the other decompressors."""

    def __init__(self, zlib: ModuleType) -> None:
        """Take zlib, or what has the same interface."""
        self._inner = zlib.decompressobj(31)  # 16 + 15: a gzip header, the largest window
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        piece: bytes = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = not self._inner.unconsumed_tail and len(piece) < max_length
        return piece


class Means(NamedTuple):
    """What undoes one way of compressing.

    Attributes:
        decoder: makes a decompressor of one member.
        errors: what that raises when the data is broken.
    """

    decoder: Callable[[], _Decoder]
    errors: tuple[type[Exception], ...]


# Each is loaded when a log needs it.


def _gzip() -> Means:
    try:
        from isal import isal_zlib as zlib
    except ImportError:  # no wheel for this machine: the same interface, a third of the speed
        import zlib  # type: ignore[no-redef]
    return Means(partial(_GzipDecoder, zlib), (zlib.error,))  # type: ignore[arg-type]


def _bzip2() -> Means:
    import bz2

    return Means(bz2.BZ2Decompressor, (OSError, ValueError))


def _xz() -> Means:
    import lzma

    return Means(partial(lzma.LZMADecompressor, lzma.FORMAT_XZ), (lzma.LZMAError,))


def _zstd() -> Means:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return Means(zstd.ZstdDecompressor, (zstd.ZstdError,))


@dataclass(frozen=True, slots=True)
class Compression:
    """One way of compressing.

    Attributes:
        name: for people.
        magic: what stored bytes of this kind begin with.
        means: gives what undoes it.
    """

    name: str
    magic: re.Pattern[bytes]
    means: Callable[[], Means]


#: Longest magic of a compression, in bytes.
MAGIC_SIZE = 10
#: Longest magic of what is not read here: of a tar archive (POSIX ustar, "magic").
FOREIGN_SIZE = 262
#: Stored bytes that tell so many, mostly; and also where bzip2 has made a long block of them.
_FEW, _ENOUGH = 4 << 10, 256 << 10

COMPRESSIONS = (
    Compression("gzip", re.compile(rb"\x1f\x8b\x08"), _gzip),
    Compression("bzip2", re.compile(rb"BZh[1-9](?:1AY&SY|\x17\x72\x45\x38\x50\x90)"), _bzip2),
    Compression("xz", re.compile(rb"\xfd7zXZ\x00"), _xz),
    # RFC 8878: a frame, or a skippable frame before it
    Compression("zstd", re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"), _zstd),
)


def compression_of(head: bytes) -> Compression | None:
    """The compression whose bytes these first MAGIC_SIZE or more are, if any."""
    return next((known for known in COMPRESSIONS if known.magic.match(head)), None)


@dataclass(frozen=True, slots=True)
class Foreign:
    """One way of storing lines that is not read here.

    Attributes:
        name: for people.
        magic: what stored bytes of this kind begin with.
        program: writes what they hold to its standard output; of an archive, whose members may be
            a rotated set, and compressed each, into a FOLDER.
        verb: what that does.
    """

    name: str
    magic: re.Pattern[bytes]
    program: str
    verb: str = "unpack"

    def __str__(self) -> str:
        """What it is and what to do, for people."""
        cure = f"it: {self.program} FILE | errlog ..."
        if "FOLDER" in self.program:
            cure = f"it into a new folder: mkdir FOLDER && {self.program} && errlog ... FOLDER"
        return f"{self.name}, which is not read here; {self.verb} {cure}"


_FOREIGN = (
    Foreign("a zip archive", re.compile(rb"PK(?:\x03\x04|\x05\x06)"), "unzip FILE -d FOLDER"),
    Foreign("a 7z archive", re.compile(rb"7z\xbc\xaf\x27\x1c"), "7z x -oFOLDER FILE"),
    Foreign("a RAR archive", re.compile(rb"Rar!\x1a\x07"), "unrar x FILE FOLDER/"),
    Foreign("a tar archive", re.compile(rb".{257}ustar", re.DOTALL), "tar -xf FILE -C FOLDER"),
    Foreign("lz4 data", re.compile(rb"\x04\x22\x4d\x18|\x02\x21\x4c\x18"), "lz4 -dc"),
    Foreign("compress (.Z) data", re.compile(rb"\x1f\x9d"), "gzip -dc"),
    Foreign("lzma data", re.compile(rb"\x5d\x00\x00..\xff{5}", re.DOTALL), "xz -dc"),
    Foreign("lzip data", re.compile(rb"LZIP\x01"), "lzip -dc"),
    Foreign("lzop data", re.compile(rb"\x89LZO\x00\r\n\x1a\n"), "lzop -dc"),
    # What PowerShell's > makes of a log: its mark, and letters of two bytes.
    Foreign(
        "UTF-16 text",
        re.compile(rb"\xff\xfe(?:[^\0]\0){3}|\xfe\xff(?:\0[^\0]){3}"),
        "iconv -f UTF-16 -t UTF-8",
        "convert",
    ),
)


def foreign_kind(head: bytes, more: Callable[[int], bytes]) -> Foreign | None:
    """What a file is, if it is not read here.

    Args:
        head: its first FOREIGN_SIZE bytes; with fewer less is known.
        more: gives as many of its first bytes, as far as there are so many.
    """
    if kind := compression_of(head):
        means = kind.means()
        for size in (_FEW, _ENOUGH):
            with suppress(*means.errors):
                head = means.decoder().decompress(more(size), FOREIGN_SIZE)
            if len(head) == FOREIGN_SIZE:
                break
    return next((kind for kind in _FOREIGN if kind.magic.match(head)), None)


class _Member:
    """One compressed member while it is read: its start, how far, where the last step began."""

    def __init__(self, raw: Raw, kind: Compression, start: int) -> None:
        self.raw = raw
        self.kind = kind
        self.means = kind.means()
        self.start = start
        self.place = start
        self.step = start
        self.ended = False

    def pieces(self, careful_from: int | None = None) -> Iterator[bytes]:
        """Decompress from the start; byte by byte from `careful_from` on."""
        decoder = self.means.decoder()
        self.place = self.start
        while not decoder.eof:
            self.step = self.place
            careful = careful_from is not None and self.place >= careful_from
            data = stored(self.raw, self.place, 1 if careful else _STEP)
            piece = decoder.decompress(data, _PIECE)
            self.place += len(data)
            yield piece
            while not decoder.eof and not decoder.needs_input:
                piece = decoder.decompress(b"", _PIECE)
                yield piece
                if not piece:
                    break
            if not data:
                return
        self.place -= len(decoder.unused_data)
        self.ended = True


def stored(raw: Raw, place: int, count: int) -> bytes:
    """Up to `count` stored bytes from `place` on; fewer only at the end."""
    buffer = bytearray(count)
    filled = 0
    while filled < count and (got := raw.read_at(memoryview(buffer)[filled:], place + filled)):
        filled += got
    return bytes(memoryview(buffer)[:filled])


def decompress(raw: Raw, kind: Compression, on_fault: Callable[[Fault], None]) -> Iterator[bytes]:
    """Give what the members of a compressed file hold, in pieces, to the last byte before a fault.

    Zero bytes after a member are padding (tape blocks, `xz` streams). Anything else there, broken
    data and an early end are told to `on_fault`, and end the iteration.
    """
    place: int | None = 0
    while place is not None and (head := stored(raw, place, MAGIC_SIZE)):
        if not kind.magic.match(head):
            on_fault(Fault(raw.name, place, f"this is not {kind.name} data, left out to the end"))
            return
        place = yield from _one_member(_Member(raw, kind, place), on_fault)


def _one_member(
    member: _Member, on_fault: Callable[[Fault], None]
) -> Generator[bytes, None, int | None]:
    """Give one member's bytes; returns where the next one begins, or None after a fault."""
    given = 0
    try:
        for piece in member.pieces():
            given += len(piece)
            yield piece
    except member.means.errors as fault:
        yield from _rest_before_fault(member, given)
        text = f"{member.kind.name} data is broken here ({fault}), left out to the end"
        on_fault(Fault(member.raw.name, member.place, text))
        return None
    if not member.ended:
        text = f"{member.kind.name} data ends early, its last lines are missing"
        on_fault(Fault(member.raw.name, member.place, text))
        return None
    return _after_zeros(member.raw, member.place)


def _rest_before_fault(member: _Member, given: int) -> Iterator[bytes]:
    """What the failed step held before the fault: a decoder that fails drops its output with it."""
    try:
        for piece in member.pieces(careful_from=member.step):
            yield piece[given:]
            given = max(given - len(piece), 0)
    except member.means.errors:
        return


def _after_zeros(raw: Raw, place: int) -> int:
    while data := stored(raw, place, _STEP):
        rest = data.lstrip(b"\0")
        place += len(data) - len(rest)
        if rest:
            break
    return place
