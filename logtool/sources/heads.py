"""Heads: take how a file began when it was opened, tell whether others have written it anew since.

A file that was cut short and goes on may be longer again at the next look: only how it begins tells
it from the one that was there. That is asked at each read, after it, so that nothing is taken from
what came meanwhile; 4 KiB cost less than a call for the file's times. An emptied file begins with
nothing, which is no proof: it may have been written anew and emptied again since the read.
"""

from __future__ import annotations

import os

#: Bytes at a file's beginning by which it is known again.
HEAD = 4096


def head_of(fd: int, begin: int = 0) -> bytes:
    """The first bytes of a file, HEAD at most, or of what follows a place in it."""
    return os.pread(fd, HEAD, begin)


def begins_so(fd: int, head: bytes, begin: int = 0) -> bool:
    """Whether a file still begins with all of what it began with: so it is what it was till now."""
    return os.pread(fd, len(head), begin) == head
