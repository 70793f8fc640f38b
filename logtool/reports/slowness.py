"""Slowness: takes the facts of each block, keeps the requests that took longest."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logtool.events.folding import fold
from logtool.events.joining import among, together
from logtool.events.kinds import Kind
from logtool.events.requests import with_requests
from logtool.frame.lines import Lines
from logtool.frame.texts import detached
from logtool.reports.facts import CLOSING_MODULE, Facts
from logtool.reports.numbers import SlowRequest
from logtool.reports.wordings import WORDING
from parsers.classes import dataclass
from parsers.lines import NO_TIME

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

_KEPT = 20
#: A longer pause is that of a user, not of a server.
_LONGEST_US = 3600 * 1_000_000
#: Lines of a block that are looked at closely: those of the longest waits.
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
    """Stretches of a client's lines that may be one request.

    None goes on over a line about the connection, or from one thread of a daemon to another.

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
        """Some of them."""
        columns = (getattr(self, name)[chosen] for name in self.__slots__)
        return _Stretch(*columns)

    def worth(self, least_us: int) -> Ints:
        """How long was waited where a request may have taken longer than that, else 0."""
        # A slow request is mostly one long wait.
        may = (self.end_us - self.begin_us > least_us) & (self.wait_us > least_us // 2)
        return np.where(may, self.wait_us, 0)


@dataclass(frozen=True, slots=True, eq=False)
class _Askers:
    """Clients, or log IDs, that the lines of a block name, and the stretches of their lines.

    Attributes:
        key: uint64[k], one number for each, rising.
        order: int64[n], the lines, those of one key together.
        start: int64[m], where each stretch begins among them.
        stretches: m of them.
        first, last: int64[k], the first and the last stretch of each.
        goes_on: bool[k], that may be the rest of one in the block before.
        first_side: int64[k], which side wrote its first line.
    """

    key: NDArray[np.uint64]
    order: Ints
    start: Ints
    stretches: _Stretch
    first: Ints
    last: Ints
    goes_on: Mask
    first_side: Ints

    @classmethod
    def of(cls, facts: Facts, least_us: int) -> _Askers:
        """Those of a block; what is shorter than `least_us` need not be seen."""
        rows = np.flatnonzero((facts.asking > 0) & (facts.utc_us != NO_TIME))
        order = rows[together(facts.asking[rows])]
        key, us, side = facts.asking[order], facts.utc_us[order], facts.side[order]
        closing = facts.closing[order]
        new = np.ones(len(key), np.bool_)
        np.not_equal(key[1:], key[:-1], out=new[1:])
        wait = np.zeros(len(us), np.int64)
        wait[1:] = _waits(us[:-1], side[:-1], us[1:], side[1:])
        long = np.flatnonzero(wait > least_us // 2)
        wait[long[_two_events(facts, order, long)]] = 0
        thread = np.where(side == 1, facts.thread[order], 0)
        other = np.zeros(len(key), np.bool_)
        other[1:] = (thread[1:] != thread[:-1]) & (thread[1:] > 0) & (thread[:-1] > 0)
        start = np.flatnonzero(new | closing | other)
        wait[start] = 0
        end = np.append(start[1:], len(key))[: len(start)] - 1
        longest = np.maximum.reduceat(wait, start) if len(start) else start
        first = np.flatnonzero(new[start])
        last = np.append(first[1:], len(start))[: len(first)] - 1
        rising = np.argsort(key[start[first]])
        first, last = first[rising], last[rising]
        begin = start[first]
        return cls(
            key[begin],
            order,
            start,
            _Stretch(us[start], us[end], longest, side[end]),
            first,
            last,
            ~closing[begin],
            side[begin],
        )

    def joined(self, before: _Askers, least_us: int) -> tuple[Ints, Ints]:
        """What stretches are worth that go over from the block before: there, and here."""
        there, here = (np.zeros(len(one.start), np.int64) for one in (before, self))
        if not len(before.key) or not len(self.key):
            return there, here
        place = np.minimum(np.searchsorted(before.key, self.key), len(before.key) - 1)
        both = np.flatnonzero((before.key[place] == self.key) & self.goes_on)
        ends, begins = before.last[place[both]], self.first[both]
        last, first = before.stretches.at(ends), self.stretches.at(begins)
        between = _waits(last.end_us, last.side, first.begin_us, self.first_side[both])
        waits = np.maximum(np.maximum(last.wait_us, first.wait_us), between)
        worth = _Stretch(last.begin_us, first.end_us, waits, first.side).worth(least_us)
        there[ends], here[begins] = worth, worth
        return there, here

    def rows(self, worth: Ints) -> Ints:
        """The lines of the most worthy stretches, as many as there is time for."""
        some = np.flatnonzero(worth)
        # The first of equals: hashes, which order them, are others in each run.
        some = some[np.lexsort((self.order[self.start[some]], -worth[some]))]
        sizes = np.diff(np.append(self.start, len(self.order)))
        before = np.cumsum(sizes[some]) - sizes[some]
        chosen = np.zeros(len(self.start), np.bool_)
        chosen[some[before < _LINES]] = True
        return self.order[np.repeat(chosen, sizes)][: 4 * _LINES]


def _two_events(facts: Facts, order: Ints, at: Ints) -> Mask:
    """After which lines their thread of a daemon talks on: not certainly about one request.

    Args:
        facts: of a block.
        order: its lines, those about one client together.
        at: places in that order.
    """
    here, after = order[at], order[np.minimum(at + 1, len(order) - 1)]
    answer: Mask = (at + 1 < len(order)) & (facts.asking[here] == facts.asking[after])
    answer &= facts.thread[here] == facts.thread[after]
    for rows in (here, after):
        kind = WORDING.number(facts.wording[rows], "kind").astype(np.int8)
        answer &= among(kind, Kind.PLAIN, Kind.FINAL) & (facts.side[rows] == 1)
    return answer


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
        self._before: tuple[Lines, int, _Askers, Mask] | None = None

    def add(self, facts: Facts, first_row: int) -> None:
        """Look at the next block; `first_row` is the number of its first line in all logs."""
        askers = _Askers.of(facts, self._least_us)
        taken = np.zeros(len(facts.lines), np.bool_)
        worth = askers.stretches.worth(self._least_us)
        if self._before is not None:
            before, row, earlier, seen = self._before
            there, here = askers.joined(earlier, self._least_us)
            self._take(before, row, earlier.rows(there), seen)
            worth = np.maximum(worth, here)
        self._take(facts.lines, first_row, askers.rows(worth), taken)
        self._before = facts.lines.later(), first_row, askers, taken
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

    def _take(self, lines: Lines, first_row: int, rows: Ints, taken: Mask) -> None:
        """Keep some lines of a block that are not yet taken."""
        rows = np.sort(rows[~taken[rows]])
        if not len(rows):
            return
        taken[rows] = True
        frame = lines.at(rows).frame(_ASKED)
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
        every = pl.concat(parts).sort(
            "duration", "first_utc", "client", descending=[True, False, False]
        )
        self._found = detached(every.head(_KEPT))
        if self._found.height == _KEPT:
            self._least_us = self._found["duration"].dt.total_microseconds()[-1]
