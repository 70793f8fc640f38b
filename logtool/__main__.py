"""The program `errlog`."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from logtool.commands import errlog
from logtool.commands.output import PipeClosedError
from logtool.errors import ErrlogError

_INTERRUPTED = 128 + 2


def main() -> NoReturn:
    """Run `errlog` with the arguments of the process, and end the process with its exit status."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run `errlog` with some arguments; gives its exit status."""
    try:
        return int(errlog.main(arguments, prog_name="errlog", standalone_mode=False) or 0)
    except click.ClickException as fault:
        fault.show()
        return fault.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except PipeClosedError:
        # Nobody reads on: say nothing more, also not when the interpreter flushes its streams.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except ErrlogError as fault:
        click.echo(f"errlog: {fault}", err=True)
        return fault.exit_status


if __name__ == "__main__":
    main()
