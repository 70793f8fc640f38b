"""Servers: takes the lines kept of logs and their folders, tells which logs are of one server.

What ties one server's clocks to UTC says nothing of another's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field, replace
from itertools import combinations
from pathlib import Path

import numpy as np

from logtool.clocks.seen.constraints import WIDEST_S
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.roles import Sample, telling
from logtool.clocks.table import Evidence
from parsers.classes import dataclass
from parsers.lines import NO_PID
from parsers.units import SECOND

_ZONES_US = WIDEST_S * SECOND
#: One in so many of the fewer processes must be in both logs.
_SHARED = 10


@dataclass(slots=True)
class _Logs:
    """Logs of one server, and when its processes wrote into them.

    Attributes:
        folder: where they lie.
        files: their numbers.
        lives: first and last local time of each process, µs; none of lines without pid.
        parents: pids of those that started the server.
    """

    folder: str
    files: list[int]
    lives: dict[int, tuple[int, int]] = field(default_factory=dict)
    parents: set[int] = field(default_factory=set)

    def shares_processes(self, other: _Logs) -> bool:
        """Whether processes of one wrote into the other as well.

        Each child of a server writes into the logs of all its virtual hosts. A few pids may be
        given twice.
        """
        both = self.lives.keys() & other.lives.keys()
        shared = sum(_meet(self.lives[pid], other.lives[pid], _ZONES_US) for pid in both)
        return shared * _SHARED >= max(min(len(self.lives), len(other.lives)), _SHARED)

    def shares_server(self, other: _Logs) -> bool:
        """Whether logs of two folders are of one server.

        Only one log has what the parent says when it starts, so two that have it at one time are of
        two servers, though both may be in containers and have the same pids.
        """
        if self.folder == other.folder or not self.lives or not other.lives:
            return False
        if self.parents and other.parents:
            apart = not _meet(self._span(), other._span(), 0)
            return apart and bool(self.parents & other.parents)
        return self.shares_processes(other)

    def may_succeed(self, other: _Logs) -> bool:
        """Whether two logs that parents began may be one server's, before a stop and after."""
        both = bool(self.parents and other.parents)
        return both and not _meet(self._span(), other._span(), _ZONES_US)

    def take(self, other: _Logs) -> None:
        """Take the others in."""
        self.files += other.files
        self.parents |= other.parents
        for pid, (first, last) in other.lives.items():
            begin, end = self.lives.get(pid, (first, last))
            self.lives[pid] = min(begin, first), max(end, last)

    def _span(self) -> tuple[int, int]:
        firsts, lasts = zip(*self.lives.values(), strict=True)
        return min(firsts), max(lasts)


def _meet(one: tuple[int, int], other: tuple[int, int], slack_us: int) -> bool:
    return one[0] <= other[1] + slack_us and other[0] <= one[1] + slack_us


def folder_of(path: str) -> str:
    """The folder that a log lies in; of a pipe none: ``""``."""
    return "" if path == "-" else str(Path(os.path.realpath(path)).parent)


def servers_of(
    folders: Sequence[str],
    knots: Knots,
    samples: Sequence[Sample],
    sequences: Sequence[int] = (),
) -> list[tuple[int, ...]]:
    """The numbers of the logs of each server, in order of its first log.

    Args:
        folders: of each log, by number.
        knots: lines kept of all logs, as read.
        samples: lines looked at closely.
        sequences: of each log, the number of its rotated set; logs of one folder are one set else.
    """
    sets = _sets(folders, knots, samples, sequences)
    parts = [
        part
        for folder in dict.fromkeys(folders)
        for part in _in_folder([one for one in sets if one.folder == folder])
    ]
    return sorted(tuple(sorted(one.files)) for one in _united(parts, _Logs.shares_server))


def strangers(
    servers: Sequence[tuple[int, ...]], folders: Sequence[str], knots: Knots,
    sequences: Sequence[int],
) -> Iterator[Evidence]:  # fmt: skip
    """A note where logs are taken for one server's though they have no process in common."""
    sets = _sets(folders, knots, (), sequences)
    for files in servers:
        written = [one for one in sets if one.lives and {*one.files} & {*files}]
        if len(_united(written, _Logs.shares_processes)) > 1:
            yield Evidence(
                "servers",
                f"{len(written)} logs are taken for one server's, for they lie in one folder; but "
                "some have no process in common with the others, and may be another's",
            )


def _sets(
    folders: Sequence[str], knots: Knots, samples: Sequence[Sample], sequences: Sequence[int]
) -> list[_Logs]:
    """The rotated sets of each folder."""
    every: dict[tuple[str, int], _Logs] = {}
    for number, folder in enumerate(folders):
        key = folder, sequences[number] if sequences else 0
        every.setdefault(key, _Logs(folder, [])).files.append(number)
    if len(every) < 2:
        return list(every.values())
    for one in every.values():
        one.lives = dict(_lives(knots, one.files))
    whose = {number: one for one in every.values() for number in one.files}
    for number, stage in telling(samples):
        if stage.resumes and samples[number].pid != NO_PID:
            whose[samples[number].file].parents.add(samples[number].pid)
    return list(every.values())


def _in_folder(sets: list[_Logs]) -> list[_Logs]:
    """Logs that lie together are of one server, unless two parents began some at one time.

    Those of which it is not known whose they are stay by themselves then.
    """
    parts = _united(sets, _Logs.shares_processes)
    begun = [one for one in parts if one.parents]
    if len(_united(begun, _Logs.may_succeed)) > 1:
        return _united(parts, _Logs.may_succeed)
    return _united(parts, lambda one, other: True)


def _united(every: Sequence[_Logs], same: Callable[[_Logs, _Logs], bool]) -> list[_Logs]:
    """Logs put together, those that are tied through others as well."""
    whole = {at: {at} for at in range(len(every))}
    for here, there in combinations(range(len(every)), 2):
        if whole[here] is not whole[there] and same(every[here], every[there]):
            whole[here] |= whole[there]
            for at in whole[here]:
                whole[at] = whole[here]
    found = []
    for numbers in {id(numbers): numbers for numbers in whole.values()}.values():
        first, *others = sorted(numbers)
        joined = replace(every[first], files=[*every[first].files], lives={**every[first].lives},
                         parents={*every[first].parents})  # fmt: skip
        for at in others:
            joined.take(every[at])
        found.append(joined)
    return found


def apart(servers: int) -> Iterator[Evidence]:
    """A note where logs are of several servers."""
    if servers > 1:
        yield Evidence(
            "servers",
            f"these are logs of {servers} servers, for they have no process in common; what ties "
            "the clocks of one to UTC says nothing of another",
        )


def _lives(knots: Knots, files: Sequence[int]) -> Iterator[tuple[int, tuple[int, int]]]:
    ours = knots.take(np.isin(knots.file, files) & (knots.pid != NO_PID))
    order = np.lexsort((ours.local_us, ours.pid))
    pids, times = ours.pid[order], ours.local_us[order]
    heads = np.flatnonzero(np.diff(pids, prepend=NO_PID))
    tails = np.append(heads[1:], len(pids))[: len(heads)] - 1
    ends = zip(times[heads].tolist(), times[tails].tolist(), strict=True)
    return zip(pids[heads].tolist(), ends, strict=True)
