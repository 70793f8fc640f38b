"""Promises: children hear what was not known when they were forked, or that nobody will tell."""

from __future__ import annotations

import os
import pickle
import select
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from logtool.machine.promises import Promise

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


@contextmanager
def _children(promise: Promise[str], count: int = 2) -> Iterator[list[int]]:
    """Children that end with 0 if they hear "a word", with 1 for another, with 2 for none."""
    pids = []
    for _ in range(count):
        pid = os.fork()
        if pid == 0:
            status = 2
            try:
                promise.only_hear()
                status = int(promise.value() != "a word")
            finally:
                os._exit(status)
        pids.append(pid)
    yield pids


def _statuses(pids: list[int]) -> list[int]:
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]


def test_all_children_hear_it() -> None:
    """Each of them, whoever asks first, and who made the promise too."""
    with closing(Promise[str]()) as promise, _children(promise) as pids:
        promise.keep("a word")
        assert _statuses(pids) == [0, 0]
        assert promise.value() == "a word"


def test_one_that_a_child_puts_there() -> None:
    """It is heard when it is told, whatever another child put there and did not end."""
    with closing(Promise[str]()) as promise, _children(promise) as pids:
        for word in ("another word, half of it", "a word"):
            pid = os.fork()
            if pid == 0:
                os._exit(int(not promise.put(word)))
            assert _statuses([pid]) == [0]
        assert not any(os.waitpid(one, os.WNOHANG)[0] for one in pids)
        promise.tell()
        assert _statuses(pids) == [0, 0]
        assert promise.value() == "a word"


@pytest.mark.parametrize("size", [1, 300_000])
def test_whatever_its_size(size: int) -> None:
    """More than a pipe holds comes whole."""
    with closing(Promise[bytes]()) as promise:
        promise.keep(b"x" * size)
        told, promise._told = promise._told, None
        assert (promise.value(),) == told


def test_one_child_does_something_meanwhile() -> None:
    """Until it is told; the others only wait."""
    told, tell = os.pipe()
    with closing(Promise[str]()) as promise:
        pids: list[int] = []
        for _ in range(2):
            pid = os.fork()
            if pid == 0:
                begun: list[int] = []

                def meanwhile(begun: list[int] = begun) -> bool:
                    if not begun:
                        begun.append(os.write(tell, b"x"))
                    return True

                with suppress(BaseException):
                    promise.only_hear()
                    os._exit(int(promise.value(meanwhile) != "a word"))
                os._exit(2)
            pids.append(pid)
        assert os.read(told, 1) == b"x"
        promise.keep("a word")
        assert _statuses(pids) == [0, 0]
    os.close(tell)
    assert os.read(told, 9) == b""
    os.close(told)


def test_something_to_do_that_ends() -> None:
    """A child that has no more to do waits as the others do."""
    told, tell = os.pipe()
    with closing(Promise[str]()) as promise:
        pid = os.fork()
        if pid == 0:
            with suppress(BaseException):
                promise.only_hear()
                left = [True, True, False]

                def meanwhile() -> bool:
                    if len(left) == 1:
                        os.write(tell, b"x")
                    return left.pop(0)

                os._exit(int(promise.value(meanwhile) != "a word" or bool(left)))
            os._exit(2)
        assert os.read(told, 1) == b"x"
        promise.keep("a word")
        assert _statuses([pid]) == [0]
    os.close(tell)
    os.close(told)


def test_it_is_not_waited_for_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who does something meanwhile looks whether it was told, and goes on at once."""
    patience: list[float] = []
    look = select.select

    def noted(*given: Any) -> Any:  # noqa: ANN401 - as select takes and gives them
        patience.append(given[3])
        return look(*given)

    monkeypatch.setattr(select, "select", noted)
    with closing(Promise[str]()) as promise:

        def meanwhile() -> bool:
            promise.keep("a word")
            promise._told = None
            return True

        assert promise.value(meanwhile) == "a word"
    assert patience == [0, 0]


def test_one_that_is_not_kept() -> None:
    """Children do not wait for what nobody tells."""
    promise = Promise[str]()
    with _children(promise) as pids:
        promise.close()
        assert _statuses(pids) == [2, 2]


def test_one_of_which_a_part_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without memory for it children hear that there is none."""

    def half(fd: int, data: memoryview) -> int:
        monkeypatch.setattr(os, "write", _full)
        return write(fd, data[: len(data) // 2])

    write: Callable[[int, memoryview], int] = os.write
    with closing(Promise[str]()) as promise:
        monkeypatch.setattr(os, "write", half)
        promise.keep("a word" * 100)
        promise._told = None
        with pytest.raises((EOFError, pickle.UnpicklingError)):
            promise.value()


def _full(fd: int, data: memoryview) -> int:
    raise OSError(28, "no space")


def test_nothing_stays_open() -> None:
    """Files are given back, whether it was kept or not."""
    open_files = Path("/proc/self/fd")
    before = len(list(open_files.iterdir()))
    for kept in (True, False):
        promise = Promise[str]()
        if kept:
            promise.keep("a word")
        promise.close()
    assert len(list(open_files.iterdir())) == before
