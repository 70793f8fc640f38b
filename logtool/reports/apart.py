"""Apart: takes logs, gives what their lines say, found out in child processes.

A child that is forked after polars has begun its threads must not use it, and would have to. So
nothing here loads polars before the children are there: each of them loads it for itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

import logtool.run_seed  # noqa: F401 - drawn here, so that hashes of all children agree
from logtool.clocks.table import ClockTable
from logtool.errors import UsageError
from logtool.passes import At, Log, Window, loaded, windows_of
from logtool.reports.period import Period
from logtool.reports.wish import Wish
from logtool.sources.compression import MAGIC_SIZE, compression_of
from logtool.sources.paths import Member
from logtool.sources.source import Place
from logtool.workers import Workers, can_work_apart, shared_size
from parsers import kernel as kernels
from parsers.blocks import BLOCK_SIZE, PADDING, Block

if TYPE_CHECKING:
    from logtool.reports.facts import Facts, Vocabulary
    from logtool.reports.reading import Reader
    from logtool.reports.translating import Foreign

Bytes = NDArray[np.uint8]
Made = TypeVar("Made")

#: Bytes of logs that are worth starting children for, and how many those of compressed ones count.
_WORTH, _COMPRESSED = 16 * BLOCK_SIZE, 10

#: Bytes for a block, and for what the kernel makes of it behind that.
_ROOM, _COLUMNS = BLOCK_SIZE + PADDING, 2 * BLOCK_SIZE
#: Results of each child that may wait for their turn.
_WAITING = 2


Children = Workers[Window, "Foreign"]


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
    workers: Workers[None, Made] = Workers(lambda task, room: work(), (), 0)
    with workers:
        ((_, made),) = workers.results([None])
    return made


def are_worth(members: Sequence[Member]) -> bool:
    """Whether members are worth starting children for; those that cannot be read count nothing."""
    weight = 0
    for member in members:
        with suppress(OSError), Path(member.path).open("rb") as log:
            kind = compression_of(log.read(MAGIC_SIZE))
            weight += Path(member.path).stat().st_size * (_COMPRESSED if kind else 1)
    return weight >= _WORTH


def children_for(
    wish: Wish, logs: Sequence[Log], table: ClockTable, period: Period
) -> Children | None:
    """Children to read logs, not yet begun; None where they cannot be had, or are not worth it."""
    weight = sum(
        (log.source.size or 0) * (_COMPRESSED if log.source.compression else 1) for log in logs
    )
    if weight < _WORTH or not can_work_apart():
        return None

    kernel = kernels.load(shared_size(_WAITING))
    shared = None if kernel is None else kernel.lend()

    @cache
    def reader() -> Reader:
        os.environ["POLARS_MAX_THREADS"] = "1"  # the other cores have their own child
        from logtool.flags.engine import Engine
        from logtool.reports.reading import Reader

        return Reader(wish, table, period, Engine(wish.rules()))

    def read(at: At, room: Bytes) -> Foreign:
        from logtool.reports.translating import Foreign

        if kernel is not None and shared is not None:
            kernel.begin(room[_ROOM:])
        number, place = at
        facts = reader().facts(logs[number], logs[number].source.block_at(place, room[:_ROOM]))
        facts = replace(facts, lines=facts.lines.bare(stamps=False))
        return Foreign(os.getpid(), facts, tuple(one.news() for one in reader().vocabulary.names))

    return Workers(read, (*logs, table), _ROOM + _COLUMNS, loaded, shared, _WAITING, reader)


def facts_apart(
    children: Children, logs: Sequence[Log], vocabulary: Vocabulary
) -> Iterator[At | Facts]:
    """The facts of all blocks, made by children that have begun.

    They are good until the next ones are asked for, but for lines that are told to come `later`.
    Where something is wrong, with a log or with a child, that place comes, and nothing after it.
    """
    from logtool.reports.translating import Translator

    translator = Translator(vocabulary)
    for (at, data), made in children.results(windows_of(logs)):
        if made is None:
            yield at
            return
        number, place = at
        facts = translator.facts(made)
        facts.lines.again = _Again(logs[number], place, data)
        yield facts


@dataclass(frozen=True, slots=True, eq=False)
class _Again:
    """Reads the block at a place again."""

    log: Log
    place: Place
    data: Bytes | None

    def __call__(self) -> Block:
        room = np.empty(_ROOM, np.uint8)
        loaded(((self.log.number, self.place), self.data), room)
        return self.log.source.block_at(self.place, room)
