"""Children: take large logs, give what other processes make of their blocks, perhaps ahead."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from functools import partial
from importlib import import_module
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from logtool.machine.ending import taken_back
from logtool.machine.heap import give_back_freed_memory
from logtool.machine.promises import Promise
from logtool.machine.rooms import BYTES_END, COLUMNS_END, TEXT_END, WAITING, Touched, parts_of
from logtool.machine.workers import Workers, can_work_apart, shared_size
from logtool.passes.logs import Log, StampedBlock, is_large
from logtool.sources.windows import At, Window, loaded, windows_of
from parsers.compiled import kernel as kernels

Made = TypeVar("Made")


class Reading(Generic[Made]):
    """Children that read large logs, and what they have not been told yet.

    Attributes:
        logs: the logs.
        workers: the children, not begun.
        windows: what they are to read.
    """

    def __init__(
        self,
        logs: Sequence[Log],
        work: Callable[[], Callable[[StampedBlock], Made]],
        again: bool,
        prepare: Callable[[], object] = lambda: None,
        *,
        bytes_too: bool = True,
    ) -> None:
        """Read logs.

        Args:
            logs: the logs.
            work: gives what is to be made of each block; asked for when one has been read.
            again: there will be other work on them later.
            prepare: done in each child first.
            bytes_too: what is made may refer to the bytes of blocks; else these must be copied.
        """
        kernel = kernels.load(shared_size(WAITING))
        shared = None if kernel is None else kernel.lend(kept=again)
        own = None if kernel is None or shared is None or bytes_too else kernel.own
        touched = Touched(shared, *parts_of(again=again, only_text=own is not None))

        def make(at: At, room: NDArray[np.uint8]) -> Made:
            touched.take(room)
            data, text, columns = room[:BYTES_END], room[BYTES_END:TEXT_END], room[TEXT_END:]
            if own is not None:
                data, text, columns = own[:BYTES_END], room[:TEXT_END], own[BYTES_END:]
            if kernel is not None and shared is not None:
                kernel.begin(columns)
            number, place = at
            block = logs[number].source.block_at(place, data)
            return work()(StampedBlock.of(logs[number], block, text))

        give_back_freed_memory()
        self.logs, self.windows = logs, windows_of([log.source for log in logs])
        self.workers: Workers[Window, Made] = Workers(
            make, logs, COLUMNS_END, loaded, shared, WAITING, prepare
        )


def made_apart(reading: Reading[Made]) -> Generator[Made, None, At | None]:
    """What children make of logs; returns where something is wrong with one, or with them."""
    with reading.workers as workers:
        workers.give_some(reading.windows)
        import_module("logtool.clocks.engine")  # needed now; nothing else can be done meanwhile
        known = _known(reading.logs)
        for (at, _), made in workers.results(reading.windows):
            if made is None:
                return at
            yield made
            if _known(reading.logs) != known:
                known = _known(reading.logs)
                workers.begin_anew()
    return None


class Ahead:
    """Children that begin to read logs again before it is known what is to be made of them.

    A context that ends them.
    """

    keeps_pages = True

    def __init__(
        self,
        meanwhile: Callable[[int], Callable[[], bool] | None] = lambda size: None,
        *,
        bytes_too: bool = False,
    ) -> None:
        """Nothing is begun yet.

        Args:
            meanwhile: takes the size of all logs, gives what a child may do while it waits, as
                `Promise.value` takes it, or None.
            bytes_too: what is made refers to the bytes of blocks, so that these are worth keeping.
        """
        self._meanwhile, self._bytes_too = meanwhile, bytes_too
        self._reading: Reading[Any] | None = None
        self._work: Promise[Callable[[StampedBlock], Any]] | None = None
        self._context = ExitStack()

    def __enter__(self) -> Ahead:
        """Who ends the process meanwhile ends the children first: they may be at work."""
        self._context.enter_context(taken_back(self._end))
        return self

    def __exit__(self, *_: object) -> None:
        """End what was begun, if nobody has taken it."""
        self._end()
        if self._work is not None:
            self._work.close()
        self._context.close()

    def _end(self) -> None:
        if self._reading is not None:
            self._reading.workers.end()
            self._reading = None

    def begin(self, logs: Sequence[Log]) -> None:
        """Begin to read logs, if all of them are large files as they are."""
        if not (can_work_apart() and all(is_large(x.source) and x.source.is_plain for x in logs)):
            return
        try:
            self._work = Promise()
        except OSError:  # too many open files: those who ask for a reading begin it then
            return
        told = partial(self._work.value, self._meanwhile(sum(log.source.size or 0 for log in logs)))
        self._reading = Reading(
            logs, told, again=False, prepare=self._work.only_hear, bytes_too=self._bytes_too
        )
        self._reading.workers.give_some(self._reading.windows)

    def reading(
        self, logs: Sequence[Log], work: Callable[[StampedBlock], Made]
    ) -> Reading[Made] | None:
        """The reading of these logs, its work told to the children; None if none has begun."""
        reading, self._reading = self._reading, None
        if reading is None or self._work is None or list(reading.logs) != list(logs):
            return None
        self._work.keep(work)
        give_back_freed_memory()  # what finding clocks needed, while the children go on
        return reading


def _known(logs: Sequence[Log]) -> int:
    """How many layouts are known by now."""
    return sum(len(log.decoder.layouts) for log in logs)
