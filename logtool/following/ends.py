"""Ends: takes the mark that a run left in a log, finds the file it was made in by now."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from logtool.following.families import family_of
from logtool.following.marks import Mark, found_in
from logtool.following.siblings import list_siblings
from logtool.sources.identity import Identity, identity_of
from logtool.sources.numbering import in_order_of_times
from logtool.sources.paths import Member, rotation


def candidates_of(name: str, members: Sequence[Member]) -> list[str]:
    """Every file of a rotated set, oldest first, by absolute paths; see `in_order_of_times`."""
    found = {one.path: one.age for one in list_siblings(name)}
    for path in (name, *(str(Path(member.path).absolute()) for member in members)):
        if Path(path).is_file():
            found.setdefault(path, rotation(Path(path).name)[1])
    return in_order_of_times(sorted(found, key=lambda path: (found[path], path)))


def files_of(name: str) -> dict[str, Identity]:
    """What files there are of a rotated set, by their paths."""
    found = {one.path: one.identity for one in list_siblings(name)}
    with suppress(OSError):
        found[name] = identity_of(Path(name).stat())
    return found


def younger_than(path: str, named: Iterable[str]) -> list[str]:
    """Files of a log's set that are younger than one of them, and not among those named.

    Numbers say that of a file with a number, times of any: where none was written later than the
    one that has none, no other is read to know that.
    """
    log, whole = family_of(path), str(Path(path).absolute())
    if whole == log:
        with suppress(OSError):
            mtime_ns = Path(path).stat().st_mtime_ns
            if all(one.state[1] <= mtime_ns for one in list_siblings(log)):
                return []
    known = {str(Path(one).absolute()) for one in named}
    candidates = candidates_of(log, [Member(path, 0)])
    behind = candidates[candidates.index(whole) + 1 :] if whole in candidates else []
    return [one for one in behind if one not in known]


def end_of(mark: Mark, name: str, candidates: Sequence[str], given: Sequence[str]) -> str | None:
    """The file where a mark was made, or its copy: in its rotated set or by any other name.

    Beside the logs that were given only the very file counts: what errlog wrote may begin like it.
    """
    for paths in (candidates, given if mark.head_size else (), _same_beside(mark, name)):
        if (at := found_in(mark, paths)) is not None:
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
