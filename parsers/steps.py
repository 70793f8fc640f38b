"""Steps: what a compiled layout is made of; each moves a cursor over many lines at once.

A step takes the rows that are still in play and a place on each, and gives back which of them it
could read and where the next step begins. It notes the places of what it read in `Findings`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from parsers.items import LEVELS
from parsers.lines import NO_OFFSET, NO_PID, NO_TIME, Spans
from parsers.scanning import KEEP, Mask, Places, Text, word_of
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
        self.time_start[rows] = start
        self.time_end[rows] = end
        self.local_us[rows] = said.local_us
        self.digits[rows] = said.digits
        self.offset_s[rows] = said.offset_s


@dataclass(slots=True, eq=False)
class Cursor:
    """Rows in play, the place on each, and where each line ends."""

    text: Text
    found: Findings
    rows: Places
    at: Places
    end: Places

    def keep(self, chosen: NDArray[np.int64] | Mask) -> Cursor:
        """The cursor on some of its rows."""
        return Cursor(self.text, self.found, self.rows[chosen], self.at[chosen], self.end[chosen])


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
        fine = c.text.has(c.at, self.text)
        c.at = c.at + len(self.text)
        return fine


@dataclass(frozen=True)
class TimeStep:
    """A time in one of several forms."""

    forms: tuple[TimeForm, ...]
    columns: tuple[str, ...] = ("time",)

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
                    said.local_us[fine], said.offset_s[fine], said.digits, said.valid[fine]
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
        rows, start = c.rows[chosen], c.at[chosen]
        c.found.note("time", rows, start, end)
        if form.complete:
            c.found.note_time(rows, start, end, said)


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
            value, end = c.text.number(c.at)
            c.found.pid[c.rows] = value
        else:
            end = c.text.digits_end(c.at)
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
        end = c.text.token_end(c.at, self.stop, 8)
        length = np.minimum(end - c.at, 8)
        level = level_numbers(c.text.words(c.at)[0] & KEEP[length])
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
        end = np.minimum(c.text.token_end(c.at, self.stop), c.end)
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
        sub, kept = run_steps(self.steps, Cursor(c.text, c.found, sub.rows, sub.at, sub.end))
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
        sub, kept = run_steps(
            (*suffix.steps, EndStep()), Cursor(c.text, c.found, start.rows, start.at, start.end)
        )
        if kept is not None:
            missed = np.ones(len(chosen), np.bool_)
            missed[kept] = False
            c.found.forget(columns_of(suffix.steps), start.rows[missed])
            chosen = chosen[kept]
        answer = end.copy()
        answer[chosen] = place[chosen]
        return answer
