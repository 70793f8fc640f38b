"""Not before: takes lines without a time, gives the last instant in the log before each.

What a process prints raw as it dies has no stamp, but stands between lines that have one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from logtool.clocks.table import ClockTable
from logtool.flags.finding import Finding
from logtool.frame.lines import Lines
from logtool.passes.logs import Log
from logtool.people.instants import instant
from parsers.blocks import Block
from parsers.lines import NO_TIME

#: The name of a log and the number of a line of it.
Spot = tuple[str, int]


def with_bounds(found: Sequence[Finding], logs: Sequence[Log], table: ClockTable) -> list[Finding]:
    """The findings; those without a time with the instant that their first line is not before."""
    bounds = instants_before(
        ((one.log_file, one.log_line) for one in found
         if one.first_utc is None and one.log_file and one.log_line), logs, table
    )  # fmt: skip
    return [replace(one, not_before_utc=_bound(one, bounds)) for one in found]


def _bound(finding: Finding, bounds: dict[Spot, datetime]) -> datetime | None:
    if finding.log_file is None or finding.log_line is None:
        return None
    return bounds.get((finding.log_file, finding.log_line))


def instants_before(
    spots: Iterable[Spot], logs: Sequence[Log], table: ClockTable
) -> dict[Spot, datetime]:
    """The instant of the last line before each that has one, in the same file; if there is one.

    Only logs that are asked about are read, as far as is needed.
    """
    asked = sorted(set(spots))
    bounds: dict[Spot, datetime] = {}
    for log in logs if asked else ():
        name = log.source.name
        lines = [line for file, line in asked if file == name]
        found = _before(lines, log, table) if lines else ()
        for line, utc_us in zip(lines, found, strict=False):
            if utc_us != NO_TIME:
                bounds[name, line] = instant(utc_us)
    return bounds


def _before(asked: Sequence[int], log: Log, table: ClockTable) -> Sequence[int]:
    """For each of some lines of a log, rising, the last instant before, or NO_TIME."""
    if log.source.is_plain:
        places = [one for one in log.source.places() if 0 < one.first_line <= asked[0]]
        # It is in this block, or at the end of the one before, mostly.
        for place in places[-2:-1] or places:
            near = list(_read(asked, log.source.blocks_from(place), log, table))
            if near and near[0] != NO_TIME:
                return near
    return list(_read(asked, log.source.blocks(), log, table))


def _read(
    asked: Sequence[int], blocks: Iterator[Block], log: Log, table: ClockTable
) -> Iterator[int]:
    """The same, as far as these blocks tell."""
    last, done = NO_TIME, 0
    for block in blocks:
        lines = Lines(log, block, table)
        timed = np.flatnonzero(lines.utc_us != NO_TIME)
        numbers, utc_us = lines.numbers[timed], lines.utc_us[timed]
        while done < len(asked) and asked[done] < block.next_line:
            place = int(np.searchsorted(numbers, asked[done])) - 1
            yield last if place < 0 else int(utc_us[place])
            done += 1
        if done == len(asked):
            return
        if len(timed):
            last = int(utc_us[-1])
