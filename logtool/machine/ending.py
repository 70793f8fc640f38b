"""Ending: takes SIGINT, SIGTERM and SIGHUP, ends the process at once, leaves nothing half done.

Python would raise an exception wherever the program happens to be: while modules are loaded, or in
a callback of a library, which does not expect it and crashes. So the handler itself takes back what
is half done, and leaves.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_half_done: list[Callable[[], None]] = []
#: For each context that is not to be disturbed, the signals that came in it.
_late: list[list[int]] = []
#: Whoever ends the process holds it, and never gives it back.
_ender = threading.RLock()
_is_ending = threading.Event()
#: Name of the thread that waits for signals.
_WAITER = "ending"


class EndedError(BaseException):
    """We were asked to end (SIGTERM), and must put something back before that."""


def end_at_once() -> None:
    """End at these signals with 128 and their number, unless whoever started us ignores them."""
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _leave)


def go_on_ending_at_once() -> None:
    """To be called when polars has been loaded, which takes SIGINT for itself.

    It would raise KeyboardInterrupt in the middle of our callbacks. What it does may also keep the
    main thread, to which Python gives all signals, for long; so another thread waits for them.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGINT) is not _leave:
        return
    end_at_once()
    if any(thread.name == _WAITER for thread in threading.enumerate()):
        return
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    threading.Thread(target=_wait, args=(told,), name=_WAITER, daemon=True).start()


def read_or_end(fd: int, most: int) -> bytes:
    """Read as `os.read` does, from a pipe that may be silent for long; a signal is heard meanwhile.

    Python calls handlers between two steps of the program only: a signal that came after the last
    step before `os.read` would wait for input.
    """
    if threading.current_thread() is threading.main_thread():
        told, either = _told(), select.poll()
        either.register(fd, select.POLLIN)
        either.register(told, select.POLLIN)
        while [ready for ready, _ in either.poll()] == [told]:
            os.read(told, len(_SIGNALS))
    return os.read(fd, most)


def leave(number: int) -> NoReturn:
    """End at once, from any thread, as one of these signals does: what is half done taken back."""
    _ender.acquire()
    _end(number)


def end_by_exception() -> None:
    """Raise KeyboardInterrupt or EndedError instead: where a terminal is to be put back.

    Not when it has gone (SIGHUP).
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is _leave:
            signal.signal(number, _raise)


def end_no_more() -> None:
    """All is done: a signal that comes now changes nothing."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def taken_back(undo: Callable[[], None]) -> Iterator[None]:
    """A context whose work is half done; `undo` is called if a signal ends the process in it."""
    _half_done.append(undo)
    try:
        yield
    finally:
        if _is_ending.is_set():
            # Another thread takes this back beneath us: what fails by that is not to be told.
            _ender.acquire()
        _half_done.remove(undo)


@contextmanager
def undisturbed() -> Iterator[None]:
    """A context at whose end only signals come through.

    Blocking them in this thread is not enough: another one, of a library perhaps, then gets them,
    and Python calls the handler in the main thread all the same.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    came: list[int] = []
    try:
        with _ender:
            _late.append(came)
            try:
                yield
            finally:
                _late.pop()
                if came:  # also where the work has failed
                    _leave(came[0], None)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@cache
def _told() -> int:
    """Where a byte comes for every signal, unless somebody else hears them."""
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    before = signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    if before != -1:
        signal.set_wakeup_fd(before)
    return told


def _wait(told: int) -> None:
    for number in iter(lambda: os.read(told, 1), b""):
        if ord(number) in _SIGNALS:
            _leave(ord(number), None)


def _leave(number: int, frame: FrameType | None) -> None:
    _ender.acquire()
    if _late:  # in this very thread: another would have waited for the end of the context
        _late[-1].append(number)
        _ender.release()
    else:
        _end(number)


def _end(number: int) -> NoReturn:
    """Take back what is half done and leave; to be called by who holds the `_ender`."""
    _is_ending.set()
    for undo in reversed(_half_done):
        with suppress(Exception):
            undo()
    os._exit(128 + number)


def _raise(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt if number == signal.SIGINT else EndedError
