"""Parts: take one file that a log has, or had, under its name, give what is appended to it."""

from __future__ import annotations

import os
import time
from collections.abc import Hashable, Iterator
from math import inf
from typing import TypeAlias

from logtool.following.siblings import Fresh, unpacked
from logtool.sources.heads import HEAD, begins_so, head_of
from logtool.sources.identity import Identity, identity_of
from logtool.sources.temporary import TemporaryBytes

#: Bytes read at once, and bytes of a line that are held back until its newline comes.
_MOST, _LONGEST = 4 << 20, 1 << 20


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
        begun: when it was first seen, or seen to be begun anew, by the same clock.
        ended: when all was read that it held then; before all time if that never was.
        anew: it was empty, or cut short, and nothing was read of it since: what is new beside it is
            older than what comes in it.
    """

    def __init__(self, fd: int, place: int = 0) -> None:
        self._fd = fd
        self.identity: Identity = identity_of(os.fstat(fd))
        self.held = b""
        self.grew = self.begun = time.monotonic()
        self.ended = -inf
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
    def file(self) -> Hashable:
        """Stands for the file as it is read now: not as it was before it was begun anew."""
        return self, self.begun

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
    def mtime_ns(self) -> int:
        """When it was written last by now, ns UTC."""
        return os.fstat(self._fd).st_mtime_ns

    @property
    def is_cut(self) -> bool:
        """Whether by now it was cut short or written anew since it was read."""
        return not self._goes_on(self.place, self.head)

    @property
    def given(self) -> int:
        """How many bytes were given as whole lines."""
        return self.place - len(self.held)

    def read(self) -> bytes | None:
        """Whole lines that are new; None if the file was cut short or written anew."""
        now = time.monotonic()
        status = os.fstat(self._fd)
        state = status.st_size, status.st_mtime_ns
        if state == self._state and self.place == status.st_size:
            self.ended = now
            return b""
        data = os.pread(self._fd, _MOST, self.place)
        # Looked at after reading, so that nothing is taken from what was written anew meanwhile.
        if self.is_cut:
            return None
        self._state = state
        if not data:
            self.ended = now
            return b""
        self.grew = time.monotonic()
        if self.place <= len(self.head) < HEAD:
            self.head = (self.head[: self.place] + data)[:HEAD]
        self.place += len(data)
        text, self.held = whole_lines(self.held, data)
        return text

    def begin_anew(self) -> None:
        """Go on with its first byte: it was cut short, or written anew."""
        self.held, self.begun = b"", time.monotonic()
        self.skip(0)

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
        return head_of(self._fd)

    def _goes_on(self, place: int, head: bytes) -> bool:
        size = os.fstat(self._fd).st_size  # first: that it begins so tells whose size it was
        return size >= place and begins_so(self._fd, head)


#: Whole lines: the file that they stand in, where they begin there, and their bytes.
Text: TypeAlias = tuple[Part, int, bytes]


def all_of(part: Part) -> Iterator[Text]:
    """The lines of a file that nobody writes any more; it is closed."""
    while text := part.read():
        yield part, part.given - len(text), text
    yield from rest_of(part)
    part.close()


def rest_of(part: Part) -> Iterator[Text]:
    """The line that it holds back, ended."""
    for place, text in part.rest():
        yield part, place, text


def part_of(one: Fresh, path: str) -> Part:
    """A file of a log's set where it is new; what a compressed one holds is kept elsewhere.

    Raises:
        WriteError: there is no room for that.
    """
    pieces = unpacked(one.fd)
    if pieces is None:
        return Part(one.fd, one.place)
    plain, end = TemporaryBytes(f"a rotated file of {path}"), 0
    try:
        for piece in pieces:
            plain.write_at(memoryview(piece), end)
            end += len(piece)
        return Part(os.dup(plain.fd))
    finally:
        plain.close()
        os.close(one.fd)
