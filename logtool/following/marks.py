"""Marks: take a file as far as it was read, know it again, or its copy, by how it begins."""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from logtool.following.parts import Part
from logtool.following.siblings import read_head, unpacked
from logtool.sources.identity import Identity, identity_of
from parsers.classes import dataclass

#: Stands for the end of a compressed file, whose length is not known without reading it.
ENDLESS = 1 << 62
#: FS_IOC_GETVERSION of linux/fs.h where a long has 64 bits; ext4, xfs and btrfs answer it.
_GETVERSION = 0x80087601


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one log was read.

    Attributes:
        device, inode: of the file.
        head_size: how many of its first bytes are known.
        head_sha256: those bytes' digest.
        place: how many bytes of it were given out.
        generation: which of the files it is that get the inode one after the other; 0 if unknown.
    """

    device: int
    inode: int
    head_size: int
    head_sha256: str
    place: int
    generation: int = 0

    @property
    def identity(self) -> Identity:
        """The file's device and inode."""
        return self.device, self.inode

    @classmethod
    def of(cls, part: Part) -> Mark:
        """The mark of a file, as it was read: by now it may have been cut short and begun anew."""
        head = part.head if unpacked(part.fd) is None else read_head(part.fd)
        return cls.at(part.identity, head, part.given, generation_of(part.fd))

    @classmethod
    def at(cls, identity: Identity, head: bytes, place: int, generation: int = 0) -> Mark:
        """The mark at a place of a file that begins so."""
        return cls(*identity, len(head), hashlib.sha256(head).hexdigest(), place, generation)

    @classmethod
    def in_copies(cls, head: bytes, place: int) -> Mark:
        """The mark at a place of what began so in a file that is another's by now.

        No file is known for it but by that: copies, in whatever form, are.
        """
        return cls.at((0, 0), head, place).outlived()

    def outlived(self) -> Mark:
        """The same where another file has its inode by now, or will have."""
        return replace(self, device=0, inode=int(self.head_sha256[:12], 16), generation=0)

    @property
    def head(self) -> tuple[int, str]:
        """How the file begins."""
        return self.head_size, self.head_sha256

    def is_of(self, head: bytes, generation: int) -> bool:
        """Whether a file that has its inode, and begins so by now, may be the one."""
        return self.begins(head) or self.was_empty(generation)

    def was_empty(self, generation: int) -> bool:
        """Whether nothing was in the file then, and a file with its inode may be it."""
        return not self.head_size and self.generation in (0, generation)

    def begins(self, head: bytes) -> bool:
        """Whether a file that begins so is the one, or its copy."""
        if not self.head_size or len(head) < self.head_size:
            return False
        return hashlib.sha256(head[: self.head_size]).hexdigest() == self.head_sha256


def generation_of(fd: int) -> int:
    """Which of the files it is that get an inode one after the other; 0 where that is not told."""
    with suppress(OSError):
        return int.from_bytes(fcntl.ioctl(fd, _GETVERSION, bytes(8))[:4], sys.byteorder)
    return 0


def length_of(mark: Mark, path: str) -> int | None:
    """How long a file is that begins as a mark says; None of any other."""
    with _opened(path) as fd:
        if fd is None or not mark.begins(read_head(fd)):
            return None
        return _length(fd)


def is_whole_in(mark: Mark, path: str, size: int) -> bool:
    """Whether a file begins as a mark says, and holds so many bytes; a compressed one is read."""
    with _opened(path) as fd:
        if fd is None or not mark.begins(read_head(fd)):
            return False
        pieces = unpacked(fd)
        return size <= (os.fstat(fd).st_size if pieces is None else sum(map(len, pieces)))


@contextmanager
def _opened(path: str) -> Iterator[int | None]:
    """A descriptor of a regular file, as long as it is needed; None if there is none to read."""
    fd = None
    if Path(path).is_file():
        with suppress(OSError):
            fd = os.open(path, os.O_RDONLY)
    try:
        yield fd
    finally:
        if fd is not None:
            os.close(fd)


def _length(fd: int) -> int:
    return os.fstat(fd).st_size if unpacked(fd) is None else ENDLESS


def is_in(mark: Mark, path: str) -> bool:
    """Whether a mark was made in a file, or in what it is a copy of."""
    return found_in(mark, [path]) is not None


def found_in(mark: Mark, paths: Sequence[str]) -> int | None:
    """Which of the files a mark was made in: the very file, or else a copy."""
    copy = None
    for at, path in enumerate(paths):
        with _opened(path) as fd:
            if fd is None:
                continue
            status = os.fstat(fd)
            same = identity_of(status) == mark.identity
            # What a compressed file holds is not counted: that would be to read it all.
            if status.st_size < mark.place and unpacked(fd) is None:
                continue
            if mark.begins(read_head(fd)) or (same and mark.was_empty(generation_of(fd))):
                if same:
                    return at
                copy = at
    return copy


@dataclass(frozen=True, slots=True)
class Look:
    """The members of a set as they are found, by their paths.

    Attributes:
        grown: those that have grown, with marks where.
        strange: those that are not known.
        done: those that were read as far as they are there.
        over: the strange ones that are files which were known, written anew.
        heads: how each begins.
        last: the mark of the youngest that held lines at the last run, if any did.
    """

    grown: Mapping[str, Mark]
    strange: Sequence[str]
    done: Mapping[str, Mark]
    over: Sequence[str]
    heads: Mapping[str, bytes]
    last: Mark | None


class Passed:
    """The members of one rotated set beside the one that is read on, as far as they were read.

    What nobody asked for counts as read as far as it was there. An old child may write to a member
    that was passed; and of a log that was empty when it was last read, there may be a copy since.
    """

    def __init__(self, marks: Iterable[Mark] | None) -> None:
        """Begin with the marks that were kept; None where none ever were."""
        self._is_new = marks is None
        self._before = {mark.identity: mark for mark in marks or ()}
        self._marks = dict(self._before)
        self._packed_from: dict[Identity, Mark] = {}

    def marks_but(self, unread: Mapping[Identity, int]) -> Sequence[Mark]:
        """What to keep, if of some members nothing behind a place is read yet.

        Nor is it in what they are being compressed to, nor is what came to them since they were
        looked at.
        """
        heads = {
            mark.head: unread[mark.identity]
            for mark in self._marks.values()
            if mark.identity in unread and mark.head_size
        }

        def read(mark: Mark) -> int:
            if mark.place != ENDLESS:
                return mark.place
            if (looked := self._packed_from.get(mark.identity)) is not None:
                plain = self._marks.get(looked.identity)
                if plain is not None and plain.head == looked.head:
                    return unread.get(plain.identity, plain.place)
            return heads.get(mark.head, ENDLESS)

        return [
            replace(mark, place=unread.get(identity, read(mark)))
            for identity, mark in self._marks.items()
        ]

    def look(self, paths: Sequence[str]) -> Look:
        """Look at the set anew, for what has grown in it and what is new.

        Copies of what was passed are known, also compressed ones. What was read of a file that is
        gone is not read again in them.
        """
        before, self._marks = self._before, {}  # also at a second look, when files were renamed
        grown: dict[str, Mark] = {}
        strange: list[str] = []
        done: dict[str, Mark] = {}
        over: list[str] = []
        found = {path: one for path in paths if (one := _marked(path)) is not None}
        here = {mark.identity: head for mark, head in found.values()}
        for path, (mark, head) in found.items():
            known = before.get(mark.identity)
            if known is not None and mark.place < ENDLESS and known.is_of(head, mark.generation):
                # By a head that has grown it is told from a file that gets its inode later.
                read: Mark | None = known
            else:
                read = _read_in_copy(path, mark, [*before.values()], here)
            self._marks[mark.identity] = mark if read is None else replace(mark, place=read.place)
            if read is not None:
                (grown if read.place < mark.place else done)[path] = read
            elif not self._is_new:
                strange.append(path)
                if known is not None and known.generation == mark.generation:
                    over.append(path)
        self._packed_from = dict(_packed_beside(found.values()))
        heads = {path: head for path, (_, head) in found.items()}
        last = next((mark for mark in reversed(before.values()) if mark.head_size), None)
        return Look(grown, strange, done, over, heads, last)

    def gone(self, identity: Identity, head: bytes) -> Mark | None:
        """The mark of what was looked at in a file that begins so by now, if it is not that.

        None also where that was empty, or the file is.
        """
        mark = self._marks.get(identity)
        return mark if mark and head and mark.head_size and not mark.begins(head) else None

    def put(self, mark: Mark) -> None:
        """Remember how far a member was read; also of one that had its inode, whose copy may be."""
        before = self._marks.get(mark.identity)
        if before is not None and before.head_size and before.head != mark.head:
            old = before.outlived()
            self._marks = {old.identity: old, **self._marks}
        self._marks[mark.identity] = mark

    def leave(self, paths: Iterable[str], marks: Mapping[str, Mark]) -> None:
        """Remember that files that were looked at are not read, but as far as marks in them say.

        Nor is what they hold in compressed copies, which were passed over for it.
        """
        for path in paths:
            if (found := _marked(path)) is not None:
                place = marks[path].place if path in marks else 0
                left = found[0]
                self._marks[left.identity] = replace(left, place=place)
                for identity, mark in self._marks.items():
                    if mark.head == left.head and mark.place == ENDLESS:
                        self._marks[identity] = replace(mark, place=place)

    def read_to(self, identity: Identity, place: int) -> None:
        """Remember that a member that was looked at was read up to a place."""
        if mark := self._marks.get(identity):
            self._marks[identity] = replace(mark, place=max(mark.place, place))


def _packed_beside(found: Collection[tuple[Mark, bytes]]) -> Iterator[tuple[Identity, Mark]]:
    """The files that what is beside them is being compressed to, with the marks of that."""
    plain = [(mark, head) for mark, head in found if mark.place < ENDLESS and head]
    for packed, head in found:
        if packed.place == ENDLESS and head:
            alike = (mark for mark, whole in plain if whole.startswith(head))
            if (beside := next(alike, None)) is not None:
                yield packed.identity, beside


def _read_in_copy(
    path: str, mark: Mark, before: Sequence[Mark], here: Mapping[Identity, bytes]
) -> Mark | None:
    """How far a file, which is compressed or another's copy, was read; None if it is not known.

    An old child may have written to what it is a copy of since. While that is there, it is read
    there. What a compressed file holds is counted only where that alone tells whether it was read.

    Args:
        path: of the file.
        mark: at its end.
        before: as far as files were read.
        here: how all files begin that are there.
    """
    head = here[mark.identity]
    alike = [one for one in before if one.begins(head)]
    if not alike:
        was_here = any(
            one.identity == mark.identity and one.was_empty(mark.generation) for one in before
        )
        return replace(mark, place=0 if head else mark.place) if was_here else None
    others = (one for one in alike if one.identity != mark.identity)
    is_beside = any(one.begins(here.get(one.identity, b"")) for one in others)
    read = max(alike, key=lambda one: one.place)
    is_open = mark.place == ENDLESS and 0 < read.place < ENDLESS
    if is_beside or (is_open and not is_whole_in(read, path, read.place + 1)):
        return replace(read, place=mark.place)
    return read


def _marked(path: str) -> tuple[Mark, bytes] | None:
    """The mark at the end of a file, and how it begins; None if it cannot be read."""
    with _opened(path) as fd:
        if fd is None:
            return None
        head = read_head(fd)
        mark = Mark.at(identity_of(os.fstat(fd)), head, _length(fd), generation_of(fd))
        return mark, head
