"""Rooms: what child processes put where in the memory that they share with us, and pages for it.

A page that is touched first takes two microseconds on a virtual machine, and half of that again in
each process that touches it: more than the work on the bytes in it. So pages are made by a thread
while one core has nothing else to do, and children take sixteen of them at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread, active_count
from time import monotonic, sleep

from logtool.machine.workers import ROOM, can_work_apart, shared_size
from parsers.arrays import Bytes
from parsers.blocks import BLOCK_SIZE, PADDING
from parsers.compiled import kernel as kernels
from parsers.compiled.pages import give_back, take

#: Results of each child that may wait for their turn: one more than usual gains a thirtieth.
WAITING = 3
#: Where the bytes of a block end, what is made of them, and what the kernel makes.
BYTES_END, TEXT_END, COLUMNS_END = BLOCK_SIZE + PADDING, 3 * BLOCK_SIZE, 5 * BLOCK_SIZE

#: Parts of a room: where each begins, at a page, and ends.
Parts = Sequence[tuple[int, int]]
#: What is touched of a room as usual logs are read first: their bytes, columns, and what is handed
#: over; and what besides as their stamps are written.
TO_READ: Parts = (
    (0, BLOCK_SIZE),
    (TEXT_END, TEXT_END + BLOCK_SIZE * 7 // 16),
    (COLUMNS_END, COLUMNS_END + BLOCK_SIZE * 5 // 16),
)
TO_WRITE: Parts = ((BLOCK_SIZE, BLOCK_SIZE * 17 // 8),)
#: The same where nothing but what is written has its place there: it gets that of the bytes.
TO_WRITE_ONLY: Parts = ((BLOCK_SIZE, BLOCK_SIZE * 9 // 8),)

#: Threads of this process, as Linux tells them.
_TASKS = Path("/proc/self/task")
#: Seconds in which a thread that has nothing more to do ends, however busy the machine.
_PATIENCE_S = 10.0

#: Linux maps so many bytes around one that is read (fault_around_bytes), if there are pages.
_AROUND = 64 << 10


@contextmanager
def pages_made(parts: Parts) -> Iterator[None]:
    """A context meanwhile a thread makes pages of these parts of every room."""
    kernel = kernels.load(shared_size(WAITING)) if can_work_apart() else None
    if kernel is None:
        yield
        return
    rooms = range(0, shared_size(WAITING), ROOM)
    every = [(room + begin, room + end) for room in rooms for begin, end in parts]
    thread = Thread(target=kernel.fill, args=(every,), name="pages", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        wait_until_gone(thread.native_id)


def wait_until_gone(thread_id: int | None, tasks: Path = _TASKS) -> None:
    """Wait until the system has forgotten a thread of ours that was joined.

    Python joins a thread that has done its work, a moment before the system ends it. Nobody may be
    forked in that moment.

    Args:
        thread_id: the system's number for it.
        tasks: a folder with an entry for each thread.
    """
    until = monotonic() + _PATIENCE_S
    while (tasks / str(thread_id)).exists() and monotonic() < until:
        sleep(0.001)


def alone_again() -> bool:
    """Whether children can be forked, of a process that could do so before it began some threads.

    Those that have ended may still be there for a moment.
    """
    until = monotonic() + _PATIENCE_S
    while not can_work_apart():
        if active_count() > 1 or monotonic() > until:
            return False
        sleep(0.001)
    return True


def parts_of(*, again: bool, only_text: bool) -> tuple[Parts, Parts, Parts]:
    """Parts of rooms of which there are pages, those that are new, and those that nobody needs.

    Args:
        again: logs are read first, and will be read again.
        only_text: what is made of them is a text, and all else has its place elsewhere.
    """
    if again:
        return TO_READ, (), ()
    return (TO_READ[:1], TO_WRITE_ONLY, TO_READ[1:]) if only_text else (TO_READ, TO_WRITE, ())


class Touched:
    """Rooms whose pages a child has taken."""

    def __init__(
        self, shared: Bytes | None, made: Parts, new: Parts = (), spare: Parts = ()
    ) -> None:
        """Nothing is taken yet.

        Args:
            shared: the memory in which the rooms of all children are; None where each is alone.
            made: parts of each room of which there are pages.
            new: those of which there are none.
            spare: those whose pages, of shared rooms, are given back: it would take time at the
                end, when there is nothing else to do.
        """
        self._shared, self._made, self._new = shared, made, new
        self._spare = () if shared is None else spare
        self._known: set[int] = set()

    def take(self, room: Bytes) -> None:
        """Take the pages of a room, if it is new, and of the child's other rooms."""
        if room.ctypes.data in self._known:
            return
        for one in (room,) if self._shared is None else self._beside(self._shared, room):
            self._known.add(one.ctypes.data)
            for begin, end in self._made:
                one[begin:end:_AROUND].sum()
            for begin, end in self._new:
                take(one.ctypes.data + begin, len(one[begin:end]))
            for begin, end in self._spare:
                give_back(one.ctypes.data + begin, len(one[begin:end]))

    @staticmethod
    def _beside(shared: Bytes, room: Bytes) -> Iterator[Bytes]:
        """The rooms of the same child."""
        number = (room.ctypes.data - shared.ctypes.data) // ROOM
        first = number - number % WAITING
        for nth in range(first, first + WAITING):
            yield shared[nth * ROOM :][: len(room)]
