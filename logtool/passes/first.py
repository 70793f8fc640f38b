"""First: takes opened sources, reads them once, gives their layouts and clocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from importlib import import_module
from itertools import chain, islice
from typing import TYPE_CHECKING, Protocol, TypeAlias

from logtool.clocks.file_facts import FileFacts
from logtool.clocks.options import ClockOptions
from logtool.clocks.table import ClockTable
from logtool.layouts.found import found_layouts
from logtool.layouts.late import LateLayouts
from logtool.machine.heap import keep_freed_memory
from logtool.machine.rooms import TO_READ, pages_made
from logtool.machine.workers import can_work_apart
from logtool.passes.logs import Log, StampedBlock, is_large
from logtool.passes.working import worked_blocks
from logtool.remembered import RememberedStamps
from logtool.sources.line_index import LineIndex
from logtool.sources.packing import BUDGET, Memory
from logtool.sources.source import Source
from parsers.blocks import BLOCK_SIZE, Block
from parsers.decode import Decoder
from parsers.layouts import Layout

if TYPE_CHECKING:
    from logtool.clocks.engine import ClockFinder

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
    takes so many bytes of memory, none where most would not fit; the rest goes to a temporary file.
    What is done `meanwhile` takes no time where children look for layouts.
    """
    memory = Memory.of(sum(source.size or 0 for source in sources), budget)
    large = any(map(is_large, sources))
    for source in sources:
        source.index = LineIndex(memory)
    apart = large and all(source.is_stored for source in sources) and can_work_apart()
    making_pages = pages_made(TO_READ) if large else nullcontext()
    with found_layouts(sources, apart=apart) as found, making_pages:
        meanwhile()
        return [
            Log(
                number,
                source,
                Decoder((*layouts, *theirs), source.mtime_us),
                RememberedStamps(memory),
            )
            for number, (source, theirs) in enumerate(zip(sources, found, strict=True))
        ]


class Read:
    """What was read of logs for their clocks."""

    def __init__(self, logs: Sequence[Log], options: ClockOptions, finder: ClockFinder) -> None:
        """Take the logs, what is known of them, and what has read them."""
        self._logs, self._options, self._finder = logs, options, finder

    def clocks(self) -> ClockTable:
        """Find the clocks."""
        from logtool.clocks.evidence.neighbours import find_neighbours

        options = self._options
        beside = find_neighbours(
            [log.source.path for log in self._logs],
            access_logs=options.access_logs, audit_logs=options.audit_logs,
            search=options.neighbours, access_formats=options.access_formats,
        )  # fmt: skip
        facts = [
            FileFacts(x.name, x.mtime_us if x.complete else None, x.sequence, x.read_us)
            for x in (log.source for log in self._logs)
        ]
        return self._finder.finish(facts, beside)

    def forget(self) -> None:
        """Give up what takes much memory, where nobody asks for the clocks (any more)."""
        self._finder.forget()


def find_clocks(
    logs: Sequence[Log],
    options: ClockOptions,
    watch: Watch = lambda stamped: None,
    *,
    ahead: Begins | None = None,
    look: Look = lambda block: None,
) -> ClockTable:
    """Read logs once and find their clocks; see `read_once`.

    They begin to be read again, `ahead` of its knowing what for, while their clocks are found.
    """
    again = ahead is not None and ahead.keeps_pages
    read = read_once(logs, options, watch, look=look, again=again)
    if ahead is not None:
        ahead.begin(logs)
    return read.clocks()


def read_once(
    logs: Sequence[Log],
    options: ClockOptions,
    watch: Watch = lambda stamped: None,
    *,
    look: Look = lambda block: None,
    again: bool = False,
) -> Read:
    """Read logs for their clocks; `watch` sees every block in true order.

    What some `look` at a block gives is `seen` then: it is done in child processes where there are
    some, and what it gives can be pickled. Pages of memory are kept if they are to be read `again`
    in these.
    """
    if any(log.source.size is None or log.source.size > BLOCK_SIZE for log in logs):
        keep_freed_memory()
    return Read(logs, options, _finder(logs, options, watch, look, again=again))


def _finder(
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
