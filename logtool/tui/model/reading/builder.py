"""Builder: reads logs in the background: their head, where lines stand, all, then their clocks."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from logtool.clocks.seen.roles import Process
from logtool.clocks.table import Clock, ClockTable
from logtool.following.siblings import Siblings
from logtool.following.tails import PAUSE_S, now_us
from logtool.machine.heap import give_back_large_memory
from logtool.mistakes import fault_of_work
from logtool.sources.source import Source
from logtool.tui.model.indexed.glance import Glance, glance
from logtool.tui.model.indexed.index import LineIndex, Rows
from logtool.tui.model.reading.locating import line_places
from logtool.tui.model.reading.newcomers import Newcomers
from logtool.tui.model.reading.places import LogBytes
from parsers.blocks import Block
from parsers.built_in import HTTPD_24
from parsers.classes import dataclass
from parsers.decode import Decoder
from parsers.detection.detect import detect
from parsers.layouts import Layout
from parsers.lines import NO_LAYOUT

if TYPE_CHECKING:
    from logtool.clocks.options import ClockOptions
    from logtool.normalize import Tally
    from logtool.passes.logs import Log, StampedBlock
    from logtool.tui.model.reading.beside import AccessBeside

#: Bytes of the first log that are read before anything is shown.
HEAD = 1 << 16
#: When a pipe only trickles for so long, what came gets its clocks, and the rest comes as it is.
_PATIENCE_S = 1.0
#: A line has at least so many bytes, mostly; fewer only cost time.
_FEW_BYTES = 80
#: Lines of the head that tell its layout for the first screen.
_HEAD_LINES = 60
#: Bytes of memory for what is remembered of all lines until they are put together; the rest goes
#: to a temporary file.
_REMEMBERED = 8 << 20
#: Blocks whose glance may wait.
_AHEAD = 2
#: Share of the head's lines that httpd's own format need not read to be taken for theirs.
_FEW_UNREAD = 0.1


@dataclass(slots=True, eq=False)
class ShownLog:
    """One log that is shown.

    Attributes:
        name: for people.
        source: its blocks.
        bytes: its bytes at any place.
        decoder: knows its layouts, as far as they are known yet.
        siblings: of the newest log of a set that can grow, the files that were there beside it when
            all were opened: who follows it finds what came since.
    """

    name: str
    source: Source
    bytes: LogBytes
    decoder: Decoder
    siblings: Siblings | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading has come.

    Attributes:
        doing: what is being done, empty when all is done.
        share: 0 … 1.
        fault: what went wrong, or empty.
        clockless: why the clocks could not be found, or empty; it is the fault too.
    """

    doing: str
    share: float
    fault: str = ""
    clockless: str = ""

    @property
    def done(self) -> bool:
        """Nothing more is to be done."""
        return not self.doing


class Builder:
    """Fills an index; a thread of its own does the long part.

    Attributes:
        logs: what is read, in true order.
        index: the lines: those of the head, then where all stand, then all that is known of them.
        table: the clocks, None until they are known.
        tally: what no layout reads, None until lines are read.
        opened: the logs as the passes know them.
        count: how many lines the clocks are of; all that is found in lines is found in these.
        read_us: when these were all there were, microseconds UTC.
        order: the rows by UTC once the clocks are known, None where they stand so.
        fault: what ended some work last, or empty; whoever ended it says so, in any thread.
        newcomers: who wrote what came since, by the names of the logs that are followed.
        access: what stands beside the logs, None until lines are read.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        layouts: Sequence[Layout] = (),
        make_options: Callable[[], ClockOptions] | None = None,
        gone: str = "",
    ) -> None:
        """Look at the head of the first log that has one, if none of them is still coming.

        Args:
            sources: the logs, in true order.
            layouts: what the user said of their lines.
            make_options: gives what the user said of their clocks; asked in the background, for
                it takes a while to load what it needs.
            gone: what to tell of lines that were shown before and are in none of them.
        """
        self._layouts = tuple(layouts)
        self._make_options = make_options
        self.logs = [ShownLog(s.name, s, LogBytes(s), Decoder(self._layouts)) for s in sources]
        size = sum(source.size or 0 for source in sources)
        self.index = LineIndex(size // _FEW_BYTES + 1)
        self.index.names = [log.name for log in self.logs]
        self._head, self._head_end, self._head_torn = 0, 0, False
        self.table: ClockTable | None = None
        self.tally: Tally | None = None
        self.order: Rows | None = None
        self.opened: Sequence[Log] = ()
        self.count, self.read_us = 0, now_us()
        self.newcomers: dict[str, Newcomers] = {}
        self.access: AccessBeside | None = None
        self.fault = self._gone = gone
        self._reached, self._clockless = ("reading", 0.0), ""  # by the thread that reads, only
        for source in sources:
            if source.pipe is not None:
                source.pipe.patience_s = _PATIENCE_S
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._watcher: threading.Thread | None = None
        self._changed: Callable[[], None] = lambda: None
        if all(source.size is not None for source in sources):  # a pipe may keep us waiting
            self._take_first_head()

    def _take_first_head(self) -> None:
        for number, log in enumerate(self.logs):
            self._take_head(number, log)
            if len(self.index):
                break

    def _take_head(self, number: int, log: ShownLog) -> None:
        for block in islice(log.source.blocks(HEAD), 1):
            log.bytes.keep(block)
            few = _few_lines(block)
            log.decoder = Decoder((*self._layouts, HTTPD_24), log.source.mtime_us)
            if (log.decoder.stamps(few).layout == NO_LAYOUT).mean() > _FEW_UNREAD:
                found = [one.layout for one in detect([few])]
                log.decoder = Decoder((*self._layouts, *found), log.source.mtime_us)
            stamps = log.decoder.stamps(block)
            self.index.append(number, block, stamps, glance(log.decoder, block, stamps))
            self._head, self._head_end = number, block.offset + block.size
            self._head_torn = block.torn_tail

    def start(self, changed: Callable[[], None]) -> None:
        """Read everything in the background; `changed` is called (there) after each step."""
        self._changed = changed
        self._thread = threading.Thread(target=self._run, name="index", daemon=True)
        self._thread.start()
        self._watcher = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """End the background work and give everything back."""
        self._stop.set()
        for thread in filter(None, (self._thread, self._watcher)):
            thread.join(10)
        for log in self.logs:
            log.bytes.close()

    def _run(self) -> None:
        try:
            self._build()
        except _StoppedError:
            return
        except BaseException as fault:  # whatever it is, somebody waits for what was to be read
            again = "" if self.once_only else " (F5 tries again)"
            self._clockless = f"the clocks could not be found: {fault_of_work(fault)}{again}"
            self._reached = "", self._reached[1]
        self._changed()

    def _watch(self) -> None:
        """See whether logs are emptied or written anew under the lines that are shown."""
        while not self._stop.wait(PAUSE_S):
            for log in self.logs:
                with suppress(OSError):  # gone for a moment; look again
                    if log.bytes.look():
                        self._changed()

    def follow(self, name: str, newcomers: Newcomers) -> None:
        """Ask these who writes what comes to a log; others may be telling clocks meanwhile."""
        self.newcomers = {**self.newcomers, name: newcomers}

    @property
    def once_only(self) -> bool:
        """Whether what came through a pipe is shown, which cannot be read again."""
        sources = [log.source for log in self.logs]
        return any(source.is_open and not source.is_stored for source in sources)

    def position_of(self, row: int) -> tuple[str, int]:
        """The name of a row's log, and its line there."""
        log, line = self.index.line_of(row)
        return self.logs[log].name, line

    def row_of(self, name: str, line: int) -> int | None:
        """The row of a line of a log of this name; None without one."""
        found = (
            self.index.row_of(number, line)
            for number, log in enumerate(self.logs)
            if log.name == name
        )
        return next((row for row in found if row is not None), None)

    @property
    def named(self) -> dict[str, dict[int, Process]]:
        """Processes that write what came since, by the logs' names and their pids."""
        return {name: newcomers.processes for name, newcomers in self.newcomers.items()}

    def clocks_now(self) -> list[Clock]:
        """All clocks, with the lines that came by them since, and those of other such lines."""
        those = self.newcomers.values()
        followed = [clock for one in those for clock in one.clocks()]
        before = {id(clock) for one in those for clock in one.before}
        known = self.table.clocks if self.table else ()
        return [*(clock for clock in known if id(clock) not in before), *followed]

    @property
    def progress(self) -> Progress:
        """How far it is, and what went wrong."""
        fault = "; ".join(filter(None, (self._clockless, self.fault)))
        return Progress(*self._reached, fault, self._clockless)

    def _build(self) -> None:
        self._know_siblings()
        if not len(self.index):
            self._take_first_head()
            self._changed()
        self._locate()
        # Heavy, and not needed for the first screen.
        from logtool.clocks.options import ClockOptions
        from logtool.normalize import Tally
        from logtool.passes.first import find_clocks, open_logs
        from logtool.tui.model.reading.beside import AccessBeside

        options = self._make_options() if self._make_options else ClockOptions()
        sources = [log.source for log in self.logs]
        self.access = AccessBeside([source.path for source in sources], options)
        logs = open_logs(sources, self._layouts, _REMEMBERED)
        for shown, log in zip(self.logs, logs, strict=True):
            shown.decoder = log.decoder
        self.opened = logs
        self.index.begin_again()
        self.tally = tally = Tally()

        def watch(stamped: StampedBlock) -> None:
            if self._stop.is_set():
                raise _StoppedError
            tally.watch(stamped)
            number, block = stamped.log.number, stamped.block
            if sources[number].pipe is not None:
                self.read_us = now_us()
            self.logs[number].bytes.keep(block)
            filling.add(stamped)
            before = sum(source.size or 0 for source in sources[:number])
            self._tell(before + block.offset + block.size)

        with closing(_Filling(self.index)) as filling:
            table = find_clocks(logs, options, watch)
            filling.finish()
        self.index.end_at_known()
        give_back_large_memory()
        self.index.settle(table)
        self.order = self.index.order([source.sequence for source in sources])
        self.count = len(self.index)
        self.table = table
        self.fault = "; ".join(map(str, self._faults()))
        self._reached = "", 1.0

    def _know_siblings(self) -> None:
        """Remember what is beside the logs before they are rotated."""
        for log in {log.source.sequence: log for log in self.logs}.values():
            if not log.source.compression and log.source.pipe is None:
                log.siblings = Siblings(log.source.path)
                log.siblings.know(log.bytes.head)

    def _locate(self) -> None:
        """Find where all lines begin, if that can be seen without reading them."""
        if any(log.bytes.is_kept for log in self.logs):
            return
        line, place, begun = self.index.known + 1, self._head_end, self._head_torn
        for number, log in enumerate(self.logs[self._head :], self._head):
            for places in line_places(log.bytes, place, begun=begun):
                if self._stop.is_set():
                    raise _StoppedError
                self.index.locate(number, places, line)
                line += len(places)
                self._changed()
            line, place, begun = 1, 0, False

    def _faults(self) -> list[object]:
        gone = [self._gone] if self._gone else []
        return [*gone, *(fault for log in self.logs for fault in log.source.faults)]

    def _tell(self, done: int) -> None:
        total = sum(log.source.size or 0 for log in self.logs)
        share = min(done / total, 1.0) if total else 0.0
        self._reached = "reading" if share < 1 else "finding the clocks", share
        self._changed()


class _StoppedError(Exception):
    """Nobody wants to know any more."""


class _Filling:
    """An index being filled; the glances are taken in a thread beside the one that finds clocks."""

    def __init__(self, index: LineIndex) -> None:
        self.index = index
        self._pool = ThreadPoolExecutor(1, "glance")
        self._waiting: deque[tuple[StampedBlock, Future[Glance]]] = deque()

    def add(self, stamped: StampedBlock) -> None:
        future = self._pool.submit(glance, stamped.log.decoder, stamped.block, stamped.stamps)
        self._waiting.append((stamped, future))
        if len(self._waiting) > _AHEAD:
            self._take_one()

    def finish(self) -> None:
        while self._waiting:
            self._take_one()

    def _take_one(self) -> None:
        stamped, future = self._waiting.popleft()
        self.index.append(stamped.log.number, stamped.block, stamped.stamps, future.result())

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def _few_lines(block: Block) -> Block:
    """Enough lines to tell a layout by, without delay."""
    return replace(block, starts=block.starts[:_HEAD_LINES], ends=block.ends[:_HEAD_LINES])
