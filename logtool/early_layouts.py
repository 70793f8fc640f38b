"""Early layouts: takes the arguments of a process that begins, gives layouts of a log they name.

To load what reads arguments and logs takes as long as to load what finds layouts, and to find some.
So where an argument names a large file, a child does that meanwhile. What it found counts if that
file is what is read in the end.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from typing import TYPE_CHECKING

from logtool.child import Child, has_another_core

if TYPE_CHECKING:
    from logtool.sources.source import Source

#: Words of which logs are read at once.
_WORDS = {"normalize", "clocks", "flags", "pairs", "report"}
#: Bytes of a file that are worth a child.
_WORTH = 16 << 20

#: Device and inode of a file, and the child that finds its layouts.
_begun: tuple[tuple[int, int], Child] | None = None


def begin(arguments: Sequence[str]) -> None:
    """Begin to find the layouts of the only large file that some arguments name.

    Nothing large may be loaded yet, and no thread started.
    """
    global _begun
    if not arguments or arguments[0] not in _WORDS or not has_another_core():
        return
    large = [one for one in arguments[1:] if not one.startswith("-") and _identity_of(one)]
    if len(large) == 1 and (identity := _identity_of(large[0])):
        try:
            child = Child(lambda message: _found(large[0], identity))
        except OSError:  # too many processes, or too little memory
            return
        child.tell(b"")
        child.tell_no_more()
        _begun = identity, child


def child_for(sources: Sequence[Source]) -> Child | None:
    """The child that has begun to find the layouts of some logs; one that has others is ended."""
    global _begun
    begun, _begun = _begun, None
    if begun is None:
        return None
    identity, child = begun
    if [source.identity for source in sources] == [identity]:
        return child
    child.end()
    child.wait()
    return None


def _identity_of(path: str) -> tuple[int, int] | None:
    """The device and inode of a large file; None of anything else."""
    try:
        status = os.stat(path)  # noqa: PTH116 - pathlib is loaded later
    except (OSError, ValueError):
        return None
    is_large = stat.S_ISREG(status.st_mode) and status.st_size > _WORTH
    return (status.st_dev, status.st_ino) if is_large else None


def _found(path: str, identity: tuple[int, int]) -> bytes:
    """What `found_layouts` is told of a file, if it is still that one."""
    from logtool.found_layouts import told
    from logtool.sources.source import Source

    source = Source(path)
    return told(source) if source.identity == identity else b""
