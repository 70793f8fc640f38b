"""Families: take the path of a log, tell its rotated set, and why it cannot be read."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from functools import partial
from pathlib import Path

from logtool.sources.compression import FOREIGN_SIZE, foreign_kind
from logtool.sources.paths import rotation


def family_of(path: str) -> str:
    """The name under which a rotated log was written."""
    whole = Path(path).absolute()
    return str(whole.parent / rotation(whole.name)[0])


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
