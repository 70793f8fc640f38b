"""Promises: take a value that is not known yet, give it to child processes that wait for it."""

from __future__ import annotations

import fcntl
import os
import pickle
import select
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Promise(Generic[Value]):
    """A value that children are forked without; it can be pickled (Linux only).

    Its bytes go through memory that is a file. That a pipe is closed tells all children at once.
    """

    def __init__(self) -> None:
        """Promise it.

        Raises:
            OSError: too many files are open.
        """
        self._file = os.memfd_create("errlog")
        self._is_told = False
        self._told: tuple[Value] | None = None
        try:
            self._hear, self._tell = os.pipe()
        except OSError:
            os.close(self._file)
            raise

    def only_hear(self) -> None:
        """To be called in each child, before it waits: it cannot tell what it waits for."""
        os.close(self._tell)

    def keep(self, value: Value) -> None:
        """Tell the children; where there is no memory for that, they hear that there is none."""
        self._told = (value,)
        self.put(value)
        self.tell()

    def put(self, value: Value) -> bool:
        """Put the value where it is heard once this process, or its parent, `tell`s.

        Returns:
            Whether there was memory for that.
        """
        rest = memoryview(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))
        with suppress(OSError):
            os.lseek(self._file, 0, os.SEEK_SET)  # a child may have put a part there, and have died
            while rest:
                rest = rest[os.write(self._file, rest) :]
        return not rest

    def tell(self) -> None:
        """Tell the children what was `put` there."""
        self._is_told = True
        os.close(self._tell)

    def value(self, meanwhile: Callable[[], bool] | None = None) -> Value:
        """The value, in a child as soon as it is told.

        Args:
            meanwhile: what one of the children may do while it waits, again and again until there
                is no more to do; a little at a time.

        Raises:
            EOFError: whoever promised it is gone.
            pickle.UnpicklingError: not all of it could be told.
        """
        if self._told is None:
            if meanwhile is not None and self._is_first():
                while not self._can_hear() and meanwhile():
                    pass
            os.read(self._hear, 1)
            size = os.fstat(self._file).st_size
            self._told = (pickle.loads(os.pread(self._file, size, 0)),)
        return self._told[0]

    def _is_first(self) -> bool:
        """Whether no other child that lives has asked before."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _can_hear(self) -> bool:
        return bool(select.select([self._hear], [], [], 0)[0])

    def close(self) -> None:
        """Give back what it holds, told or not."""
        os.close(self._file)
        os.close(self._hear)
        if not self._is_told:
            os.close(self._tell)
