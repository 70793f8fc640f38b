"""Moved: takes the logs that are shown, tells which names their files have by now."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from logtool.errors import ReadError
from logtool.following.marks import Mark, found_in, is_in
from logtool.following.siblings import HEAD, list_siblings
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
    beside: dict[str, list[str]] = {}
    found: dict[int, str] = {}
    for number, log in enumerate(logs):
        path = log.source.path
        head = b""
        with suppress(ReadError):
            head = log.bytes.read(0, HEAD)
        mark = Mark.at(log.bytes.identity, head, 0)
        if not head or is_in(mark, path):
            continue
        if path not in beside:
            names = [Path(one.path).name for one in reversed(list_siblings(path))]
            beside[path] = [str(Path(path).with_name(name)) for name in names]
        # It may have been compressed since, or was shown compressed.
        at = found_in(mark, beside[path])
        if at is not None:
            found[number] = beside[path][at]
        elif number not in newest:
            raise ReadError(f"lines of {safe(Path(path).name)} that are shown are in no file now")
    return found
