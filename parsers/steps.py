"""Steps: what a compiled layout is made of; each moves a cursor over many lines at once."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from parsers.classes import dataclass
from parsers.cursor import FAR, UNKNOWN_LEVEL, UNSHARED, Cursor, Step, columns_of, run_steps
from parsers.scanning import Mask, Places, Text, same_bytes
from parsers.strftime import ANY, likely_form, time_forms
from parsers.time_columns import TimeColumns
from parsers.timestamps import FixedSegment, TimeForm

#: A blank ends every token that no literal ends.
BLANK = ord(" ")
#: What an earlier form of a time may have where a shorter one ends.
_IN_FRACTIONS = np.isin(np.arange(256), list(b".0123456789"))
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


#: Lines looked at to guess a form, and bytes of each.
_LOOKS = 4
_LONGEST_TIME = 40
#: Digits and letters are alike in the shape of a time; so many shapes are remembered.
_SHAPES = bytes.maketrans(
    (string.digits + string.ascii_letters).encode(), b"0" * 10 + b"a" * 2 * 26
)
_MOST_SHAPES = 256


@dataclass(frozen=True)
class TimeStep:
    """A time in one of several forms.

    Attributes:
        forms: in the order in which they are tried.
        lead, trail: literals that stand around the time, read along with it.
        guess: tells from a text that begins with a time which form it most likely has; for steps
            with so many forms that trying them in turn would take long.
        columns: none for a time that is read but not told, as another one of the line is.
        place: where its first item stands in the ErrorLogFormat, or -1.
    """

    forms: tuple[TimeForm, ...]
    lead: bytes = b""
    trail: bytes = b""
    guess: Callable[[bytes], int | None] | None = None
    columns: tuple[str, ...] = ("time",)
    place: int = -1
    reach: ClassVar[int] = UNSHARED

    def between(self, lead: bytes, trail: bytes) -> TimeStep:
        """The step that reads the literals before and after the time as well."""
        return replace(self, lead=lead + self.lead, trail=self.trail + trail)

    @cached_property
    def is_whole(self) -> bool:
        """Whether no part of the time stands elsewhere in the line."""
        return all(form.complete for form in self.forms)

    @cached_property
    def _surrounded(self) -> tuple[TimeForm, ...]:
        return tuple(replace(form, lead=self.lead, trail=self.trail) for form in self.forms)

    def run(self, c: Cursor) -> Mask:
        """Read the time; the first form that fits counts."""
        forms = self._surrounded
        likely = self._likely(c)
        fine, end, said = forms[likely].read(c.text, c.at)
        if fine.all() and not (likely and self._goes_on(c.text, end)):
            self._note(c, forms[likely], slice(None), end, said)
            c.at = end
            return fine
        if likely:
            fine, end, said = forms[0].read(c.text, c.at)
        at = c.at.copy()
        left = np.arange(len(c.at))
        answer = np.zeros(len(c.at), np.bool_)
        for k, form in enumerate(forms):
            if k:
                fine, end, said = form.read(c.text, c.at[left])
            chosen = left[fine]
            if len(chosen):
                kept = replace(
                    said,
                    local_us=said.local_us[fine],
                    offset_s=said.offset_s[fine],
                    parts={name: values[fine] for name, values in said.parts.items()},
                )
                self._note(c, form, chosen, end[fine], kept)
                at[chosen] = end[fine]
                answer[chosen] = True
                left = left[~fine]
            if not len(left):
                break
        c.at = at
        return answer

    def fixed_segment(self, text: Text, at: Places) -> FixedSegment | None:
        """What times at some places most likely are, with what is around them.

        Where they are that, no other form counts. None where they have no fixed width, or another
        form may come first.
        """
        start = int(at[0])
        shape = text.data[start : start + _LONGEST_TIME].tobytes().translate(_SHAPES)
        if shape not in self._segments:
            if len(self._segments) > _MOST_SHAPES:
                self._segments.clear()
            self._segments[shape] = self._segment(text, at[:1])
        return self._segments[shape]

    @cached_property
    def _segments(self) -> dict[bytes, FixedSegment | None]:
        """What `fixed_segment` gave for the shapes of first times."""
        return {}

    def _segment(self, text: Text, at: Places) -> FixedSegment | None:
        for number, form in enumerate(self._surrounded):
            if not form.read(text, at)[0].all():
                continue
            bare = form.without_suffix()
            if bare is None or not bare.complete or not bare.read(text, at)[0].all():
                return None
            alone = all(bare.excludes(earlier) for earlier in self._surrounded[:number])
            only, *others = bare.segments
            return only if alone and not others and isinstance(only, FixedSegment) else None
        return None

    def _likely(self, c: Cursor) -> int:
        """The form to begin with: that of the first line that seems to have one."""
        if self.guess is not None:
            for at in c.at[:_LOOKS].tolist():
                start = at + len(self.lead)
                found = self.guess(c.text.data[start : start + _LONGEST_TIME].tobytes())
                if found is not None:
                    return found
        return 0

    def _goes_on(self, text: Text, end: Places) -> bool:
        """Whether what follows the times may be an offset or a (longer) fraction.

        An earlier form would read that.
        """
        if self.trail and not self.trail.endswith(b" "):
            return False
        if not self.trail and _IN_FRACTIONS[text.data[end]].any():
            return True
        sign = text.data[end if self.trail else end + 1]
        return bool(((sign == ord("+")) | (sign == ord("-"))).any())

    def _note(
        self, c: Cursor, form: TimeForm, chosen: Places | slice, end: Places, said: TimeColumns
    ) -> None:
        if not self.columns:
            return
        rows = c.rows[chosen]
        start = c.text.moved(c.at[chosen], len(form.lead))
        stop = c.text.moved(end, -len(form.trail))
        c.found.note("time", rows, start, stop)
        if form.complete:
            c.found.note_time(rows, start, stop, said)
        else:
            c.found.note_parts(rows, start, stop, said.parts)


def time_step(*run: str | bytes | None, place: int = -1) -> TimeStep:
    """The step that reads a run of `%{…}t` items and the literals between them (`time_forms`)."""
    return TimeStep(time_forms(*run), guess=likely_form if run == (ANY,) else None, place=place)


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
    """

    column: str
    until: bytes
    to_end: bool = False

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
        c.found.note(self.column, c.rows, c.at, end)
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
