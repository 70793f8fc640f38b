"""Output: where a command's result goes, whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from logtool.errors import WriteError
from logtool.machine.ending import taken_back
from logtool.machine.reserving import Reserve, can_reserve
from logtool.people.terminal import safe_lines
from logtool.replacing import replaced_file

STDOUT_NAME = "standard output"
#: What fsync(2) says of pipes, terminals and devices.
_NO_DISK = (errno.EINVAL, errno.ENOTSUP, errno.EROFS)


class PipeClosedError(Exception):
    """Nobody reads our output any more."""


class Buffer(Protocol):
    """Bytes, or a numpy array of them."""

    def __buffer__(self, flags: int, /) -> memoryview: ...


class Output:
    """A file descriptor that takes all of what it is given, or tells why not.

    Attributes:
        name: what it is called.
        is_unread: its reader has gone, and what is written is dropped.
        is_terminal: people see at once what is written.
        written: bytes that were written.
    """

    is_terminal = False

    def __init__(self, name: str, fd: int, *, to_the_end: bool = False) -> None:
        """Write to this; `to_the_end` as `open_output` has it."""
        self.name = name
        self.is_unread = False
        self._to_the_end = to_the_end
        self._fd = fd
        self.written = 0
        self._reserve: Reserve | None = None

    def write(self, data: Buffer) -> None:
        """Write all of it.

        Raises:
            PipeClosedError: the reader has gone, and nothing is to be done without one.
            WriteError: disk full and the like.
        """
        rest = memoryview(data)
        try:
            while rest and not self.is_unread:
                count = os.write(self._fd, rest)
                self.written += count
                rest = rest[count:]
        except OSError as fault:
            if fault.errno == errno.EPIPE:
                if not self._to_the_end:
                    raise PipeClosedError from fault
                self.is_unread = True
                return
            raise WriteError(f"{self.name}: {fault.strerror}") from fault

    def reserved(self, size: int) -> Callable[[], bool] | None:
        """What reserves some of so many bytes at each call until it gives False; None for none.

        It may be done in a child process, before anything is written. Half of them at most, so that
        nothing is to be given back when all is written, whatever form of time that has.
        """
        if not can_reserve(self._fd):
            return None
        self._reserve = Reserve(self._fd, size // 2)
        return self._reserve.more

    @contextmanager
    def giving_back(self) -> Iterator[None]:
        """A context at whose end nothing is reserved, however it comes."""
        with taken_back(self._give_back):
            try:
                yield
            finally:
                self._give_back()

    def _give_back(self) -> None:
        if self._reserve is not None:
            self._reserve.give_back(self.written)

    def settle(self) -> None:
        """What was written so far is to stay; the rest of what is appended may be taken back."""

    def reach_disk(self) -> None:
        """Wait until all that was written is on the disk, if this is a file.

        Raises:
            WriteError: it cannot get there.
        """
        try:
            os.fsync(self._fd)
        except OSError as fault:
            if fault.errno not in _NO_DISK:
                raise WriteError(f"{self.name}: {fault.strerror}") from fault


class _Screen(Output):
    """A terminal that gets lines of a log, of which none may act on it."""

    is_terminal = True

    def write(self, data: Buffer) -> None:
        """Write all of it, controls written out."""
        super().write(safe_lines(memoryview(data).tobytes()))


@contextmanager
def open_output(
    path: str | None, *, of_log: bool = False, to_the_end: bool = False
) -> Iterator[Output]:
    """Standard output for None or `-`, else a file that appears only when it is whole.

    A device or a FIFO is written as it is. What is written are lines of a log, if it is `of_log`: a
    terminal gets them with controls written out, all else gets every byte.

    When a pipe's reader goes (`| head`), there is nothing more to do, and PipeClosedError says so;
    but `to_the_end` somebody also waits for the exit status, which is known at the end only.

    Raises:
        WriteError: it cannot be opened.
    """
    if path in (None, "-"):
        if sys.__stdout__ is None:
            raise WriteError(f"{STDOUT_NAME} is closed")
        fd = sys.__stdout__.fileno()
        kind = _Screen if of_log and os.isatty(fd) else Output
        output = kind(STDOUT_NAME, fd, to_the_end=to_the_end)
        with output.giving_back():
            yield output
    elif _is_special(Path(path)):
        try:
            fd = os.open(path, os.O_WRONLY)
        except OSError as fault:
            raise WriteError(f"{path}: {fault.strerror}") from fault
        try:
            yield Output(path, fd, to_the_end=to_the_end)
        finally:
            os.close(fd)
    elif path.endswith(os.sep):
        raise WriteError(f"{path}: there is no such folder")
    else:
        with replaced_file(path) as fd:
            output = Output(path, fd)
            with output.giving_back():
                yield output


def _is_special(path: Path) -> bool:
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False
