"""Output: where a command's result goes, whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from logtool.errors import WriteError


class PipeClosedError(Exception):
    """Nobody reads our output any more."""


class Buffer(Protocol):
    """Bytes, or a numpy array of them."""

    def __buffer__(self, flags: int, /) -> memoryview: ...


class Output:
    """A file descriptor that takes all of what it is given, or tells why not."""

    def __init__(self, name: str, fd: int) -> None:
        self.name = name
        self._fd = fd

    def write(self, data: Buffer) -> None:
        """Write all of it.

        Raises:
            PipeClosedError: the reader has gone.
            WriteError: disk full and the like.
        """
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError as fault:
            if fault.errno == errno.EPIPE:
                raise PipeClosedError from fault
            raise WriteError(f"{self.name}: {fault.strerror}") from fault


@contextmanager
def open_output(path: str | None) -> Iterator[Output]:
    """Standard output for None or `-`, else a file that appears only when it is whole.

    A device or a FIFO is written as it is.

    Raises:
        WriteError: it cannot be opened.
    """
    if path in (None, "-"):
        if sys.__stdout__ is None:
            raise WriteError("standard output is closed")
        yield Output("standard output", sys.__stdout__.fileno())
    elif _is_special(Path(path)):
        with _told(path):
            fd = os.open(path, os.O_WRONLY)
        try:
            yield Output(path, fd)
        finally:
            os.close(fd)
    else:
        yield from _replaced(path)


def _is_special(path: Path) -> bool:
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


@contextmanager
def _told(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise WriteError(f"{path}: {fault.strerror}") from fault


def _replaced(path: str) -> Iterator[Output]:
    """Write beside the file, and rename over it at the end."""
    import tempfile  # slow to import, and not needed for --version

    target = Path(path).resolve()
    with _told(path):
        fd, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    made = Path(name)
    try:
        yield Output(path, fd)
        with _told(path):
            os.fchmod(fd, _mode_of(target))
            os.close(fd)
            made.replace(target)
    except BaseException:
        made.unlink(missing_ok=True)
        raise


def _mode_of(target: Path) -> int:
    """The permissions of the file to replace, or those of a new file."""
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
