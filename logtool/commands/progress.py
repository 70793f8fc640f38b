"""Progress: a line on the terminal that tells how far a long reading has come."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from mmap import mmap
from typing import TYPE_CHECKING

from logtool.machine.ending import taken_back
from logtool.people.terminal import safe

if TYPE_CHECKING:
    from logtool.passes.first import Watch
    from logtool.passes.logs import Log, StampedBlock

#: Seconds until a reading counts as long, and between two lines.
_PATIENCE, _PAUSE = 1.0, 0.2


class Progress:
    """A line on standard error, if that is a terminal; a context that wipes it away.

    It ends before anything else is written to a terminal.
    """

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown and sys.stderr.isatty()
        self._next = time.monotonic() + _PATIENCE
        #: One byte, not 0 when a line was written: here, or in a child process.
        self._written = mmap(-1, 1)
        self._open = ExitStack()

    def __enter__(self) -> Progress:
        self._open.enter_context(taken_back(self._wipe))
        return self

    def __exit__(self, *_: object) -> None:
        self._wipe()
        self._open.close()

    def _wipe(self) -> None:
        if self._written[0]:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def of_clocks(self, watch: Watch = lambda stamped: None) -> Watch:
        """What `find_clocks` calls with each block: `watch`, and who tells how far that is."""

        def told(stamped: StampedBlock) -> None:
            self.tell("finding clocks in", stamped.log, stamped.block.offset)
            watch(stamped)

        return told

    def tell(self, doing: str, log: Log, place: int) -> None:
        """Say what is being done, in which log, and how many of its bytes are behind us."""
        if not self._shown or (now := time.monotonic()) < self._next:
            return
        self._next = now + _PAUSE
        name, size = log.source.name, log.source.size
        far = f"{place / size:.0%}" if size and place <= size else f"{place >> 20} MiB"
        sys.stderr.write(f"\r\x1b[Kerrlog: {doing} {safe(name)}: {far}")
        sys.stderr.flush()
        self._written[0] = 1
