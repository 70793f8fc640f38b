"""Passes: takes opened sources, gives their clocks, and their blocks with both cores at work.

Clocks are known only at the end of a log, so it is read twice: once for its stamps, once to use
what they told.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from functools import cached_property, partial
from importlib import import_module
from itertools import chain, groupby, islice
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.options import ClockOptions
from logtool.clocks.table import ClockTable
from logtool.layouts.found import found_layouts
from logtool.layouts.late import LateLayouts
from logtool.machine.ending import taken_back
from logtool.machine.heap import give_back_freed_memory, keep_freed_memory
from logtool.machine.promises import Promise
from logtool.machine.rooms import (
    BYTES_END,
    COLUMNS_END,
    TEXT_END,
    TO_READ,
    WAITING,
    Touched,
    pages_made,
    parts_of,
)
from logtool.machine.threads import in_order
from logtool.machine.workers import Workers, can_work_apart, shared_size
from logtool.remembered import PackedStamps, RememberedStamps
from logtool.sources.ahead import blocks_in_order
from logtool.sources.line_index import LineIndex
from logtool.sources.packing import BUDGET, Memory
from logtool.sources.source import Source
from logtool.sources.windows import At, Window, loaded, windows_of
from parsers.blocks import BLOCK_SIZE, Block
from parsers.classes import dataclass
from parsers.compiled import kernel as kernels
from parsers.decode import Decoder
from parsers.layouts import Layout
from parsers.lines import Stamps

if TYPE_CHECKING:
    from logtool.clocks.engine import ClockFinder

#: Bytes of a file that are worth starting children for, and bytes of a compressed one.
_WORTH_CHILDREN, _WORTH_COMPRESSED = 4 * BLOCK_SIZE, BLOCK_SIZE // 2

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


@dataclass(frozen=True, eq=False)
class StampedBlock:
    """A block of a log and the stamps of its lines.

    Attributes:
        log: the log.
        block: some of its lines.
        given: their stamps, as they were read or as they are remembered.
        layouts: how many layouts had been known when they were read.
        room: where bytes that are made of it may be left, or None.
        seen: what was asked of its text as it was read first.
    """

    log: Log
    block: Block
    given: Stamps | PackedStamps
    layouts: int = 0
    room: NDArray[np.uint8] | None = None
    seen: object = None

    @cached_property
    def stamps(self) -> Stamps:
        """Who wrote each line, and when."""
        if isinstance(self.given, Stamps):
            return self.given
        return self.given.unpacked(self.block) or self.log.decoder.stamps(self.block)


Watch: TypeAlias = Callable[[StampedBlock], None]
Look: TypeAlias = Callable[[Block], object]


class Begins(Protocol):
    """Begins to read logs again; in pages of memory that are kept for it if it `keeps_pages`."""

    keeps_pages: bool

    def begin(self, logs: Sequence[Log]) -> None:
        """Begin, when all lines were read once."""


def open_logs(
    sources: Sequence[Source], layouts: Sequence[Layout] = (), budget: int = BUDGET,
    meanwhile: Callable[[], object] = lambda: import_module("logtool.clocks.engine"),
) -> list[Log]:  # fmt: skip
    """Find each source's layouts in some of its lines; given layouts are tried before those.

    `find_clocks` adds what layouts it meets. What is remembered of all lines for a second reading
    takes so many bytes of memory; the rest goes to a temporary file. What is done `meanwhile` takes
    no time where children look for layouts.
    """
    memory, large = Memory(budget), any(map(_is_large, sources))
    for source in sources:
        source.index = LineIndex(memory)
    apart = large and all(source.is_stored for source in sources) and can_work_apart()
    making_pages = pages_made(TO_READ) if large else nullcontext()
    with found_layouts(sources, apart=apart) as found, making_pages:
        meanwhile()
        return [
            Log(number, source, Decoder((*layouts, *theirs)), RememberedStamps(memory))
            for number, (source, theirs) in enumerate(zip(sources, found, strict=True))
        ]


def find_clocks(
    logs: Sequence[Log],
    options: ClockOptions,
    watch: Watch = lambda stamped: None,
    *,
    ahead: Begins | None = None,
    look: Look = lambda block: None,
) -> ClockTable:
    """Read logs once and find their clocks; `watch` sees every block in true order.

    They begin to be read again, `ahead` of its knowing what for, while their clocks are found. What
    some `look` at a block gives is `seen` then: it is done in child processes where there are some,
    and what it gives can be pickled.
    """
    if any(log.source.size is None or log.source.size > BLOCK_SIZE for log in logs):
        keep_freed_memory()
    finder = _read_once(logs, options, watch, look, again=ahead is not None and ahead.keeps_pages)
    if ahead is not None:
        ahead.begin(logs)
    from logtool.clocks.engine import FileFacts
    from logtool.clocks.evidence.neighbours import find_neighbours

    beside = find_neighbours(
        [log.source.path for log in logs],
        access_logs=options.access_logs, audit_logs=options.audit_logs, search=options.neighbours,
        access_formats=options.access_formats,
    )  # fmt: skip
    facts = [
        FileFacts(x.name, x.mtime_us if x.complete else None, x.sequence, x.read_us)
        for x in (log.source for log in logs)
    ]
    return finder.finish(facts, beside)


def _read_once(
    logs: Sequence[Log], options: ClockOptions, watch: Watch, look: Look, *, again: bool
) -> ClockFinder:
    """Have a clock finder and `watch` see every block; its stamps are remembered."""
    late = {log.number: LateLayouts(log.decoder) for log in logs}
    blocks = worked_blocks(logs, partial(_as_it_is, look=look), apart=True, again=again)
    first = [*islice(blocks, 1)]
    from logtool.clocks.engine import ClockFinder

    finder = ClockFinder(options, [x.source.path for x in logs], [x.source.sequence for x in logs])
    for read in chain(first, blocks):
        log, block = read.log, read.log.source.numbered(read.block)
        settled = late[log.number].settled(block, read.stamps, read.layouts)
        stamped = StampedBlock(log, block, *settled, seen=read.seen)
        log.remembered.keep(block, stamped.stamps, stamped.layouts)
        finder.add(log.number, block, stamped.stamps, log.decoder)
        watch(stamped)
    return finder


def _as_it_is(stamped: StampedBlock, look: Look) -> StampedBlock:
    return replace(stamped, room=None, seen=look(stamped.block))


def worked_blocks(
    logs: Sequence[Log],
    work: Callable[[StampedBlock], Made],
    *,
    apart: bool = False,
    again: bool = False,
    ahead: Ahead | None = None,
) -> Iterator[Made]:
    """Do some work on every block and its stamps at once; the results come in true order.

    Args:
        logs: the logs.
        work: may be done in threads.
        apart: it may be done in child processes too: it changes nothing, and what it makes can be
            pickled. Arrays of a result are good until the next one is asked for.
        again: there will be other work on them later.
        ahead: children that may have begun to read them; the work itself can be pickled then.
    """
    for large, some in groupby(logs, lambda log: _is_large(log.source)):
        if large and apart and can_work_apart():
            yield from _worked_apart(list(some), work, again, ahead)
        else:
            blocks, threads = blocks_of(list(some)), large is not False
            yield from in_order(blocks, lambda pair: work(_stamped(*pair)), threads=threads)


def _is_large(source: Source) -> bool | None:
    """Whether it is worth starting children; None where it is not, as far as anybody can tell."""
    worth, size = _WORTH_COMPRESSED if source.compression else _WORTH_CHILDREN, source.size
    return (size or 0) > worth or (None if size is None or source.compression else False)


def _worked_apart(
    logs: Sequence[Log], work: Callable[[StampedBlock], Made], again: bool, ahead: Ahead | None
) -> Iterator[Made]:
    """What `worked_blocks` gives of large files, worked on in child processes.

    Those read a plain file. What is compressed, or came through a pipe, is read here.
    """
    while logs:
        reading = ahead.reading(logs, work) if ahead is not None else None
        failed = yield from _made_apart(reading or _Reading(logs, lambda: work, again))
        if failed is None:
            return
        number, place = failed
        log, logs = logs[number], logs[number + 1 :]
        rest = ((log, block) for block in log.source.blocks_from(place))
        yield from in_order(rest, lambda pair: work(_stamped(*pair)))


class _Reading(Generic[Made]):
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
            return work()(_stamped(logs[number], block, text))

        give_back_freed_memory()
        self.logs, self.windows = logs, windows_of([log.source for log in logs])
        self.workers: Workers[Window, Made] = Workers(
            make, logs, COLUMNS_END, loaded, shared, WAITING, prepare
        )


def _made_apart(reading: _Reading[Made]) -> Generator[Made, None, At | None]:
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
        self._reading: _Reading[Any] | None = None
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
        if not (can_work_apart() and all(_is_large(x.source) and x.source.is_plain for x in logs)):
            return
        try:
            self._work = Promise()
        except OSError:  # too many open files: those who ask for a reading begin it then
            return
        told = partial(self._work.value, self._meanwhile(sum(log.source.size or 0 for log in logs)))
        self._reading = _Reading(
            logs, told, again=False, prepare=self._work.only_hear, bytes_too=self._bytes_too
        )
        self._reading.workers.give_some(self._reading.windows)

    def reading(
        self, logs: Sequence[Log], work: Callable[[StampedBlock], Made]
    ) -> _Reading[Made] | None:
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


def blocks_of(logs: Sequence[Log]) -> Iterator[tuple[Log, Block]]:
    """Every block of some logs in true order."""
    for number, block in blocks_in_order([log.source for log in logs]):
        yield logs[number], block


def _stamped(log: Log, block: Block, room: NDArray[np.uint8] | None = None) -> StampedBlock:
    layouts = len(log.decoder.layouts)
    stamps = log.remembered.packed(block, layouts) or log.decoder.stamps(block)
    return StampedBlock(log, block, stamps, layouts, room)
