"""Program: takes arguments, runs the word they name, gives the exit status; never a traceback."""

from __future__ import annotations

import errno
import os
import signal

import click

from logtool.commands import errlog
from logtool.commands.output import STDOUT_NAME, PipeClosedError
from logtool.errors import ErrlogError
from logtool.machine.ending import EndedError
from logtool.people.terminal import safe, say

#: What writing to a file that is open cannot give.
_NO_OUTPUT = (errno.ENOENT, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ECHILD)
_INTERRUPTED, _ENDED = 128 + signal.SIGINT, 128 + signal.SIGTERM


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
        click.echo(f"errlog: {_told(fault)}", err=True)
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


def _told(fault: OSError) -> str:
    """What went wrong where: on standard output, if nothing else is named that can have done so."""
    if fault.filename is None and fault.errno in _NO_OUTPUT:
        return str(fault.strerror)
    name = STDOUT_NAME if fault.filename is None else safe(str(fault.filename))
    return f"{name} is closed" if fault.errno == errno.EBADF else f"{name}: {fault.strerror}"


def _drop_output() -> None:
    """Write nothing more, also not when the interpreter flushes its streams."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
