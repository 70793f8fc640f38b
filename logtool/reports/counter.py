"""Counter: takes logs and their clocks, gives what is counted in them, by a child process.

It begins before clocks are found, has children of its own that read the logs, and loads meanwhile
what it needs: polars, which begins threads and takes a tenth of a second, is loaded neither where
clocks are found nor where a report is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Literal, TypeAlias

from logtool.clocks.table import ClockTable, Evidence
from logtool.machine.heap import give_back_freed_memory
from logtool.machine.promises import Promise
from logtool.machine.rooms import alone_again
from logtool.machine.workers import Workers, can_work_apart
from logtool.passes.first import Read
from logtool.passes.logs import Log, blocks_of
from logtool.reports.apart import Children, is_worth
from logtool.reports.period import Period
from logtool.reports.seeking import Bare, Seeker
from logtool.reports.wish import Wish
from logtool.sources.windows import At
from parsers.blocks import Block

if TYPE_CHECKING:
    from logtool.flags.finding import Finding
    from logtool.reports.numbers import Numbers
    from logtool.reports.said.numbered import Numbered
    from logtool.reports.said.reading import Reader

#: The numbers of a host, and their keys.
Made: TypeAlias = "tuple[Numbers, frozenset[str]]"
#: Who counts is told to begin when the clocks are told, then to finish with what is found in them.
_Task: TypeAlias = "Literal['count'] | Sequence[Finding] | None"


class Counter:
    """Counts the lines of one host's logs; a context that ends the child that does it."""

    def __init__(self, wish: Wish, host: str) -> None:
        """Take what is wished for, before any thread begins."""
        self._wish, self._host = wish, host
        self._can_begin = can_work_apart()
        self._workers: Workers[_Task, Made | None] | None = None
        self._promise: Promise[Bare] | None = None

    def __enter__(self) -> Counter:
        """Nothing is begun yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        if self._workers is not None:
            self._workers.end()
            self._workers = None
        if self._promise is not None:
            self._promise.close()
            self._promise = None

    def begin(self, logs: Sequence[Log], read: Read) -> None:
        """Begin a child, if that is worth it and there can be one; it needs not what was read."""
        if not self._can_begin or not is_worth(logs) or not alone_again():
            return
        try:
            # Its children hear of the clocks from here, not when it has loaded what it needs.
            promise = self._promise = Promise()
        except OSError:  # too many open files
            return
        counts, children = _Counts(self._wish, self._host, logs), Children(self._wish, promise)

        def prepare() -> None:
            promise.only_hear()
            read.forget()
            give_back_freed_memory()
            children.begin(logs)  # before polars is loaded
            import logtool.reports.counted.counting
            import logtool.reports.finished.finishing
            import logtool.reports.meant.translating  # noqa: F401 - while the clocks are found

            self._wish.rules()

        def work(task: _Task, room: object) -> Made | None:
            if task != "count":
                return counts.made(task)
            table, period = promise.value()
            give_back_freed_memory()  # what loading needed
            with children:
                counts.count(table, period, children.numbered(table))
            return None

        give_back_freed_memory()
        tasks: list[_Task] = ["count"]
        self._workers = Workers(work, prepare=prepare, children=1)
        self._workers.give_some(iter(tasks))

    def made(
        self, logs: Sequence[Log], read: Read, period_of: Callable[[ClockTable], Period]
    ) -> tuple[Made, Sequence[Evidence]]:
        """What is counted in logs that were read once, and notes on their clocks."""
        seeker = Seeker(self._wish, logs, read, period_of)
        counts = _Counts(self._wish, self._host, logs)
        made: Made | None = None
        if self._workers is None or self._promise is None:
            told = seeker.told()
            counts.count(*seeker.bare())
        else:
            told = seeker.told_apart(self._promise)  # meanwhile others read and count
            *_, (_, made) = self._workers.results([told.findings])
            if made is None:
                counts.count(*self._promise.value())
        numbers, keys = made or counts.made(told.findings)
        return (told.numbers.within(numbers), keys), told.notes


class _Counts:
    """What is counted in the logs of one host."""

    def __init__(self, wish: Wish, host: str, logs: Sequence[Log]) -> None:
        self._wish, self._host, self._logs = wish, host, logs

    def count(
        self, table: ClockTable, period: Period, apart: Iterator[At | Numbered] | None = None
    ) -> None:
        """Count their lines, of which others may say `apart` what they say."""
        from logtool.flags.findings import Flagger
        from logtool.reports.counted.counting import Counting
        from logtool.reports.meant.translating import Translator
        from logtool.reports.meant.vocabulary import Vocabulary
        from logtool.reports.said.reading import Reader

        wish = self._wish
        flagger = Flagger(wish.rules())
        vocabulary = Vocabulary(flagger.engine, table)
        translator = Translator(vocabulary)
        counting = Counting(period, vocabulary, flagger)
        reader = Reader(wish, table, period)
        for log, told in _numbered(self._logs, reader, apart):
            facts = translator.facts(told)
            counting.add(facts)
            wish.progress("counting", log, facts.lines.offset)
        counting.finish()
        self._table, self._flagger, self._counting = table, flagger, counting

    def of_clocks(self, table: ClockTable) -> Sequence[Finding]:
        """What is found in their clocks."""
        from logtool.flags.clock_facts import find_clock_flags

        return find_clock_flags(self._logs, table, self._wish.rules())

    def made(self, of_clocks: Sequence[Finding] | None = None) -> Made:
        """The numbers of what was counted, with what was found in the clocks, by others perhaps."""
        from logtool.flags.befallen import told_of
        from logtool.flags.not_before import with_bounds
        from logtool.reports.finished.finishing import numbers_of, told_by

        table, counting = self._table, self._counting
        faults = {log.source.name: list(map(str, log.source.faults)) for log in self._logs}
        clocks = self.of_clocks(table) if of_clocks is None else of_clocks
        of_lines = with_bounds(self._flagger.findings(), self._logs, table)
        findings = told_of([*of_lines, *clocks], table, self._wish.rules())
        numbers = numbers_of(self._host, counting, findings, faults, self._wish.known)
        return numbers, told_by(counting, findings)


def _numbered(
    logs: Sequence[Log], reader: Reader, apart: Iterator[At | Numbered] | None
) -> Iterator[tuple[Log, Numbered]]:
    """What the lines of the report say, block by block; as far as it goes, found out `apart`."""
    left: At | None = None
    if apart is not None:
        for made in apart:
            if isinstance(made, tuple):
                left = made
                break
            yield made.lines.log, made
        else:
            return
    # Threads would take half as much processor time again, and no less time: numpy's steps here are
    # small, and each takes the interpreter's lock. Only what is compressed is read by others ahead.
    for log, block in _rest(logs, left):
        yield log, reader.numbered(log, block)


def _rest(logs: Sequence[Log], left: At | None) -> Iterator[tuple[Log, Block]]:
    """The blocks from a place on; all without one."""
    if left is None:
        return blocks_of(logs)
    number, place = left
    log = logs[number]
    begun = ((log, block) for block in log.source.blocks_from(place))
    return chain(begun, blocks_of(logs[number + 1 :]))
