"""Set layouts: takes the layouts found in each of some logs, gives those that rotated sets share.

The members of a set are mostly of one format. In a member that is short, or quiet, another layout
may read all lines as well, and that message would be another one there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache

from logtool.sources.source import Source
from parsers.blocks import Block
from parsers.detection.detect import sample_of
from parsers.detection.rival_layouts import is_told_by, reads_as_well
from parsers.layouts import Layout

#: Samples that are kept, of 4 MiB at most each.
_SAMPLES = 4


def set_layouts(sources: Sequence[Source], found: Iterable[list[Layout]]) -> Iterator[list[Layout]]:
    """The layouts of each log, best first: before its own those that its lines cannot tell from it.

    Only a layout that most lines of another member of its set have, and whose lines there are not
    read by its own. Members of one layout, and other logs, are not looked at again.

    Args:
        sources: the logs.
        found: the layouts of each, as `detect` found them.
    """

    @lru_cache(_SAMPLES)
    def sample(number: int) -> Block:
        return sample_of(sources[number].samples())

    @cache
    def tells(number: int, theirs: tuple[Layout, ...]) -> bool:
        return is_told_by(sample(number), every[number], theirs)

    every = list(found)
    rivals: dict[int, dict[Layout, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, own in enumerate(every):
        for first in own[:1]:
            rivals[sources[number].sequence][first].append(number)
    for number, own in enumerate(every):
        theirs = list(own)
        for rival, members in rivals[sources[number].sequence].items():
            if rival in theirs or not theirs or not reads_as_well(rival, theirs, sample(number)):
                continue
            if any(tells(one, tuple(theirs)) for one in members):
                theirs.insert(0, rival)
        yield theirs
