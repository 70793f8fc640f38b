"""Cursor: rows of a block in play and a place on each, and what is found on the way.

A step takes the rows that are still in play and a place on each, says which of them it could read,
and moves on. It notes the places of what it read in `Findings`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.compiled.kinds import Signing
from parsers.lines import NO_OFFSET, NO_PID, NO_TIME, Alike, Spans
from parsers.scanning import Places, Text, Words, word_at
from parsers.times.time_columns import TimeColumns
from parsers.times.time_pieces import Parts

#: In `Findings.level`: no level was read.
UNKNOWN_LEVEL = -1
#: What columns of `Findings` say of lines on which nothing was noted.
_NOTHING: Mapping[str, tuple[int, type[np.signedinteger[Any]]]] = {
    "time_start": (-1, np.int64),
    "time_end": (-1, np.int64),
    "local_us": (NO_TIME, np.int64),
    "digits": (0, np.int8),
    "offset_s": (NO_OFFSET, np.int32),
    "pid": (NO_PID, np.int64),
    "level": (UNKNOWN_LEVEL, np.int8),
}


@dataclass(slots=True, eq=False)
class Findings:
    """What the steps of one layout find on `size` lines.

    Attributes:
        wanted: columns whose places are to be noted.
        parts: int64[n] each, parts of times that stand apart from each other.
        level: int8[n], the number of the level, or -1.
        looked: int64[n] or None: the furthest place looked at by steps that failed.
        alike: lines that stand for all as to `alike_columns`, or None.
        signing: what to tell of texts of wanted columns where their places need not be noted.
        (the others are those of `Stamps`)
    """

    size: int
    wanted: Collection[str]
    spans: dict[str, Spans] = field(default_factory=dict)
    time_start: Places = field(init=False)
    time_end: Places = field(init=False)
    local_us: NDArray[np.int64] = field(init=False)
    digits: NDArray[np.int8] = field(init=False)
    offset_s: NDArray[np.int32] = field(init=False)
    pid: NDArray[np.int64] = field(init=False)
    parts: Parts = field(default_factory=dict)
    level: NDArray[np.int8] = field(init=False)
    looked: Places | None = None
    alike: Alike | None = None
    alike_columns: Collection[str] = ()
    signing: Signing | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - each column has its own type
        """A column in which nothing was noted yet, made when somebody asks for it."""
        if name not in _NOTHING:
            raise AttributeError(name)
        value, dtype = _NOTHING[name]
        column = np.full(self.size, value, dtype)
        setattr(self, name, column)
        return column

    def note(self, column: str, rows: Places, start: Places, end: Places) -> None:
        """Keep where `column` stands on `rows`, if anyone asked for it."""
        if column not in self.wanted:
            return
        self._forget_likeness(column)
        spans = self.spans.get(column)
        if len(rows) == self.size:
            # They may be the place of a cursor, and these may be forgotten again.
            self.spans[column] = Spans(np.array(start), np.array(end))
            return
        if spans is None:
            spans = Spans(np.full(self.size, -1, np.int64), np.full(self.size, -1, np.int64))
            self.spans[column] = spans
        spans.start[rows] = start
        spans.end[rows] = end

    def hold(self, column: str, rows: Places, spans: Spans) -> None:
        """Keep where `column` stands on `rows`; nobody else changes that."""
        if len(rows) == self.size:
            self._forget_likeness(column)
            self.spans[column] = spans
        else:
            self.note(column, rows, spans.start, spans.end)

    def _forget_likeness(self, column: str) -> None:
        """It stands elsewhere too, as with `%T` and `%{g}T`: the last place counts."""
        if self.alike is not None and column in self.alike_columns:
            self.alike_columns = [name for name in self.alike_columns if name != column]
        if column in self.spans:
            self.spans[column].signs = None

    def noted(self, columns: Collection[str]) -> dict[str, Spans]:
        """A copy of what is noted of some columns."""
        return {
            name: Spans(spans.start.copy(), spans.end.copy())
            for name in columns
            if (spans := self.spans.get(name)) is not None
        }

    def forget(self, columns: Collection[str], rows: Places, before: dict[str, Spans]) -> None:
        """Undo `note` on `rows`, back to what was noted `before`: it was something else."""
        if "pid" in columns:
            self.pid[rows] = NO_PID
        for column in columns:
            if (spans := self.spans.get(column)) is not None:
                old = before.get(column)
                spans.start[rows] = -1 if old is None else old.start[rows]
                spans.end[rows] = -1 if old is None else old.end[rows]

    def note_time(self, rows: Places, start: Places, end: Places, said: TimeColumns) -> None:
        """Keep the time that stands on `rows`."""
        self.digits[rows] = said.digits
        if len(rows) == self.size:
            self.time_start, self.time_end = start, end
            self.local_us, self.offset_s = said.local_us, said.offset_s
            return
        self.time_start[rows] = start
        self.time_end[rows] = end
        self.local_us[rows] = said.local_us
        self.offset_s[rows] = said.offset_s

    def note_parts(self, rows: Places, start: Places, end: Places, parts: Parts) -> None:
        """Keep parts of a time whose other parts stand elsewhere in the line.

        The stamp is where the hour stands, once date and hour are both known.
        """
        for name, values in parts.items():
            if name not in self.parts:
                self.parts[name] = np.ones(self.size, np.int64)
            self.parts[name][rows] = values
        said = TimeColumns.of(
            {name: values[rows] for name, values in self.parts.items()}, len(rows)
        )
        if "hour" in parts or "hour12" in parts:
            self.time_start[rows], self.time_end[rows] = start, end
        if said.complete:
            self.local_us[rows] = np.where(said.valid, said.local_us, NO_TIME)
            self.offset_s[rows] = said.offset_s

    def note_pid(self, rows: Places, pid: Places) -> None:
        """Keep the pids that stand on `rows`."""
        if len(rows) == self.size:
            self.pid = pid
        else:
            self.pid[rows] = pid

    def spread(self, name: str, rows: Places, values: NDArray[Any]) -> None:
        """Put values into the column `name` on `rows`."""
        if len(rows) == self.size:
            setattr(self, name, values)
        else:
            getattr(self, name)[rows] = values


#: Words fetched at once: enough for a literal and the number behind it.
_FETCH = 4


class Cursor:
    """Rows in play, the place on each, and where each line ends.

    Attributes:
        text: the bytes.
        found: what the steps find.
        rows: int64[n], numbers of the lines in `found`.
        at: int64[n], places; to move on by a fixed number of bytes use `skip`.
    """

    __slots__ = ("_at", "_end", "_fetched", "_is_raw", "_skipped", "found", "rows", "text")

    def __init__(
        self,
        text: Text,
        found: Findings,
        rows: Places,
        at: Places,
        end: Places,
        *,
        is_raw: bool = False,
    ) -> None:
        """Begin.

        Args:
            text: the bytes.
            found: what the steps find.
            rows: int64[n], numbers of the lines in `found`, ascending.
            at: int64[n], places.
            end: int64[n], where each line ends: its text, or where it `is_raw` what a carriage
                return before it may belong to, which is seen to when somebody asks.
            is_raw: see there.
        """
        self.text = text
        self.found = found
        self.rows = rows
        self.at = at
        self._end = end
        self._is_raw = is_raw

    @property
    def end(self) -> Places:
        """Where the text of each line ends: int64[n]."""
        if self._is_raw:
            self._end, self._is_raw = self.text.before_returns(self._end), False
        return self._end

    @property
    def raw_end(self) -> tuple[Places, bool]:
        """The same, or where a carriage return may belong to it; and whether it may."""
        return self._end, self._is_raw

    @property
    def goes_on(self) -> bool:
        """Whether the last line may go on behind the block: it has no newline here."""
        return bool(self._end[-1] >= self.text.size)

    @property
    def at(self) -> Places:
        """The place on each row."""
        return self._at

    @at.setter
    def at(self, places: Places) -> None:
        self._at = places
        self._fetched: list[Words] = []
        self._skipped = 0

    def skip(self, count: int) -> None:
        """Move on by the same number of bytes everywhere; what was fetched stays good."""
        self._at = self._at + count
        self._skipped += count

    def words(self, count: int) -> list[Words]:
        """The words at the cursor: from those fetched before, where they reach far enough."""
        first, shift = divmod(self._skipped, 8)
        if first + count + (shift > 0) > len(self._fetched):
            self._fetched = self.text.words(self._at, max(count, _FETCH))
            self._skipped = first = shift = 0
        return [word_at(self._fetched, 8 * (first + k) + shift) for k in range(count)]

    def keep(self, chosen: NDArray[np.int64] | Mask) -> Cursor:
        """A cursor on some of the rows."""
        return Cursor(
            self.text, self.found, self.rows[chosen], self._at[chosen], self._end[chosen],
            is_raw=self._is_raw,
        )  # fmt: skip

    def fork(self) -> Cursor:
        """A cursor on the same rows that moves by itself."""
        return Cursor(self.text, self.found, self.rows, self._at, self.end)


#: The reach of a step that may look anywhere.
UNSHARED = -1
#: That of one that looks anywhere only where it fails.
FAR = 1 << 40


class Step(Protocol):
    """One step of a plan."""

    def run(self, c: Cursor) -> Mask:
        """Read at `c.at`, move it on, and say on which rows that worked."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it may note."""
        ...

    @property
    def reach(self) -> int:
        """How many bytes from its place on it looks at where it fails, or FAR.

        Where it succeeds, it looks at no byte but those it moves past and the next one, or it is
        UNSHARED.
        """
        ...


def run_steps(steps: Sequence[Step], c: Cursor) -> tuple[Cursor, Places | None]:
    """Run all steps; gives the surviving cursor and which rows of `c` survived (None: all)."""
    kept: Places | None = None
    for step in steps:
        if not len(c.rows):
            break
        begin = c.at
        fine = step.run(c)
        if not fine.all():
            if c.found.looked is not None:
                rows = c.rows[~fine]
                c.found.looked[rows] = np.maximum(c.found.looked[rows], begin[~fine] + step.reach)
            chosen = np.flatnonzero(fine)
            kept = chosen if kept is None else kept[chosen]
            c = c.keep(chosen)
    return c, kept


def read_by(steps: Sequence[Step], c: Cursor) -> Mask:
    """Run all steps, move on, and say on which rows that worked."""
    sub, kept = run_steps(steps, c.fork())
    if kept is None:
        c.at = sub.at
        return np.ones(len(c.rows), np.bool_)
    fine = np.zeros(len(c.rows), np.bool_)
    fine[kept] = True
    at = c.at.copy()
    at[kept] = sub.at
    c.at = at
    return fine


def columns_of(steps: Sequence[Step]) -> tuple[str, ...]:
    """The columns that some steps may note."""
    return tuple(column for step in steps for column in step.columns)
