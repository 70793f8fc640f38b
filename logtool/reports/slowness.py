"""Slowness: takes the facts of each block, keeps the requests that took longest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logtool.events.folding import fold
from logtool.events.joining import among
from logtool.events.kinds import Kind
from logtool.events.requests import with_requests
from logtool.frame import detached
from logtool.reports.facts import CLOSING_MODULE, Facts
from logtool.reports.numbers import SlowRequest
from logtool.reports.wordings import WORDING
from parsers.lines import NO_TIME

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_KEPT = 20
#: A longer pause is that of a user, not of a server.
_LONGEST_US = 3600 * 1_000_000
#: Lines of a block that are looked at closely: those of clients who waited longest.
_LINES = 300
#: So many lines are looked at together: to look at few costs as much.
_AT_ONCE = 20_000
#: Columns that tell requests apart.
_ASKED = (
    *("file", "line", "utc", "module", "pid", "tid", "role", "group", "client", "client_marker"),
    *("tag", "message", "log_id", "connection_log_id"),
)


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """For each client, one stretch of its lines without an end of the connection in it.

    Attributes:
        begin_us, end_us: int64[n], its first line, and its last; that of lines about connections
            ends as soon as it begins.
        wait_us: int64[n], how long one side waited for the other, at most.
        side: int64[n], which side wrote the last line.
    """

    begin_us: Ints
    end_us: Ints
    wait_us: Ints
    side: Ints

    def at(self, chosen: Ints) -> _Stretch:
        """Those of some clients."""
        columns = (getattr(self, name)[chosen] for name in self.__slots__)
        return _Stretch(*columns)

    def worth(self, least_us: int) -> Ints:
        """How long was waited where a request may have taken longer than that, else 0."""
        # A slow request is mostly one long wait.
        may = (self.end_us - self.begin_us > least_us) & (self.wait_us > least_us // 2)
        return np.where(may, self.wait_us, 0)


@dataclass(frozen=True, slots=True, eq=False)
class _Askers:
    """Clients, or log IDs, that the lines of a block name.

    Attributes:
        key: uint64[n], one number for each, rising.
        worth_us: int64[n], how long was waited for what may be among the slowest, else 0.
        first, last: the stretches at both ends of the block.
        goes_on: bool[n], the first stretch may be the rest of one in the block before.
        first_side: int64[n], which side wrote the first line.
    """

    key: NDArray[np.uint64]
    worth_us: Ints
    first: _Stretch
    last: _Stretch
    goes_on: Mask
    first_side: Ints

    @classmethod
    def of(cls, facts: Facts, least_us: int) -> _Askers:
        """Those of a block."""
        rows = np.flatnonzero((facts.asking > 0) & (facts.utc_us != NO_TIME))
        order = rows[np.argsort(facts.asking[rows], kind="stable")]
        key, us, side = facts.asking[order], facts.utc_us[order], facts.side[order]
        closing = facts.closing[order]
        new = np.ones(len(key), np.bool_)
        np.not_equal(key[1:], key[:-1], out=new[1:])
        wait = np.zeros(len(us), np.int64)
        wait[1:] = _waits(us[:-1], side[:-1], us[1:], side[1:])
        wait[:-1][_two_events(facts, order)] = 0
        start = np.flatnonzero(new | closing)
        wait[start] = 0
        if not len(start):
            none = _Stretch(*(np.zeros(0, np.int64) for _ in range(4)))
            return cls(key, none.wait_us, none, none, closing, none.wait_us)
        end = np.append(start[1:], len(key)) - 1
        every = _Stretch(us[start], us[end], np.maximum.reduceat(wait, start), side[end])
        begin = np.flatnonzero(new[start])
        first, last = start[begin], np.append(begin[1:], len(start)) - 1
        worth = np.maximum.reduceat(every.worth(least_us), begin)
        return cls(key[first], worth, every.at(begin), every.at(last), ~closing[first], side[first])

    def worth_before(self, before: _Askers, least_us: int) -> Ints:
        """What `worth_us` is of stretches that begin in the block before."""
        if not len(before.key) or not len(self.key):
            return np.zeros(len(self.key), np.int64)
        place = np.minimum(np.searchsorted(before.key, self.key), len(before.key) - 1)
        last, first = before.last.at(place), self.first
        between = _waits(last.end_us, last.side, first.begin_us, self.first_side)
        waits = np.maximum(np.maximum(last.wait_us, first.wait_us), between)
        joined = _Stretch(last.begin_us, first.end_us, waits, first.side).worth(least_us)
        both = (before.key[place] == self.key) & self.goes_on
        return np.where(both, joined, 0)


def _worth_most(key: NDArray[np.uint64], worth: Ints) -> NDArray[np.uint64]:
    """The keys that are worth a look, the most worthy first."""
    some = np.flatnonzero(worth)
    return key[some[np.argsort(-worth[some], kind="stable")]]


def _two_events(facts: Facts, order: Ints) -> Ints:
    """Lines after which their thread of a daemon talks on: not certainly about one request.

    Args:
        facts: of a block.
        order: its lines, sorted by whom they are about.
    """
    kind = WORDING.unpack(facts.wording[order])["kind"].astype(np.int8)
    talks = among(kind, Kind.PLAIN, Kind.FINAL) & (facts.side[order] == 1)
    thread = np.where(talks, facts.thread[order], 0)
    same = (thread[1:] == thread[:-1]) & talks[1:]
    key = facts.asking[order]
    return np.flatnonzero(same & (key[1:] == key[:-1]))


def _waits(us: Ints, side: Ints, next_us: Ints, next_side: Ints) -> Ints:
    """How long the side that writes the next line was waited for; 0 where the same writes on."""
    wait = next_us - us
    waits = (next_side >= 0) & (next_side != side) & (wait > 0) & (wait < _LONGEST_US)
    return np.where(waits, wait, 0)


class Slowest:
    """The slowest requests so far.

    A request counts if lines of several processes tell of it and no other request can be meant. It
    lasts from its first line to its last that is not about the end of its connection. Lines of one
    request may be in two neighbouring blocks. In a busy log a request whose lines come in a steady
    stream, without a wait of half of its time, may be missed.
    """

    def __init__(self) -> None:
        self._found: pl.DataFrame | None = None
        self._least_us = 0
        self._waiting: list[pl.DataFrame] = []
        self._rows = 0
        self._before: tuple[Facts, int, _Askers, Mask] | None = None

    def add(self, facts: Facts, first_row: int) -> None:
        """Look at the next block; `first_row` is the number of its first line in all logs."""
        askers = _Askers.of(facts, self._least_us)
        taken = np.zeros(len(facts.lines), np.bool_)
        worth = askers.worth_us
        if self._before is not None:
            before, row, earlier, seen = self._before
            joined = askers.worth_before(earlier, self._least_us)
            self._take(before, row, _worth_most(askers.key, joined), seen)
            worth = np.maximum(worth, joined)
        self._take(facts, first_row, _worth_most(askers.key, worth), taken)
        self._before = facts, first_row, askers, taken
        # The first look tells early how slow a request must be.
        if self._rows > (_LINES if self._found is None else _AT_ONCE):
            self._look()

    def finish(self) -> None:
        """Look at what was kept for later."""
        self._look()
        self._before = None

    def found(self) -> tuple[SlowRequest, ...]:
        """Slowest first."""
        if self._found is None:
            return ()
        return tuple(
            SlowRequest(
                row["client"] or "",
                row["first_utc"],
                round(row["duration"] / timedelta(milliseconds=1), 3),
                "log ID" if row["log_id"] else "client",
                row["message"] or "",
            )
            for row in self._found.iter_rows(named=True)
        )

    def _take(self, facts: Facts, first_row: int, chosen: NDArray[np.uint64], taken: Mask) -> None:
        """Keep the lines of those chosen, the first choice first, as many as there is time for."""
        if not len(chosen):
            return
        order = np.argsort(chosen)
        place = np.minimum(np.searchsorted(chosen[order], facts.asking), len(chosen) - 1)
        theirs = (chosen[order][place] == facts.asking) & (facts.utc_us != NO_TIME) & ~taken
        rows = np.flatnonzero(theirs)
        if len(rows) > _LINES:
            rank = order[place[rows]]
            counts = np.cumsum(np.bincount(rank, minlength=len(chosen)))
            rows = rows[counts[rank] <= max(_LINES, int(counts[0]))]
        if not len(rows):
            return
        taken[rows] = True
        frame = facts.lines.at(rows).frame(_ASKED)
        self._waiting.append(
            detached(frame.with_columns(pl.Series("row", rows + first_row, dtype=pl.Int64)))
        )
        self._rows += len(rows)

    def _look(self) -> None:
        if not self._waiting:
            return
        lines = fold(pl.concat(self._waiting).sort("row"))
        self._waiting, self._rows = [], 0
        daemon = pl.col("side") == "daemon"
        goes_on = pl.col("module").fill_null("") != CLOSING_MODULE
        requests = with_requests(lines).group_by("request_key").agg(
            pl.col("client").drop_nulls().first(),
            pl.col("utc").min().alias("first_utc"),
            (pl.col("utc").filter(goes_on).max() - pl.col("utc").min()).alias("duration"),
            pl.col("message").filter(goes_on).last(),
            pl.col("pid").n_unique().alias("pids"),
            pl.col("log_id").drop_nulls().first(),
            pl.col("event").filter(daemon).n_unique().alias("events"),
            pl.struct("pid", "tid").filter(daemon).n_unique().alias("threads"),
        )  # fmt: skip
        certain = pl.col("log_id").is_not_null() | (
            (pl.col("threads") <= 1) & (pl.col("events") <= 1)
        )
        took = pl.col("duration") > timedelta(0)
        slow = requests.filter((pl.col("pids") > 1) & certain & took)
        parts = [slow] if self._found is None else [self._found, slow]
        every = pl.concat(parts).sort("duration", "first_utc", descending=[True, False])
        self._found = detached(every.head(_KEPT))
        if self._found.height == _KEPT:
            self._least_us = self._found["duration"].dt.total_microseconds()[-1]
