"""Replacing: takes a file's path and its new bytes; the file is the old or the new one, never half.

The new one is written beside it and renamed. Who is killed before that leaves the old one as it
was, and perhaps `.NAME.RANDOM` beside it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from logtool.ending import taken_back
from logtool.errors import WriteError

#: Permissions of new files: all that the umask allows; only the owner's.
OUTPUT, STATE = 0o666, 0o600


@contextmanager
def replaced_file(path: str | Path, permissions: int = OUTPUT) -> Iterator[int]:
    """A descriptor of what takes the file's place, permissions and all, if nothing goes wrong.

    Raises:
        WriteError: it cannot be made, or put there.
    """
    with _told(path):
        target = Path(path).resolve()
    made = beside(target)
    with taken_back(lambda: made.unlink(missing_ok=True)):
        try:
            with _told(path):
                fd = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, STATE)
            try:
                yield fd
                with _told(path):
                    os.fchmod(fd, _mode_of(target, permissions))
            finally:
                with _told(path):
                    os.close(fd)
            with _told(path):
                made.replace(target)
        except BaseException:
            with suppress(OSError):
                made.unlink(missing_ok=True)
            raise


def write_state(path: str | Path, text: str) -> None:
    """Put a small text in the place of a file, so that it outlives a loss of power too.

    Raises:
        WriteError: disk full and the like.
    """
    with replaced_file(path, STATE) as fd, _told(path), open(fd, "wb", closefd=False) as file:
        file.write(text.encode("utf-8"))
        file.flush()
        os.fsync(fd)


def beside(target: Path) -> Path:
    """A path beside the target that nobody else has."""
    return target.with_name(f".{target.name}.{os.urandom(6).hex()}")


@contextmanager
def _told(path: str | Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise WriteError(f"{path}: {fault.strerror}") from fault


def _mode_of(target: Path, permissions: int) -> int:
    """The permissions of the file to replace, or those of a new one."""
    with suppress(OSError):
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return permissions & ~mask
