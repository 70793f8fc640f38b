"""Paths: takes the FILE arguments, gives the files they mean, rotated sets oldest first."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from logtool.errors import ReadError

#: The argument that means standard input.
STDIN = "-"

_COMPRESSED = re.compile(r"\.(?:gz|bz2|xz|zst)$")
_EXTENSION = r"(?P<ext>\.[A-Za-z]\w*)?$"
#: logrotate's dateext, rotatelogs with a strftime name: the day, then perhaps a time or an epoch.
_DATED = re.compile(
    r"^(?P<stem>.*?)[-._]?(?P<year>(?:19|20)\d\d)(?P<sep>[-._]?)(?P<month>0[1-9]|1[0-2])(?P=sep)"
    r"(?P<day>0[1-9]|[12]\d|3[01])(?P<rest>(?:[-._T:]?\d+)*)" + _EXTENSION
)
#: rotatelogs without a strftime name: the epoch second at which the file began.
_EPOCH = re.compile(r"^(?P<stem>.*?)[-._](?P<epoch>\d{9,11})" + _EXTENSION)
#: logrotate's default: .1 is younger than .2.
_NUMBERED = re.compile(r"^(?P<stem>.*?[^\d.])\.(?P<number>\d{1,4})" + _EXTENSION)

_DATE_RANK, _NUMBER_RANK, _CURRENT_RANK = range(3)


def rotation(name: str) -> tuple[str, tuple[int, ...]]:
    """Take a file name, give the log it belongs to and a key of its age (oldest sorts first).

    Knows logrotate's numbers and `dateext`, rotatelogs' epochs and strftime names, and compressed
    members of them all. A name without any of these is the file being written, the youngest.
    """
    bare = _COMPRESSED.sub("", name)
    if match := _EPOCH.match(bare):
        return _family(match), (_DATE_RANK, int(match["epoch"]))
    if match := _DATED.match(bare):
        day = int(match["year"] + match["month"] + match["day"])
        rest = [int(digits) for digits in re.findall(r"\d+", match["rest"])]
        return _family(match), (_DATE_RANK, day, *rest)
    if match := _NUMBERED.match(bare):
        return _family(match), (_NUMBER_RANK, -int(match["number"]))
    return bare, (_CURRENT_RANK,)


def _family(match: re.Match[str]) -> str:
    return match["stem"] + (match["ext"] or "")


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
    named = [p for p in files if "error" in p.name] or [p for p in files if "access" not in p.name]
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
