"""Write the arrival time before each line that Apache pipes in.

The built-in error log format cannot be given a second timestamp, so `ErrorLog "|stamper"` notes
when each line arrived. Arrival is late by a few milliseconds, which is all that is needed to tell
which quarter of an hour a local time lies from UTC.
"""

import os
import signal
import sys
import time
from pathlib import Path

OPENS, CLOSES = b"truth<", b">"


def main(target: str) -> None:
    """Read in a child, and let Apache end the process it knows.

    Apache ends its piped loggers at every restart, three seconds before it kills them, while old
    children still write into the old pipe. The reader ends when the last writer has gone.
    """
    reader = os.fork()
    if reader:
        os.close(0)
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        os.waitpid(reader, 0)
        return
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    alive = Path(target).parent / f"stamper.{os.getpid()}"
    alive.touch()
    copy(target)
    alive.unlink()


def copy(target: str) -> None:
    """Copy standard input to the end of a file, each line after its arrival time in UTC."""
    log = os.open(target, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    torn = b""
    while block := os.read(0, 1 << 16):
        arrival = b"%s%.6f%s" % (OPENS, time.time(), CLOSES)
        *lines, torn = (torn + block).split(b"\n")
        if lines:
            os.write(log, b"".join(arrival + line + b"\n" for line in lines))
    if torn:
        os.write(log, torn)


if __name__ == "__main__":
    main(sys.argv[1])
