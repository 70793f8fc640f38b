"""Paths: takes the FILE arguments, gives the files they mean, rotated sets oldest first."""

from __future__ import annotations

import errno
import glob
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice, pairwise
from pathlib import Path

from logtool.errors import ReadError
from logtool.sources.identity import Identity, identity_of
from parsers.classes import dataclass
from parsers.log_names import looks_like_access_log, read_log_name
from parsers.units import SECOND

#: The argument that means standard input.
STDIN = "-"
#: And what it is called where people are told of it.
STDIN_NAME = "standard input"

#: That of no file, for what was found and had gone before it was looked at.
_GONE: Identity = (-1, -1)

_NO_LACKS: Mapping[str, str] = {}
_NO_FILES: Mapping[str, Identity | None] = {}
_DATED, _NUMBERED, _CURRENT = range(3)
#: Why what a directory holds is not read: to open it may take it from another, or never end.
_KINDS = (
    (stat.S_ISFIFO, "a named pipe, which is read only where it is named itself"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
#: So many files of a directory whose names do not tell are looked into: each takes 10 to 40 ms.
_LOOKED_INTO = 8


def rotation(name: str) -> tuple[str, tuple[int, ...]]:
    """Take a file name, give the log it belongs to and a key of its age (oldest sorts first).

    A name into which rotation wrote nothing is the file being written, the youngest.
    """
    said = read_log_name(name)
    if said.epoch_s is not None:
        return said.stem, (_DATED, said.epoch_s * SECOND)
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
        lack: why there is no such file, where that is known already.
        identity: its device and inode, if it is a file that was found.
    """

    path: str
    sequence: int
    lack: str = ""
    identity: Identity | None = None

    @property
    def has_moved(self) -> bool:
        """Whether it was found, and another file has its name by now, or none."""
        return self.identity is not None and self.identity != _identity(self.path)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a directory holds, but for hidden names and directories, sorted.

    Attributes:
        files: regular files, also by links.
        lacks: links that lead to none, and why.
        apart: what holds no lines of the past, and what it is: named pipes, sockets, devices.
    """

    files: Sequence[Path]
    lacks: Mapping[Path, str]
    apart: Mapping[Path, str]

    @classmethod
    def of(cls, directory: Path) -> Listing:
        """List a directory; nothing is opened."""
        files: list[Path] = []
        lacks: dict[Path, str] = {}
        apart: dict[Path, str] = {}
        with os.scandir(directory) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                if entry.name[0] == ".":
                    continue
                path = directory / entry.name
                try:
                    mode = entry.stat().st_mode
                except FileNotFoundError:
                    if entry.is_symlink():  # else it has gone meanwhile
                        lacks[path] = "a link to nothing"
                except OSError as fault:
                    if not entry.is_symlink():
                        raise
                    lacks[path] = str(fault.strerror)
                else:
                    if stat.S_ISREG(mode):
                        files.append(path)
                    elif not stat.S_ISDIR(mode):
                        apart[path] = next(kind for is_it, kind in _KINDS if is_it(mode))
        return cls(files, lacks, apart)


def in_true_order(
    paths: Iterable[str],
    lacks: Mapping[str, str] = _NO_LACKS,
    files: Mapping[str, Identity | None] = _NO_FILES,
) -> list[Member]:
    """Put the members of each rotated set oldest first, at the place of the set's first member."""
    families: dict[tuple[str, str], list[tuple[tuple[int, ...], str]]] = {}
    for path in paths:
        parent, name = str(Path(path).parent), Path(path).name
        family, age = rotation(name)
        families.setdefault((parent, family), []).append((age, path))
    return [
        Member(path, sequence, lacks.get(path, ""), files.get(path))
        for sequence, members in enumerate(families.values())
        for _, path in sorted(members)
    ]


def expand(
    arguments: Sequence[str], *, all_needed: bool = True, others: bool = False
) -> list[Member]:
    """Take FILE arguments, give the files they mean in true order, each once.

    A glob may come unexpanded; a directory means the error logs in it. No argument means standard
    input, which stays `-`.

    Args:
        arguments: the FILE arguments.
        all_needed: else one that names nothing is a member that lacks, beside others.
        others: a link in a directory that has an error log's name and leads to nothing is one
            likewise.

    Raises:
        ReadError: an argument names nothing.
    """
    return expand_and_list(arguments, all_needed=all_needed, others=others)[0]


def expand_and_list(
    arguments: Sequence[str], *, all_needed: bool = True, others: bool = False
) -> tuple[list[Member], list[Listing]]:
    """The same, and what the directories among the arguments hold.

    Raises:
        ReadError: an argument names nothing.
    """
    paths: list[str] = []
    lacks: dict[str, str] = {}
    looked_for: set[str] = set()
    listings: list[Listing] = []
    for argument in arguments or (STDIN,):
        try:
            if argument != STDIN and Path(argument).is_dir():
                listings.append(Listing.of(Path(argument)))
                found, odd = _error_logs_in(Path(argument), listings[-1], others=others)
                lacks |= odd
            else:
                found = [argument] if argument == STDIN else files_named(argument)
            looked_for |= {*found} - {argument}
            paths += found
        except OSError as fault:
            if all_needed:
                raise ReadError(f"{argument}: {fault.strerror}") from fault
            paths.append(argument)
            lacks[argument] = str(fault.strerror)
    looked_for.difference_update(lacks)
    files = {path: _identity(path) or (_GONE if path in looked_for else None) for path in paths}
    return in_true_order(_once(files), lacks, files), listings


def files_named(argument: str) -> list[str]:
    """The files that an argument means: a path as it is, or what an unexpanded glob matches.

    Raises:
        FileNotFoundError: no file matches the glob.
    """
    if Path(argument).exists() or not is_pattern(argument):
        return [argument]
    matches = sorted(match for match in glob.glob(argument) if not Path(match).is_dir())  # noqa: PTH207
    if not matches:
        raise FileNotFoundError(errno.ENOENT, "no file matches")
    return matches


def is_pattern(argument: str) -> bool:
    """Whether an argument that is no path may stand for several."""
    return glob.has_magic(argument)


def is_fifo(path: str) -> bool:
    """Whether a path is that of a named pipe."""
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)  # noqa: PTH116 - a path as it was named
    except OSError:
        return False


def missing_members(paths: Iterable[str]) -> Iterator[str]:
    """What is left out of rotated sets that are numbered, a sentence for people for each gap.

    What lies behind the oldest is not missed: rotation has dropped it. Where more would be missing
    than is there, the numbers are no ages (`error.log.443`, `error.log.8080`).
    """
    sets: dict[tuple[Path, str], set[int]] = {}
    for path in paths:
        said = read_log_name(Path(path).name)
        if said.number is not None or not said.rotation:
            sets.setdefault((Path(path).parent, said.stem), set()).add(said.number or 0)
    for (folder, stem), numbers in sets.items():
        gaps = [pair for pair in pairwise(sorted(numbers)) if pair[1] > pair[0] + 1]
        if sum(after - before - 1 for before, after in gaps) >= len(numbers):
            continue
        for before, after in gaps:
            first = folder / f"{stem}.{before + 1}"
            which = f"{first} is" if after == before + 2 else f"{first} to .{after - 1} are"
            yield f"{which} not among the members that are read; lines of that time are missing"


def _error_logs_in(
    directory: Path, listing: Listing, *, others: bool
) -> tuple[list[str], dict[str, str]]:
    """The files with `error` in their name, or else all others that hold lines of an error log.

    Also other members of their sets, and logs that may not be read: who opens them tells so; and if
    it shall tell of `others`, links to none under such a name, the second time with the reason.
    """
    from logtool.sources.recognising import is_error_log  # it stands on this module

    files = listing.files
    named = [p for p in files if "error" in p.name]
    stems: set[str] = set()
    if not named:
        unnamed = [p for p in files if not looks_like_access_log(p.name)]
        stems = {_stem(p) for p in unnamed if _is_locked_log(p) or is_error_log(str(p))}
        named = [p for p in unnamed if _stem(p) in stems]
    odd = {
        str(p): why
        for p, why in listing.lacks.items()
        if others and ("error" in p.name or _stem(p) in stems)
    }
    if not named and not odd:
        apart = "".join(f"; {p.name} is {kind}" for p, kind in _logs_apart(listing))
        none = f"no error log in this directory{apart}{_below(directory)}"
        raise FileNotFoundError(errno.ENOENT, none)
    return [*map(str, named), *odd], odd


def apart_of(arguments: Sequence[str], listings: Iterable[Listing]) -> Iterator[str]:
    """What directories hold under an error log's name that is no log of the past, a sentence each.

    Args:
        arguments: the FILE arguments.
        listings: what the directories among them hold.
    """
    named = [*map(Path, arguments)]
    for listing in listings:
        for path, kind in _logs_apart(listing):
            if path not in named:
                yield f"{path}: {kind}; left out"


def left_out_of(arguments: Sequence[str], listings: Iterable[Listing]) -> Iterator[str]:
    """Error logs in directories among FILE arguments that are not read, a sentence for each.

    Where names of others hold `error`, only those are read. Of the rest some few are looked at.

    Args:
        arguments: the FILE arguments.
        listings: what the directories among them hold.
    """
    from logtool.sources.recognising import is_error_log  # it stands on this module

    named = [*map(Path, arguments)]
    for listing in listings:
        files = [p for p in listing.files if not looks_like_access_log(p.name)]
        others = {_stem(p): p for p in reversed(files) if "error" not in p.name}
        if len(others) == len({_stem(p) for p in files}):
            continue  # all that hold such lines are read
        for path in islice(reversed(others.values()), _LOOKED_INTO):
            if path not in named and is_error_log(str(path)):
                yield (
                    f"{path}: an error log too, by its lines, but left out: with a directory "
                    "those are read whose names hold `error`; name it to read it"
                )


def _logs_apart(listing: Listing) -> Iterator[tuple[Path, str]]:
    """What has an error log's name and is no log of the past, and what it is."""
    return ((path, kind) for path, kind in listing.apart.items() if "error" in path.name)


def _stem(path: Path) -> str:
    return read_log_name(path.name).stem


def _is_locked_log(path: Path) -> bool:
    return _stem(path).endswith(".log") and not os.access(path, os.R_OK)


def _below(directory: Path) -> str:
    """Where else there is one."""
    for folder in sorted(p for p in directory.iterdir() if p.is_dir()):
        with suppress(OSError):
            if any("error" in p.name for p in Listing.of(folder).files):
                return f"; there is one in {folder.name}/ (report --by-host looks there)"
    return ""


def _identity(path: str) -> Identity | None:
    """Device and inode of what is there under a name; None of nothing, and of standard input."""
    if path == STDIN:
        return None
    try:
        return identity_of(os.stat(path))  # noqa: PTH116 - a path as it was named
    except OSError:
        return None  # opening it tells the fault


def _once(files: Mapping[str, Identity | None]) -> list[str]:
    """Drop a file that was named before, also under another name."""
    seen: dict[object, str] = {}
    for path, identity in files.items():
        seen.setdefault(identity if identity not in (None, _GONE) else path, path)
    return list(seen.values())
