"""Steps: what a compiled layout is made of; each moves a cursor over many lines at once.

A step takes the rows that are still in play and a place on each, and gives back which of them it
could read and where the next step begins. It notes the places of what it read in `Findings`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from parsers.items import LEVELS
from parsers.lines import NO_OFFSET, NO_PID, NO_TIME, Spans
from parsers.scanning import (
    KEEP,
    Mask,
    Places,
    Text,
    Words,
    same_bytes,
    token_length,
    word_at,
    word_of,
)
from parsers.timestamps import TimeColumns, TimeForm

#: A blank ends every token that no literal ends.
BLANK = ord(" ")
_UNKNOWN_LEVEL = -1


@dataclass(slots=True, eq=False)
class Findings:
    """What the steps of one layout find on `size` lines.

    Attributes:
        wanted: columns whose places are to be noted.
        level: int8[n], the number of the level, or -1.
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
    level: NDArray[np.int8] = field(init=False)

    def __post_init__(self) -> None:
        n = self.size
        self.time_start = np.full(n, -1, np.int64)
        self.time_end = np.full(n, -1, np.int64)
        self.local_us = np.full(n, NO_TIME, np.int64)
        self.digits = np.zeros(n, np.int8)
        self.offset_s = np.full(n, NO_OFFSET, np.int32)
        self.pid = np.full(n, NO_PID, np.int64)
        self.level = np.full(n, _UNKNOWN_LEVEL, np.int8)

    def note(self, column: str, rows: Places, start: Places, end: Places) -> None:
        """Keep where `column` stands on `rows`, if anyone asked for it."""
        if column not in self.wanted:
            return
        spans = self.spans.get(column)
        if spans is None:
            spans = Spans(np.full(self.size, -1, np.int64), np.full(self.size, -1, np.int64))
            self.spans[column] = spans
        spans.start[rows] = start
        spans.end[rows] = end

    def forget(self, columns: Collection[str], rows: Places) -> None:
        """Undo `note` on `rows`: what was read there was something else."""
        if "pid" in columns:
            self.pid[rows] = NO_PID
        for column in columns:
            if column in self.spans:
                self.spans[column].start[rows] = -1
                self.spans[column].end[rows] = -1

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

    def note_pid(self, rows: Places, pid: Places) -> None:
        """Keep the pids that stand on `rows`."""
        if len(rows) == self.size:
            self.pid = pid
        else:
            self.pid[rows] = pid


#: Words fetched at once: enough for a literal and the number behind it.
_FETCH = 4


class Cursor:
    """Rows in play, the place on each, and where each line ends.

    Attributes:
        text: the bytes.
        found: what the steps find.
        rows: int64[n], numbers of the lines in `found`.
        at: int64[n], places; to move on by a fixed number of bytes use `skip`.
        end: int64[n].
    """

    __slots__ = ("_at", "_fetched", "_skipped", "end", "found", "rows", "text")

    def __init__(self, text: Text, found: Findings, rows: Places, at: Places, end: Places) -> None:
        self.text = text
        self.found = found
        self.rows = rows
        self.at = at
        self.end = end

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
        return Cursor(self.text, self.found, self.rows[chosen], self._at[chosen], self.end[chosen])

    def fork(self) -> Cursor:
        """A cursor on the same rows that moves by itself."""
        return Cursor(self.text, self.found, self.rows, self._at, self.end)


class Step(Protocol):
    """One step of a plan."""

    def run(self, c: Cursor) -> Mask:
        """Read at `c.at`, move it on, and say on which rows that worked."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it may note."""
        ...


def run_steps(steps: Sequence[Step], c: Cursor) -> tuple[Cursor, Places | None]:
    """Run all steps; gives the surviving cursor and which rows of `c` survived (None: all)."""
    kept: Places | None = None
    for step in steps:
        if not len(c.rows):
            break
        fine = step.run(c)
        if not fine.all():
            chosen = np.flatnonzero(fine)
            kept = chosen if kept is None else kept[chosen]
            c = c.keep(chosen)
    return c, kept


def columns_of(steps: Sequence[Step]) -> tuple[str, ...]:
    """The columns that some steps may note."""
    return tuple(column for step in steps for column in step.columns)


@dataclass(frozen=True, slots=True)
class LiteralStep:
    """Text that must stand there."""

    text: bytes
    columns: tuple[str, ...] = ()

    def run(self, c: Cursor) -> Mask:
        """Move past the text."""
        fine = same_bytes(c.words(-(-len(self.text) // 8)), self.text)
        c.skip(len(self.text))
        return fine


@dataclass(frozen=True)
class TimeStep:
    """A time in one of several forms."""

    forms: tuple[TimeForm, ...]
    columns: tuple[str, ...] = ("time",)

    def between(self, lead: bytes, trail: bytes) -> TimeStep:
        """The step that reads the literals before and after the time as well."""
        return TimeStep(
            tuple(
                replace(form, lead=lead + form.lead, trail=form.trail + trail)
                for form in self.forms
            )
        )

    def run(self, c: Cursor) -> Mask:
        """Read the time; the first form that fits counts."""
        fine, end, said = self.forms[0].read(c.text, c.at)
        if fine.all():
            self._note(c, self.forms[0], slice(None), end, said)
            c.at = end
            return fine
        at = c.at.copy()
        left = np.arange(len(c.at))
        answer = np.zeros(len(c.at), np.bool_)
        for k, form in enumerate(self.forms):
            if k:
                fine, end, said = form.read(c.text, c.at[left])
            chosen = left[fine]
            if len(chosen):
                kept = TimeColumns(
                    said.local_us[fine], said.offset_s[fine], said.digits, said.valid
                )
                self._note(c, form, chosen, end[fine], kept)
                at[chosen] = end[fine]
                answer[chosen] = True
                left = left[~fine]
            if not len(left):
                break
        c.at = at
        return answer

    @staticmethod
    def _note(
        c: Cursor, form: TimeForm, chosen: Places | slice, end: Places, said: TimeColumns
    ) -> None:
        rows = c.rows[chosen]
        start, stop = c.at[chosen] + len(form.lead), end - len(form.trail)
        c.found.note("time", rows, start, stop)
        if form.complete:
            c.found.note_time(rows, start, stop, said)


@dataclass(frozen=True, slots=True)
class NumberStep:
    """Digits; the pid's value is kept."""

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Its one column."""
        return (self.column,)

    def run(self, c: Cursor) -> Mask:
        """Move past the digits."""
        if self.column == "pid":
            value, end = c.text.number(c.at, c.words(2))
            c.found.note_pid(c.rows, value)
        else:
            end = c.text.digits_end(c.at, words=c.words(2))
        c.found.note(self.column, c.rows, c.at, end)
        fine = (end > c.at) & (end <= c.end)
        c.at = end
        return fine


@dataclass(frozen=True, slots=True)
class LevelStep:
    """The name of a level."""

    stop: int = ord("]")
    columns: tuple[str, ...] = ("level",)

    def run(self, c: Cursor) -> Mask:
        """Move past the name, and keep its number for fields that depend on it."""
        (word,) = c.words(1)
        length = token_length(word, self.stop)
        level = level_numbers(word & KEEP[length])
        end = c.at + length
        c.found.level[c.rows] = level
        c.found.note("level", c.rows, c.at, end)
        c.at = end
        return level != _UNKNOWN_LEVEL


@cache
def _level_table() -> tuple[np.uint64, NDArray[np.uint64], NDArray[np.int8]]:
    """A multiplier that hashes the level names without collision, and the table it fills."""
    names = np.array([word_of(level.encode()) for level in LEVELS], np.uint64)
    multiplier = np.uint64(0x9E3779B97F4A7C15)
    while True:
        slots = (names * multiplier) >> np.uint64(56)
        if len(np.unique(slots)) == len(names):
            break
        multiplier = multiplier * np.uint64(6364136223846793005 & 0xFFFFFFFF) | np.uint64(1)
    words = np.zeros(256, np.uint64)
    numbers = np.full(256, _UNKNOWN_LEVEL, np.int8)
    words[slots] = names
    numbers[slots] = np.arange(len(LEVELS), dtype=np.int8)
    return multiplier, words, numbers


def level_numbers(words: NDArray[np.uint64]) -> NDArray[np.int8]:
    """The number of the level whose zero-filled name each word is, or -1."""
    multiplier, names, numbers = _level_table()
    slot = ((words * multiplier) >> np.uint64(56)).astype(np.int64)
    return np.where(names[slot] == words, numbers[slot], np.int8(_UNKNOWN_LEVEL))


Check = Callable[[Text, Places, Places], Mask]


@dataclass(frozen=True, slots=True)
class TokenStep:
    """Text without blanks up to a byte; a check may look closer."""

    column: str
    stop: int = BLANK
    check: Check | None = None
    may_be_empty: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Its one column."""
        return (self.column,)

    def run(self, c: Cursor) -> Mask:
        """Move past the token."""
        end = np.minimum(c.text.token_end(c.at, self.stop, words=c.words(2)), c.end)
        fine = end >= c.at if self.may_be_empty else end > c.at
        if self.check is not None:
            fine &= self.check(c.text, c.at, end)
        c.found.note(self.column, c.rows, c.at, end)
        c.at = end
        return fine


@dataclass(frozen=True, slots=True)
class TextStep:
    """Any text up to the first place of a literal.

    Attributes:
        until: the literal, which is not eaten.
        to_end: nothing comes after the literal, so it is the last one that counts.
    """

    column: str
    until: bytes
    to_end: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Its one column."""
        return (self.column,)

    def run(self, c: Cursor) -> Mask:
        """Move to the literal."""
        if self.to_end:
            end = c.end - len(self.until)
        else:
            end = c.text.find(c.at, c.end, self.until)
        fine = end > c.at
        c.found.note(self.column, c.rows, c.at, end)
        c.at = np.where(fine, end, c.at)
        return fine


@dataclass(frozen=True, slots=True)
class SourceStep:
    """httpd's `file.c(123)`."""

    columns: tuple[str, ...] = ("source",)

    def run(self, c: Cursor) -> Mask:
        """Move past the closing parenthesis."""
        name_end = c.text.token_end(c.at, ord("("), 128)
        number_end = c.text.digits_end(name_end + 1)
        data = c.text.data
        fine = (name_end > c.at) & (number_end > name_end + 1) & (number_end < c.end)
        fine &= (data[name_end] == ord("(")) & (data[number_end] == ord(")"))
        end = number_end + 1
        c.found.note("source", c.rows, c.at, end)
        c.at = end
        return fine


#: What may stand before the number of a status (httpd's log.c log_apr_status).
_STATUS_KINDS = (b"(", b"(EAI ", b"(OS ", b"(os 0x")
_LONGEST_STATUS_NUMBER = 24


@dataclass(frozen=True, slots=True)
class StatusStep:
    """APR's `(13)Permission denied`, up to a literal, or to the line's end without one."""

    until: bytes
    columns: tuple[str, ...] = ("status",)

    def run(self, c: Cursor) -> Mask:
        """Move to the literal."""
        fine = c.text.data[c.at] == ord("(")
        chosen = np.flatnonzero(fine)
        if not len(chosen):
            return fine
        sub = c.keep(chosen)
        text_start = self._number_end(sub)
        good = text_start > sub.at
        if self.until:
            end = c.text.find(text_start, sub.end, self.until)
        else:
            end = sub.end
        good &= (end > text_start) & (c.text.data[text_start] > BLANK)
        c.found.note("status", sub.rows, sub.at, end)
        at = c.at.copy()
        at[chosen] = np.where(good, end, sub.at)
        c.at = at
        fine[chosen] = good
        return fine

    @staticmethod
    def _number_end(c: Cursor) -> Places:
        """Behind the `)` of the number, or the start where there is none."""
        answer = c.at.copy()
        for kind in _STATUS_KINDS:
            number = c.at + len(kind)
            if kind.endswith(b"x"):
                end = c.text.token_end(number, ord(")"), _LONGEST_STATUS_NUMBER)
            else:
                end = c.text.digits_end(number, _LONGEST_STATUS_NUMBER)
            fine = c.text.has(c.at, kind) & (end > number) & (c.text.data[end] == ord(")"))
            answer = np.where(fine & (end < c.end), end + 1, answer)
        return answer


@dataclass(frozen=True, slots=True)
class HyphenStep:
    """An item with the modifier `-`: the item, or a hyphen for nothing."""

    step: Step
    after: int

    @property
    def columns(self) -> tuple[str, ...]:
        """Those of the item."""
        return self.step.columns

    def run(self, c: Cursor) -> Mask:
        """Move past the item or the hyphen."""
        next_byte = c.text.data[c.at + 1]
        empty = (c.text.data[c.at] == ord("-")) & ((next_byte == self.after) | (c.at + 1 == c.end))
        if not empty.any():
            return self.step.run(c)
        sub = c.keep(~empty)
        fine = empty.copy()
        at = c.at + 1
        if len(sub.rows):
            read = self.step.run(sub)
            fine[~empty] = read
            at[~empty] = sub.at
        c.at = at
        return fine


@dataclass(frozen=True, slots=True)
class OptionalStep:
    """A field that httpd prints as a whole or not at all.

    Attributes:
        min_level: it is printed only in messages of this level number or higher.
    """

    steps: tuple[Step, ...]
    min_level: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """Those of its steps."""
        return columns_of(self.steps)

    def run(self, c: Cursor) -> Mask:
        """Move past the field where it stands; never fails."""
        everywhere = np.ones(len(c.rows), np.bool_)
        sub = c
        base: Places | None = None
        if self.min_level:
            known = c.found.level[c.rows]
            base = np.flatnonzero((known >= self.min_level) | (known == _UNKNOWN_LEVEL))
            if not len(base):
                return everywhere
            sub = c.keep(base)
        start = sub
        sub, kept = run_steps(self.steps, sub.fork())
        if kept is None:
            chosen = base
        else:
            missed = np.ones(len(start.rows), np.bool_)
            missed[kept] = False
            c.found.forget(self.columns, start.rows[missed])
            chosen = kept if base is None else base[kept]
        if chosen is None:
            c.at = sub.at
        elif len(chosen):
            at = c.at.copy()
            at[chosen] = sub.at
            c.at = at
        return everywhere


@dataclass(frozen=True, slots=True)
class EndStep:
    """The line must end here."""

    columns: tuple[str, ...] = ()

    def run(self, c: Cursor) -> Mask:
        """Stay."""
        return c.at == c.end


@dataclass(frozen=True, slots=True)
class SuffixGroup:
    """Fields after the message, read from their first literal to the line's end.

    Attributes:
        anchor: the literal they begin with.
        steps: how they go on after it.
    """

    anchor: bytes
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class MessageStep:
    """The message, and the fields that follow it, found from the line's end."""

    suffixes: tuple[SuffixGroup, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The message and what follows it."""
        return ("message", *(name for s in self.suffixes for name in columns_of(s.steps)))

    def run(self, c: Cursor) -> Mask:
        """Note the message; a suffix that was cut off belongs to it."""
        end = c.end
        for suffix in reversed(self.suffixes):
            end = self._cut(suffix, c, end)
        c.found.note("message", c.rows, c.at, end)
        c.at = end
        return np.ones(len(c.rows), np.bool_)

    @staticmethod
    def _cut(suffix: SuffixGroup, c: Cursor, end: Places) -> Places:
        place = c.text.rfind(c.at, end, suffix.anchor)
        chosen = np.flatnonzero(place >= 0)
        if not len(chosen):
            return end
        start = Cursor(
            c.text, c.found, c.rows[chosen], place[chosen] + len(suffix.anchor), end[chosen]
        )
        sub, kept = run_steps((*suffix.steps, EndStep()), start.fork())
        if kept is not None:
            missed = np.ones(len(chosen), np.bool_)
            missed[kept] = False
            c.found.forget(columns_of(suffix.steps), start.rows[missed])
            chosen = chosen[kept]
        answer = end.copy()
        answer[chosen] = place[chosen]
        return answer
