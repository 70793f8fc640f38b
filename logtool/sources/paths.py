"""Paths: takes the FILE arguments, gives the files they mean, rotated sets oldest first."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from logtool.errors import ReadError
from parsers.log_names import looks_like_access_log, read_log_name

#: The argument that means standard input.
STDIN = "-"

_DATED, _NUMBERED, _CURRENT = range(3)


def rotation(name: str) -> tuple[str, tuple[int, ...]]:
    """Take a file name, give the log it belongs to and a key of its age (oldest sorts first).

    A name into which rotation wrote nothing is the file being written, the youngest.
    """
    said = read_log_name(name)
    if said.epoch_s is not None:
        return said.stem, (_DATED, said.epoch_s * 1_000_000)
    if said.local_us is not None:
        return said.stem, (_DATED, said.local_us)
    if said.number is not None:
        return said.stem, (_NUMBERED, -said.number)  # .1 is younger than .2
    return said.stem, (_CURRENT,)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a rotated set, or a log that was never rotated.

    Attributes:
        path: how it was named.
        sequence: the same number for all members of a set.
    """

    path: str
    sequence: int


def in_true_order(paths: Iterable[str]) -> list[Member]:
    """Put the members of each rotated set oldest first, at the place of the set's first member."""
    families: dict[tuple[str, str], list[tuple[tuple[int, ...], str]]] = {}
    for path in paths:
        parent, name = str(Path(path).parent), Path(path).name
        family, age = rotation(name)
        families.setdefault((parent, family), []).append((age, path))
    return [
        Member(path, sequence)
        for sequence, members in enumerate(families.values())
        for _, path in sorted(members)
    ]


def expand(arguments: Sequence[str]) -> list[Member]:
    """Take FILE arguments, give the files they mean in true order, each once.

    A glob may come unexpanded; a directory means the error logs in it. No argument means standard
    input, which stays `-`.

    Raises:
        ReadError: an argument names nothing.
    """
    paths = [path for argument in arguments or (STDIN,) for path in _named_by(argument)]
    return in_true_order(_once(paths))


def _named_by(argument: str) -> list[str]:
    path = Path(argument)
    if argument == STDIN:
        return [argument]
    if path.is_dir():
        return _error_logs_in(path)
    if path.exists() or not glob.has_magic(argument):
        return [argument]
    matches = sorted(match for match in glob.glob(argument) if not Path(match).is_dir())  # noqa: PTH207
    if not matches:
        raise ReadError(f"{argument}: no file matches")
    return matches


def _error_logs_in(directory: Path) -> list[str]:
    """The files with `error` in their name, or else all that are not access logs."""
    try:
        files = sorted(p for p in directory.iterdir() if p.is_file() and p.name[0] != ".")
    except OSError as fault:
        raise ReadError(f"{directory}: {fault.strerror}") from fault
    named = [p for p in files if "error" in p.name] or [
        p for p in files if not looks_like_access_log(p.name)
    ]
    if not named:
        raise ReadError(f"{directory}: no error log in this directory")
    return [str(p) for p in named]


def _once(paths: Iterable[str]) -> list[str]:
    """Drop a file that was named before, also under another name."""
    seen: dict[object, str] = {}
    for path in paths:
        try:
            stat = Path(path).stat() if path != STDIN else None
        except OSError:
            stat = None  # opening it tells the fault
        seen.setdefault((stat.st_dev, stat.st_ino) if stat else path, path)
    return list(seen.values())
