"""The program `errlog` as it is started: from here on an interrupt is quiet."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys

TYPE_CHECKING = False  # `typing` is loaded later
if TYPE_CHECKING:
    from typing import NoReturn

#: Objects made before a look for unreachable ones, of which we make few: the default is 700.
_GARBAGE = 150_000

#: What the process ends with, as soon as all is done.
_status: int | None = None


def main() -> NoReturn:
    """Run `errlog` with the arguments of the process, and end the process with its exit status."""
    global _status
    gc.set_threshold(_GARBAGE)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python's tells at length what it interrupts
    from logtool.machine.ending import end_at_once, end_no_more

    end_at_once()
    atexit.register(_leave)  # before all others, so that it is called after them
    from logtool.machine.preparing import prepare

    prepare()
    _status = run(sys.argv[1:])
    end_no_more()
    sys.exit(_status)


def run(arguments: list[str]) -> int:
    """Run `errlog` with some arguments; gives its exit status."""
    from logtool import program

    return program.run(arguments)


def _leave() -> None:
    """End without taking apart what is in memory, which takes a tenth of a short run."""
    if _status is None:
        return
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except (OSError, ValueError):
        return  # Python meets it again, and tells it
    os._exit(_status)


if __name__ == "__main__":
    main()
