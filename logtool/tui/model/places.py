"""Places: gives the bytes of a log at any place, quickly and any number of times."""

from __future__ import annotations

import os
import stat
import tempfile
import time

from logtool.errors import ReadError
from logtool.sources.paths import STDIN
from logtool.sources.source import Source
from parsers.blocks import Block


class LogBytes:
    """The bytes of one log, decompressed.

    A plain file is read where it is. What can be read only from front to back (a compressed file, a
    pipe) is kept in a temporary file as it comes by: `keep` every block once, in order.

    Attributes:
        lost: why there is nothing to read any more, or empty.
        opened_us: when it was opened, microseconds UTC.
        turned: how often it began to be read elsewhere, or to give nothing.
    """

    def __init__(self, source: Source, fd: int | None = None) -> None:
        """Open the source's file a second time, or make a temporary file for its bytes.

        A descriptor of the file, if there is one already, is taken over.
        """
        is_file = not source.compression and source.path != STDIN
        plain = _open_regular(source.path) if fd is None and is_file else fd
        self._kept = plain is None
        if plain is None:
            self._file = tempfile.TemporaryFile(prefix="errlog-", buffering=0)  # noqa: SIM115 - see close
            self._fd = self._file.fileno()
        else:
            self._fd = plain
        self._end = 0
        self.opened_us = time.time_ns() // 1000
        self.lost = ""
        self.turned = 0

    @property
    def is_kept(self) -> bool:
        """Its bytes are in a temporary file, not in the log."""
        return self._kept

    def another(self) -> int:
        """Another descriptor of the file that they are read from."""
        return os.dup(self._fd)

    def keep(self, block: Block) -> None:
        """Have the bytes of a block ready."""
        end = block.offset + block.size
        if not self._kept or end <= self._end:
            return
        data = block.data[self._end - block.offset : block.size].data
        place = self._end
        while data:
            written = os.pwrite(self._fd, data, place)
            data, place = data[written:], place + written
        self._end = end

    def lose(self, why: str) -> None:
        """Give nothing any more: the file was cut short, and what stands there now is of others."""
        self.lost = why
        self.turned += 1

    def move_to(self, fd: int) -> None:
        """Read on in a copy, whose descriptor is taken over."""
        os.dup2(fd, self._fd)
        os.close(fd)
        self.turned += 1

    def read(self, place: int, size: int) -> bytes:
        """Up to `size` bytes from `place` on; fewer at the end, or where the file was cut short."""
        try:
            return b"" if self.lost else os.pread(self._fd, size, place)
        except OSError as fault:
            raise ReadError(f"cannot be read any more: {fault.strerror}") from fault

    def fill(self, buffer: bytearray, place: int) -> int:
        """Read into a buffer what stands from `place` on; gives how many bytes."""
        try:
            return 0 if self.lost else os.preadv(self._fd, [buffer], place)
        except OSError as fault:
            raise ReadError(f"cannot be read any more: {fault.strerror}") from fault

    def close(self) -> None:
        """Give back what is held open."""
        if self._kept:
            self._file.close()
        else:
            os.close(self._fd)


def _open_regular(path: str) -> int | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    return None
