"""Tails: takes a log's path, gives the lines that are appended to it, whatever rotation does.

A log that is renamed is read on under its old descriptor, because httpd's children write to it
until they end; the new file of its name is read beside it. Files that came and went between two
looks are found beside the log. What was cut short (copytruncate) is read to its end in the copy.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from typing import TypeAlias

from logtool.following.siblings import HEAD, Identity, Siblings, identity_of, unpacked
from logtool.sources.temporary import TemporaryBytes
from parsers.classes import dataclass

#: Seconds between two looks whether something was written.
PAUSE_S = 0.2
#: Bytes read at once, and bytes of a line that are held back until its newline comes.
_MOST, _LONGEST = 4 << 20, 1 << 20
#: Seconds for which a file that lost its name is still read after it last grew, and how many such.
_LINGER, _PARTS = 600.0, 64


@dataclass(frozen=True, slots=True)
class Arrived:
    """Lines that came together.

    Attributes:
        text: whole lines; the last may lack its newline only where nothing follows.
        since_us: they came after this instant, µs UTC ...
        now_us: ... and not after this one.
        part: the file that they stand in, which is open while they are looked at; none for a pipe.
        place: where they begin in it.
    """

    text: bytes
    since_us: int
    now_us: int
    part: Part | None = None
    place: int = 0

    @property
    def written_us(self) -> int | None:
        """When their file was written last, µs UTC; None if that is not known."""
        return None if self.part is None else self.part.written_us


def now_us() -> int:
    """The present, microseconds UTC."""
    return time.time_ns() // 1000


def whole_lines(held: bytes, data: bytes) -> tuple[bytes, bytes]:
    """Whole lines of what was held back and what has come; and what is to be held back now.

    That is a line whose newline has not come. One that is very long is not waited for.
    """
    cut = data.rfind(b"\n") + 1
    if not cut and len(held) + len(data) > _LONGEST:
        cut = len(data)
    return (held + data[:cut], data[cut:]) if cut else (b"", held + data)


class Part:
    """One file that has the log's name, or had it.

    Attributes:
        identity: its device and inode.
        place: how many bytes of it were read.
        head: its first bytes, of those that were read or are about to be.
        held: the last of those bytes: a line whose newline has not come.
        grew: when it last grew, seconds of the monotonic clock.
        anew: it was cut short, and nothing was read of it since.
    """

    def __init__(self, fd: int, place: int = 0) -> None:
        self._fd = fd
        self.identity: Identity = identity_of(os.fstat(fd))
        self.held = b""
        self.grew = time.monotonic()
        self.anew = False
        self._state = (-1, -1)
        self.skip(place)

    def skip(self, place: int) -> None:
        """Go on from a place: what is before it was read by others."""
        self.place = place
        self.head = os.pread(self._fd, min(HEAD, place), 0)

    def begin(self, place: int) -> None:
        """Let others read it from a place on; it begins as it does now."""
        self.place, self.head = place, self.head_now()

    def took(self, place: int, begin: bytes = b"") -> bool:
        """Others read up to a place; gives whether it was whole then, else that counts for nothing.

        Args:
            place: where the last whole line of what they read ends.
            begin: the file's first bytes, where they read those.
        """
        head = begin[:HEAD] if begin.startswith(self.head) else self.head
        if not self._goes_on(place, head):
            return False
        self.place, self.head = max(self.place, place), head
        return True

    @property
    def fd(self) -> int:
        """Its descriptor."""
        return self._fd

    @property
    def written_us(self) -> int | None:
        """When it was written last, as far as it was read, µs UTC; None if nothing was."""
        mtime_ns = self._state[1]
        return mtime_ns // 1000 if mtime_ns >= 0 else None

    @property
    def given(self) -> int:
        """How many bytes were given as whole lines."""
        return self.place - len(self.held)

    def read(self) -> bytes | None:
        """Whole lines that are new; None if the file was cut short or written anew."""
        status = os.fstat(self._fd)
        state = status.st_size, status.st_mtime_ns
        if state == self._state and self.place == status.st_size:
            return b""
        data = os.pread(self._fd, _MOST, self.place)
        # Looked at after reading, so that nothing is taken from what was written anew meanwhile.
        if not self._goes_on(self.place, self.head):
            return None
        self._state = state
        if not data:
            return b""
        self.grew = time.monotonic()
        if self.place <= len(self.head) < HEAD:
            self.head = (self.head[: self.place] + data)[:HEAD]
        self.place += len(data)
        text, self.held = whole_lines(self.held, data)
        return text

    def rest(self) -> Iterator[tuple[int, bytes]]:
        """The held line and its place, ended: no more of it will come."""
        rest, self.held = self.held, b""
        if rest:
            yield self.place - len(rest), rest + b"\n"

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._fd)

    def head_now(self) -> bytes:
        """Its first bytes by now."""
        return os.pread(self._fd, HEAD, 0)

    def _goes_on(self, place: int, head: bytes) -> bool:
        size = os.fstat(self._fd).st_size
        return size >= place and os.pread(self._fd, len(head), 0) == head


#: Whole lines: the file that they stand in, where they begin there, and their bytes.
_Text: TypeAlias = tuple[Part, int, bytes]


class Tail:
    """Follows one log by its name.

    Attributes:
        path: its name.
    """

    def __init__(
        self,
        path: str,
        tell: Callable[[str], None] = lambda note: None,
        first: str | Part | None = None,
        cut: Callable[[Part, Part | None], None] = lambda part, copy: None,
        siblings: Siblings | None = None,
    ) -> None:
        """Open the log if it is there; it need not be.

        Args:
            path: the log's name.
            tell: takes a sentence for people about what became of the log.
            first: the file to begin with, if rotation may have taken the name from it already; what
                has the log's name is looked for at the first `poll` then.
            cut: takes a file that was cut short, and where what it held is read from now on, or
                None: that is lost. What comes from the file then was written anew.
            siblings: know which files of the set were there already; else those that are there now.
        """
        self.path = path
        self._tell, self._cut = tell, cut
        self._siblings = siblings or Siblings(path)
        self._parts: list[Part] = []
        self._looked_us = now_us()
        self._missing = isinstance(first, str)  # between a renaming and a restart no log is missed
        if first is None:
            self._renew(first=True)
        elif isinstance(first, Part):
            self._parts.append(first)
        else:
            with suppress(OSError):  # renamed again: the caller sees that, too
                self._parts.append(Part(os.open(first, os.O_RDONLY)))

    @property
    def current(self) -> Part | None:
        """The file that was last seen under the name."""
        return self._parts[-1] if self._parts else None

    @property
    def parts(self) -> tuple[Part, ...]:
        """The files that are read, the one that was last seen under the name last."""
        return tuple(self._parts)

    def poll(self) -> Iterator[Arrived]:
        """What came since the last call; nothing is lost if the caller is slow."""
        since_us, self._looked_us = self._looked_us, now_us()
        self._renew()
        read = chain.from_iterable(self._read(part) for part in [*self._parts])
        for part, place, text in chain(read, self._dropped()):
            yield Arrived(text, since_us, now_us(), part, place)

    def ended(self) -> Iterator[Arrived]:
        """Lines without a newline: what is left when no more is waited for."""
        for part in self._parts:
            if part.held:
                text, part.held = part.held, b""
                yield Arrived(text, self._looked_us, now_us(), part, part.place - len(text))

    def close(self) -> None:
        """Give all descriptors back."""
        for part in self._parts:
            part.close()
        self._parts = []

    def _renew(self, *, first: bool = False) -> None:
        """See whether another file has the name, and which ones had it in the meantime."""
        try:
            fd = os.open(self.path, os.O_RDONLY)
        except OSError as fault:
            if not self._missing:
                self._tell(f"{self.path}: {fault.strerror}; waiting for it")
            self._missing = True
            return
        self._missing = False
        new = Part(fd)
        if self.current is not None and new.identity == self.current.identity:
            new.close()
            return
        self._parts += [*(() if first else self._missed(new)), new]

    def _missed(self, new: Part) -> Iterator[Part]:
        for part in self._parts:
            self._siblings.know(part.head)
        ours = frozenset(part.identity for part in [*self._parts, new])
        for fd in self._siblings.fresh(ours, new.identity):
            yield Part(_plain(fd, self.path))

    def _read(self, part: Part) -> Iterator[_Text]:
        while True:
            try:
                text = part.read()
            except OSError as fault:  # a network file system that lost it
                self._tell(f"{self.path}: {fault.strerror}")
                return
            if text is None:
                yield from self._restarted(part)
                continue
            if part.anew and part.place:
                part.anew = False
                yield from self._copies(part)
            if not text:
                return
            yield part, part.given - len(text), text

    def _copies(self, part: Part) -> Iterator[_Text]:
        """What a log held that was cut short more than once between two looks."""
        ours = frozenset(one.identity for one in self._parts)
        for fd in self._siblings.fresh(ours, before=part.head, head_now=part.head_now):
            yield from _all_of(Part(_plain(fd, self.path)))

    def _restarted(self, part: Part) -> Iterator[_Text]:
        """What a file held that was cut short, as far as there is a copy; then it begins anew."""
        fd = self._siblings.copy_of(part.head, part.place) if part.head else None
        self._siblings.know(part.head)
        if fd is None:
            self._tell(f"{self.path}: was cut short; lines written just before may be missing")
            yield from _rest(part)
            self._cut(part, None)
        else:
            copy = Part(fd, part.given)
            self._cut(part, copy)
            yield from _all_of(copy)
        part.held = b""
        part.anew = True
        part.skip(0)

    def _dropped(self) -> Iterator[_Text]:
        """Let go of files that lost their name and have not grown for long."""
        now = time.monotonic()
        for part in self._parts[:-1]:
            if now - part.grew > _LINGER or len(self._parts) > _PARTS:
                yield from _rest(part)
                part.close()
                self._parts.remove(part)


def _all_of(part: Part) -> Iterator[_Text]:
    """The lines of a file that nobody writes any more; it is closed."""
    while text := part.read():
        yield part, part.given - len(text), text
    yield from _rest(part)
    part.close()


def _rest(part: Part) -> Iterator[_Text]:
    for place, text in part.rest():
        yield part, place, text


def _plain(fd: int, path: str) -> int:
    """The descriptor, or one of what its compressed file holds: a copy of the log at this path.

    Raises:
        WriteError: there is no room for that.
    """
    pieces = unpacked(fd)
    if pieces is None:
        return fd
    plain, end = TemporaryBytes(f"a rotated file of {path}"), 0
    try:
        for piece in pieces:
            plain.write_at(memoryview(piece), end)
            end += len(piece)
        return os.dup(plain.fd)
    finally:
        plain.close()
        os.close(fd)
