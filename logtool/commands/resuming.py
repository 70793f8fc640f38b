"""Resuming: takes what a cursor run writes, leaves out what a run that was killed left there.

Only bytes that stand already where that run began to write, and are those that this one is about to
write, are not written again. Nothing is taken away: others may have appended since.
"""

from __future__ import annotations

from typing import Protocol

from logtool.commands.appending import AppendedOutput
from logtool.commands.output import Buffer, Output
from logtool.following.begun import Begun, Left
from logtool.following.cursors import Cursor
from logtool.people.terminal import safe, say


class Sink(Protocol):
    """What takes lines for good."""

    is_terminal: bool

    def write(self, data: Buffer) -> None:
        """Write all of it."""

    def settle(self) -> None:
        """What was written so far is to stay."""

    def reach_disk(self) -> None:
        """Wait until all that was written is on the disk."""


class Resumed:
    """The output of a cursor run, of which the cursor is told before anything is written."""

    def __init__(self, output: Output, cursor: Cursor) -> None:
        """Nothing is written yet."""
        self._output, self._cursor = output, cursor
        self.is_terminal = output.is_terminal
        self._file = output.file if isinstance(output, AppendedOutput) else -1
        self._is_begun = False
        self._left: Left | None = None

    def write(self, data: Buffer) -> None:
        """Write what does not stand there yet.

        Raises:
            PipeClosedError: the reader has gone.
            WriteError: disk full and the like; also where the cursor cannot be saved.
        """
        rest = memoryview(data)
        if not rest:
            return
        if not self._is_begun:
            self._begin()
        if self._left:
            rest, is_half_there = self._left.without(rest)
            if is_half_there and isinstance(self._output, AppendedOutput):
                self._output.go_on_in_a_line()
            if self._left.differs:
                self._tell("a run that did not end wrote here; lines may stand there twice")
                self._cursor.save_begun(Begun.at(self._file))
        self._output.write(rest)

    def settle(self) -> None:
        """What was written so far is to stay, as a cursor that was saved says."""
        self._is_begun, self._left = False, None
        self._output.settle()

    def reach_disk(self) -> None:
        """Wait until all that was written is on the disk, if this is a file.

        Raises:
            WriteError: it cannot get there.
        """
        self._output.reach_disk()

    def _begin(self) -> None:
        """Save where what this run writes begins, unless a killed run began there."""
        before, self._is_begun = self._cursor.begun, True
        if before is not None and before.is_in(self._file):
            self._left = Left(self._file, before)
            return
        if before is not None:
            self._tell("what a run wrote that did not end may come again")
        self._cursor.save_begun(Begun.at(self._file))

    def _tell(self, what: str) -> None:
        say(safe(f"errlog: {self._output.name}: {what}"))
