"""Cursors: take a file that says where the last run ended, give what has been logged since.

A cursor knows a log by its device and inode and by how it begins, so it finds the place again
after the log was renamed, copied or compressed.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, field, replace
from pathlib import Path

from logtool.errors import ReadError, UsageError
from logtool.following.siblings import identity_of, list_siblings, read_head, unpacked
from logtool.following.tails import Part
from logtool.replacing import write_state
from logtool.sources.paths import STDIN, Member, expand, rotation
from logtool.terminal import safe
from parsers.classes import dataclass

_VERSION = 1
#: Stands for the end of a compressed file, whose length is not known without reading it.
_ENDLESS = 1 << 62


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
        asked: the names of the logs that are read.
        lost: those of which the file where the last run ended is gone.
        shut: files that cannot be read, and why; the next run begins where this one found them.
    """

    path: str
    marks: dict[str, Mark] = field(default_factory=dict)
    saved_s: float = 0.0
    asked: frozenset[str] = frozenset()
    lost: tuple[str, ...] = ()
    shut: dict[str, str] = field(default_factory=dict)

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

    def tell_faults(self, say: Callable[[str], None]) -> bool:
        """Say of which logs lines may be missing, now or for ever; gives whether there are such."""
        for name in self.lost:
            gone = "the file where the last run ended is gone; lines may be missing"
            say(safe(f"errlog: {name}: {gone}"))
        for path, fault in self.shut.items():
            say(safe(f"errlog: {path}: {fault}; left out"))
        return bool(self.lost or self.shut)

    def put(self, path: str, mark: Mark) -> None:
        """Remember how far a file was read, unless it only holds the rest of another log."""
        if family_of(path) in self.asked:
            self.marks[family_of(path)] = mark

    def since(self, arguments: Sequence[str], *, all_needed: bool = True) -> Since:
        """What the FILE arguments mean (paths, globs, directories), without what was read before.

        Logs of which the cursor knows nothing begin at their beginning. Unless all are needed, a
        set is read as far as its first file that cannot be.

        Raises:
            UsageError: the cursor was saved for other logs, or standard input is named.
            ReadError: an argument names nothing, if all are needed; or no file can be read.
        """
        families = _families(arguments, all_needed=all_needed)
        self.asked = frozenset(families)
        if self.marks and not self.asked & set(self.marks):
            raise UsageError(
                f"{self.path} was saved for {_named(self.marks)}, not for {_named(families)}; "
                "give each set of logs a cursor file of its own"
            )
        known = {name: self.marks[name] for name in families if name in self.marks}
        candidates = {name: _candidates(name, families[name]) for name in known}
        every = [Path(one.path).absolute() for members in families.values() for one in members]
        given = [str(path) for path in every if path.is_file()]
        ends = {name: _end(mark, name, candidates[name], given) for name, mark in known.items()}
        hidden = {
            name: [path for path in candidates[name] if _fault(path) and self._may_hold(mark, path)]
            for name, mark in known.items()
            if ends[name] is None
        }
        self.lost = tuple(name for name, files in hidden.items() if not files)
        self.shut = {}
        paths: list[str] = []
        for name, members in families.items():
            if name not in known:
                mine = [one.path for one in members if not self._is_copy(name, one.path, known)]
            elif (end := ends[name]) in candidates[name]:
                mine = candidates[name][candidates[name].index(end) :]
            elif hidden.get(name):
                mine = hidden[name]
            else:
                new = [path for path in candidates[name] if self._is_newer(path) or path == name]
                mine = [*filter(None, [end]), *new]
            others = {end for other, end in ends.items() if other != name}
            mine = [path for path in mine if str(Path(path).absolute()) not in others]
            lacks = {one.path: one.lack for one in members}
            paths += mine if all_needed else self._readable(mine, lacks)
        if self.shut and not paths:
            raise ReadError(": ".join(next(iter(self.shut.items()))))
        marks = {end: known[name] for name, end in ends.items() if end in paths}
        return Since(tuple(paths), marks)

    def _is_copy(self, name: str, path: str, known: Mapping[str, Mark]) -> bool:
        """Whether a file of a set that is new begins like a log that was read: that it was, or is.

        It then has a mark at its end.
        """
        for mark in known.values():
            if (end := _length(mark, path)) is not None:
                status = Path(path).stat()
                device, inode = identity_of(status)
                self.marks[name] = replace(mark, device=device, inode=inode, place=end)
                return True
        return False

    def _readable(self, paths: Sequence[str], lacks: Mapping[str, str]) -> list[str]:
        """Those before the first that cannot be read: behind it would be a gap."""
        for at, path in enumerate(paths):
            if fault := lacks.get(path) or _fault(path):
                self.shut[path] = fault
                return [*paths[:at]]
        return [*paths]

    def _may_hold(self, mark: Mark, path: str) -> bool:
        try:
            same = identity_of(Path(path).stat()) == (mark.device, mark.inode)
        except OSError:
            return False
        return same or self._is_newer(path)

    def _is_newer(self, path: str) -> bool:
        try:
            return Path(path).stat().st_mtime > self.saved_s
        except OSError:
            return False


def family_of(path: str) -> str:
    """The name under which a rotated log was written."""
    whole = Path(path).absolute()
    return str(whole.parent / rotation(whole.name)[0])


def _fault(path: str) -> str:
    """Why a file cannot be read, or nothing."""
    try:
        if stat.S_ISREG(Path(path).stat().st_mode):
            os.close(os.open(path, os.O_RDONLY))
    except OSError as fault:
        return str(fault.strerror)
    return ""


def _families(arguments: Sequence[str], *, all_needed: bool) -> dict[str, list[Member]]:
    families: dict[str, list[Member]] = {}
    for member in expand(arguments, all_needed=all_needed):
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


def _end(mark: Mark, name: str, candidates: Sequence[str], given: Sequence[str]) -> str | None:
    """The file where a mark was made, or its copy: in its rotated set or by any other name.

    Beside the logs that were given only the very file counts: what errlog wrote may begin like it.
    """
    for paths in (candidates, given if mark.head_size else (), _same_beside(mark, name)):
        if (at := _found(mark, paths)) is not None:
            return paths[at]
    return None


def _same_beside(mark: Mark, name: str) -> list[str]:
    """The very file, by whatever name it has in its folder."""
    same: list[str] = []
    with suppress(OSError), os.scandir(Path(name).parent) as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(status.st_mode) and mark.head_size:
                same += [entry.path] * (identity_of(status) == (mark.device, mark.inode))
    return same


def _length(mark: Mark, path: str) -> int | None:
    """How long a file is that begins as a mark says; None of any other."""
    if not Path(path).is_file():
        return None
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        if not mark.begins(read_head(fd)):
            return None
        return os.fstat(fd).st_size if unpacked(fd) is None else _ENDLESS
    finally:
        os.close(fd)


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
