"""Program: takes arguments, runs the word they name, gives the exit status; never a traceback."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import sys
from contextlib import suppress
from types import ModuleType

import click

from logtool.commands import errlog
from logtool.commands.output import PipeClosedError
from logtool.ending import EndedError
from logtool.errors import ErrlogError
from logtool.terminal import safe, say

#: A parameter of mallopt(3).
_M_ARENA_MAX = -8
#: Modules of numpy that do nothing but explain others.
DOCS = ("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars")
_INTERRUPTED, _ENDED = 128 + signal.SIGINT, 128 + signal.SIGTERM


def prepare() -> None:
    """Make the process fit for `run`: its streams, its memory."""
    _hold_closed_streams()
    _share_memory()
    _leave_out_docs()
    # Its threads would only compute matrices, and we have none.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _hold_closed_streams() -> None:
    """Keep the numbers of standard streams that were closed (`2>&-`), so that no log takes them.

    Reading the one for input and writing the one for output fail as if they were closed; what would
    go to a closed standard error is dropped.
    """
    for number, way in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, way)  # takes the lowest free number: this one
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - lives as long as we do
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115


def _share_memory() -> None:
    """Have one heap for all threads, where the C library has a heap for each: a third less memory.

    It must be asked before the first thread begins, and numpy and polars begin some.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def _leave_out_docs() -> None:
    """Spare numpy the texts that explain its functions, which nobody asks for here: 4 ms."""
    for name in DOCS:
        sys.modules.setdefault(name, ModuleType(name))


def run(arguments: list[str]) -> int:
    """Run `errlog` with some arguments; gives its exit status."""
    try:
        return int(errlog.main(arguments, prog_name="errlog", standalone_mode=False) or 0)
    except click.ClickException as fault:
        fault.show()
        return fault.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except EndedError:
        return _ENDED
    except (PipeClosedError, SystemExit):  # click leaves by SystemExit when nobody reads on
        _drop_output()
        return 0
    except ErrlogError as fault:
        say(safe(f"errlog: {fault.lines[0]}"))
        for line in fault.lines[1:]:  # a place that is pointed at
            click.echo(safe(line), err=True)
        return fault.exit_status
    except OSError as fault:
        _drop_output()
        name = "standard output" if fault.filename is None else safe(str(fault.filename))
        told = " is closed" if fault.errno == errno.EBADF else f": {fault.strerror}"
        click.echo(f"errlog: {name}{told}", err=True)
        return ErrlogError.exit_status
    except MemoryError:
        click.echo("errlog: there is not enough memory", err=True)
        return ErrlogError.exit_status
    except Exception as fault:
        if "ERRLOG_TRACEBACK" in os.environ:
            raise
        from logtool.mistakes import mistake  # seldom needed, and slow to import

        click.echo(f"errlog: {mistake(fault)}", err=True)
        return ErrlogError.exit_status


def _drop_output() -> None:
    """Write nothing more, also not when the interpreter flushes its streams."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
