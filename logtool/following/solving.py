"""Solving: takes what asks the engine, gives its answer when a child process has found it."""

from __future__ import annotations

import pickle
from collections.abc import Callable

from logtool.following.streaming import Known
from logtool.machine.child import Child
from logtool.machine.workers import can_work_apart


class EngineApart:
    """An engine that is asked in a child; here, and at once, where there can be none."""

    def __init__(self) -> None:
        """Nothing is asked yet."""
        self._find: Callable[[], Known] | None = None
        self._child: Child | None = None

    def ask(self, find: Callable[[], Known]) -> None:
        """Begin to find: with what is known now, whatever comes meanwhile."""
        self._find = find
        if can_work_apart():
            try:
                self._child = Child(lambda message: pickle.dumps(find()))
            except OSError:  # too many processes
                return
            self._child.tell(b"")

    def answer(self) -> Known | None:
        """What was found, once; None if nothing was asked, or nothing is found yet."""
        find, told = self._find, b""
        if find is None or (self._child is not None and not self._child.has_answered()):
            return None
        if self._child is not None:
            told = self._child.hear()
        self.end()
        if not told:
            return find()  # and meet here what is wrong
        known: Known = pickle.loads(told)
        return known

    def end(self) -> None:
        """Ask no more."""
        if self._child is not None:
            self._child.end()
            self._child.wait()
        self._find = self._child = None
