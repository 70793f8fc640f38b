"""Access passing: takes the lines of access logs, however many, gives each request those near it.

Requests are asked about in the order they began, so lines are read from a temporary file in the
order of their times, and forgotten once they are too old. Whose log ID a request has is found
before, for such a line may be of any time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

import numpy as np
import polars as pl

from logtool.events.access_lines import EARLY, AccessLines
from logtool.events.ranges import Rows, in_ranges
from logtool.people.instants import microseconds

#: Beside what `access_lines` gives: when the request began that has a line's log ID, and how many
#: lines came before it.
_BEGIN, _NUMBER = "begin", "number"
#: When a request began that has no time: last.
NEVER = int(np.iinfo(np.int64).max)
#: So many lines more may be in sight before those are looked for that are too old.
_FEW = 1000


class PassingLines(AccessLines):
    """What `AccessLines` gives of all lines, for requests in the order they began."""

    def __init__(
        self, logs: Sequence[Rows], ids: Rows, rows: Callable[[], Rows], at_once: int
    ) -> None:
        """Take lines, as `access_lines` gives them, and the `log_id` and `begin` of requests."""
        super().__init__(None)
        timed, named = _joined(logs, ids, rows, at_once)
        self._timed = _Ahead(timed, "utc", at_once)
        self._named = _Ahead(named, _BEGIN, at_once)
        #: When the requests began whose IDs are in sight; of lines with an ID that were given to
        #: others their times and that; what is in sight, and what came since it was counted.
        self._begins: dict[str, int] = {}
        self._given: dict[str, tuple[datetime, int]] = {}
        self._seen = self._fresh = 0
        #: When the request of now began, and which IDs were taken by others that began then.
        self._now, self._taken = -1, set[str]()

    def take(
        self,
        client: str | None,
        log_id: str | None,
        first: datetime | None,
        last: datetime | None,
        messages: Sequence[str | None],
    ) -> Mapping[str, Any] | None:
        """As `AccessLines.take`."""
        begin = NEVER if first is None else microseconds(first)
        if begin != self._now:
            self._now, self._taken = begin, set()
        for line in self._named.until(begin):
            del line[_BEGIN]
            if line["log_id"] not in self._given:
                self._by_id[line["log_id"]] = line
        if first is not None and last is not None:
            self._look_at(self._timed.until(last), first)
        found = super().take(client, log_id, first, last, messages)
        if found is not None and found["log_id"]:
            if log_id and found["log_id"] == log_id:
                self._taken.add(log_id)
            else:
                begin = self._begins.get(found["log_id"], -1)
                self._given[found["log_id"]] = found["utc"], begin
        return found

    def _look_at(self, lines: Iterator[dict[str, Any]], first: datetime) -> None:
        """Have some more lines in sight, and those no longer that are too old."""
        for line in lines:
            begin = line.pop(_BEGIN)
            if line["utc"] >= first - EARLY:
                if begin is not None:
                    self._begins[line["log_id"]] = begin
                self._by_host.setdefault(line["host"], deque()).append(line)
                self._fresh += 1
        if self._fresh > self._seen + _FEW:
            self._forget(first - EARLY)

    def _forget(self, oldest: datetime) -> None:
        """Have nothing in sight that is older."""
        for host, waiting in list(self._by_host.items()):
            while waiting and waiting[0]["utc"] < oldest:
                waiting.popleft()
            if not waiting:
                del self._by_host[host]
        seen = [line["log_id"] for waiting in self._by_host.values() for line in waiting]
        self._seen, self._fresh = len(seen), 0
        self._begins = {one: self._begins[one] for one in seen if one in self._begins}
        self._given = {
            one: (utc, begin)
            for one, (utc, begin) in self._given.items()
            if utc >= oldest or begin >= self._now
        }

    def _is_free(self, line: Mapping[str, Any], log_id: str | None) -> bool:
        named = line["log_id"]
        if not named:
            return True
        begin = self._begins.get(named, NEVER)
        given = named in self._given or named in self._taken or begin < self._now
        return not log_id and not given


class _Ahead:
    """Rows in the order of a column, read as far as they are asked for."""

    def __init__(self, rows: Rows, column: str, at_once: int) -> None:
        ranges = in_ranges(rows, column, at_once)
        self._rows = (
            row
            for some in ranges
            for row in some.sort(column, _NUMBER).drop(_NUMBER).iter_rows(named=True)
        )
        self._column = column
        self._next = next(self._rows, None)

    def until(self, value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - the column's own
        """Those that were not given yet, up to a value of the column."""
        while self._next is not None and self._next[self._column] <= value:
            row, self._next = self._next, next(self._rows, None)
            yield row


def _joined(
    logs: Sequence[Rows], ids: Rows, rows: Callable[[], Rows], at_once: int
) -> tuple[Rows, Rows]:
    """The lines with the `begin` of the request that has their ID, and those alone that have it.

    Of several lines of one ID only the last is among those.
    """
    timed, named, both = rows(), rows(), rows()
    nothing = pl.DataFrame()
    for part in chain.from_iterable(log.parts() for log in logs):
        number = pl.int_range(pl.len(), dtype=pl.Int64) + timed.height + both.height
        lines = part.with_columns(number.alias(_NUMBER), pl.lit(None, pl.Int64).alias(_BEGIN))
        has_id = (pl.col("log_id") != "").fill_null(value=False)
        timed.add(lines.filter(~has_id))
        both.add(lines.filter(has_id))
        nothing = lines.clear()
    if both.height:
        for part in ids.parts():
            both.add(pl.concat([nothing, part], how="diagonal"))
    for some in in_ranges(both, "log_id", at_once):
        asked = pl.col(_NUMBER).is_null()
        begins = some.filter(asked).group_by("log_id").agg(pl.col(_BEGIN).min())
        known = some.filter(~asked).drop(_BEGIN).join(begins, on="log_id", how="left")
        known = known.select(nothing.columns)
        timed.add(known)
        last = known.sort("utc", _NUMBER).unique("log_id", keep="last", maintain_order=True)
        named.add(last.drop_nulls(_BEGIN))
    return timed, named
