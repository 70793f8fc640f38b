"""Slowness: takes the facts of each block, keeps the requests that took longest."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from itertools import groupby

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logtool.events.certainty import TELLING, is_certain
from logtool.events.connections import with_requests
from logtool.events.folding import fold
from logtool.frame.kept import Kept, frame_together
from logtool.frame.texts import detached
from logtool.reports.counted.stretches import NOTHING, pauses, places, stretches, waits
from logtool.reports.meant.facts import Held
from logtool.reports.numbers import SlowRequest
from logtool.reports.tallies.keys import CLOSING_MODULE
from parsers.arrays import Ints, Mask
from parsers.compiled.rows import Stretched

_KEPT = 20
#: Lines of a block that are looked at closely: those of the longest waits.
_LINES = 300
#: Of the last of these not more than all together have then.
_MOST_LINES = 4 * _LINES
#: So many lines are looked at together: to look at few costs as much.
_AT_ONCE = 20_000
#: Columns that tell requests apart.
_ASKED = (
    *("file", "line", "utc", "module", "pid", "tid", "role", "group", "client", "client_marker"),
    *("tag", "message", "log_id", "connection_log_id"),
)


class _Seen:
    """A block as it was looked at; its stretches are found when something is to be known of them.

    Attributes:
        held: what is known of its lines, n of them.
        first_row: the number of the first in all logs.
    """

    def __init__(self, held: Held, first_row: int, half_us: int) -> None:
        """Nothing is taken yet; waits up to `half_us` need not be looked at closely."""
        self.held, self.first_row = held, first_row
        self._half_us = half_us

    @cached_property
    def found(self) -> Stretched:
        """The stretches of its lines."""
        return stretches(self.held.rows, self._half_us)

    @cached_property
    def key(self) -> NDArray[np.uint64]:
        """uint64[k], one number for each client, or log ID, that they name."""
        return self.held.asking[self.found.key_row]

    @cached_property
    def taken(self) -> Mask:
        """bool[n], the lines that are kept for a closer look."""
        return np.zeros(len(self.held.utc_us), np.bool_)

    def worth(self, least_us: int) -> Ints:
        """How long was waited in stretches that may be a request longer than that, else 0."""
        return _worth(self.found.begin, self.found.end, self.found.wait, least_us)

    def joined(self, before: _Seen, least_us: int) -> tuple[Ints, Ints]:
        """What stretches are worth that go over from the block before: there, and here."""
        first, last = self.found, before.found
        there, here = (np.zeros(len(one.begin), np.int64) for one in (last, first))
        place = places(self.key, before.key)
        both = np.flatnonzero((place >= 0) & first.goes_on)
        ends, begins = last.last[place[both]], first.first[both]
        between = waits(
            last.end[ends], last.side[ends], first.begin[begins], first.first_side[both]
        )
        wait = np.maximum(np.maximum(last.wait[ends], first.wait[begins]), between)
        worth = _worth(last.begin[ends], first.end[begins], wait, least_us)
        there[ends], here[begins] = worth, worth
        return there, here

    def take(self, worth: Ints) -> Ints:
        """The lines of the most worthy stretches that are not taken, as many as there is time for.

        They are taken then.
        """
        some = np.flatnonzero(worth)
        if not len(some):
            return some
        of_rows = self.found.of_rows
        sizes = np.bincount(of_rows + 1, minlength=len(worth) + 1)[1:]
        some = some[np.lexsort((self.found.row[some], -worth[some]))]
        before = np.cumsum(sizes[some]) - sizes[some]
        some = some[before < _LINES]
        chosen = np.zeros(len(worth) + 1, np.bool_)
        chosen[some] = True
        taken = chosen[of_rows]
        # The last of them may have any number of lines.
        taken[np.flatnonzero(of_rows == some[-1])[_MOST_LINES - before[len(some) - 1] :]] = False
        rows = np.flatnonzero(taken & ~self.taken)
        self.taken[rows] = True
        return rows


def _worth(begin: Ints, end: Ints, wait: Ints, least_us: int) -> Ints:
    # A slow request is mostly one long wait.
    return np.where((end - begin > least_us) & (wait > least_us // 2), wait, 0)


def _certain(keyed: pl.DataFrame, keys: pl.Series) -> list[str]:
    """Those of some requests of which no line may be another's."""
    some = keyed.filter(pl.col("request_key").is_in(keys.implode()))
    some = some.sort("request_key", "utc", "row").select("request_key", *TELLING)
    rows = some.iter_rows(named=True)
    requests = groupby(rows, lambda row: str(row["request_key"]))
    return [key for key, lines in requests if is_certain(list(lines))]


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
        self._waiting: list[tuple[Kept, Ints]] = []
        self._rows = 0
        self._before: _Seen | None = None
        self._paused = NOTHING

    def add(self, held: Held, first_row: int) -> None:
        """Look at the next block; `first_row` is the number of its first line in all logs."""
        least_us, before = self._least_us, self._before
        half_us = least_us // 2
        self._paused = pauses(held.rows, self._paused, least_us, half_us)
        seen = self._before = _Seen(held, first_row, half_us)
        if self._paused.long:
            self._look_at(seen, before, least_us)

    def later(self, held: Held) -> None:
        """Go on with the same that is known of the block, which is there when the next is read."""
        if self._before is not None:
            self._before.held = held

    def _look_at(self, seen: _Seen, before: _Seen | None, least_us: int) -> None:
        """Look at the stretches of a block, and at those that come over from the one before."""
        worth = seen.worth(least_us)
        if before is not None:
            there, here = seen.joined(before, least_us)
            self._keep(before, there)
            worth = np.maximum(worth, here)
        self._keep(seen, worth)
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

    def _keep(self, seen: _Seen, worth: Ints) -> None:
        """Keep lines of a block for a closer look."""
        rows = seen.take(worth)
        if not len(rows):
            return
        self._waiting.append((Kept.of(seen.held.lines, rows), rows + seen.first_row))
        self._rows += len(rows)

    def _look(self) -> None:
        if not self._waiting:
            return
        kept, rows = zip(*self._waiting, strict=True)
        lines = frame_together(kept, _ASKED).with_columns(pl.Series("row", np.concatenate(rows)))
        lines = fold(lines.sort("row"))
        self._waiting, self._rows = [], 0
        keyed = with_requests(lines)
        goes_on = pl.col("module").fill_null("") != CLOSING_MODULE
        requests = keyed.group_by("request_key").agg(
            pl.col("client").drop_nulls().first(),
            pl.col("utc").min().alias("first_utc"),
            (pl.col("utc").filter(goes_on).max() - pl.col("utc").min()).alias("duration"),
            pl.col("message").filter(goes_on).last(),
            pl.col("pid").n_unique().alias("pids"),
            pl.col("log_id").drop_nulls().first(),
        )  # fmt: skip
        slow = requests.filter((pl.col("pids") > 1) & (pl.col("duration") > timedelta(0)))
        slow = slow.filter(pl.col("request_key").is_in(_certain(keyed, slow["request_key"])))
        parts = [slow] if self._found is None else [self._found, slow]
        every = pl.concat(parts).sort(
            "duration", "first_utc", "client", descending=[True, False, False]
        )
        self._found = detached(every.head(_KEPT))
        if self._found.height == _KEPT:
            self._least_us = self._found["duration"].dt.total_microseconds()[-1]
