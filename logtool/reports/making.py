"""Making: takes paths, reads the logs there twice, gives a report."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from logtool import __version__
from logtool.clocks.kinds import span_of
from logtool.clocks.table import ClockTable
from logtool.errors import ReadError, UsageError
from logtool.inputs import REMEMBERED
from logtool.moments import instant
from logtool.passes import Log, StampedBlock, blocks_of, find_clocks, open_logs
from logtool.reports.apart import Children, are_worth, in_child
from logtool.reports.period import FINE_PARTS, Period
from logtool.reports.wish import Wish
from logtool.sources.opening import open_members
from logtool.sources.paths import Member, expand
from logtool.sources.windows import At
from logtool.workers import can_work_apart
from parsers.blocks import Block

if TYPE_CHECKING:
    from logtool.reports.numbering import Numbered
    from logtool.reports.numbers import Numbers, Report
    from logtool.reports.reading import Reader

# Nothing here loads polars before children were forked: see `logtool.reports.apart`.


def make_report(wish: Wish) -> tuple[Report, frozenset[str]]:
    """Read logs and make their report; see `Wish`.

    Memory does not grow with the logs.

    Returns:
        The report, and the keys of all that the logs tell, for the `known` of the next one.

    Raises:
        ReadError: a log cannot be opened.
        UsageError: the pattern of hosts is none.
    """
    hosts = _hosts(wish)
    made = {host: pickle.loads(told) for host, told in list(_made_apart(wish, hosts))}
    for host, members in hosts.items():
        if host not in made:
            made[host] = _numbers(wish, host, members)
    from logtool.reports.numbers import Report

    report = Report(
        datetime.now(UTC).replace(microsecond=0),
        __version__,
        wish.since,
        wish.until,
        only_new=wish.known is not None,
        hosts=tuple(made[host][0] for host in hosts),
    )
    return report, frozenset().union(*(keys for _, keys in made.values()))


def _made_apart(wish: Wish, hosts: Mapping[str, Sequence[Member]]) -> Iterator[tuple[str, bytes]]:
    """What `_numbers` gives of large hosts where there are several, pickled.

    To make it, or even to unpickle it, loads polars: no children could be forked for the next host.
    """
    for host, members in hosts.items():
        if len(hosts) > 1 and can_work_apart() and are_worth(members):
            told = in_child(partial(_pickled, wish, host, members))
            if told is not None:
                yield host, told


def _pickled(wish: Wish, host: str, members: Sequence[Member]) -> bytes:
    return pickle.dumps(_numbers(wish, host, members))


def _hosts(wish: Wish) -> dict[str, list[Member]]:
    """The members of each host: pids and clocks of different hosts have nothing in common."""
    hosts: dict[str, list[Member]] = {}
    tell = _host_teller(wish)
    paths = wish.paths if wish.host is False else folders_of_hosts(wish.paths)
    for member in expand(paths, all_needed=False):
        hosts.setdefault(tell(member.path), []).append(member)
    return dict(sorted(hosts.items()))


def folders_of_hosts(paths: Sequence[str]) -> Sequence[str]:
    """The paths; where hosts are told apart, a folder stands for its folders with logs too."""
    return [folder for path in paths for folder in (_with_logs(Path(path)) or [path])]


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
    with (
        Children(wish) as children,
        open_members(members, wish.spool_limit, wish.tell, all_needed=False) as sources,
    ):
        logs = open_logs(sources, wish.layouts, REMEMBERED)

        def watch(stamped: StampedBlock) -> None:
            wish.progress("finding clocks in", stamped.log, stamped.block.offset)

        table = find_clocks(logs, wish.options, watch, ahead=children)
        period = _period(wish, table)
        children.keep(table, period)
        return _counted(wish, host, logs, table, period, children)


def _counted(
    wish: Wish,
    host: str,
    logs: Sequence[Log],
    table: ClockTable,
    period: Period,
    children: Children,
) -> tuple[Numbers, frozenset[str]]:
    """The numbers of a host, and their keys; children have begun, if there are any."""
    from logtool.flags.clock_facts import find_clock_flags
    from logtool.flags.finding import worst_first
    from logtool.flags.findings import Flagger
    from logtool.reports.counting import Counting
    from logtool.reports.finishing import numbers_of, told_by
    from logtool.reports.reading import Reader
    from logtool.reports.translating import Translator
    from logtool.reports.vocabulary import Vocabulary

    flagger = Flagger(wish.rules())
    vocabulary = Vocabulary(flagger.engine, table)
    translator = Translator(vocabulary)
    counting = Counting(period, vocabulary, flagger)
    reader = Reader(wish, table, period)
    for log, told in _numbered(logs, reader, children.numbered(table)):
        facts = translator.facts(told)
        counting.add(facts)
        wish.progress("counting", log, facts.lines.block.offset)
    counting.finish()
    faults = {log.source.name: [str(fault) for fault in log.source.faults] for log in logs}
    findings = worst_first([*flagger.findings(), *find_clock_flags(logs, table, flagger.rules)])
    numbers = numbers_of(host, counting, table, findings, faults, wish.known)
    return numbers, told_by(counting, findings)


def _period(wish: Wish, table: ClockTable) -> Period:
    start, end = map(instant, span_of(table.clocks) if table.clocks else (0, 0))
    if wish.since:
        start = min(max(start, wish.since), end)
    if wish.until:
        end = max(min(end, wish.until), start)
    return Period.of(start, end, FINE_PARTS)


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
