"""Gzip header: takes a file's first bytes, gives the time and the name that gzip wrote there."""

from __future__ import annotations

import struct

from parsers.classes import dataclass

_MAGIC = b"\x1f\x8b\x08"
_EXTRA, _NAME = 0x04, 0x08


@dataclass(frozen=True, slots=True)
class GzipHeader:
    """The header of a gzip member (RFC 1952, 2.3).

    Attributes:
        mtime_s: when the original file was last changed, seconds UTC; None where nothing is said,
            as when gzip read from a pipe.
        name: the original file's name, or empty.
    """

    mtime_s: int | None
    name: str


def read_gzip_header(head: bytes) -> GzipHeader | None:
    """The header at the beginning of `head`, or None if this is not gzip."""
    if len(head) < 10 or not head.startswith(_MAGIC):
        return None
    flags, mtime = head[3], struct.unpack_from("<I", head, 4)[0]
    at = 10
    if flags & _EXTRA and len(head) >= 12:
        at += 2 + struct.unpack_from("<H", head, 10)[0]
    name = b""
    if flags & _NAME and b"\0" in head[at:]:
        name = head[at : head.index(b"\0", at)]
    return GzipHeader(mtime or None, name.decode("latin-1"))
