"""Cursors: take a file that says where the last run ended, give what has been logged since.

A cursor knows a log by its device and inode and by how it begins, so it finds the place again
after the log was renamed, copied or compressed.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, field
from pathlib import Path

from logtool.errors import ReadError, UsageError
from logtool.following.siblings import identity_of, list_siblings, read_head, unpacked
from logtool.following.tails import Part
from logtool.replacing import write_state
from logtool.sources.paths import STDIN, Member, expand, rotation
from parsers.classes import dataclass

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one log was read.

    Attributes:
        device, inode: of the file.
        head_size: how many of its first bytes are known.
        head_sha256: those bytes' digest.
        place: how many bytes of it were given out.
    """

    device: int
    inode: int
    head_size: int
    head_sha256: str
    place: int

    @classmethod
    def of(cls, part: Part) -> Mark:
        """The mark of a file, as it was read: by now it may have been cut short and begun anew."""
        head = part.head if unpacked(part.fd) is None else read_head(part.fd)
        return cls(*part.identity, len(head), hashlib.sha256(head).hexdigest(), part.given)

    def begins(self, head: bytes) -> bool:
        """Whether a file that begins so is the one, or its copy."""
        if not self.head_size or len(head) < self.head_size:
            return False
        return hashlib.sha256(head[: self.head_size]).hexdigest() == self.head_sha256


@dataclass(frozen=True, slots=True)
class Since:
    """The files that hold what was logged since a cursor was saved.

    Attributes:
        paths: oldest first.
        marks: those made in one of them, by its path: there it begins behind the mark's place.
    """

    paths: tuple[str, ...]
    marks: Mapping[str, Mark]


@dataclass(slots=True)
class Cursor:
    """What a cursor file says.

    Attributes:
        path: the cursor file.
        marks: a mark for each log, by the name under which it is written.
        saved_s: when it was saved, seconds since 1970; 0 if it never was.
    """

    path: str
    marks: dict[str, Mark] = field(default_factory=dict)
    saved_s: float = 0.0

    @classmethod
    def load(cls, path: str) -> Cursor:
        """Read a cursor file; one that does not exist yet begins at the beginning.

        Raises:
            ReadError: it cannot be read.
            UsageError: it is no cursor file.
        """
        try:
            said = json.loads(Path(path).read_bytes())
            if said["errlog_cursor"] != _VERSION:
                raise ValueError
            marks = {name: Mark(**mark) for name, mark in said["logs"].items()}
            return cls(path, marks, float(said["saved"]))
        except FileNotFoundError:
            return cls(path)
        except OSError as fault:
            raise ReadError(f"{path}: {fault.strerror}") from fault
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise UsageError(f"{path}: this is no cursor file of errlog") from fault

    def save(self) -> None:
        """Write it whole, in the place of the one before.

        Raises:
            WriteError: disk full and the like.
        """
        self.saved_s = time.time()
        logs = {name: asdict(mark) for name, mark in self.marks.items()}
        text = json.dumps(
            {"errlog_cursor": _VERSION, "saved": self.saved_s, "logs": logs}, indent=1
        )
        write_state(self.path, text + "\n")

    def since(self, arguments: Sequence[str], tell: Callable[[str], None]) -> Since:
        """What the FILE arguments mean, without what was read before.

        Args:
            arguments: paths, globs and directories.
            tell: takes a sentence for people where lines may be missing.

        Raises:
            UsageError: the cursor was saved for other logs, or standard input is named.
            ReadError: an argument names nothing.
        """
        families = _families(arguments)
        if self.marks and set(self.marks) != set(families):
            raise UsageError(
                f"{self.path} was saved for {_named(self.marks)}, not for {_named(families)}; "
                "give each set of logs a cursor file of its own"
            )
        paths: list[str] = []
        marks: dict[str, Mark] = {}
        for name, members in families.items():
            if name not in self.marks:
                paths += [member.path for member in members]
                continue
            candidates = _candidates(name, members)
            at = _found(self.marks[name], candidates)
            if at is None:
                tell(f"{name}: the file where the last run ended is gone; lines may be missing")
                paths += [path for path in candidates if self._is_newer(path) or path == name]
            else:
                paths += candidates[at:]
                marks[candidates[at]] = self.marks[name]
        return Since(tuple(paths), marks)

    def _is_newer(self, path: str) -> bool:
        try:
            return Path(path).stat().st_mtime > self.saved_s
        except OSError:
            return False


def family_of(path: str) -> str:
    """The name under which a rotated log was written."""
    whole = Path(path).absolute()
    return str(whole.parent / rotation(whole.name)[0])


def _families(arguments: Sequence[str]) -> dict[str, list[Member]]:
    families: dict[str, list[Member]] = {}
    for member in expand(arguments):
        if member.path == STDIN:
            raise UsageError("--cursor-file: standard input has no place to come back to")
        families.setdefault(family_of(member.path), []).append(member)
    return families


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _candidates(name: str, members: Sequence[Member]) -> list[str]:
    """Every file of a rotated set, oldest first, by absolute paths."""
    found = {one.path: one.age for one in list_siblings(name)}
    for path in (name, *(str(Path(member.path).absolute()) for member in members)):
        if Path(path).is_file():
            found.setdefault(path, rotation(Path(path).name)[1])
    return sorted(found, key=lambda path: (found[path], path))


def is_in(mark: Mark, path: str) -> bool:
    """Whether a mark was made in a file, or in what it is a copy of."""
    return _found(mark, [path]) is not None


def _found(mark: Mark, paths: Sequence[str]) -> int | None:
    """Which of the files a mark was made in: the very file, or else a copy."""
    copy = None
    for at, path in enumerate(paths):
        try:
            fd = os.open(path, os.O_RDONLY)
        except OSError:
            continue
        try:
            status = os.fstat(fd)
            same = identity_of(status) == (mark.device, mark.inode)
            # What a compressed file holds is not counted: that would be to read it all.
            if status.st_size < mark.place and unpacked(fd) is None:
                continue
            if mark.begins(read_head(fd)) or (same and not mark.head_size):
                if same:
                    return at
                copy = at
        finally:
            os.close(fd)
    return copy
