"""Steps: what a compiled layout is made of; each moves a cursor over many lines at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np

from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.scanning import Places, Text, same_bytes
from parsers.steps.cursor import FAR, UNKNOWN_LEVEL, UNSHARED, Cursor, Step, columns_of, run_steps

#: A blank ends every token that no literal ends.
BLANK = ord(" ")
_FIRST_BYTE, _TWO_BYTES = np.uint64(0xFF), np.uint64(0xFFFF)


@dataclass(frozen=True, slots=True)
class LiteralStep:
    """Text that must stand there."""

    text: bytes
    columns: tuple[str, ...] = ()

    @property
    def reach(self) -> int:
        """The text."""
        return len(self.text)

    def run(self, c: Cursor) -> Mask:
        """Move past the text."""
        fine = same_bytes(c.words(-(-len(self.text) // 8)), self.text)
        c.skip(len(self.text))
        return fine


@dataclass(frozen=True, slots=True)
class Ahead:
    """Text that must come next; it is left to the step that follows."""

    text: bytes
    columns: tuple[str, ...] = ()

    @property
    def reach(self) -> int:
        """The text."""
        return len(self.text)

    def run(self, c: Cursor) -> Mask:
        """Stay."""
        return c.text.has(c.at, self.text)


@dataclass(frozen=True, slots=True)
class NumberStep:
    """Digits; the pid's value is kept."""

    column: str
    reach: ClassVar[int] = 1

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


Check = Callable[[Text, Places, Places], Mask]


@dataclass(frozen=True, slots=True)
class TokenStep:
    """Text without blanks up to a byte; a check may look closer."""

    column: str
    stop: int = BLANK
    check: Check | None = None
    may_be_empty: bool = False
    reach: ClassVar[int] = FAR

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
        own: how many bytes of the literal are of the text.
    """

    column: str
    until: bytes
    to_end: bool = False
    own: int = 0

    @property
    def reach(self) -> int:
        """The rest of the line."""
        return UNSHARED if self.to_end else FAR

    @property
    def columns(self) -> tuple[str, ...]:
        """Its one column."""
        return (self.column,)

    def run(self, c: Cursor) -> Mask:
        """Move to the literal."""
        end = c.text.find(c.at, c.end, self.until) if not self.to_end else c.end - len(self.until)
        fine = end > c.at
        c.found.note(self.column, c.rows, c.at, end + self.own)
        c.at = np.where(fine, end, c.at)
        return fine


@dataclass(frozen=True, slots=True)
class HyphenStep:
    """An item with the modifier `-`: the item, or a hyphen for nothing."""

    step: Step
    after: int

    @property
    def reach(self) -> int:
        """That of the item, or two bytes."""
        reach = self.step.reach
        return reach if reach == UNSHARED else max(2, reach)

    @property
    def columns(self) -> tuple[str, ...]:
        """Those of the item."""
        return self.step.columns

    def run(self, c: Cursor) -> Mask:
        """Move past the item or the hyphen."""
        step = self.step
        if isinstance(step, TokenStep) and not step.check and step.column not in c.found.wanted:
            return step.run(c)  # a hyphen is a token too
        (word,) = c.words(1)
        empty: Mask = (word & _TWO_BYTES) == (ord("-") | self.after << 8)
        empty |= ((word & _FIRST_BYTE) == ord("-")) & (c.at + 1 == c.end)
        if empty.all():
            c.skip(1)
            return empty
        if not empty.any():
            return step.run(c)
        sub = c.keep(~empty)
        fine: Mask = empty.copy()
        at = c.at + 1
        if len(sub.rows):
            read = step.run(sub)
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
    reach: ClassVar[int] = 0

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
            base = np.flatnonzero((known >= self.min_level) | (known == UNKNOWN_LEVEL))
            if not len(base):
                return everywhere
            sub = c.keep(base)
        start = sub
        before = c.found.noted(self.columns)
        sub, kept = run_steps(self.steps, sub.fork())
        if kept is None:
            chosen = base
        else:
            missed = np.ones(len(start.rows), np.bool_)
            missed[kept] = False
            c.found.forget(self.columns, start.rows[missed], before)
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
    reach: ClassVar[int] = UNSHARED

    def run(self, c: Cursor) -> Mask:
        """Stay."""
        ended: Mask = c.at == c.end
        return ended
