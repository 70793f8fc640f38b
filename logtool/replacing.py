"""Replacing: takes a path and what shall stand there; it is the old or the new, never half.

The new one is written beside it, flushed to the disk and renamed. Who is killed before that leaves
the old one as it was, and perhaps `.NAME.RANDOM` beside it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from logtool.errors import ReadError, WriteError
from logtool.machine.ending import taken_back, undisturbed

#: Permissions of new files: all that the umask allows; only the owner's.
OUTPUT, STATE = 0o666, 0o600

#: So often is a folder emptied that does not stay empty.
_TRIES = 100
#: Of renameat2(2).
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
#: What it says where the kernel or the file system cannot exchange.
_CANNOT = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)


def real_path(path: str | Path) -> Path:
    """The place that a path means, links followed.

    Raises:
        OSError: its links lead to each other.
    """
    real = Path(os.path.realpath(path))
    if real.is_symlink():  # `resolve` raises what is no OSError, before Python 3.13
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    return real


@contextmanager
def replaced_file(path: str | Path, permissions: int = OUTPUT) -> Iterator[int]:
    """A descriptor of what takes the file's place, permissions and all, if nothing goes wrong.

    Raises:
        WriteError: it cannot be made, or put there.
    """
    with _told(path):
        target = real_path(path)
    made = beside(target)
    with taken_back(lambda: made.unlink(missing_ok=True)):
        try:
            with _told(path):
                fd = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, STATE)
            try:
                yield fd
                with _told(path):
                    os.fchmod(fd, _mode_of(target, permissions))
                    os.fsync(fd)
            finally:
                with _told(path):
                    os.close(fd)
            with _told(path):
                made.replace(target)
        except BaseException:
            with suppress(OSError):
                made.unlink(missing_ok=True)
            raise
    _flush_names(target.parent)


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Where to make a file, or a folder of files, that takes the target's place if all goes well.

    A folder takes the place of another one in a single step where the file system can exchange two
    (Linux: ext4, xfs, btrfs, tmpfs and others). Elsewhere the old one goes aside first: killed
    right then, there is none of that name, and both are in `.NAME.RANDOM`.

    Raises:
        OSError: disk full and the like; or a device or a FIFO is there, which nothing replaces.
    """
    from shutil import rmtree  # slow to import, and not to be imported while a signal ends us

    target = real_path(path)
    if target.exists() and not (target.is_file() or target.is_dir()):
        raise OSError(errno.EINVAL, "this is no regular file", str(path))
    folder = beside(target)
    drop = partial(_remove, folder, rmtree)
    with taken_back(drop):
        try:
            with undisturbed():  # else who ends us takes it back first, and then it is made
                folder.mkdir(0o700)
            made = folder / target.name
            yield made
            _flush_all(made)
            with undisturbed():
                _put(made, target)
            _flush_names(target.parent)
        finally:
            drop()


def _remove(folder: Path, rmtree: Callable[..., None]) -> None:
    """Remove a folder, into which other threads may still write when a signal ends us."""
    for _ in range(_TRIES):
        rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return


def write_state(path: str | Path, text: str, made: Callable[[int], None] = lambda fd: None) -> None:
    """Put a small text in the place of a file; `made` takes its descriptor just before.

    Raises:
        WriteError: disk full and the like.
    """
    with replaced_file(path, STATE) as fd, _told(path):
        with open(fd, "wb", closefd=False) as file:
            file.write(text.encode("utf-8"))
        made(fd)


def read_state(path: str | Path) -> bytes | None:
    """What `write_state` has put there; None if there is no such file.

    Raises:
        ReadError: it cannot be read, or is no file: a device may give bytes without end.
    """
    try:
        kind = os.stat(path).st_mode  # noqa: PTH116 - a path as it was named
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            raise ReadError(f"{path}: this is no regular file")
        return Path(path).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise ReadError(f"{path}: {fault.strerror}") from fault


def beside(target: Path) -> Path:
    """A path beside the target that nobody else has."""
    return target.with_name(f".{target.name}.{os.urandom(6).hex()}")


def _put(made: Path, target: Path) -> None:
    """Rename a file or a folder; a folder that is there already comes to where the new one was."""
    if not (target.is_dir() and made.is_dir()):
        made.replace(target)
        return
    if _exchanged(made, target):
        return
    aside = beside(made)
    target.replace(aside)
    try:
        made.replace(target)
    except OSError:
        aside.replace(target)
        raise


def _exchanged(one: Path, other: Path) -> bool:
    """Whether two paths could be exchanged in one step."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:
        return False
    fault = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    if not fault:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(other))


def _flush_all(made: Path) -> None:
    """Wait until a file, or a folder and all that is in it, is on the disk."""
    for folder, _, files in os.walk(made, topdown=False):
        for name in files:
            _flush(Path(folder, name))
        _flush_names(Path(folder))
    if not made.is_dir():
        _flush(made)


def _flush(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _flush_names(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where that can be asked for."""
    with suppress(OSError):
        _flush(folder)


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
