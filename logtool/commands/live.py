"""Live: takes a task that is more than all lines of whole logs, hands it to who can do it."""

from __future__ import annotations

import os
import stat
from dataclasses import replace

from logtool.commands.live_files import normalize_files
from logtool.commands.live_options import Task
from logtool.commands.live_pipe import follow_pipe, stream_pipe
from logtool.errors import ReadError, UsageError

_STDIN = 0


def normalize_specially(task: Task) -> int:
    """Follow, stream, continue or select; gives the exit status.

    Raises:
        UsageError: options exclude each other.
        ReadError: a FIFO cannot be opened.
    """
    task = _from_fifo(task)
    task.check()
    if task.live.stream:
        return stream_pipe(task)
    if task.live.follow and task.from_pipe:
        return follow_pipe(task)
    return normalize_files(task)


def _from_fifo(task: Task) -> Task:
    """Take a FIFO that is read as it flows for standard input; waits until somebody writes."""
    files = task.read.files
    if not (task.live.follow or task.live.stream) or not any(map(_is_fifo, files)):
        return task
    if len(files) > 1:
        raise UsageError("--follow and --stream read a FIFO alone, not beside other files")
    try:
        fd = os.open(files[0], os.O_RDONLY)
    except OSError as fault:
        raise ReadError(f"{files[0]}: {fault.strerror}") from fault
    os.dup2(fd, _STDIN)
    os.close(fd)
    return replace(task, read=replace(task.read, files=()))


def _is_fifo(path: str) -> bool:
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)  # noqa: PTH116 - a path as it was named
    except OSError:
        return False
