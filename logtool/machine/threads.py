"""Threads: take items, give in their order what some work makes of them, a few at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

Given = TypeVar("Given")
Made = TypeVar("Made")

#: Threads that work on blocks; numpy lets go of the interpreter lock in what takes long.
WORKERS = 2
#: Blocks that may wait for their turn, so that memory stays flat.
_AHEAD = 3


def in_order(
    items: Iterable[Given],
    work: Callable[[Given], Made],
    *,
    threads: bool = True,
    ahead: int = _AHEAD,
) -> Iterator[Made]:
    """Map in threads, so many items ahead of the consumer, results in the order of the items.

    The only item of a short log is worked on here, without the cost of starting threads, and so are
    all without `threads`.
    """
    if not threads:
        yield from map(work, items)
        return
    items = iter(items)
    begin = list(islice(items, 2))
    if len(begin) < 2:
        yield from map(work, begin)
        return
    yield from _threaded(chain(begin, items), work, ahead)


def _threaded(items: Iterable[Given], work: Callable[[Given], Made], ahead: int) -> Iterator[Made]:
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(WORKERS, "block")
    waiting: deque[Future[Made]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
