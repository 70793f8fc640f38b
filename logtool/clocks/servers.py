"""Servers: takes the lines kept of logs and their folders, tells which logs are of one server.

What ties one server's clocks to UTC says nothing of another's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import numpy as np

from logtool.clocks.knots import SECOND, Knots
from logtool.clocks.roles import RESUMING, Sample
from logtool.clocks.table import Evidence
from parsers.lines import NO_PID

#: Two clocks of one moment differ by no more: from UTC-12 to UTC+14.
_ZONES_US = 26 * 3600 * SECOND
#: One in so many of the fewer processes must be in both logs.
_SHARED = 10


@dataclass(slots=True)
class _Folder:
    """Logs that lie together, which are of one server, and when its processes wrote.

    Attributes:
        files: their numbers.
        lives: first and last local time of each process, µs; none of lines without pid.
        parents: pids of those that started the server.
    """

    files: list[int]
    lives: dict[int, tuple[int, int]] = field(default_factory=dict)
    parents: set[int] = field(default_factory=set)

    def shares_server(self, other: _Folder) -> bool:
        """Whether processes of one wrote into the other as well.

        Each child of a server writes into the logs of all its virtual hosts. Only one log has what
        the parent says when it starts, so two that have it at one time are of two servers, though
        both may be in containers and have the same pids.
        """
        if not self.lives or not other.lives:
            return False
        if self.parents and other.parents:
            apart = not _meet(self._span(), other._span(), 0)
            return apart and bool(self.parents & other.parents)
        both = self.lives.keys() & other.lives.keys()
        shared = sum(_meet(self.lives[pid], other.lives[pid], _ZONES_US) for pid in both)
        return shared * _SHARED >= max(min(len(self.lives), len(other.lives)), _SHARED)

    def _span(self) -> tuple[int, int]:
        firsts, lasts = zip(*self.lives.values(), strict=True)
        return min(firsts), max(lasts)


def _meet(one: tuple[int, int], other: tuple[int, int], slack_us: int) -> bool:
    return one[0] <= other[1] + slack_us and other[0] <= one[1] + slack_us


def folder_of(path: str) -> str:
    """The folder that a log lies in; of a pipe none: ``""``."""
    return "" if path == "-" else str(Path(os.path.realpath(path)).parent)


def servers_of(
    folders: Sequence[str], knots: Knots, samples: Sequence[Sample]
) -> list[tuple[int, ...]]:
    """The numbers of the logs of each server, in order of its first log.

    Args:
        folders: of each log, by number.
        knots: lines kept of all logs, as read.
        samples: lines looked at closely.
    """
    every: dict[str, _Folder] = {}
    for number, folder in enumerate(folders):
        every.setdefault(folder, _Folder([])).files.append(number)
    if len(every) < 2:
        return [tuple(range(len(folders)))]
    for one in every.values():
        one.lives = dict(_lives(knots, one.files))
    for sample in samples:
        if RESUMING.match(sample.message):
            every[folders[sample.file]].parents.add(sample.pid)
    servers = {name: {name} for name in every}
    for here, there in combinations(every, 2):
        if servers[here] is not servers[there] and every[here].shares_server(every[there]):
            servers[here] |= servers[there]
            for name in servers[here]:
                servers[name] = servers[here]
    found = {id(names): sorted(n for name in names for n in every[name].files)
             for names in servers.values()}  # fmt: skip
    return sorted(tuple(files) for files in found.values())


def apart(servers: int) -> Iterator[Evidence]:
    """A note where logs are of several servers."""
    if servers > 1:
        yield Evidence(
            "servers",
            f"these are logs of {servers} servers, for they lie in different folders and have no "
            "process in common; what ties the clocks of one to UTC says nothing of another",
        )


def _lives(knots: Knots, files: Sequence[int]) -> Iterator[tuple[int, tuple[int, int]]]:
    ours = knots.take(np.isin(knots.file, files) & (knots.pid != NO_PID))
    order = np.lexsort((ours.local_us, ours.pid))
    pids, times = ours.pid[order], ours.local_us[order]
    heads = np.flatnonzero(np.diff(pids, prepend=NO_PID))
    tails = np.append(heads[1:], len(pids))[: len(heads)] - 1
    ends = zip(times[heads].tolist(), times[tails].tolist(), strict=True)
    return zip(pids[heads].tolist(), ends, strict=True)
