"""Progress: a line on the terminal that tells how far a long reading has come."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from mmap import mmap

from logtool.ending import taken_back
from logtool.terminal import safe

#: Seconds until a reading counts as long, and between two lines.
_PATIENCE, _PAUSE = 1.0, 0.2


class Progress:
    """A line on standard error, if that is a terminal; a context that wipes it away."""

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

    def tell(self, doing: str, name: str, place: int, size: int | None) -> None:
        """Say what is being done, in which file, and how many of its bytes are behind us."""
        if not self._shown or (now := time.monotonic()) < self._next:
            return
        self._next = now + _PAUSE
        far = f"{place / size:.0%}" if size and place <= size else f"{place >> 20} MiB"
        sys.stderr.write(f"\r\x1b[Kerrlog: {doing} {safe(name)}: {far}")
        sys.stderr.flush()
        self._written[0] = 1
