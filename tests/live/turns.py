"""Turns: lets the Apaches that workers of a test run start wait until few others are at work.

One that finds no core idle writes its lines so late that their order tells less than it would.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from pathlib import Path

#: How many are at work at once, for two cores; after so many seconds nobody waits any longer.
_AT_ONCE, _PATIENCE_S = 2, 120.0


class Turn:
    """The right of this process to have Apaches at work, shared by all that it has."""

    def __init__(self) -> None:
        self._users, self._fd = 0, -1

    def take(self) -> None:
        """Wait for it."""
        self._users += 1
        until = time.monotonic() + _PATIENCE_S
        while self._fd < 0 and not self._takes_one() and time.monotonic() < until:
            time.sleep(0.05)

    def give_back(self) -> None:
        """Let others go on when none of ours is at work."""
        self._users -= 1
        if not self._users and self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _takes_one(self) -> bool:
        for number in range(_AT_ONCE):
            path = Path(tempfile.gettempdir()) / f"errlog-live-turn-{os.getuid()}-{number}"
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(fd)
                continue
            self._fd = fd
            return True
        return False


#: That of this process.
TURN = Turn()
