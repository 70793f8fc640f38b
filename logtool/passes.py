"""Passes: takes opened sources, gives their clocks, and their blocks with both cores at work.

Clocks are known only at the end of a log, so it is read twice: once for its stamps, once to use
what they told.
"""

from __future__ import annotations

import ctypes
import mmap
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from itertools import chain, groupby, islice
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.engine import ClockFinder, ClockOptions, FileFacts
from logtool.clocks.neighbours import find_neighbours
from logtool.clocks.servers import folder_of
from logtool.clocks.table import ClockTable
from logtool.late_layouts import LateLayouts
from logtool.remembered import RememberedStamps
from logtool.rooms import (
    BYTES_END,
    COLUMNS_END,
    TEXT_END,
    TO_READ,
    TO_WRITE,
    WAITING,
    Touched,
    pages_made,
)
from logtool.sources.ahead import blocks_in_order
from logtool.sources.line_index import LineIndex
from logtool.sources.packing import BUDGET, Memory
from logtool.sources.source import Place, Source
from logtool.workers import Workers, can_work_apart, shared_size
from parsers import kernel as kernels
from parsers.blocks import BLOCK_SIZE, Block
from parsers.decode import Decoder
from parsers.detect import detect
from parsers.layouts import Layout
from parsers.lines import Stamps

if TYPE_CHECKING:
    from concurrent.futures import Future

#: Threads that work on blocks; numpy lets go of the interpreter lock in what takes long.
WORKERS = 2
#: Blocks that may wait for their turn, so that memory stays flat.
_AHEAD = 3

#: Bytes of a file that are worth starting child processes for, and bytes of a compressed one.
_WORTH_CHILDREN, _WORTH_COMPRESSED = 4 * BLOCK_SIZE, BLOCK_SIZE // 2

#: Parameters of mallopt(3).
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENAS, _NEVER = -1, -3, -8, 1 << 30
#: Bytes of the heap that shall have huge pages, and bytes of one.
_HEAP, _HUGE = 96 << 20, 2 << 20

#: The number of a log among some, and a place in it.
At = tuple[int, Place]
#: The same, and the bytes there if no child can read them.
Window = tuple[At, NDArray[np.uint8] | None]

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """One opened log file and how to read its lines.

    Attributes:
        number: its index in true order; `file` in clocks and evidence.
        source: its bytes.
        decoder: knows its layouts.
        remembered: stamps of blocks that were read before.
    """

    number: int
    source: Source
    decoder: Decoder
    remembered: RememberedStamps


@dataclass(frozen=True, slots=True, eq=False)
class StampedBlock:
    """A block of a log and the stamps of its lines.

    Attributes:
        log: the log.
        block: some of its lines.
        stamps: who wrote each line, and when.
        layouts: how many layouts had been known when they were read.
        room: where bytes that are made of it may be left, or None.
    """

    log: Log
    block: Block
    stamps: Stamps
    layouts: int = 0
    room: NDArray[np.uint8] | None = None


def open_logs(
    sources: Sequence[Source], layouts: Sequence[Layout] = (), budget: int = BUDGET
) -> list[Log]:
    """Find each source's layouts in some of its lines; given layouts are tried before those.

    `find_clocks` reads all lines, and adds what layouts it meets on the way. What is remembered of
    all lines for a second reading takes so many bytes of memory; the rest goes to a temporary file.
    """
    memory = Memory(budget)
    logs = []
    with pages_made(TO_READ) if any(map(_is_large, sources)) else nullcontext():
        for number, source in enumerate(sources):
            source.index = LineIndex(memory)
            found = [one.layout for one in detect(source.samples())]
            logs.append(Log(number, source, Decoder((*layouts, *found)), RememberedStamps(memory)))
    return logs


def find_clocks(
    logs: Sequence[Log],
    options: ClockOptions,
    watch: Callable[[StampedBlock], None] = lambda stamped: None,
    *,
    again: bool = False,
) -> ClockTable:
    """Read logs once and find their clocks; `watch` sees every block in true order.

    If their stamps are to be written `again`, what is needed for that is made ready meanwhile.
    """
    if any(log.source.size is None or log.source.size > BLOCK_SIZE for log in logs):
        keep_freed_memory()
    finder = ClockFinder(options, [folder_of(log.source.path) for log in logs])
    late = {log.number: LateLayouts(log.decoder) for log in logs}
    for read in worked_blocks(logs, _as_it_is, apart=True, again=again):
        log, block = read.log, read.log.source.numbered(read.block)
        stamped = StampedBlock(
            log, block, *late[log.number].settled(block, read.stamps, read.layouts)
        )
        log.remembered.keep(block, stamped.stamps, stamped.layouts)
        finder.add(log.number, block, stamped.stamps, log.decoder)
        watch(stamped)
    beside = find_neighbours(
        [log.source.path for log in logs],
        access_logs=options.access_logs,
        audit_logs=options.audit_logs,
        search=options.neighbours,
    )
    large = again and any(_is_large(log.source) for log in logs)
    with pages_made(TO_WRITE) if large else nullcontext():
        return finder.finish([_facts(log.source) for log in logs], beside)


def _as_it_is(stamped: StampedBlock) -> StampedBlock:
    return replace(stamped, room=None)


def _facts(source: Source) -> FileFacts:
    mtime_us = source.mtime_us if source.complete else None
    return FileFacts(source.name, mtime_us, source.sequence)


def keep_freed_memory() -> None:
    """Ask the C library to keep the memory of one block for the next, where it can be asked.

    glibc gives freed arrays back to the system, and fresh pages cost more than the work on them:
    2 microseconds each on a virtual machine, unless they are huge.
    Asked before polars starts its threads, it also takes a third less: one heap serves them all.
    """
    with suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        for parameter, value in (
            (_TRIM_THRESHOLD, _NEVER),
            (_MMAP_THRESHOLD, _NEVER),
            (_ARENAS, 1),
        ):
            library.mallopt(parameter, value)
        _take_huge_pages(library)


def _give_back_freed_memory() -> None:
    """Give back to the system what was kept: children would each come to hold a copy of it."""
    with suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        library.malloc_trim(0)
        _take_huge_pages(library)


def _take_huge_pages(library: ctypes.CDLL) -> None:
    """Let the C library have huge pages for what it takes next."""
    library.malloc.argtypes, library.malloc.restype = (ctypes.c_size_t,), ctypes.c_void_p
    library.free.argtypes = (ctypes.c_void_p,)
    library.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    if place := library.malloc(_HEAP):
        begin = -(-place // _HUGE) * _HUGE
        library.madvise(begin, _HEAP - _HUGE, mmap.MADV_HUGEPAGE)
        library.free(place)


def worked_blocks(
    logs: Sequence[Log],
    work: Callable[[StampedBlock], Made],
    *,
    apart: bool = False,
    again: bool = False,
) -> Iterator[Made]:
    """Do some work on every block and its stamps at once; the results come in true order.

    Args:
        logs: the logs.
        work: may be done in threads.
        apart: it may be done in child processes too: it changes nothing, and what it makes can be
            pickled. Arrays of a result are good until the next one is asked for.
        again: there will be other work on them later.
    """
    for plain, some in groupby(logs, lambda log: apart and _is_large(log.source)):
        if plain and can_work_apart():
            yield from _worked_apart(list(some), work, again)
        else:
            yield from in_order(blocks_of(list(some)), lambda pair: work(_stamped(*pair)))


def _is_large(source: Source) -> bool:
    worth = _WORTH_COMPRESSED if source.compression else _WORTH_CHILDREN
    return (source.size or 0) > worth


def _worked_apart(
    logs: Sequence[Log], work: Callable[[StampedBlock], Made], again: bool
) -> Iterator[Made]:
    """What `worked_blocks` gives of large files, worked on in child processes.

    Those read a plain file. What is compressed, or came through a pipe, is read here.
    """
    while logs:
        failed = yield from _made_apart(logs, work, again)
        if failed is None:
            return
        number, place = failed
        log, logs = logs[number], logs[number + 1 :]
        rest = ((log, block) for block in log.source.blocks_from(place))
        yield from in_order(rest, lambda pair: work(_stamped(*pair)))


def _made_apart(
    logs: Sequence[Log], work: Callable[[StampedBlock], Made], again: bool
) -> Generator[Made, None, At | None]:
    """What children make of logs; returns where something is wrong with one, or with them."""
    kernel = kernels.load(shared_size(WAITING))
    shared = None if kernel is None else kernel.lend(kept=again)
    touched = Touched(TO_READ if again else (*TO_READ, *TO_WRITE))

    def make(at: At, room: NDArray[np.uint8]) -> Made:
        touched.take(room)
        if kernel is not None and shared is not None:
            kernel.begin(room[TEXT_END:])
        number, place = at
        block = logs[number].source.block_at(place, room[:BYTES_END])
        return work(_stamped(logs[number], block, room[BYTES_END:TEXT_END]))

    _give_back_freed_memory()
    with Workers(make, logs, COLUMNS_END, loaded, shared, WAITING) as workers:
        known = _known(logs)
        for (at, _), made in workers.results(windows_of(logs)):
            if made is None:
                return at
            yield made
            if _known(logs) != known:
                known = _known(logs)
                workers.begin_anew()
    return None


def _known(logs: Sequence[Log]) -> int:
    """How many layouts are known by now."""
    return sum(len(log.decoder.layouts) for log in logs)


def windows_of(logs: Sequence[Log]) -> Iterator[Window]:
    """Every block of some logs in true order, as tasks of `Workers`."""
    for number, log in enumerate(logs):
        source = log.source
        if source.is_plain:
            yield from (((number, place), None) for place in source.places())
        else:
            yield from (((number, place), data) for place, data in source.windows())


def loaded(window: Window, room: NDArray[np.uint8]) -> At:
    """Where a block is; its bytes are put into some room if no child can read them."""
    at, data = window
    if data is not None:
        room[: len(data)] = data
    return at


def blocks_of(logs: Sequence[Log]) -> Iterator[tuple[Log, Block]]:
    """Every block of some logs in true order."""
    for number, block in blocks_in_order([log.source for log in logs]):
        yield logs[number], block


def _stamped(log: Log, block: Block, room: NDArray[np.uint8] | None = None) -> StampedBlock:
    layouts = len(log.decoder.layouts)
    stamps = log.remembered.recall(block, layouts) or log.decoder.stamps(block)
    return StampedBlock(log, block, stamps, layouts, room)


def in_order(items: Iterable[Given], work: Callable[[Given], Made]) -> Iterator[Made]:
    """Map in threads, a few items ahead of the consumer, results in the order of the items.

    The only item of a short log is worked on here, without the cost of starting threads.
    """
    items = iter(items)
    begin = list(islice(items, 2))
    if len(begin) < 2:
        yield from map(work, begin)
        return
    yield from _threaded(chain(begin, items), work)


def _threaded(items: Iterable[Given], work: Callable[[Given], Made]) -> Iterator[Made]:
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(WORKERS, "block")
    waiting: deque[Future[Made]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
