"""Bytes that are kept are all kept, or it is told where there was no room for them."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest

from logtool.errors import ReadError, WriteError
from logtool.sources.temporary import TemporaryBytes


def test_short_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that takes a part only is gone on with."""
    write = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, place: write(fd, data[:3], place))
    kept, read = TemporaryBytes("a log"), bytearray(12)
    kept.write_at(memoryview(b"0123456789"), 2)

    assert kept.read_at(memoryview(read), 0) == 12
    assert bytes(read) == b"\0\x000123456789"
    assert kept.read_at(memoryview(read), 12) == 0
    kept.close()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_faults(number: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A full or faulty disk: whose bytes, which folder, why, and what to do."""

    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "pwrite", fail)
    monkeypatch.setattr(os, "preadv", fail)
    kept = TemporaryBytes("x.gz")

    with pytest.raises(WriteError) as unkept:
        kept.write_at(memoryview(b"0"), 0)
    with pytest.raises(ReadError) as unread:
        kept.read_at(memoryview(bytearray(1)), 0)

    why = os.strerror(number)
    more = "name a folder with more room in TMPDIR"
    assert str(unkept.value) == f"x.gz: cannot be kept in {tmp_path}: {why}; {more}"
    assert str(unread.value) == f"x.gz: what is kept in {tmp_path} cannot be read: {why}"
    kept.close()


def test_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no folder takes a temporary file, those that were tried are told."""

    def fail(**_: object) -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(tempfile, "TemporaryFile", fail)
    monkeypatch.setattr(tempfile, "gettempdir", fail)

    with pytest.raises(
        WriteError, match=r"x.gz: cannot be kept: No usable .* found in .*; name a "
    ):
        TemporaryBytes("x.gz")
