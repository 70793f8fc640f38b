"""News: what reports told before, kept in a small file between runs."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from logtool.errors import ReadError
from logtool.replacing import read_state, write_state

#: What the file holds; a file of another kind is not overwritten.
_KIND = "errlog-state/1"


def read_known(path: Path) -> frozenset[str]:
    """What was told before; nothing if there is no such file yet.

    Raises:
        ReadError: it cannot be read, or is no file of ours.
    """
    if (text := read_state(path)) is None:
        return frozenset()
    try:
        body = json.loads(text)
        if body["kind"] == _KIND:
            return frozenset(map(str, body["known"]))
    except (ValueError, LookupError, TypeError):
        pass
    raise ReadError(f"{path}: no state file of errlog")


def write_known(path: Path, known: Collection[str]) -> None:
    """Keep what was told; the file is whole or as it was.

    Raises:
        WriteError: it cannot be written.
    """
    text = json.dumps({"kind": _KIND, "known": sorted(known)}, indent=0)
    write_state(path, text + "\n")
