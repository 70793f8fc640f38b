"""Found layouts: takes opened logs, gives the layouts of some of their lines, found here or apart.

That takes some 40 ms of a log, or of several short ones. Where children do it, the caller has time
for something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain

from logtool.layouts.of_sets import set_layouts
from logtool.machine.workers import Workers
from logtool.sources.source import Source
from parsers.detection.detect import detect_each, sample_of
from parsers.layouts import Layout

_MOST_CHILDREN = 2
#: Bytes of samples that are looked at together, and those of one sample at most, mostly.
_AT_ONCE, _MOST = 2 << 20, 1 << 19


@contextmanager
def found_layouts(sources: Sequence[Source], *, apart: bool) -> Iterator[Iterator[list[Layout]]]:
    """A context in which the layouts of each log can be asked for, best first: see `set_layouts`.

    Args:
        sources: the logs.
        apart: children begin to look for them at once: all logs are files, and this process has no
            other thread. It may begin some afterwards.
    """
    with _found_in_each(sources, apart=apart) as found:
        yield set_layouts(sources, found)


@contextmanager
def _found_in_each(sources: Sequence[Source], *, apart: bool) -> Iterator[Iterator[list[Layout]]]:
    """The same, whatever the other logs of a set have."""
    if not apart:
        yield chain.from_iterable(map(_found, _together(sources, _AT_ONCE)))
        return
    each = -(-sum(map(_sampled, sources)) // _MOST_CHILDREN)
    some = [*_together(sources, min(each, _AT_ONCE))]
    workers: Workers[int, list[list[Layout]]] = Workers(
        lambda number, room: _found(some[number]), children=min(_MOST_CHILDREN, len(some))
    )
    numbers = iter(range(len(some)))
    workers.give_some(numbers)
    with workers:
        yield chain.from_iterable(
            _found(some[number]) if layouts is None else layouts
            for number, layouts in workers.results(numbers)
        )


def _together(sources: Sequence[Source], most: int) -> Iterator[list[Source]]:
    """The logs that are looked at together, in order: so many bytes of samples, or one log."""
    some: list[Source] = []
    size = 0
    for source in sources:
        size += _sampled(source)
        if some and size > most:
            yield some
            some, size = [], _sampled(source)
        some.append(source)
    if some:
        yield some


def _sampled(source: Source) -> int:
    """About how many bytes a log's sample has."""
    return _MOST if source.size is None or source.compression else min(source.size, _MOST)


def _found(sources: Sequence[Source]) -> list[list[Layout]]:
    every = detect_each([sample_of(source.samples()) for source in sources])
    return [[one.layout for one in found] for found in every]
