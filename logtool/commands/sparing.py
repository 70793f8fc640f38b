"""Sparing: takes where a command will write and what it will read, refuses what is both."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from logtool.commands.output import STDOUT_NAME
from logtool.errors import ReadError, UsageError
from logtool.sources.identity import Identity, identity_of
from logtool.sources.paths import STDIN, STDIN_NAME, expand


def spare_inputs(output: str | None, files: Sequence[str]) -> None:
    """Refuse to write to a file, or in the place of a folder, that is to be read.

    Args:
        output: where to write; None or `-` is standard output.
        files: the FILE arguments. What is wrong with them is told by who opens them.

    Raises:
        UsageError: the output is one of them, perhaps under another name.
    """
    output = output or STDIN
    written = _identity(output, sys.__stdout__)
    folder = None if output == STDIN else Path(os.path.realpath(output))
    if written is None and folder is None:
        return
    for path in _paths(files):
        read = _identity(path, sys.__stdin__)
        inside = path != STDIN and folder in Path(os.path.realpath(path)).parents
        if inside or (read is not None and read == written):
            log = STDIN_NAME if path == STDIN else path
            same = "this file" if path == output != STDIN else f"what is there is {log}, which"
            name = STDOUT_NAME if output == STDIN else output
            raise UsageError(f"{name}: {same} is to be read; write to another place")


def written_files(output: str | None) -> set[Identity]:
    """Device and inode of each file to which a command writes that has opened its output."""
    written = {_identity(STDIN, stream) for stream in (sys.__stdout__, sys.__stderr__)}
    return {one for one in (_identity(output or STDIN, sys.__stdout__), *written) if one}


def _paths(files: Sequence[str]) -> Iterator[str]:
    for file in files or (STDIN,):
        with suppress(ReadError):
            yield from (member.path for member in expand([file]))


def _identity(path: str, stream: TextIO | None) -> Identity | None:
    """Which file is at a path, or behind a stream for `-`; None where there is none."""
    if path == STDIN and stream is None:
        return None
    with suppress(OSError):
        found = os.stat(stream.fileno() if path == STDIN and stream else path)  # noqa: PTH116
        return identity_of(found) if stat.S_ISREG(found.st_mode) else None
    return None
