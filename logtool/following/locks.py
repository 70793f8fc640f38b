"""Locks: take a state file, keep other runs from beginning with it while one is at work."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress

from logtool.errors import ReadError
from logtool.sources.identity import identity_of


class Lock:
    """That of one file, which is replaced now and then; a file that is not there has none."""

    def __init__(self, path: str) -> None:
        """Of the file of a path; not taken yet."""
        self._path = path
        self._fd = self._next = -1

    def take(self) -> None:
        """Take it.

        Raises:
            ReadError: another has it.
        """
        while (fd := self._opened()) >= 0:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as fault:
                os.close(fd)
                raise ReadError(f"{self._path}: another run is at work with it") from fault
            except OSError:  # a file system without locks
                os.close(fd)
                return
            if self._is_there(fd):
                self.release()
                self._fd = fd
                return
            os.close(fd)  # it was replaced as we looked

    def take_next(self, fd: int) -> None:
        """Take that of the file that is about to come in its place, too, by its descriptor."""
        self._next = os.dup(fd)
        with suppress(OSError):  # a file system without locks
            fcntl.flock(self._next, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def go_on(self) -> None:
        """Keep only that of the file that has come in its place."""
        following, self._next = self._next, -1
        self.release()
        self._fd = following

    def release(self) -> None:
        """Give it back, if it was taken."""
        for fd in (self._fd, self._next):
            if fd >= 0:
                os.close(fd)
        self._fd = self._next = -1

    def _opened(self) -> int:
        try:
            return os.open(self._path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError:
            return -1  # whoever reads it tells why

    def _is_there(self, fd: int) -> bool:
        with suppress(OSError):
            there = os.stat(self._path)  # noqa: PTH116 - as it was named
            return identity_of(there) == identity_of(os.fstat(fd))
        return False
