"""Siblings: takes a log's path, finds the other files of its rotated set that are new."""

from __future__ import annotations

import functools
import os
import stat
import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from logtool.sources import compression
from logtool.sources.paths import rotation
from logtool.sources.raw import StoredFile
from parsers.classes import dataclass

#: Bytes at a file's beginning by which it is known again.
HEAD = 4096
#: How often a listing is repeated while files are being renamed, and seconds between; how often a
#: copy is looked for that was renamed behind it. Rotation is waited for, but not for ever.
_TRIES, _PAUSE_S, _LOOKS = 100, 0.002, 6
#: Heads of files that were read, kept to know their copies.
_HEADS = 512

_rotation = functools.lru_cache(4096)(rotation)

#: Device and inode.
Identity = tuple[int, int]


def identity_of(status: os.stat_result) -> Identity:
    """What stays the same when a file is renamed, as long as it exists."""
    return status.st_dev, status.st_ino


def read_head(fd: int) -> bytes:
    """The first HEAD bytes of what a file holds, decompressed."""
    head = os.pread(fd, HEAD, 0)
    plain = bytearray()
    for piece in unpacked(fd) or (head,):
        plain += piece
        if len(plain) >= HEAD:
            break
    return bytes(plain[:HEAD])


def unpacked(fd: int) -> Iterator[bytes] | None:
    """The pieces of what a compressed file holds, or None if it is not compressed."""
    kind = compression.compression_of(os.pread(fd, compression.MAGIC_SIZE, 0))
    return None if kind is None else _pieces(fd, kind)


def _pieces(fd: int, kind: compression.Compression) -> Iterator[bytes]:
    raw = StoredFile("", os.dup(fd), lambda fault: None)
    try:
        yield from compression.decompress(raw, kind, lambda fault: None)
    finally:
        raw.close()


def is_continued(head: bytes, before: bytes) -> bool:
    """Whether a file that began with `before` may begin with `head` by now."""
    return bool(before) and head.startswith(before)


def _is_alike(one: bytes, other: bytes) -> bool:
    """Whether two files may be copies, one of them perhaps unfinished."""
    return is_continued(one, other) or is_continued(other, one)


@dataclass(frozen=True, slots=True)
class Sibling:
    """A file of a rotated set.

    Attributes:
        path: where it was found.
        age: sorts older files first.
        identity: its device and inode.
        state: its size and modification time in ns.
    """

    path: str
    age: tuple[int, ...]
    identity: Identity
    state: tuple[int, int]

    def open(self) -> int | None:
        """A descriptor of this very file, or None if its name is another's by now."""
        try:
            fd = os.open(self.path, os.O_RDONLY)
        except OSError:
            return None
        if identity_of(os.fstat(fd)) == self.identity:
            return fd
        os.close(fd)
        return None


def list_siblings(path: str) -> list[Sibling]:
    """The rotated files beside a log, oldest first; the log itself is not among them."""
    for before, now in pairwise(_listings(path)):
        if [(one.path, one.identity) for one in before] == [(x.path, x.identity) for x in now]:
            break  # nothing was renamed under our hands
    return now


def _listings(path: str) -> Iterator[list[Sibling]]:
    yield _listed(path)
    for _ in range(_TRIES):
        yield _listed(path)
        time.sleep(_PAUSE_S)


def _listed(path: str) -> list[Sibling]:
    log = Path(path)
    family, _ = _rotation(log.name)
    found: list[Sibling] = []
    try:
        entries = [*os.scandir(log.parent)]
    except OSError:
        return found
    for entry in entries:
        stem, age = _rotation(entry.name)
        if entry.name == log.name or stem != family:
            continue
        try:
            status = os.stat(entry.path)  # noqa: PTH116 - quicker than through a Path
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode):
            state = status.st_size, status.st_mtime_ns
            found.append(Sibling(entry.path, age, identity_of(status), state))
    return sorted(found, key=lambda one: (one.age, one.path))


class Siblings:
    """Knows which files of a log's rotated set were there before."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._known: dict[Identity, tuple[tuple[int, int], bytes]] = {}
        self._heads: deque[bytes] = deque(maxlen=_HEADS)
        for fd in self.fresh():
            os.close(fd)

    def know(self, head: bytes) -> None:
        """What begins so has been read: a copy of it is nothing new."""
        if head and head not in self._heads:
            self._heads.append(head)

    def fresh(
        self,
        ours: frozenset[Identity] = frozenset(),
        current: Identity | None = None,
        before: bytes = b"",
        head_now: Callable[[], bytes] = bytes,
    ) -> list[int]:
        """Descriptors of files that came since the last call, oldest first.

        Args:
            ours: files that are being read.
            current: the log as it is now; what was renamed after it was opened comes next time.
            before: how the log began when it was read; only what is older is wanted.
            head_now: how the log begins by now; a copy of that is not finished.
        """
        listed = list_siblings(self._path)
        identities = [one.identity for one in listed]
        if current in identities:
            listed = listed[: identities.index(current)]
        heads = [*self._heads, *(head for _, head in self._known.values())]
        left = {one: self._known[one] for one in identities if one in self._known}
        new: list[tuple[int, Identity, bytes]] = []
        for one in listed:
            state, head = left.get(one.identity, (None, b""))
            if state == one.state or (fd := one.open()) is None:
                continue
            now = read_head(fd)
            if _is_alike(now, before):
                os.close(fd)
                break
            # A head that was read before is that of a copy, or of what has been compressed since.
            old = one.identity in ours or any(_is_alike(now, known) for known in (head, *heads))
            if old or not now:
                os.close(fd)
                self.know(now)
            else:
                new.append((fd, one.identity, now))
            if now:
                left[one.identity] = one.state, now
                heads.append(now)
        unfinished = head_now()
        self._known = left
        return [fd for fd, identity, head in new if self._take(fd, identity, head, unfinished)]

    def _take(self, fd: int, identity: Identity, head: bytes, unfinished: bytes) -> bool:
        if not _is_alike(head, unfinished):
            # A listing may miss a file that is being renamed: it is known again by what it holds.
            self.know(head)
            return True
        os.close(fd)
        del self._known[identity]
        return False

    def copy_of(self, head: bytes, size: int) -> int | None:
        """A descriptor of the copy that rotation made of a log before it cut that short.

        Args:
            head: how the log began.
            size: as much of it was read; the copy has at least that.
        """
        for _ in range(_LOOKS):
            fd, is_sure = self._copy_among(list_siblings(self._path), head, size)
            if is_sure:
                return fd
        return None

    def _copy_among(self, listed: list[Sibling], head: bytes, size: int) -> tuple[int | None, bool]:
        """The copy, and whether that is all: none had been renamed behind the listing."""
        is_sure = True
        for one in reversed(listed):
            if one.state[0] < size:
                continue
            fd = one.open()
            if fd is None:
                is_sure = False
            elif is_continued(os.pread(fd, HEAD, 0), head):
                self._known[one.identity] = one.state, head
                return fd, True
            else:
                os.close(fd)
        return None, is_sure
