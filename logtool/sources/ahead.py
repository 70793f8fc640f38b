"""Ahead: takes sources, gives their blocks in order, compressed ones undone in threads before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from queue import Full, Queue
from threading import Event, Thread

from logtool.sources.source import Source
from parsers.blocks import Block

#: Compressed files that are undone at once: the one that is read, and the next.
_AT_ONCE = 2
#: Blocks of each that may wait for their turn, so that memory stays flat.
_WAITING = 2
#: Seconds after which a thread that cannot go on looks whether it is still needed.
_LOOK_S = 0.2


def blocks_in_order(sources: Sequence[Source]) -> Iterator[tuple[int, Block]]:
    """The blocks of all sources, one source after the other, with the number of the source.

    Decompressing takes a core for itself: it runs beside whatever is done with the blocks.
    """
    readers: dict[int, _Reader] = {}
    compressed = [number for number, source in enumerate(sources) if source.compression]
    try:
        for number, source in enumerate(sources):
            if not source.compression:
                for block in source.blocks():
                    yield number, block
                continue
            for soon in compressed[:_AT_ONCE]:
                if soon not in readers:
                    readers[soon] = _Reader(sources[soon])
            compressed.remove(number)
            for block in readers[number].blocks():
                yield number, block
            del readers[number]
    finally:
        for reader in readers.values():
            reader.stop()


class _Reader:
    """A thread that reads a source's blocks before they are asked for."""

    def __init__(self, source: Source) -> None:
        self._read: Queue[Block | BaseException | None] = Queue(_WAITING)
        self._unwanted = Event()
        self._thread = Thread(target=self._run, args=(source,), name="ahead", daemon=True)
        self._thread.start()

    def blocks(self) -> Iterator[Block]:
        """The blocks; raises what reading them raised."""
        while (found := self._read.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            yield found
        self._thread.join()

    def stop(self) -> None:
        """End the thread, also where nobody takes what it has read."""
        self._unwanted.set()
        self._thread.join()

    def _run(self, source: Source) -> None:
        last: BaseException | None = None
        try:
            for block in source.blocks():
                if not self._give(block):
                    return
        except BaseException as fault:
            last = fault
        self._give(last)

    def _give(self, found: Block | BaseException | None) -> bool:
        while not self._unwanted.is_set():
            try:
                self._read.put(found, timeout=_LOOK_S)
            except Full:
                continue
            return True
        return False
