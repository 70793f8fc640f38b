"""Live: takes a task that is more than all lines of whole logs, hands it to who can do it."""

from __future__ import annotations

import os
from dataclasses import replace

from logtool.commands.live_files import normalize_files
from logtool.commands.live_options import Task
from logtool.commands.live_pipe import follow_pipe, stream_pipe
from logtool.commands.waiting import PATIENCE_S, Waiting
from logtool.errors import ReadError, UsageError
from logtool.sources.paths import expand, is_fifo

_STDIN = 0


def normalize_specially(task: Task) -> int:
    """Follow, stream, continue or select; gives the exit status.

    Raises:
        UsageError: options exclude each other.
        ReadError: a FIFO cannot be opened.
    """
    fifo = _fifo_of(task)
    if fifo is not None:
        task = replace(task, read=replace(task.read, files=()))
    task.check()
    if fifo is not None and (ended := _take_for_stdin(fifo)) is not None:
        return ended
    if task.live.stream:
        return stream_pipe(task)
    if task.live.follow and task.from_pipe:
        return follow_pipe(task)
    return normalize_files(task)


def _fifo_of(task: Task) -> str | None:
    """The FIFO that is read as it flows, if one is named, or matched by a glob."""
    if not task.read.files or not (task.live.follow or task.live.stream):
        return None
    paths = [member.path for member in expand(task.read.files, all_needed=False)]
    fifo = next(filter(is_fifo, paths), None)
    if fifo is not None and len(paths) > 1:
        alone = "--follow and --stream read a FIFO alone, not beside other files"
        raise UsageError(f"{alone}: {fifo} is one")
    return fifo


def _take_for_stdin(fifo: str) -> int | None:
    """Wait until somebody writes; gives the exit status if a signal came first."""
    try:
        fd = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)  # else a signal that came just now is lost
    except OSError as fault:
        raise ReadError(f"{fifo}: {fault.strerror}") from fault
    with Waiting(input_fd=fd, to_stdout=False) as waiting:
        while waiting.signal is None and not waiting.wait(PATIENCE_S):
            pass
    if waiting.signal is not None:
        return waiting.exit_status
    os.set_blocking(fd, True)
    os.dup2(fd, _STDIN)
    os.close(fd)
    return None
