"""Working: takes logs and some work, gives what it makes of every block, in true order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TypeVar

from logtool.machine.threads import in_order
from logtool.machine.workers import can_work_apart
from logtool.passes.children import Ahead, Reading, made_apart
from logtool.passes.logs import Log, StampedBlock, blocks_of, is_large

Made = TypeVar("Made")


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
    for large, some in groupby(logs, lambda log: is_large(log.source)):
        if large and apart and can_work_apart():
            yield from _worked_apart(list(some), work, again, ahead)
        else:
            blocks, threads = blocks_of(list(some)), large is not False
            yield from in_order(blocks, lambda pair: work(StampedBlock.of(*pair)), threads=threads)


def _worked_apart(
    logs: Sequence[Log], work: Callable[[StampedBlock], Made], again: bool, ahead: Ahead | None
) -> Iterator[Made]:
    """What `worked_blocks` gives of large files, worked on in child processes.

    Those read a plain file. What is compressed, or came through a pipe, is read here.
    """
    while logs:
        reading = ahead.reading(logs, work) if ahead is not None else None
        failed = yield from made_apart(reading or Reading(logs, lambda: work, again))
        if failed is None:
            return
        number, place = failed
        log, logs = logs[number], logs[number + 1 :]
        rest = ((log, block) for block in log.source.blocks_from(place))
        yield from in_order(rest, lambda pair: work(StampedBlock.of(*pair)))
