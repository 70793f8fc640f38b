"""Live: takes a task that is more than all lines of whole logs, hands it to who can do it."""

from __future__ import annotations

from logtool.commands.live_files import normalize_files
from logtool.commands.live_options import Task
from logtool.commands.live_pipe import follow_pipe, stream_pipe


def normalize_specially(task: Task) -> int:
    """Follow, stream, continue or select; gives the exit status.

    Raises:
        UsageError: options exclude each other.
    """
    task.check()
    if task.live.stream:
        return stream_pipe(task)
    if task.live.follow and task.from_pipe:
        return follow_pipe(task)
    return normalize_files(task)
