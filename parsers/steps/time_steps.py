"""Time steps: find a time in one of several forms, and tell which form each line has."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, cached_property
from typing import ClassVar

import numpy as np

from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.scanning import Places, Text
from parsers.steps.cursor import UNSHARED, Cursor
from parsers.times.fixed_segments import FixedSegment
from parsers.times.strftime import ANY, likely_form, time_forms
from parsers.times.time_columns import TimeColumns
from parsers.times.timestamps import TimeForm

#: What an earlier form of a time may have where a shorter one ends.
_IN_FRACTIONS = np.isin(np.arange(256), list(b".0123456789"))
#: Lines looked at to guess a form, and bytes of each.
_LOOKS = 4
_LONGEST_TIME = 40
#: Digits and letters are alike in the shape of a time; so many shapes are remembered.
_SHAPES = bytes.maketrans(
    (string.digits + string.ascii_letters).encode(), b"0" * 10 + b"a" * 2 * 26
)
_MOST_SHAPES = 256
#: Of so many lines it is worth looking at which bytes they have before forms are tried.
_FEW = 4096


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

    def _surrounded(self, number: int) -> TimeForm:
        """A form with the literals around the time. Most are never tried, and not made."""
        if number not in self._made:
            form = replace(self.forms[number], lead=self.lead, trail=self.trail)
            self._made[number] = form
        return self._made[number]

    @cached_property
    def _made(self) -> dict[int, TimeForm]:
        """What `_surrounded` gave."""
        return {}

    def run(self, c: Cursor) -> Mask:
        """Read the time; the first form that fits counts."""
        likely = self._likely(c)
        form = self._surrounded(likely)
        fine, end, said = form.read(c.text, c.at)
        if fine.all() and not (likely and self._goes_on(c.text, end)):
            self._note(c, form, slice(None), end, said)
            c.at = end
            return fine
        at = c.at.copy()
        left = np.arange(len(c.at))
        answer = np.zeros(len(c.at), np.bool_)
        for number in self._possible(c):
            if number or likely:
                form = self._surrounded(number)
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

    def _possible(self, c: Cursor) -> Iterator[int]:
        """The numbers of the forms that some lines may have: of many lines, all."""
        if len(c.at) > _FEW:
            yield from range(len(self.forms))
            return
        start = c.at + len(self.lead)

        @cache
        def there(nth: int) -> int:
            places = np.minimum(start + nth, len(c.text.data) - 1)
            return sum(1 << byte for byte in {*c.text.data[places].tobytes()})

        for number, form in enumerate(self.forms):
            if form.may_be(there):
                yield number

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
        for number in range(len(self.forms)):
            form = self._surrounded(number)
            if not form.read(text, at)[0].all():
                continue
            bare = form.without_suffix()
            if bare is None or not bare.complete or not bare.read(text, at)[0].all():
                return None
            alone = all(bare.excludes(self._surrounded(earlier)) for earlier in range(number))
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
