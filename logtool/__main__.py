"""The program `errlog` as it is started: from here on an interrupt is quiet."""

from __future__ import annotations

import sys
from typing import NoReturn

from logtool.ending import end_at_once, end_no_more


def main() -> NoReturn:
    """Run `errlog` with the arguments of the process, and end the process with its exit status."""
    end_at_once()
    from logtool.program import prepare  # loading this takes most of a short run

    prepare()
    status = run(sys.argv[1:])
    end_no_more()
    sys.exit(status)


def run(arguments: list[str]) -> int:
    """Run `errlog` with some arguments; gives its exit status."""
    from logtool import program

    return program.run(arguments)


if __name__ == "__main__":
    main()
