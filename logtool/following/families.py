"""Families: take the path of a log, tell its rotated set, and why it cannot be read."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from logtool.errors import UsageError
from logtool.sources.compression import FOREIGN_SIZE, foreign_kind
from logtool.sources.paths import STDIN, Member, expand, rotation


def family_of(path: str) -> str:
    """The name under which a rotated log was written."""
    whole = Path(path).absolute()
    return str(whole.parent / rotation(whole.name)[0])


def families_named(arguments: Sequence[str], *, all_needed: bool) -> dict[str, list[Member]]:
    """The members that FILE arguments mean, by the names of their logs: those a cursor may know.

    Raises:
        UsageError: it is standard input or a pipe.
        ReadError: an argument names nothing, if all are needed.
    """
    families: dict[str, list[Member]] = {}
    for member in expand(arguments, all_needed=all_needed):
        if member.path == STDIN:
            raise UsageError("--cursor-file: standard input has no place to come back to")
        if Path(member.path).is_fifo():
            raise UsageError(f"--cursor-file: {member.path} is a pipe: no place to come back to")
        families.setdefault(family_of(member.path), []).append(member)
    return families


def newest_of(paths: list[str]) -> list[str]:
    """The file of each rotated set that was written last."""
    last = {family_of(path): path for path in paths}
    return [path for path in last.values() if Path(path).is_file()]


def log_of(path: str) -> Path:
    """The name under which a file of a rotated set was written, in the folder it was named in."""
    return Path(path).with_name(Path(family_of(path)).name)


def foreign_of(path: str) -> str:
    """Why a file will never be read: how it is compressed; or nothing."""
    if not Path(path).is_file():
        return ""
    with suppress(OSError), Path(path).open("rb") as file:
        more = partial(_begin, file.fileno())
        return str(foreign_kind(more(FOREIGN_SIZE), more) or "")
    return ""


def fault_of(path: str) -> str:
    """Why a file cannot be read, now or ever, or nothing."""
    try:
        if stat.S_ISREG(Path(path).stat().st_mode):
            os.close(os.open(path, os.O_RDONLY))
    except OSError as fault:
        return str(fault.strerror)
    return foreign_of(path)


def _begin(fd: int, size: int) -> bytes:
    return os.pread(fd, size, 0)
