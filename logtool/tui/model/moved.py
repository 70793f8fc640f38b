"""Moved: takes the logs that are shown, tells which names their files have by now."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from logtool.errors import ReadError
from logtool.following.siblings import (
    HEAD,
    Identity,
    Sibling,
    identity_of,
    is_continued,
    list_siblings,
    read_head,
)
from logtool.terminal import safe
from logtool.tui.model.builder import ShownLog


def moved_logs(logs: Sequence[ShownLog]) -> dict[int, str]:
    """Where rotation has put the files whose lines are shown: number of a log -> path by now.

    Those that kept their name are not among them, nor is the last one of a set that is nowhere any
    more: its name is what people want to see. Of what was emptied there is nothing to read.

    Raises:
        ReadError: another one that is shown is nowhere any more.
    """
    newest = {log.source.sequence: number for number, log in enumerate(logs)}.values()
    beside: dict[str, list[Sibling]] = {}
    found: dict[int, str] = {}
    for number, log in enumerate(logs):
        path = log.source.path
        head = b""
        with suppress(ReadError):
            head = log.bytes.read(0, HEAD)
        if not head or _is_file(path, log.bytes.identity, head):
            continue
        if path not in beside:
            beside[path] = list_siblings(path)
        names = [str(Path(path).with_name(Path(one.path).name)) for one in beside[path]]
        same = [one.identity == log.bytes.identity for one in beside[path]]
        where = [name for name, is_same in zip(names, same, strict=True) if is_same]
        # It may have been compressed since, or was shown compressed.
        where = where or [name for name in names if _is_file(name, None, head)]
        if where:
            found[number] = where[0]
        elif number not in newest:
            raise ReadError(f"lines of {safe(Path(path).name)} that are shown are in no file now")
    return found


def _is_file(path: str, identity: Identity | None, head: bytes) -> bool:
    """Whether a path is that of a file, or of one that holds the same, perhaps compressed."""
    with suppress(OSError), Path(path).open("rb") as file:
        if identity is not None and identity_of(os.fstat(file.fileno())) == identity:
            return True
        return is_continued(read_head(file.fileno()), head)
    return False
