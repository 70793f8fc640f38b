"""Raw bytes: takes a path or a pipe, gives its stored bytes at any place, the same every time."""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from logtool.errors import ReadError
from logtool.machine.ending import read_or_end
from logtool.people.terminal import safe
from logtool.sources.heads import HEAD, begins_so, head_of
from logtool.sources.identity import identity_of
from logtool.sources.paths import STDIN, STDIN_NAME
from logtool.sources.temporary import TemporaryBytes
from parsers.classes import dataclass

_PIPE_CHUNK = 1 << 20
#: A pipe through which fewer bytes come within its patience only trickles.
_FLOWING = 1 << 16
_UNITS = {"TiB": 1 << 40, "GiB": 1 << 30, "MiB": 1 << 20, "KiB": 1 << 10}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that kept part of a file from being read.

    Attributes:
        path: the file.
        place: byte in the stored file at which reading failed; None where it could not be opened.
        text: what happened.
        is_cut: the file ended there, and was longer when it was opened.
    """

    path: str
    place: int | None
    text: str
    is_cut: bool = False

    def __str__(self) -> str:
        """One line for people, safe to show."""
        place = "" if self.place is None else f"byte {self.place}: "
        return safe(f"{self.path}: {place}{self.text}")


class Raw(Protocol):
    """Stored bytes that can be read at any place, any number of times."""

    name: str
    mtime_us: int | None
    size: int | None

    def read_at(self, view: memoryview, place: int) -> int:
        """Fill `view` from `place` on; give how many bytes came, 0 at the end."""
        ...

    def close(self) -> None:
        """Give the descriptor back."""
        ...


class StoredFile:
    """A regular file as it was when it was opened: what is appended later is not seen.

    Nor is what is written to it anew, after it was cut short, however long it is again.

    Attributes:
        name: for people.
        mtime_us: time of the last write, microseconds UTC.
        size: how many bytes belong to it.
        identity: its device and inode.
        head: its first bytes, HEAD at most, as far as they were read.
    """

    def __init__(self, name: str, fd: int, on_fault: Callable[[Fault], None]) -> None:
        self._begin = os.lseek(fd, 0, os.SEEK_CUR)
        self.head = b""
        with suppress(OSError):  # who reads it will see that
            self.head = head_of(fd, self._begin)
        # Not before: what is written anew in between has this size, and begins otherwise.
        status = os.fstat(fd)
        self.name = name
        self.mtime_us: int | None = status.st_mtime_ns // 1000
        self.identity = identity_of(status)
        self._fd = fd
        self.size: int | None = max(status.st_size - self._begin, 0)
        self._on_fault = on_fault

    def read_at(self, view: memoryview, place: int) -> int:
        """Fill `view` from `place` on, never past the size seen first."""
        assert self.size is not None
        try:
            count = self.peek(view, place)
        except OSError as fault:
            self._on_fault(Fault(self.name, place, f"cannot be read: {fault.strerror}"))
            return 0
        if count == 0 and len(view) and place < self.size:
            is_short = os.fstat(self._fd).st_size < self._begin + self.size
            what = "cut short" if is_short else "written over"
            missing = f"{what} while being read, {self.size - place} bytes are gone"
            self._on_fault(Fault(self.name, place, missing, is_cut=True))
        return count

    def peek(self, view: memoryview, place: int) -> int:
        """The same, but what is missing is nobody's fault; raises OSError."""
        assert self.size is not None
        wanted = min(len(view), self.size - place)
        count = os.preadv(self._fd, [view[:wanted]], self._begin + place) if wanted > 0 else 0
        # Looked at after reading, so that nothing is taken from what was written anew meanwhile.
        if not begins_so(self._fd, self.head, self._begin):
            # Of one that was only cut short so much is surely its own.
            head = self.head[place : place + count]
            return len(head) if view[: len(head)] == head else 0
        if place == 0 and len(self.head) < min(count, HEAD):
            self.head = bytes(view[: min(count, HEAD)])
        return count

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._fd)


class Spool:
    """A pipe, kept in a temporary file as it is read so that it can be read again.

    Attributes:
        name: for people.
        mtime_us: unknown.
        size: how many bytes came, once the pipe has ended, or only trickles.
        patience_s: what came is taken for all when little more comes in so many seconds; None waits
            for the end.
        is_open: it trickles, and `more` may come.
    """

    def __init__(self, name: str, fd: int, limit: int, on_fault: Callable[[Fault], None]) -> None:
        self.name = name
        self.mtime_us: int | None = None
        self.size: int | None = None
        self._fd = fd
        self._limit = limit
        self._spooled = 0
        self._kept = TemporaryBytes(name)
        self._on_fault = on_fault
        self.patience_s: float | None = None
        self.is_open = False
        self._since, self._since_place = time.monotonic(), 0

    def read_at(self, view: memoryview, place: int) -> int:
        """Fill `view` from `place` on, waiting for the pipe where it has not got so far."""
        while self.size is None and self._spooled < place + len(view):
            self._fetch()
        return self._kept.read_at(view, place)

    def more(self) -> bytes:
        """What has come since `size` was settled, without waiting; nothing once it has ended."""
        if not self.is_open or not self._has_come(0):
            return b""
        chunk = self._read()
        self.is_open = bool(chunk)
        return chunk

    def _has_come(self, wait_s: float) -> bool:
        return bool(select.select([self._fd], [], [], wait_s)[0])

    def _read(self) -> bytes:
        try:
            return read_or_end(self._fd, _PIPE_CHUNK)
        except OSError as fault:
            self._on_fault(Fault(self.name, self._spooled, f"cannot be read: {fault.strerror}"))
            return b""

    def _trickles(self, wait: bool) -> bool:
        """Whether too little came for too long; waits for more, or only looks back."""
        if self.patience_s is None or not self._spooled:
            return False
        if self._spooled - self._since_place >= _FLOWING:
            self._since, self._since_place = time.monotonic(), self._spooled
        rest_s = self._since + self.patience_s - time.monotonic()
        return not self._has_come(max(rest_s, 0)) if wait else rest_s < 0

    def _fetch(self) -> None:
        self.is_open = self._trickles(wait=True)
        chunk = b"" if self.is_open else self._read()
        if not chunk:
            self.size = self._spooled
            return
        place = self._spooled
        self._spooled += len(chunk)
        if self._spooled > self._limit:
            raise ReadError(
                f"{self.name}: more than {_size(self._limit)} came through the pipe; "
                "raise --spool-limit, or give a file"
            )
        self._kept.write_at(memoryview(chunk), place)
        if self._trickles(wait=False):
            self.is_open, self.size = True, self._spooled

    def close(self) -> None:
        """Drop the temporary file."""
        self._kept.close()
        os.close(self._fd)


class Unopened:
    """A file that cannot be opened, beside others that can: it gives nothing.

    Attributes:
        name: for people.
        mtime_us: unknown.
        size: nothing.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.mtime_us: int | None = None
        self.size: int | None = 0

    def read_at(self, view: memoryview, place: int) -> int:
        """There is nothing."""
        return 0

    def close(self) -> None:
        """Nothing is held open."""


def open_raw(
    path: str,
    spool_limit: int,
    on_fault: Callable[[Fault], None],
    *,
    needed: bool = True,
    lack: str = "",
) -> Raw:
    """Open a path (`-` is standard input) for reading at any place.

    A `lack` says why it is known that there is no such file.

    Raises:
        ReadError: it is needed, and missing, forbidden, or no kind of file that holds bytes.
    """
    # A name may be any bytes; what is shown, and put into tables, is text.
    name = os.fsencode(path).decode("utf-8", "backslashreplace")
    name = STDIN_NAME if path == STDIN else name
    try:
        if lack:
            raise FileNotFoundError(errno.ENOENT, lack)
        fd = _opened(path)
    except OSError as fault:
        if needed:
            raise ReadError(f"{name}: {fault.strerror}") from fault
        on_fault(Fault(name, None, f"{fault.strerror}; left out"))
        return Unopened(name)
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return StoredFile(name, fd, on_fault)
    return Spool(name, fd, spool_limit, on_fault)


def _opened(path: str) -> int:
    fd = os.dup(0) if path == STDIN else os.open(path, os.O_RDONLY)
    if stat.S_ISDIR(os.fstat(fd).st_mode):
        os.close(fd)
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return fd


def _size(size: int) -> str:
    """So many bytes in the largest unit of which they are a whole number."""
    for name, unit in _UNITS.items():
        if size and size % unit == 0:
            return f"{size // unit} {name}"
    return f"{size} bytes"
