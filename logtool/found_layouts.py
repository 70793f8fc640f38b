"""Found layouts: takes opened logs, gives the layouts of some of their lines, found here or apart.

That takes some 40 ms of each log. Where children do it, the caller has time for something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from logtool.set_layouts import set_layouts
from logtool.sources.source import Source
from logtool.workers import Workers
from parsers.detect import detect
from parsers.layouts import Layout

_MOST_CHILDREN = 2


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
    """The same, each log looked at for itself."""
    if not apart:
        yield map(_found, sources)
        return
    workers: Workers[int, list[Layout]] = Workers(
        lambda number, room: _found(sources[number]),
        known=(),
        room=0,
        children=min(_MOST_CHILDREN, len(sources)),
    )
    numbers = iter(range(len(sources)))
    workers.give_some(numbers)
    with workers:
        yield (
            _found(sources[number]) if layouts is None else layouts
            for number, layouts in workers.results(numbers)
        )


def _found(source: Source) -> list[Layout]:
    return [one.layout for one in detect(source.samples())]
