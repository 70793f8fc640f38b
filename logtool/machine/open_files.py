"""Open files: allows as many as there are logs, tells before work begins where that is too few.

polars panics, with a hundred lines, where the files are missing by which its threads wait.
"""

from __future__ import annotations

import errno
import os
import resource
from contextlib import suppress

from logtool.errors import ReadError

#: polars has three; children, their pipes, temporary files and modules need some at a time.
_NEEDED = 8
#: What is opened for each log that is followed, at most, and beside all logs.
_EACH, _BESIDE = 4, 64


def allow_files(logs: int) -> None:
    """Let so many logs be open at once, as far as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = logs * _EACH + _BESIDE
    wanted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def need_files() -> None:
    """See that some more can be opened.

    Raises:
        ReadError: they cannot.
    """
    opened: list[int] = []
    try:
        opened += (os.open(os.devnull, os.O_RDONLY) for _ in range(_NEEDED))
    except OSError as fault:
        if fault.errno not in (errno.EMFILE, errno.ENFILE):
            raise
        more = "more are needed than may be open at once; raise the limit (ulimit -n)"
        raise ReadError(f"{fault.strerror}: {more}") from fault
    finally:
        for fd in opened:
            os.close(fd)
