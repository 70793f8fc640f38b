"""Siblings: takes a log's path, finds the other files of its rotated set that are new."""

from __future__ import annotations

import functools
import os
import stat
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from logtool.sources import compression
from logtool.sources.heads import HEAD, head_of
from logtool.sources.identity import Identity, identity_of
from logtool.sources.paths import rotation
from logtool.sources.raw import StoredFile
from parsers.classes import dataclass

#: How often a listing is repeated while files are being renamed, and seconds between; how often a
#: copy is looked for that was renamed behind it. Rotation is waited for, but not for ever.
_TRIES, _PAUSE_S, _LOOKS = 100, 0.002, 6
#: Heads of files that were read, kept to know their copies; and files that are known.
_HEADS = 512

_rotation = functools.lru_cache(4096)(rotation)


def read_head(fd: int) -> bytes:
    """The first HEAD bytes of what a file holds, decompressed."""
    head = head_of(fd)
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


def _as_it_is(path: str) -> dict[Identity, bytes]:
    """Device and inode of a log by now, and how it begins: of none if it is not there."""
    with suppress(OSError):
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            status = os.fstat(fd)
            return {identity_of(status): read_head(fd)} if stat.S_ISREG(status.st_mode) else {}
        finally:
            os.close(fd)
    return {}


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


@dataclass(frozen=True, slots=True)
class _Known:
    """A file of the set that was there before.

    Attributes:
        state: its size and modification time; None if it was read by others since.
        head: how it began.
        place: what is behind it is new; None of a copy or a compressed file, which may grow by what
            is not.
    """

    state: tuple[int, int] | None
    head: bytes
    place: int | None


@dataclass(frozen=True, slots=True)
class Fresh:
    """A file beside a log in which something is new.

    Attributes:
        path: where it was found.
        identity: its device and inode.
        fd: a descriptor of it.
        head: how it begins.
        place: what is behind it is new: 0 where the file is.
        mtime_ns: its modification time.
    """

    path: str
    identity: Identity
    fd: int
    head: bytes
    place: int
    mtime_ns: int


class Siblings:
    """Knows which files of a log's rotated set were there before, and how far they went."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._known: dict[Identity, _Known] = {}
        self._heads: deque[bytes] = deque(maxlen=_HEADS)
        self._spared: set[Identity] = set()
        for one in self.fresh(_as_it_is(path)):
            os.close(one.fd)

    def know(self, head: bytes) -> None:
        """What begins so has been read: a copy of it is nothing new."""
        if head and head not in self._heads:
            self._heads.append(head)

    def was_read(self, identity: Identity, place: int, head: bytes = b"") -> None:
        """Others read a file up to a place; without a head, that began as is known."""
        known = self._known.get(identity, _Known(None, head, place))
        if (head := head or known.head) and known.place is not None:
            self._known[identity] = _Known(None, head, place)

    def spare(self, identities: Iterable[Identity]) -> None:
        """Take none of these files for one of the set: we write them."""
        self._spared |= {*identities}

    def fresh(
        self,
        ours: Mapping[Identity, bytes],
        current: Identity | None = None,
        before: bytes = b"",
        heads_now: Callable[[], Iterable[bytes]] = tuple,
    ) -> list[Fresh]:
        """Files that came since the last call, or grew, oldest first.

        Args:
            ours: files that are being read, and how they begin.
            current: the log as it is now; what was renamed after it was opened comes next time.
            before: how the log began when it was read; only what is older is wanted.
            heads_now: how logs begin by now; a copy of one of them is not finished.
        """
        listed = list_siblings(self._path)
        identities = [one.identity for one in listed]
        if current in identities:
            listed = listed[: identities.index(current)]
        new: list[Fresh] = []
        for one in listed:
            known = self._known.get(one.identity)
            is_old = known is not None and known.state == one.state
            if is_old or one.identity in self._spared or one.identity in ours:
                continue
            if (fd := one.open()) is None:
                continue
            head = read_head(fd)
            if _is_alike(head, before):
                os.close(fd)
                break
            place = self._new_from(one, fd, head, ours.values())
            if place is None:
                os.close(fd)
                self.know(head)
            else:
                new.append(Fresh(one.path, one.identity, fd, head, place, one.state[1]))
        unfinished = [*heads_now()] if new else []
        while len(self._known) > _HEADS + len(listed):
            del self._known[next(iter(self._known))]
        return [one for one in new if self._take(one, unfinished)]

    def _new_from(self, one: Sibling, fd: int, head: bytes, ours: Iterable[bytes]) -> int | None:
        """Where what is new in a file begins, if anything is; it is known from now on."""
        known, size = self._known.pop(one.identity, None), one.state[0]
        if not head:
            if known is not None:
                self._known[one.identity] = known
            return None
        if known is not None and _is_alike(head, known.head):
            place = known.place
            self._known[one.identity] = _Known(one.state, head, None if place is None else size)
            return place if place is not None and size > place else None
        # A head that was read before is that of a copy, or of what has been compressed since.
        read = (*self._heads, *ours, *(other.head for other in self._known.values()))
        is_copy = any(_is_alike(head, other) for other in read)
        grows = not is_copy and unpacked(fd) is None
        self._known[one.identity] = _Known(one.state, head, size if grows else None)
        return None if is_copy else 0

    def _take(self, one: Fresh, unfinished: Iterable[bytes]) -> bool:
        if one.place or not any(_is_alike(one.head, head) for head in unfinished):
            # A listing may miss a file that is being renamed: it is known again by what it holds.
            self.know(one.head)
            return True
        os.close(one.fd)
        del self._known[one.identity]
        return False

    def forget(self, fresh: Iterable[Fresh]) -> None:
        """Let files that were found be new again at the next look."""
        for one in fresh:
            os.close(one.fd)
            self._known.pop(one.identity, None)
            if one.place:
                self._known[one.identity] = _Known(None, one.head, one.place)
            elif one.head in self._heads:
                self._heads.remove(one.head)

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
            elif is_continued(head_of(fd), head):
                self._known[one.identity] = _Known(one.state, head, None)
                return fd, True
            else:
                os.close(fd)
        return None, is_sure
