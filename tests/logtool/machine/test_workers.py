"""Workers: what children make comes in order and whole, whatever becomes of the children."""

from __future__ import annotations

import errno
import gc
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from logtool.machine import workers
from logtool.machine.workers import Workers
from parsers.arrays import Bytes

# Python warns of the threads that numpy's library of matrices keeps; no child needs them.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


@pytest.fixture(autouse=True)
def _no_child_stays(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every child that was begun is gone, and was waited for."""
    fork, begun = os.fork, []

    def noted() -> int:
        begun.append(fork())
        return begun[-1]

    monkeypatch.setattr(os, "fork", noted)
    yield
    for child in begun:
        with pytest.raises(ChildProcessError):
            os.waitpid(child, os.WNOHANG)


def made(work: Callable[[int, Bytes], object], tasks: int, known: tuple[object, ...] = ()) -> list:  # type: ignore[type-arg]
    """What workers make of some numbers, each copied before the next is asked for."""
    with Workers[int, object](work, known, 64) as some:
        return [(task, _copy(result)) for task, result in some.results(range(tasks))]


def _copy(result: object) -> object:
    if isinstance(result, tuple):
        return tuple(one.tolist() if isinstance(one, np.ndarray) else one for one in result)
    return result


@pytest.mark.parametrize("tasks", [0, 1, 2, 5, 50])
def test_in_order(tasks: int) -> None:
    """Each result is that of its task, in the order of the tasks."""

    def work(number: int, room: Bytes) -> tuple[int, NDArray[np.int64], Bytes]:
        room[:8] = number
        return number, np.arange(number), room[: number % 8]

    assert made(work, tasks) == [
        (n, (n, list(range(n)), [n] * (n % 8))) for n in range(tasks)
    ]  # fmt: skip


def test_children_go_when_there_is_no_more_to_do() -> None:
    """By themselves, when they have answered all, before anybody ends them."""
    ours = os.getpid()
    with Workers[int, int](lambda number, room: os.getpid(), (), 64) as some:
        results = some.results(range(6))
        children = {child for _, child in results if child is not None}
        assert len(children) == 2
        assert ours not in children
        for child in children:
            ended = os.pidfd_open(child)
            assert select.select([ended], [], [], 60)[0], "it waits for more for ever"
            os.close(ended)
            told = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
            assert told is not None
            assert (told.si_code, told.si_status) == (os.CLD_EXITED, 0)


def test_known_objects_are_the_same() -> None:
    """What both sides know is not copied."""
    thing = object()
    [(_, result)] = made(lambda number, room: thing, 1, (thing,))
    assert result is thing


#: Arrays of every kind, size and order.
ARRAYS = [
    np.zeros(0, np.int16), np.arange(7.0), np.array(5), np.array([True, False]),
    np.arange(24, dtype=np.uint32).reshape(2, 3, 4), np.arange(12).reshape(3, 4).T,
    np.arange(20)[::3], np.array(["2026-11-26"], "M8[us]"), np.array([1, "a", None], object),
    np.zeros(3, [("a", "<i4"), ("b", "S3")]), np.array([b"abc", b"d"]), np.arange(3, dtype=">i4"),
]  # fmt: skip


def test_arrays_come_as_they_were() -> None:
    """In shared memory or not; and can be written to."""
    with Workers[int, list[Any]](lambda number, room: [*ARRAYS, ARRAYS[1]], (), 64) as some:
        for _, result in some.results(range(7)):
            assert result is not None
            assert result[-1] is result[1]
            for got, sent in zip(result, ARRAYS, strict=False):
                assert got.dtype == sent.dtype
                assert got.shape == sent.shape
                assert got.tolist() == sent.tolist()
                assert got.flags.writeable


def test_what_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results too large for the shared memory come all the same, and can be written to."""
    monkeypatch.setattr(workers, "ROOM", 1 << 16)

    def work(number: int, room: Bytes) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        return np.zeros(20_000), np.full(90_000, number)

    with Workers[int, tuple[NDArray[np.float64], NDArray[np.int64]]](work, (), 64) as some:
        for number, result in some.results(range(9)):
            assert result is not None
            result[1][0] += 1
            assert result[1].tolist() == [number + 1] + [number] * 89_999


def test_a_fault_is_no_result() -> None:
    """Where the work fails there is nothing, and the others come."""

    def work(number: int, room: Bytes) -> int:
        return 6 // (number - 3)

    assert made(work, 6) == [(0, -2), (1, -3), (2, -6), (3, None), (4, 6), (5, 3)]


def test_a_dead_child_makes_nothing() -> None:
    """What it was to make, and what it would have made, is missing; nobody waits for it."""

    def work(number: int, room: Bytes) -> int:
        if number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    assert [result for _, result in made(work, 8)] == [0, 1, 2, None, 4, None, 6, None]


def test_leaving_ends_what_runs() -> None:
    """Children that are in the middle of something do not hold anybody up."""

    def work(number: int, room: Bytes) -> int:
        if not number:
            signal.pause()
        return number

    with Workers[int, int](work, (), 64) as some:
        assert list(islice(some.results([1, 0, 0, 0, 0]), 1)) == [(1, 1)]
        some.begin_anew()


def test_garbage_is_not_looked_for_where_others_have_children() -> None:
    """It would come to hold copies of what children share, until the last of them has ended."""
    with Workers[int, int](lambda task, room: task) as others:
        with Workers[int, int](lambda task, room: task):
            pass
        assert gc.get_freeze_count() > 0
        others.end()
        assert gc.get_freeze_count() == 0


def test_beginning_anew_tells_what_is_known_now() -> None:
    """Tasks that wait are given to children that know what was learnt meanwhile."""
    learnt = [0]

    def work(number: int, room: Bytes) -> tuple[int, int]:
        return number, sum(learnt)

    with Workers[int, tuple[int, int]](work, (), 64) as some:
        results = some.results(range(9))
        assert next(results) == (0, (0, 0))
        learnt.append(5)
        some.begin_anew()
        assert list(results) == [(n, (n, 5)) for n in range(1, 9)]


def test_what_is_loaded_here_is_there() -> None:
    """Bytes that are put into the memory for a task are its own, also after a new beginning."""

    def load(task: bytes, room: Bytes) -> int:
        room[: len(task)] = np.frombuffer(task, np.uint8)
        return len(task)

    def work(size: int, room: Bytes) -> bytes:
        return room[:size].tobytes()

    tasks = [b"%d" % number * number for number in range(20)]
    with Workers[bytes, bytes](work, (), 64, load) as some:
        results = some.results(tasks)
        begin = [next(results) for _ in range(5)]
        some.begin_anew()
        assert [*begin, *results] == [(task, task) for task in tasks]


@pytest.mark.parametrize("nth", [0, 1, 2])
def test_where_no_child_can_be_begun(nth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made, and nothing stays, where the system allows no more processes."""
    fork, left = os.fork, [None] * nth
    gc.collect()  # files that others forgot
    before = len(list(Path("/proc/self/fd").iterdir()))

    def scarce() -> int:
        if not left:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        left.pop()
        return fork()

    monkeypatch.setattr(os, "fork", scarce)
    with Workers[int, int](lambda task, room: task, (), 64) as some:
        results = some.results(range(6))
        assert next(results) == (0, 0 if nth == 2 else None)
        some.begin_anew()
        assert list(results) == [(n, None) for n in range(1, 6)]
    assert len(list(Path("/proc/self/fd").iterdir())) == before


#: Prints the number of a child that is at work, and works on.
_PARENT = """
import os, signal
from logtool.machine.workers import Workers
def work(task, room):
    os.write(1, b"%d\\n" % os.getpid())
    signal.pause()
with Workers(work, (), 64) as some:
    list(some.results([0]))
"""


def test_children_do_not_outlive_their_parent() -> None:
    """Whoever kills the parent, which cannot end them then, has killed them too."""
    command = [sys.executable, "-c", _PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
        # The child holds the other end of this pipe until it is gone.
        gone, _, _ = select.select([parent.stdout], [], [], 60)
        if not gone:
            os.kill(child, signal.SIGKILL)
        assert gone
