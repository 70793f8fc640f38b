"""Signals that come while a pipe is read, or while something is half done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from logtool.machine.ending import read_or_end

#: Another thread takes back what the main thread is at, which fails by that.
_TAKEN_BACK = """
import signal, threading
from logtool.machine import ending

gone, heard = threading.Event(), threading.Event()

def undo():
    gone.set()
    heard.wait(0.5)
    print("undone", flush=True)

ending.end_at_once()
leave = threading.Thread(target=ending._leave, args=(signal.SIGTERM, None), daemon=True)
try:
    with ending.taken_back(undo):
        leave.start()
        gone.wait()
        raise OSError("there is no such folder any more")
except OSError as fault:
    print(fault, flush=True)
    heard.set()
"""


class _HeardError(Exception):
    """A handler was called."""


@contextmanager
def _handled(handler: Callable[[], None]) -> Iterator[Callable[[], bytes]]:
    """What reads from a pipe, while SIGUSR1 comes a little later, and then input."""
    there, back = os.pipe()

    def come() -> None:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
        os.write(back, b"late")

    before = signal.signal(signal.SIGUSR1, lambda *_: handler())
    later = threading.Timer(0.05, come)

    def read() -> bytes:
        later.start()
        return read_or_end(there, 100)

    try:
        yield read
    finally:
        later.join()
        signal.signal(signal.SIGUSR1, before)
        os.close(there)
        os.close(back)


def test_signal_ends_reading() -> None:
    """What a handler raises ends the reading of a silent pipe."""

    def heard() -> None:
        raise _HeardError

    with _handled(heard) as read, pytest.raises(_HeardError):
        read()


def test_signal_that_ends_nothing() -> None:
    """After a signal that ends nothing, reading goes on."""
    heard: list[int] = []
    with _handled(lambda: heard.append(1)) as read:
        assert read() == b"late"
    assert heard == [1]


def test_signal_acted_on_before() -> None:
    """A signal that has been acted on already neither ends reading nor is taken for input."""
    heard: list[int] = []
    there, back = os.pipe()
    os.write(back, b"soon")
    assert read_or_end(there, 100) == b"soon"  # from here on signals are told to it
    before = signal.signal(signal.SIGUSR1, lambda *_: heard.append(1))
    try:
        signal.raise_signal(signal.SIGUSR1)
        os.close(back)
        assert read_or_end(there, 100) == b""
    finally:
        signal.signal(signal.SIGUSR1, before)
        os.close(there)
    assert heard == [1]


def test_what_fails_while_it_is_taken_back() -> None:
    """What fails because another thread takes it back is not told; the process ends as asked."""
    ran = subprocess.run(
        [sys.executable, "-c", _TAKEN_BACK], capture_output=True, text=True, check=False
    )
    assert (ran.stdout, ran.stderr) == ("undone\n", "")
    assert ran.returncode == 128 + signal.SIGTERM


#: What is not to be disturbed fails while a signal waits for its end.
_FAILED = """
import os, signal
from logtool.machine import ending

ending.end_at_once()
try:
    with ending.undisturbed():
        os.kill(os.getpid(), signal.SIGHUP)
        raise OSError("disk full")
except OSError:
    print("heard of it", flush=True)
"""


def test_what_fails_while_it_is_undisturbed() -> None:
    """A signal that came meanwhile ends the process also where the work has failed."""
    ran = subprocess.run([sys.executable, "-c", _FAILED], capture_output=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (128 + signal.SIGHUP, b"", b"")
