"""Message step: the message of a line and the fields behind it, found from the line's end."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

import numpy as np

from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.scanning import Places
from parsers.steps.cursor import UNSHARED, Cursor, Step, columns_of, run_steps
from parsers.steps.steps import EndStep

#: Stands for the message and a referer behind it, as one text: cheaper to find than the message.
TAIL = "tail"
#: What a tail may hold besides the message.
_IN_TAIL = frozenset({"referer"})

#: How often the beginning of a suffix may also stand in the suffix itself.
_MOST_TRIALS = 8


@dataclass(frozen=True, slots=True)
class Suffix:
    """Fields after the message, read from their first literal to the line's end.

    Attributes:
        anchor: the literal they begin with.
        steps: how they go on after it.
    """

    anchor: bytes
    steps: tuple[Step, ...]


#: Ways to print the same fields after the message, fullest first.
SuffixGroup = tuple[Suffix, ...]


@dataclass(frozen=True, slots=True)
class MessageStep:
    """The message, and the fields that follow it, found from the line's end."""

    suffixes: tuple[SuffixGroup, ...] = ()
    reach: ClassVar[int] = UNSHARED

    @property
    def columns(self) -> tuple[str, ...]:
        """The message and what follows it."""
        suffixes = (suffix for group in self.suffixes for suffix in group)
        return ("message", *(name for s in suffixes for name in columns_of(s.steps)))

    def is_tail(self, wanted: Collection[str]) -> bool:
        """Whether the tail is wanted of it, and nothing else, and is all to the line's end."""
        columns = frozenset(self.columns)
        return TAIL in wanted and columns.isdisjoint(wanted) and columns - {"message"} <= _IN_TAIL

    def run(self, c: Cursor) -> Mask:
        """Note the message; a suffix that was cut off belongs to it."""
        if TAIL in c.found.spans and self.is_tail(c.found.wanted):
            return np.ones(len(c.rows), np.bool_)
        end = c.end
        behind = frozenset(self.columns[1:])
        if behind <= _IN_TAIL:
            c.found.note(TAIL, c.rows, c.at, end)
            if behind.union(self.columns[:1]).isdisjoint(c.found.wanted):
                c.at = end
                return np.ones(len(c.rows), np.bool_)
        for group in reversed(self.suffixes):
            whole = end
            for suffix in group:
                left = np.flatnonzero(end == whole)
                end = end.copy()
                end[left] = self._cut(suffix, c.keep(left), whole[left])
        c.found.note("message", c.rows, c.at, end)
        if not behind <= _IN_TAIL:
            c.found.note(TAIL, c.rows, c.at, end)
        c.at = end
        return np.ones(len(c.rows), np.bool_)

    @staticmethod
    def _cut(suffix: Suffix, c: Cursor, end: Places) -> Places:
        """Where the suffix begins; tried at the last places that look like its beginning."""
        answer = end.copy()
        columns = columns_of(suffix.steps)
        place = c.text.rfind(c.at, end, suffix.anchor)
        left = np.flatnonzero(place >= 0)
        for _ in range(_MOST_TRIALS):
            if not len(left):
                break
            behind = place[left] + len(suffix.anchor)
            trial = Cursor(c.text, c.found, c.rows[left], behind, end[left])
            before = c.found.noted(columns)
            _, kept = run_steps((*suffix.steps, EndStep()), trial.fork())
            read = left if kept is None else left[kept]
            answer[read] = place[read]
            missed = np.ones(len(left), np.bool_)
            missed[slice(None) if kept is None else kept] = False
            c.found.forget(columns, trial.rows[missed], before)
            left = left[missed]
            place[left] = c.text.rfind(
                c.at[left], place[left] + len(suffix.anchor) - 1, suffix.anchor
            )
            left = left[place[left] >= 0]
        return answer
