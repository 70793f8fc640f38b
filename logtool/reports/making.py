"""Making: takes paths, reads the logs there twice, gives a report."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from logtool import __version__
from logtool.clocks.engine import ClockOptions
from logtool.clocks.table import ClockTable
from logtool.errors import ReadError, UsageError
from logtool.flags.findings import Finding, Flagger, worst_first
from logtool.flags.rule import Rule
from logtool.flags.search import find_clock_flags
from logtool.frame.lines import Lines
from logtool.moments import instant
from logtool.passes import Log, StampedBlock, blocks_of, find_clocks, open_logs
from logtool.reports.counting import Counting
from logtool.reports.facts import FINE_PARTS, Facts, Vocabulary
from logtool.reports.finishing import numbers_of, told_by
from logtool.reports.numbers import Numbers, Report
from logtool.reports.period import Period
from logtool.sources.opening import open_members
from logtool.sources.paths import Member, expand
from logtool.sources.source import SPOOL_LIMIT
from parsers.blocks import Block
from parsers.layouts import Layout

#: Bytes of memory for what is remembered of the first reading; a report needs it for other things.
_REMEMBERED = 8 << 20


def _nothing(*told: object) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a report shall cover.

    Attributes:
        paths: files, globs and directories.
        options: what is known of the clocks.
        layouts: tried before those that are found.
        rules: the problems to look for.
        since: leave out lines before it.
        until: leave out lines from it on.
        chosen: leave out lines on which it does not hold.
        host: tell hosts apart: True by the folder of a log, a text by the group of this regular
            expression in its path.
        known: list only what these keys do not name; None lists all.
        spool_limit: bytes of a pipe that may be kept on disk.
        progress: is told what is done, with which log, at which byte.
        tell: takes a sentence for people about each file that is left out, being a copy.
    """

    paths: Sequence[str]
    options: ClockOptions
    rules: Sequence[Rule]
    layouts: Sequence[Layout] = ()
    since: datetime | None = None
    until: datetime | None = None
    chosen: pl.Expr | None = None
    host: str | bool = False
    known: frozenset[str] | None = None
    spool_limit: int = SPOOL_LIMIT
    progress: Callable[[str, Log, int], None] = _nothing
    tell: Callable[[str], None] = _nothing


def make_report(wish: Wish) -> tuple[Report, frozenset[str]]:
    """Read logs and make their report; see `Wish`.

    Memory does not grow with the logs.

    Returns:
        The report, and the keys of all that the logs tell, for the `known` of the next one.

    Raises:
        ReadError: a log cannot be opened.
        UsageError: the pattern of hosts is none.
    """
    told: frozenset[str] = frozenset()
    hosts = []
    for host, members in _hosts(wish).items():
        numbers, keys = _numbers(wish, host, members)
        hosts.append(numbers)
        told |= keys
    report = Report(
        datetime.now(UTC).replace(microsecond=0),
        __version__,
        wish.since,
        wish.until,
        only_new=wish.known is not None,
        hosts=tuple(hosts),
    )
    return report, told


def _hosts(wish: Wish) -> dict[str, list[Member]]:
    """The members of each host: pids and clocks of different hosts have nothing in common."""
    hosts: dict[str, list[Member]] = {}
    tell = _host_teller(wish)
    for member in expand(_folders(wish)):
        hosts.setdefault(tell(member.path), []).append(member)
    return dict(sorted(hosts.items()))


def _folders(wish: Wish) -> Sequence[str]:
    """The paths; where hosts are told apart, a folder stands for its folders with logs too."""
    if wish.host is False:
        return wish.paths
    return [folder for path in wish.paths for folder in (_with_logs(Path(path)) or [path])]


def _with_logs(path: Path) -> list[str]:
    if not path.is_dir():
        return []
    found = []
    for folder in (path, *sorted(one for one in path.iterdir() if one.is_dir())):
        with suppress(ReadError):
            found += [str(folder)] if expand([str(folder)]) else []
    return found


def _host_teller(wish: Wish) -> Callable[[str], str]:
    if isinstance(wish.host, str):
        try:
            pattern = re.compile(wish.host)
        except re.error as fault:
            raise UsageError(f"{wish.host!r} is no regular expression: {fault}") from fault
        return lambda path: match[pattern.groups and 1] if (match := pattern.search(path)) else ""
    if wish.host:
        return lambda path: Path(path).absolute().parent.name
    return lambda path: ""


def _numbers(wish: Wish, host: str, members: Sequence[Member]) -> tuple[Numbers, frozenset[str]]:
    with open_members(members, wish.spool_limit, wish.tell, all_needed=False) as sources:
        logs = open_logs(sources, wish.layouts, _REMEMBERED)

        def watch(stamped: StampedBlock) -> None:
            wish.progress("finding clocks in", stamped.log, stamped.block.offset)

        table = find_clocks(logs, wish.options, watch)
        flagger = Flagger(wish.rules)
        vocabulary = Vocabulary(flagger.engine, table)
        counting = Counting(_period(wish, table), vocabulary, flagger)
        for facts in _facts(wish, logs, table, counting):
            counting.add(facts)
            wish.progress("counting", facts.lines.log, facts.lines.block.offset)
        counting.finish()
        faults = {source.name: [str(fault) for fault in source.faults] for source in sources}
        findings = _findings(wish, logs, table, flagger)
        numbers = numbers_of(host, counting, table, findings, faults, wish.known)
        return numbers, told_by(counting, findings)


def _period(wish: Wish, table: ClockTable) -> Period:
    first = min((clock.first_us for clock in table.clocks), default=0)
    last = max((clock.last_us for clock in table.clocks), default=0)
    start, end = instant(first), instant(last)
    if wish.since:
        start = min(max(start, wish.since), end)
    if wish.until:
        end = max(min(end, wish.until), start)
    return Period.of(start, end, FINE_PARTS)


def _facts(
    wish: Wish, logs: Sequence[Log], table: ClockTable, counting: Counting
) -> Iterator[Facts]:
    """What the lines of the report say, block by block."""

    def work(pair: tuple[Log, Block]) -> Facts:
        return counting.vocabulary.facts(_chosen(wish, Lines(*pair, table)), counting.period)

    # Threads would take half as much processor time again, and no less time: numpy's steps here are
    # small, and each takes the interpreter's lock. Only what is compressed is read by others ahead.
    return map(work, blocks_of(logs))


def _chosen(wish: Wish, lines: Lines) -> Lines:
    """The lines of the report. A line without a time comes when the line before it does."""
    utc = pl.col("utc").forward_fill().backward_fill()
    conditions = [] if wish.chosen is None else [wish.chosen]
    if wish.since:
        conditions.append(utc >= wish.since)
    if wish.until:
        conditions.append(utc < wish.until)
    if not conditions:
        return lines
    tested = {name for condition in conditions for name in condition.meta.root_names()}
    kept = lines.frame(tested).with_row_index("").filter(conditions)[""].to_numpy()
    return lines.at(kept.astype(np.int64))


def _findings(
    wish: Wish, logs: Sequence[Log], table: ClockTable, flagger: Flagger
) -> list[Finding]:
    return worst_first([*flagger.findings(), *find_clock_flags(logs, table, wish.rules)])
