"""Moved: takes the logs that are shown, tells which names their files have by now."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from logtool.errors import ReadError
from logtool.following.marks import Mark, found_in, is_in
from logtool.following.siblings import list_siblings
from logtool.sources.heads import HEAD
from logtool.tui.model.reading.builder import ShownLog


def moved_logs(logs: Sequence[ShownLog]) -> tuple[dict[int, str], list[int]]:
    """Where rotation has put the files whose lines are shown, and which ones are nowhere any more.

    Those that kept their name are not among them, nor is the last one of a set that is nowhere: its
    name is what people want to see. Of what was emptied there is nothing to read.

    Returns:
        number of a log -> path by now; numbers of logs.
    """
    newest = {log.source.sequence: number for number, log in enumerate(logs)}.values()
    beside: dict[str, list[str]] = {}
    found: dict[int, str] = {}
    gone: list[int] = []
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
            gone.append(number)
    return found, gone
