"""Workers: takes tasks, gives in their order what child processes make of them.

Threads share the interpreter's lock, which numpy takes and drops at every step: two of them get
little more done than one (benchmarks/tried.md). Children share nothing but the memory in which
they hand over what they made.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from io import BytesIO
from itertools import islice
from mmap import mmap
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from logtool.machine.child import Child
from parsers.arrays import Bytes

Task = TypeVar("Task")
Made = TypeVar("Made")

#: Children, and how many results of each may wait for their turn, unless others are asked for.
_WORKERS, _WAITING = 2, 2
#: Bytes of shared memory for one result. Pages that are never touched cost nothing.
ROOM = 32 << 20
#: Kinds of arrays whose bytes are all there is to them.
_NUMBERS = "biufMm"
#: What is handed over begins at multiples of this.
_ALIGNED = 64
#: Who has children at work: as long as there are some, no look for garbage may touch what they
#: share.
_at_work: set[int] = set()


def can_work_apart() -> bool:
    """Whether children can be forked, and be at work while this process is.

    A thread's locks would stay locked in them for ever.
    """
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) == 1:
        return False
    try:
        threads = list(Path("/proc/self/task").iterdir())
    except OSError:
        return False
    return len(threads) == 1  # numpy may have begun some


class Workers(Generic[Task, Made]):
    """Children that do some work; a context that ends them.

    Results are pickled. The bytes of arrays are not: they are put into shared memory, or are there
    already. So what a result holds is good until the next one is asked for.
    """

    def __init__(
        self,
        work: Callable[[Any, Bytes], Made],
        known: Sequence[object] = (),
        room: int = 0,
        load: Callable[[Task, Bytes], object] = lambda task, room: task,
        shared: Bytes | None = None,
        waiting: int = _WAITING,
        prepare: Callable[[], object] = lambda: None,
        children: int = _WORKERS,
    ) -> None:
        """Take the work and what it needs.

        Args:
            work: makes something of what it is told and a piece of shared memory, uint8[room], in
                which it may leave bytes of the result.
            known: what results may refer to without copying it.
            room: bytes.
            load: done before that, here: puts bytes of a task into the shared memory, and gives
                what to tell of it.
            shared: memory to use, which forked children share, in equal parts for all results.
            waiting: how many results of each child may wait: more keep them busy where what is done
                with a result takes longer at times, and take memory.
            prepare: done in each child before its first task.
            children: how many there are.
        """
        self._work = work
        self._load = load
        self._known = known
        self._room = room
        self._waiting_each = waiting
        self._prepare = prepare
        self._count = children
        self._shared: list[Bytes] = []
        if shared is not None:
            self._shared = np.split(shared, children * waiting)
        self._children: list[Child] = []
        self._next = 0
        self._waiting: deque[tuple[Task, int, int]] = deque()

    def __enter__(self) -> Workers[Task, Made]:
        """Begin, unless `give_some` has begun."""
        if not self._children:
            self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        """End the children, whatever they are doing."""
        self.end()

    def give_some(self, tasks: Iterator[Task]) -> None:
        """Begin, with as many tasks as can wait; `results` goes on with the same iterator."""
        if not self._children:
            self._begin()
        for task in islice(tasks, self._count * self._waiting_each - 1 - len(self._waiting)):
            self._give(task)

    def results(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Made | None]]:
        """Each task and what was made of it; None where that failed, or there is no child.

        To be called once: there are no other tasks than these.
        """
        for task in tasks:
            self._give(task)
            if len(self._waiting) == self._count * self._waiting_each:
                yield self._take()
        for child in self._children:
            child.tell_no_more()  # so that it goes, with all its pages, as others are still at work
        while self._waiting:
            yield self._take()

    def begin_anew(self) -> None:
        """Replace the children by others that know what is known by now."""
        self.end()
        self._begin()
        for task, number, nth in self._waiting:
            self._tell(task, number, nth)

    def _begin(self) -> None:
        _at_work.add(id(self))
        gc.freeze()
        try:
            while len(self._shared) < self._count * self._waiting_each:
                self._shared.append(np.frombuffer(mmap(-1, ROOM), np.uint8))
            each = self._waiting_each
            for number in range(self._count):
                rooms = self._shared[number * each : (number + 1) * each]
                self._children.append(
                    Child(partial(self._answer, rooms), self._prepare, self._children)
                )
        except OSError:  # too many processes, or too little memory
            self.end()

    def end(self) -> None:
        """End the children, whatever they are doing; who has not begun may call it too."""
        for child in self._children:
            child.end()
        for child in self._children:
            child.wait()
        self._children = []
        _at_work.discard(id(self))
        if not _at_work:
            gc.unfreeze()

    def _give(self, task: Task) -> None:
        number, nth = self._next % self._count, self._next // self._count % self._waiting_each
        self._next += 1
        self._tell(task, number, nth)
        self._waiting.append((task, number, nth))

    def _tell(self, task: Task, number: int, nth: int) -> None:
        if not self._children:
            return
        shared = self._shared[number * self._waiting_each + nth]
        told = self._load(task, shared[: self._room])
        self._children[number].tell(pickle.dumps((nth, told)))

    def _take(self) -> tuple[Task, Made | None]:
        task, number, nth = self._waiting.popleft()
        answer = self._children[number].hear() if self._children else b""
        if not answer:
            return task, None
        return task, _unpacked(answer, self._shared[number * self._waiting_each + nth], self._known)

    def _answer(self, rooms: Sequence[Bytes], message: bytes) -> bytes:
        """What a child answers to a task: nothing where that went wrong."""
        try:
            nth, told = pickle.loads(message)
            made = self._work(told, rooms[nth][: self._room])
            return _packed(made, rooms[nth], self._room, self._known)
        except Exception:
            # Whoever waits does it himself, and meets the fault where it can be told.
            return b""


def shared_size(waiting: int) -> int:
    """Bytes of shared memory for workers of whom so many results each may wait."""
    return _WORKERS * waiting * ROOM


class _Pickler(pickle.Pickler):
    """Pickles results; arrays go through shared memory, and known objects by their numbers."""

    def __init__(self, file: BytesIO, shared: Bytes, used: int, known: Sequence[object]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._shared, self._used = shared, used
        self._begin = shared.ctypes.data
        self._numbers = {id(one): number for number, one in enumerate(known)}

    def reducer_override(self, obj: object) -> Any:  # noqa: ANN401 - pickle's
        """By which of the functions below an object is made again."""
        if type(obj) is np.ndarray:
            place = self._place_of(obj)
            return NotImplemented if place is None else (_array, (place, obj.shape, obj.dtype.str))
        number = self._numbers.get(id(obj))
        return NotImplemented if number is None else (_known, (number,))

    def _place_of(self, array: NDArray[Any]) -> int | None:
        """Where its bytes are in shared memory, perhaps from now on; None if they cannot be."""
        if not array.flags.c_contiguous or array.dtype.kind not in _NUMBERS:
            return None
        size = array.nbytes
        place: int = array.__array_interface__["data"][0] - self._begin
        if 0 <= place <= len(self._shared) - size:
            return place
        place = -(-self._used // _ALIGNED) * _ALIGNED
        if place + size > len(self._shared):
            return None
        self._shared[place : place + size] = array.reshape(-1).view(np.uint8)
        self._used = place + size
        return place


def _array(place: int, shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    """An array at a place in shared memory, which only an `_Unpickler` knows."""
    raise NotImplementedError


def _known(number: int) -> object:
    """The known object of a number, which only an `_Unpickler` knows."""
    raise NotImplementedError


class _Unpickler(pickle.Unpickler):
    """Unpickles what a `_Pickler` has pickled."""

    def __init__(self, file: BytesIO, shared: Bytes, known: Sequence[object]) -> None:
        super().__init__(file)
        # What makes objects again is remembered here, so it must not refer to this.
        self._makers = {
            _array.__name__: partial(_array_of, shared), _known.__name__: known.__getitem__
        }  # fmt: skip

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - pickle's
        """What makes an object again."""
        maker = self._makers.get(name) if module == __name__ else None
        return super().find_class(module, name) if maker is None else maker


def _array_of(shared: Bytes, place: int, shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    return np.ndarray(shape, dtype, shared, place)


def _packed(made: object, shared: Bytes, used: int, known: Sequence[object]) -> bytes:
    """A result as a message, the bytes of its arrays in shared memory behind those `used`."""
    file = BytesIO()
    _Pickler(file, shared, used, known).dump(made)
    return file.getvalue()


def _unpacked(message: bytes, shared: Bytes, known: Sequence[object]) -> Any:  # noqa: ANN401 - anything
    """The result in a message; its arrays lie in shared memory."""
    return _Unpickler(BytesIO(message), shared, known).load()
