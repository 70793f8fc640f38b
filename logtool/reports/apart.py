"""Apart: takes logs, gives what their lines say, found out in child processes.

A child that is forked after polars has begun its threads must not use it, and may have to. So
nothing here loads polars before the children are there. They do without it, each of which would
take 60 MB and a quarter of a second, unless lines are chosen by what only polars finds, or there
are so many new messages that this process alone would be too slow to find out what they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import logtool.machine.run_seed  # noqa: F401 - drawn here, so that hashes of all children agree
from logtool.clocks.table import ClockTable
from logtool.errors import UsageError
from logtool.machine.heap import give_back_freed_memory
from logtool.machine.promises import Promise
from logtool.machine.workers import Workers, can_work_apart, shared_size
from logtool.passes.again import Again
from logtool.passes.logs import Log
from logtool.reports.period import Period
from logtool.reports.wish import Wish
from logtool.sources.compression import MAGIC_SIZE, compression_of
from logtool.sources.paths import Member
from logtool.sources.windows import At, Window, loaded, windows_of
from parsers.arrays import Bytes
from parsers.blocks import BLOCK_SIZE, MOST_LINES, PADDING
from parsers.compiled import kernel as kernels

if TYPE_CHECKING:
    from logtool.reports.meant.wordings import Wordings
    from logtool.reports.said.numbered import Learned, Messages, Numbered
    from logtool.reports.said.reading import Reader

Made = TypeVar("Made")

#: Bytes of logs that are worth starting children for, and how many those of compressed ones count.
_WORTH, _COMPRESSED = 16 * BLOCK_SIZE, 10

#: Bytes for a block, and for what is told of its lines: 26 to forty for each.
_ROOM = BLOCK_SIZE + PADDING
_TOLD = 40 * MOST_LINES
#: Results of each child that may wait for their turn, if what is compressed is put where they will
#: be, and else: children have work then while who counts loads polars, and it has when it is there.
_WAITING, _AHEAD = 3, 8
#: So many new messages in a block are worth loading polars for.
_MANY = 2000
#: Stands for the clocks of the logs, which each process has for itself.
_NO_CLOCKS = ClockTable.empty()


def check(ask: Callable[[], object]) -> None:
    """Ask for something that loads polars and may be refused, in a child where that is possible.

    Raises:
        UsageError: it is refused.
    """

    def refusal() -> str:
        try:
            ask()
        except UsageError as fault:
            return str(fault)
        return ""

    told = in_child(refusal) if can_work_apart() else None
    if told is None:
        ask()
    elif told:
        raise UsageError(told)


def in_child(work: Callable[[], Made]) -> Made | None:
    """What some work gives in a child of its own, which may load polars; None if it did not end."""
    workers: Workers[None, Made] = Workers(lambda task, room: work())
    with workers:
        ((_, made),) = workers.results([None])
    return made


def are_worth(members: Sequence[Member]) -> bool:
    """Whether members are worth starting children for; those that cannot be read count nothing."""
    weight = 0
    for member in members:
        path = Path(member.path)
        if not path.is_file():  # what is read of a FIFO here would be missing there
            continue
        with suppress(OSError), path.open("rb") as log:
            kind = compression_of(log.read(MAGIC_SIZE))
            weight += path.stat().st_size * (_COMPRESSED if kind else 1)
    return weight >= _WORTH


def is_worth(logs: Sequence[Log]) -> bool:
    """The same of opened logs."""
    weight = sum(
        (log.source.size or 0) * (_COMPRESSED if log.source.compression else 1) for log in logs
    )
    return weight >= _WORTH


def workers_for(
    wish: Wish, logs: Sequence[Log], promise: Promise[tuple[ClockTable, Period]]
) -> Workers[Window, Numbered]:
    """Children to read logs, not begun, to which their clocks are promised."""
    from logtool.reports.said.numbered import NO_MESSAGES  # children know it then

    kernel = kernels.load(shared_size(_WAITING))
    shared = None if kernel is None else kernel.lend()

    @cache
    def wordings() -> Wordings:
        from logtool.flags.engine import Engine
        from logtool.reports.meant.wordings import Wordings

        return Wordings(Engine(wish.rules()))

    def learned(messages: Messages) -> Learned | None:
        return wordings().learned(messages) if len(messages.hash) > _MANY else None

    @cache
    def reader() -> Reader:
        from logtool.reports.said.reading import Reader

        return Reader(wish, *promise.value(), learned)

    def read(at: At, room: Bytes) -> Numbered:
        data, told_of = room[:_ROOM], room[_ROOM:]
        if kernel is not None and shared is not None:
            # What is made anew stays in the cache, but for what is handed over.
            own = kernel.own
            if plain:
                data, own, told_of = own[:_ROOM], own[_ROOM:], room
            kernel.begin(own, told_of)
        number, place = at
        block = logs[number].source.block_at(place, data)
        told = reader().numbered(logs[number], block)
        if (news := told.news.copied()) is not told.news:
            told = replace(told, news=news)
        told.lines.forget_block()
        told.lines.table = _NO_CLOCKS
        return told

    give_back_freed_memory()
    plain = shared is not None and all(log.source.is_plain for log in logs)
    room, waiting = (_TOLD, _AHEAD) if plain else (_ROOM + _TOLD, _WAITING)
    known = (*logs, _NO_CLOCKS, NO_MESSAGES)
    return Workers(read, known, room, loaded, shared, waiting, wish.chosen)


class Children:
    """Child processes that find out what lines say; a context that ends them.

    They begin while the clocks of the logs are found, and load meanwhile what they will need.
    """

    def __init__(self, wish: Wish, promise: Promise[tuple[ClockTable, Period]]) -> None:
        """Take what is wished for, and the clocks that are promised to them.

        Children that cannot be had never begin.
        """
        self._wish, self._promise = wish, promise
        self._logs: Sequence[Log] = ()
        self._windows: Iterator[Window] = iter(())
        self._workers: Workers[Window, Numbered] | None = None

    def __enter__(self) -> Children:
        """Nothing is begun yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End them."""
        if self._workers is not None:
            self._workers.end()
            self._workers = None

    def begin(self, logs: Sequence[Log]) -> None:
        """Begin, in a process that only hears what is promised; what is plain is read at once."""
        if not can_work_apart():
            return
        # Cores are busy with children: to wait for threads takes longer than what these would do.
        os.environ["POLARS_MAX_THREADS"] = "1"
        self._logs, self._windows = logs, windows_of([log.source for log in logs])
        workers = workers_for(self._wish, logs, self._promise)
        plain = all(log.source.is_plain for log in logs)
        try:
            workers.give_some(self._windows if plain else iter(()))
        except BaseException:
            workers.end()  # what was not given would be missing
            raise
        self._workers = workers

    def numbered(self, table: ClockTable) -> Iterator[At | Numbered] | None:
        """What the lines of all blocks say; None where there are no children.

        It is good until the next is asked for, but for lines that are told to come `later`. Where
        something is wrong, with a log or with a child, that place comes, and nothing after it.
        """
        return None if self._workers is None else self._numbered(self._workers, table)

    def _numbered(
        self, workers: Workers[Window, Numbered], table: ClockTable
    ) -> Iterator[At | Numbered]:
        for (at, data), told in workers.results(self._windows):
            if told is None:
                yield at
                return
            number, place = at
            told.lines.table = table
            told.lines.again = Again(self._logs[number], place, data)
            yield told
