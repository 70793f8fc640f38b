"""Making: takes paths, reads the logs there twice, gives a report."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from logtool import __version__
from logtool.clocks.table import NOBODY, ClockTable, Evidence
from logtool.clocks.telling.kinds import span_of
from logtool.errors import ReadError, UsageError
from logtool.inputs import REMEMBERED
from logtool.machine.open_files import need_files
from logtool.passes.first import open_logs, read_once
from logtool.passes.logs import StampedBlock
from logtool.people.instants import instant
from logtool.people.terminal import safe
from logtool.reports.apart import are_worth
from logtool.reports.counter import Counter, Made
from logtool.reports.period import FINE_PARTS, Period
from logtool.reports.wish import Wish
from logtool.sources.opening import open_members
from logtool.sources.paths import Member, apart_of, expand, expand_and_list

if TYPE_CHECKING:
    from logtool.reports.numbers import Report

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
    # What is counted here loads polars: no children could be forked for the next host.
    small_last = sorted(hosts, key=lambda host: not are_worth(hosts[host]))
    notes: list[Sequence[Evidence]] = []
    made = {host: _numbers(wish, host, hosts[host], notes.append) for host in small_last}
    _tell_mistakes(wish, notes)
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


def _hosts(wish: Wish) -> dict[str, list[Member]]:
    """The members of each host: pids and clocks of different hosts have nothing in common."""
    hosts: dict[str, list[Member]] = {}
    tell = _host_teller(wish)
    paths = wish.paths if wish.host is False else folders_of_hosts(wish.paths)
    members, listings = expand_and_list(paths, all_needed=False, others=True)
    for note in apart_of(paths, listings):
        wish.tell(safe(note))
    for member in members:
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
    """What tells the name of a log's host from its path; empty where hosts are not told apart."""
    if isinstance(wish.host, str):
        try:
            pattern = re.compile(wish.host)
        except re.error as fault:
            raise UsageError(f"{wish.host!r} is no regular expression: {fault}") from fault

        def told(path: str) -> str:
            match = pattern.search(path)
            # A group that took no part in a match is None.
            return (match[pattern.groups and 1] or "") if match else ""

        return told
    if wish.host:
        return lambda path: Path(path).absolute().parent.name
    return lambda path: ""


def _tell_mistakes(wish: Wish, notes_of: Sequence[Sequence[Evidence]]) -> None:
    """Tell of each zone that the user named for nobody of any host, with who is on the first."""
    notes = [
        {note.text.partition(": ")[0]: note.text for note in told if note.kind == NOBODY}
        for told in notes_of
    ]
    for named in notes[0] if notes else ():
        if all(named in others for others in notes):
            wish.mistaken(notes[0][named])


def _numbers(
    wish: Wish, host: str, members: Sequence[Member], tell: Callable[[Sequence[Evidence]], None]
) -> Made:
    with (
        Counter(wish, host) as counter,
        open_members(
            members,
            lambda: _hosts(wish).get(host, ()),
            wish.spool_limit,
            wish.tell,
            all_needed=False,
        ) as sources,
    ):
        need_files()
        logs = open_logs(sources, wish.layouts, REMEMBERED, _load)

        def watch(stamped: StampedBlock) -> None:
            wish.progress("finding clocks in", stamped.log, stamped.block.offset)

        read = read_once(logs, wish.options, watch)
        counter.begin(logs, read)
        made, notes = counter.made(logs, read, partial(_period, wish))
        tell(notes)
        return made


def _load() -> None:
    """Load what is needed later, but for what loads polars; children have it then."""
    import logtool.flags.clock_facts
    import logtool.reports.said.reading  # noqa: F401
    from logtool.flags.wsgi_codes import default_rules

    default_rules()


def _period(wish: Wish, table: ClockTable) -> Period:
    start, end = map(instant, span_of(table.clocks) if table.clocks else (0, 0))
    if wish.since:
        start = min(max(start, wish.since), end)
    if wish.until:
        end = max(min(end, wish.until), start)
    return Period.of(start, end, FINE_PARTS)
