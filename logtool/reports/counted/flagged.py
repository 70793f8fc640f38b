"""Flagged: takes whole events that rules may hold on, counts what the rules find in them.

Two events whose lines say the same, in the same manner, are the same to every rule; so rules are
asked about the first of them only, and only that one is looked at as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logtool.flags.engine import EVENT_COLUMNS, TESTED_COLUMNS
from logtool.flags.findings import Flagger, excerpt_of
from logtool.frame.columns import SCHEMA
from logtool.frame.framing import nullable
from logtool.frame.kept import Kept, frame_together
from logtool.frame.texts import detached
from logtool.reports.counted.stacks import Folded, Rows
from logtool.reports.said.distinct import Distinct
from parsers.arrays import Ints
from parsers.classes import dataclass
from parsers.lines import NO_PID, NO_TIME

Hashes = NDArray[np.uint64]
#: Keeps the lines of rows.
Keep = Callable[[Rows], Iterable["Said"]]

#: What rules may look at of a line, and of the others of its event.
_FLAGGED, _BESIDE = (*EVENT_COLUMNS, *TESTED_COLUMNS), ("message",)

#: To ask all rules costs the same for one row and for thousands.
_ROWS_AT_ONCE = 30_000
#: Rows of events that may wait for the rules, or to be counted.
_WAITING = 300_000
#: Parts of new events that may wait to be looked at together, and rows that are worth it alone.
_PARTS, _MANY = 256, 2000
#: Bytes of events that rules found something in; when they are more, all are forgotten.
_REMEMBERED = 16 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Occurrences:
    """Events as they are counted: what else is to be known of them follows from their text.

    Attributes:
        row: int64[n], the number of each of their rows in all logs.
        line: int64[n], in its file.
        utc_us: int64[n], its instant, NO_TIME where it is not known.
        start: int64[m], where each event begins among the rows.
        file: int64[m], the number of its log.
        pid: int64[m], NO_PID for none.
        client: uint64[m], one number for its client with its port; 0 for none.
        like: int64[m], the number of the first event that says the same.
    """

    row: Ints
    line: Ints
    utc_us: Ints
    start: Ints
    file: Ints
    pid: Ints
    client: Hashes
    like: Ints

    @classmethod
    def join(cls, parts: Sequence[Occurrences]) -> Occurrences:
        """One after the other."""
        before = np.cumsum([0, *(len(part.row) for part in parts[:-1])]).tolist()
        moved = [
            replace(part, start=part.start + rows) for part, rows in zip(parts, before, strict=True)
        ]
        columns = ([getattr(part, name) for part in moved] for name in cls.__slots__)
        return cls(*map(np.concatenate, columns))


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """Some lines of events whose like has not been seen.

    Attributes:
        lines: the lines.
        row, event, kind: of each, as in `Rows`.
        asked: whether a rule may hold on them; else they only are of the same events.
    """

    lines: Kept
    row: Ints
    event: Ints
    kind: NDArray[np.int8]
    asked: bool


class Flagged:
    """Counts findings over events; memory grows with findings, not with events.

    Attributes:
        names: of the logs, by their number.
    """

    def __init__(self, flagger: Flagger) -> None:
        """Take who counts what rules find."""
        self.names: dict[int, str] = {}
        self._flagger = flagger
        self._waiting: list[Occurrences] = []
        self._rows = 0
        self._said: list[Said] = []
        self._new: list[pl.DataFrame] = []
        self._new_rows = 0
        self._next = 1
        self._late: pl.DataFrame | None = None
        self._texts: list[pl.DataFrame] = []
        self._forget()

    def _forget(self) -> None:
        """Learn all events anew; of those whose hits are not counted yet, the text stays."""
        self._distinct = Distinct(self._learn)
        self._hits: list[pl.DataFrame] = []
        left = pl.col("event").is_in([] if self._late is None else self._late["event"].to_list())
        self._texts = [texts.filter(left) for texts in self._texts]
        self._bytes = sum(int(texts.estimated_size()) for texts in self._texts)

    def like(self, said: Hashes, folded: Folded, keep: Keep) -> Ints:
        """For each event the number of the first one that says the same.

        Args:
            said: uint64[n], one number for all that rules look at of each row.
            folded: the events.
            keep: keeps the lines of rows of theirs.
        """
        return self._distinct.numbers(folded.signs(said), folded, keep)

    def add(self, some: Occurrences) -> None:
        """Count events."""
        self._waiting.append(some)
        self._rows += len(some.row)

    def settle(self, row: int | None = None) -> None:
        """Count what waits, if it is much; all events before a row, or all of the log, are there.

        So that it does not matter how much is counted at once, hits are counted in order of rows.
        """
        much = self._new_rows > _ROWS_AT_ONCE or self._rows > _WAITING
        if row is not None and not much:
            return
        if self._new_rows:
            self._ask_rules()
        parts = [] if self._late is None else [self._late]
        if self._hits and self._waiting:
            parts.append(self._found())
        self._waiting, self._rows = [], 0
        if parts:
            found = pl.concat(parts).sort("place", "rule", maintain_order=True)
            there = pl.lit(value=True) if row is None else pl.col("place") < row
            self._late = found.filter(~there)
            self._flagger.count(found.filter(there), self._excerpt)
        if self._bytes > _REMEMBERED:
            self._forget()

    def _learn(self, new: Ints, folded: Folded, keep: Keep) -> Ints:
        """The numbers of events, for those whose like has not been seen.

        Their rows are numbered anew, so that the number of an event is that of its first row.
        """
        chosen = folded.some(new)
        begin = self._next
        self._next += len(chosen.rows)
        event = begin + chosen.start
        rows = replace(
            chosen.rows, row=np.arange(begin, self._next), event=np.repeat(event, chosen.size)
        )
        self._said += keep(rows)
        self._new_rows += len(rows)
        if len(rows) > _MANY or len(self._said) > _PARTS:
            self._look()
        return event

    def _look(self) -> None:
        """Make a frame, as rules want it, of the new events that wait for it."""
        frames = [
            _frame([part for part in self._said if part.asked is asked], columns, asked=asked)
            for asked, columns in ((True, _FLAGGED), (False, _BESIDE))
            if any(part.asked is asked for part in self._said)
        ]
        self._said = []
        if frames:
            self._new.append(detached(pl.concat(frames, how="diagonal").sort("row")))

    def _ask_rules(self) -> None:
        self._look()
        folded = pl.concat(self._new, how="diagonal")
        self._new, self._new_rows = [], 0
        hits = self._flagger.engine.hits(folded)
        if not hits.height:
            return
        # What a row says of itself is another's in each event.
        hits = detached(hits.drop("utc", "file", "line", "pid", "client"))
        texts = folded.select("event", "message").filter(
            pl.col("event").is_in(hits["event"].implode())
        )
        self._hits.append(hits)
        self._texts.append(texts)
        self._bytes += int(hits.estimated_size() + texts.estimated_size())

    def _excerpt(self, event: int) -> tuple[str, ...]:
        parts = (excerpt_of(texts, event) for texts in reversed(self._texts))
        return next(excerpt for excerpt in parts if excerpt)

    def _found(self) -> pl.DataFrame:
        """The hits in all events that wait, as `Engine.hits` gives them; `place` is their row."""
        hits, some = pl.concat(self._hits), Occurrences.join(self._waiting)
        of = hits["event"].to_numpy()
        first = np.searchsorted(of, some.like)
        count = np.searchsorted(of, some.like, side="right") - first
        event = np.repeat(np.arange(len(count)), count)
        which = np.arange(len(event)) + np.repeat(first - np.cumsum(count) + count, count)
        row = some.start[event] + (hits["row"] - hits["event"]).to_numpy()[which]
        utc_us, pid, client = some.utc_us[row], some.pid[event], some.client[event]
        names = pl.Series([self.names.get(at) for at in range(max(self.names) + 1)])
        own = pl.DataFrame(
            {
                "place": some.row[row],
                "line": some.line[row],
                "utc": nullable(utc_us, utc_us != NO_TIME).cast(SCHEMA["utc"]),
                "file": names.gather(some.file[event]),
                "pid": nullable(pid, pid != NO_PID),
                "client": nullable(client, client > 0),
            }
        )
        found: pl.DataFrame = hits[which].hstack(own)
        return found


def _frame(some: Sequence[Said], columns: Sequence[str], *, asked: bool) -> pl.DataFrame:
    """The columns of lines, with `row`, `event`, `kind` and whether they are `asked` about."""
    frame = frame_together([part.lines for part in some], columns)
    return frame.with_columns(
        *(
            pl.Series(name, np.concatenate([getattr(part, name) for part in some]))
            for name in ("row", "event", "kind")
        ),
        asked=pl.lit(value=asked),
    )
