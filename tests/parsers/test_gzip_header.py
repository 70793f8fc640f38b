"""The gzip header's time and name."""

from __future__ import annotations

import gzip
from io import BytesIO

import pytest

from parsers.gzip_header import GzipHeader, read_gzip_header


@pytest.mark.parametrize(("mtime", "expected"), [(1_780_614_473, 1_780_614_473), (0, None)])
def test_header(mtime: int, expected: int | None) -> None:
    """What a gzip program wrote is read; a time of zero says nothing."""
    raw = BytesIO()
    with gzip.GzipFile("error.log.1", "wb", fileobj=raw, mtime=mtime) as file:
        file.write(b"x")
    assert read_gzip_header(raw.getvalue()) == GzipHeader(expected, "error.log.1")


@pytest.mark.parametrize("length", [0, 2, 40_000, 65_535])
def test_extra_field(length: int) -> None:
    """An extra field before the name is passed over, as long as its two bytes can say."""
    extra = length.to_bytes(2, "little") + bytes(length)
    head = b"\x1f\x8b\x08\x0c\x01\0\0\0\0\x03" + extra + b"name\0data"
    assert read_gzip_header(head) == GzipHeader(1, "name")


def test_no_more_than_a_header() -> None:
    """Ten bytes are a header; where it says more that is not there, the time still counts."""
    assert read_gzip_header(b"\x1f\x8b\x08\0\x01\0\0\0\0\x03") == GzipHeader(1, "")
    assert read_gzip_header(b"\x1f\x8b\x08\x0c\x01\0\0\0\0\x03\x02") == GzipHeader(1, "")


@pytest.mark.parametrize(
    "head", [b"", b"\x1f\x8b", b"[Fri Jun 05 08:42:44 2026]", b"\x1f\x8b\x08\x08"]
)
def test_not_gzip(head: bytes) -> None:
    """Other files, and files too short, have no header."""
    assert read_gzip_header(head) is None


def test_cut_name() -> None:
    """A name that does not end in what was read is left empty."""
    assert read_gzip_header(b"\x1f\x8b\x08\x08\x01\0\0\0\0\x03abc") == GzipHeader(1, "")
