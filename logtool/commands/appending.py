"""Appending: takes whole lines, puts them at the end of what is there, whole or not at all.

What is appended cannot appear at once when it is whole, as another output does. So each line does:
one of which a full disk took a part only is taken back, and where another writer left a part of
one, what is appended begins with a newline.
"""

from __future__ import annotations

import fcntl
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress

from logtool.commands.output import Buffer, Output, open_output
from logtool.errors import WriteError
from logtool.machine.ending import taken_back, undisturbed
from logtool.people.terminal import say


class AppendedOutput(Output):
    """An output that takes whole lines.

    Attributes:
        kept: bytes of the last data that were written, if not all of them were.
    """

    def __init__(self, name: str, fd: int) -> None:
        """Write to this; if it is no file that is opened for appending, nothing is taken back."""
        super().__init__(name, fd)
        self.kept = 0
        is_file = stat.S_ISREG(os.fstat(fd).st_mode)
        self._is_appended = is_file and bool(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_APPEND)
        self._is_torn: bool | None = None
        self._settled, self._before = self._end(), 0

    def _end(self) -> int:
        return os.fstat(self._fd).st_size if self._is_appended else 0

    @property
    def file(self) -> int:
        """Its descriptor, if it is a file that is opened for appending; else -1."""
        return self._fd if self._is_appended else -1

    def go_on_in_a_line(self) -> None:
        """What is written next belongs to the line with which the file ends."""
        self._is_torn = False

    def settle(self) -> None:
        """What was written so far stays."""
        self._settled, self._before = self._end(), self.written

    def take_back(self) -> None:
        """Take from the end what was not settled, unless others have appended since."""
        ours = self.written - self._before
        with suppress(OSError):
            if self._is_appended and ours and self._end() == self._settled + ours:
                os.ftruncate(self._fd, self._settled)

    def write(self, data: Buffer) -> None:
        """Write all of it, or else no part of a line.

        Raises:
            PipeClosedError: the reader has gone.
            WriteError: disk full and the like; `kept` tells how much was written.
        """
        rest = memoryview(data)
        if not rest:
            return
        self.kept = 0
        if self._is_torn is None:
            self._is_torn = self._is_appended and self._ends_torn()
        if self._is_torn:
            self._append(b"\n")
        before, self._is_torn = self.written, False
        try:
            self._append(rest)
        except WriteError:
            come = bytes(rest[: self.written - before])
            self.kept = come.rfind(b"\n") + 1
            self._take_back(len(come) - self.kept)
            raise

    def _append(self, data: Buffer) -> None:
        """Write it; to a file so that no signal comes before `written` counts what was written.

        Else what is taken back at a signal would seem to be followed by lines of others.
        """
        with undisturbed() if self._is_appended else nullcontext():
            super().write(data)

    def _take_back(self, size: int) -> None:
        """Take so many bytes from the end, unless others have appended since."""
        if not self._is_appended:
            self._is_torn = size > 0
            return
        self._is_torn = None
        with suppress(OSError), undisturbed():  # `written` must tell what is there
            end = os.lseek(self._fd, 0, os.SEEK_CUR)  # with O_APPEND, too, where a write ended
            if size and os.fstat(self._fd).st_size == end:
                os.ftruncate(self._fd, end - size)
                self.written -= size

    def _ends_torn(self) -> bool:
        with suppress(OSError):  # it may not be ours to read
            fd = os.open(f"/dev/fd/{self._fd}", os.O_RDONLY)
            try:
                size = os.fstat(fd).st_size
                return size > 0 and os.pread(fd, 1, size - 1) != b"\n"
            finally:
                os.close(fd)
        return False


class LastingOutput:
    """An output that outlives a full disk: lines that it does not take are dropped and counted.

    Apache does not start the logger of its main log again, and waits while a pipe is full; so who
    reads that pipe neither ends nor waits, as httpd's rotatelogs does.

    Attributes:
        dropped: how many lines were dropped.
    """

    def __init__(self, output: Output) -> None:
        """Write to this."""
        self._output = output
        self.dropped = 0
        self._missing, self._why = 0, ""

    def write(self, data: Buffer) -> None:
        """Write all of it, and before it how many lines are missing there; or drop and count.

        Raises:
            PipeClosedError: the reader has gone.
        """
        rest = memoryview(data)
        if not rest:
            return
        head = self._note()
        try:
            self._output.write(b"".join((head, rest)) if head else rest)
        except WriteError as fault:
            kept = self._output.kept if isinstance(self._output, AppendedOutput) else 0
            self._drop(bytes(rest[max(0, kept - len(head)) :]), fault, told=kept >= len(head) > 0)
            return
        self._was_told()

    @property
    def may_have_room_later(self) -> bool:
        """Whether it is a file to whose end is written: others may make room on its disk."""
        return isinstance(self._output, AppendedOutput) and self._output.file >= 0

    def tell_missing(self) -> bool:
        """Write how many lines are missing at its end; gives whether nothing is left to write.

        Raises:
            PipeClosedError: the reader has gone.
        """
        if head := self._note():
            try:
                self._output.write(head)
            except WriteError:
                return False
        self._was_told()
        return True

    def end(self) -> int:
        """Tell of lines that are missing at the end, and not told there; gives the exit status."""
        if self._missing:
            self._say(f"{self._output.name}: {self._told()} missing at its end: {self._why}")
        return WriteError.exit_status if self.dropped else 0

    def _drop(self, text: bytes, fault: WriteError, *, told: bool) -> None:
        count = text.count(b"\n") + (not text.endswith(b"\n"))
        if not self._missing:
            self._say(f"{fault}; lines are dropped until it can be written again")
        self._why = str(fault).removeprefix(f"{self._output.name}: ")
        self._missing = count + (0 if told else self._missing)
        self.dropped += count

    def _note(self) -> bytes:
        """A line that tells how many are missing; nothing if none is."""
        note = f"errlog: {self._told()} missing here: {self._why}\n" if self._missing else ""
        return note.encode(errors="replace")

    def _was_told(self) -> None:
        """All that was missing is told where it is missing."""
        if self._missing:
            self._say(f"{self._output.name}: it can be written again; {self._told()} missing")
            self._missing = 0

    def _told(self) -> str:
        return "1 line is" if self._missing == 1 else f"{self._missing:,} lines are"

    @staticmethod
    def _say(told: str) -> None:
        with suppress(OSError):  # it may be on the same disk
            say(f"errlog: {told}")


@contextmanager
def taken_back_unless_settled(output: Output) -> Iterator[None]:
    """A context in which what is appended stays if it is settled, however the context ends."""
    undo = output.take_back if isinstance(output, AppendedOutput) else lambda: None
    with taken_back(undo):
        try:
            yield
        except BaseException:
            undo()
            raise


@contextmanager
def appended_output(path: str | None) -> Iterator[Output]:
    """Standard output for None or `-`, else a file to whose end whole lines are written.

    Raises:
        WriteError: it cannot be opened.
    """
    if path in (None, "-"):
        with open_output(path, of_log=True) as output:
            fd = sys.__stdout__.fileno() if sys.__stdout__ else -1
            is_file = stat.S_ISREG(os.fstat(fd).st_mode)
            yield AppendedOutput(output.name, fd) if is_file else output
        return
    try:
        fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    except OSError as fault:
        raise WriteError(f"{path}: {fault.strerror}") from fault
    try:
        yield AppendedOutput(path, fd)
    finally:
        os.close(fd)
