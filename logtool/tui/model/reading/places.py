"""Places: gives the bytes of a log at any place, quickly and any number of times."""

from __future__ import annotations

import os
import stat
import sys
import threading
import time
from datetime import UTC, datetime

from logtool.errors import ReadError
from logtool.following.siblings import Siblings
from logtool.sources.heads import begins_so, head_of
from logtool.sources.identity import Identity, identity_of
from logtool.sources.paths import STDIN
from logtool.sources.source import Source
from logtool.sources.temporary import TemporaryBytes
from parsers.blocks import Block


class LogBytes:
    """The bytes of one log, decompressed.

    A plain file is read where it is. What can be read only from front to back (a compressed file, a
    pipe) is kept in a temporary file as it comes by: `keep` every block once, in order.

    A plain file that is cut short or written anew holds other lines then: `look` tells, asked now
    and again, in any thread.

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
        self._kept: TemporaryBytes | None = None
        if plain is None:
            self._kept = TemporaryBytes(source.name)
            plain = self._kept.fd
        self._fd = plain
        self._end = 0
        # Of a file that was opened elsewhere, who did so knows whether it is cut short.
        self._size = 0 if self._kept or fd is not None else source.size or 0
        self._head = head_of(self._fd)[: self._size]
        self._path = source.path
        self._turning = threading.Lock()
        self.opened_us = time.time_ns() // 1000
        self.lost = self._cut_off = ""
        self._kept_to = sys.maxsize
        self._settled = False
        self.turned = 0

    @property
    def is_kept(self) -> bool:
        """Its bytes are in a temporary file, not in the log."""
        return self._kept is not None

    @property
    def head(self) -> bytes:
        """How the file began when it was opened; empty for what is kept."""
        return self._head

    @property
    def identity(self) -> Identity:
        """Device and inode of the file that they are read from."""
        return identity_of(os.fstat(self._fd))

    def another(self) -> int:
        """Another descriptor of the file that they are read from."""
        return os.dup(self._fd)

    def keep(self, block: Block) -> None:
        """Have the bytes of a block ready."""
        end = block.offset + block.size
        if not self._kept or end <= self._end:
            return
        data = block.data[self._end - block.offset : block.size].data
        self._kept.write_at(data, self._end)
        self._end = end

    def look(self) -> bool:
        """If the file was cut short or written anew, turn to the copy that was made before.

        Returns:
            Whether it was; once. Without a copy nothing is given any more.
        """
        with self._turning:
            if self.lost or self._settled or not self._size:
                return False
            now = os.fstat(self._fd).st_size
            begins = begins_so(self._fd, self._head)
            if begins and now >= self._size:
                return False
            fd = Siblings(self._path).copy_of(self._head, self._size)
            if begins and fd is None:
                self._size = self._kept_to = now
                self._cut_off = f"the log was cut off at {datetime.now(UTC):%H:%M:%S}Z"
                self.turned += 1
                return True
        self.turn_to(fd)
        return True

    def why_gone(self, place: int) -> str:
        """Why what stood at a place cannot be read any more; empty if it can."""
        return self.lost or (self._cut_off if place >= self._kept_to else "")

    def turn_to(self, copy: int | None) -> None:
        """Read on in a copy of the file, which was cut short; its descriptor is taken over.

        None gives nothing any more, as what stands there now is of others.
        """
        with self._turning:
            if copy is not None:
                os.dup2(copy, self._fd)
                os.close(copy)
                self.lost, self._settled, self._kept_to = "", True, sys.maxsize
            elif not self._settled and not self.lost:
                self.lost = f"the log was emptied at {datetime.now(UTC):%H:%M:%S}Z"
            self.turned += 1

    def read(self, place: int, size: int) -> bytes:
        """Up to `size` bytes from `place` on; fewer at the end, or where the file was cut short."""
        try:
            return b"" if self.lost else os.pread(self._fd, self._there(size, place), place)
        except OSError as fault:
            raise ReadError(f"cannot be read any more: {fault.strerror}") from fault

    def fill(self, buffer: bytearray, place: int) -> int:
        """Read into a buffer what stands from `place` on; gives how many bytes."""
        try:
            room = memoryview(buffer)[: self._there(len(buffer), place)]
            return 0 if self.lost else os.preadv(self._fd, [room], place)
        except OSError as fault:
            raise ReadError(f"cannot be read any more: {fault.strerror}") from fault

    def _there(self, size: int, place: int) -> int:
        """How many of some bytes stand before where the file was cut off."""
        return max(min(size, self._kept_to - place), 0)

    def close(self) -> None:
        """Give back what is held open."""
        if self._kept:
            self._kept.close()
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
