"""Begun: take the file to whose end a run is about to write, know again what it then wrote there.

A run that is killed (SIGKILL, a power cut) takes nothing back, and has not saved how far it came.
Where it began to write is what it leaves behind: the next run compares what stands there with what
it is about to write itself.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress

from parsers.classes import dataclass

#: Bytes before the end by which a file is known again.
_TAIL = 4096
_NEWLINE = ord("\n")


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a run began to write.

    Attributes:
        inode: of the file; 0 of what is no file that grows at its end, as a pipe.
        size: how long it was.
        tail_size: how many of its last bytes are known.
        tail_sha256: those bytes' digest.
    """

    inode: int
    size: int
    tail_size: int
    tail_sha256: str

    @classmethod
    def at(cls, fd: int) -> Begun:
        """That of a file as it ends now; -1 stands for what is none."""
        if fd < 0:
            return cls(0, 0, 0, "")
        status = os.fstat(fd)
        tail = _tail(fd, status.st_size)
        return cls(status.st_ino, status.st_size, len(tail), hashlib.sha256(tail).hexdigest())

    @property
    def is_sound(self) -> bool:
        """Whether it is what some run may have saved."""
        sizes = self.inode, self.size, self.tail_size
        return all(isinstance(one, int) and one >= 0 for one in sizes)

    def is_in(self, fd: int) -> bool:
        """Whether a file goes on from there, or at least may do so; -1 stands for what is none.

        An inode says nothing of a file in which more stands now; a copy may go on as well.
        """
        if not self.inode or fd < 0:
            return False
        status = os.fstat(fd)
        if status.st_size < self.size or (
            status.st_size == self.size and status.st_ino != self.inode
        ):
            return False
        tail = _tail(fd, self.size)[-self.tail_size :] if self.tail_size else b""
        return hashlib.sha256(tail).hexdigest() == self.tail_sha256


class Left:
    """What stands in a file where a killed run began to write, up to its end of now."""

    def __init__(self, fd: int, begun: Begun) -> None:
        """Nothing of it is compared yet."""
        self._fd, self._place = fd, begun.size
        self._end = os.fstat(fd).st_size
        self.differs = False

    def __bool__(self) -> bool:
        """Whether there is more to compare."""
        return not self.differs and self._place < self._end

    def without(self, lines: memoryview) -> tuple[memoryview, bool]:
        """Those of the next lines that do not stand there yet; whether the first half of one does.

        Where other bytes stand there, the line in which they differ is written whole, and nothing
        that comes later is compared.
        """
        size = min(len(lines), self._end - self._place)
        there = read_at(self._fd, self._place, size)
        same = _common(there, lines[:size].tobytes())
        self._place += same
        is_whole = same == len(lines) or (same > 0 and lines[same - 1] == _NEWLINE)
        if self._place == self._end and (is_whole or os.fstat(self._fd).st_size == self._end):
            return lines[same:], not is_whole
        self.differs = same < len(lines)
        begin = lines[:same].tobytes().rfind(b"\n") + 1 if self.differs else len(lines)
        return lines[begin:], False


def read_at(fd: int, place: int, size: int) -> bytes:
    """What stands in a file that is open for writing perhaps only; nothing if it cannot be read."""
    with suppress(OSError):
        reading = os.open(f"/dev/fd/{fd}", os.O_RDONLY)
        try:
            return os.pread(reading, size, place)
        finally:
            os.close(reading)
    return b""


def _tail(fd: int, size: int) -> bytes:
    begin = max(0, size - _TAIL)
    return read_at(fd, begin, size - begin)


def _common(one: bytes, other: bytes) -> int:
    """How many bytes both begin with."""
    if one == other:
        return len(one)
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
