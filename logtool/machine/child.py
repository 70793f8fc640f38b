"""Child: takes messages, gives what a forked process answers to them, as long as it lives."""

from __future__ import annotations

import ctypes
import os
import select
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

#: Bytes that tell how long a message is.
_LENGTH = 8
#: An option of prctl(2).
_PR_SET_PDEATHSIG = 1


class Child:
    """A child process, and pipes by which it is told tasks and heard."""

    def __init__(
        self,
        answer: Callable[[bytes], bytes],
        prepare: Callable[[], object] = lambda: None,
        others: Sequence[Child] = (),
    ) -> None:
        """Fork it.

        Args:
            answer: what it answers to a message.
            prepare: done in it before its first message.
            others: children whose pipes it is not to hold open.

        Raises:
            OSError: too many processes, or too little memory.
        """
        made: list[int] = []
        try:
            for _ in range(2):
                made += os.pipe()
            self._pid = os.fork()
        except OSError:
            for fd in made:
                os.close(fd)
            raise
        tasks, self._tell, self._hear, answers = made
        if self._pid == 0:
            for child in (self, *others):
                child._close()
            _serve(answer, prepare, tasks, answers)
        os.close(tasks)
        os.close(answers)

    def tell(self, message: bytes) -> None:
        """Give it a message; one that is dead does not hear it."""
        with suppress(BrokenPipeError):
            _send(self._tell, message)

    def tell_no_more(self) -> None:
        """It ends when it has answered what it was told."""
        if self._tell >= 0:
            os.close(self._tell)
            self._tell = -1

    def has_answered(self) -> bool:
        """Whether `hear` need not wait."""
        return bool(select.select([self._hear], [], [], 0)[0])

    def hear(self) -> bytes:
        """Its next answer, or nothing if it is dead."""
        return _received(self._hear) or b""

    def end(self) -> None:
        """End it: it holds nothing that would be lost."""
        self._close()
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)

    def wait(self) -> None:
        """Wait until it has ended, and let the system forget it."""
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)

    def _close(self) -> None:
        self.tell_no_more()
        os.close(self._hear)


def _serve(
    answer: Callable[[bytes], bytes], prepare: Callable[[], object], tasks: int, answers: int
) -> NoReturn:
    """Be a child: answer until there are no more tasks, or nobody who hears."""
    try:
        # What interrupts or ends the parent ends the children: by its own hand, by the kernel's
        # where it had no time, or by closed pipes.
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with suppress(AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        with suppress(Exception):  # whatever is wrong is met again by the first task
            prepare()
        while (message := _received(tasks)) is not None:
            _send(answers, answer(message))
    except OSError:
        pass
    finally:
        os._exit(0)


def _send(fd: int, message: bytes) -> None:
    rest = memoryview(len(message).to_bytes(_LENGTH, "little") + message)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _received(fd: int) -> bytes | None:
    """The next message, or None if whoever sends them is gone."""
    head = _read(fd, _LENGTH)
    return None if head is None else _read(fd, int.from_bytes(head, "little"))


def _read(fd: int, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        part = os.read(fd, size - len(parts))
        if not part:
            return None
        parts += part
    return bytes(parts)
