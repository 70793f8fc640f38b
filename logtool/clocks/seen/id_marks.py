"""Id marks: take sampled lines without a pid, tell by their log ids which are of different clocks.

An id of a request is made moments before its lines, and so is that of a connection whose request
has not begun. By how much their local time is ahead of it, modulo the period of ids, is the mark of
their clock: its offset, modulo that period.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.constraints import STEP_US
from logtool.clocks.seen.knots import Knots, place_of, places
from logtool.clocks.seen.log_ids import PERIOD_US, core_id_us, unique_id_us
from logtool.clocks.seen.roles import Sample
from logtool.clocks.seen.turns import RACE_US
from parsers.arrays import Ints
from parsers.classes import dataclass
from parsers.lines import NO_PID
from parsers.units import SECOND

#: A line is written so soon after its request was begun, or its mark is nobody's; nearly all lines
#: are written sooner.
_SOON_US, _PROMPT_US = 20 * SECOND, 5 * SECOND
#: No difference of clocks, and those that are thought of, the smallest first, µs: of more than
#: these, some would make any difference of marks.
_NONE = 1 << 60
_APART_US = [step * STEP_US for step in sorted(range(-60, 61), key=abs)]


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks of the clocks of some lines, each id once for a knot.

    Attributes:
        knot: int64[n], the knot at or before each line, ascending.
        mark_us: int64[n], the line's local time since its id was made, modulo PERIOD_US.
        local_us: int64[n], that local time.
    """

    knot: Ints
    mark_us: Ints
    local_us: Ints

    @classmethod
    def of(cls, mine: Knots, samples: Sequence[Sample]) -> Marks:
        """Of knots without a pid, and samples."""
        every = places(mine.file, mine.line).tolist()
        told: dict[tuple[int, bytes], tuple[int, int]] = {}
        for sample in samples:
            text = sample.log_id or sample.connection_log_id
            if sample.pid == NO_PID and text:
                made = _made_us(text)
                if made is not None:
                    at = bisect.bisect_right(every, place_of(sample.file, sample.line)) - 1
                    mark = (sample.local_us - made) % PERIOD_US, sample.local_us
                    told.setdefault((max(0, at), text), mark)
        rows = sorted((knot, *mark) for (knot, _), mark in told.items())
        return cls(*np.array(rows, np.int64).reshape(-1, 3).T)

    def turns(self) -> Ints:
        """Knots whose clock is not that of the marked knot before."""
        step_us = np.diff(self.local_us)
        apart_us = _apart_us(np.diff(self.mark_us))
        other = (apart_us != 0) & (apart_us <= step_us + RACE_US) & (np.diff(self.knot) > 0)
        turned: Ints = self.knot[1:][other]
        return turned

    def denials(self, starts: Ints, first_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """float64[runs, states], how many ids say of a run that its clock is another one.

        Args:
            starts: int64[runs], where among the knots each run begins.
            first_s: float64[runs, states], the offset of each clock there, seconds.
        """
        run = np.searchsorted(starts, self.knot, side="right") - 1
        away = self.mark_us[:, None] - first_s[run].astype(np.int64) * SECOND
        counts = np.zeros(first_s.shape)
        np.add.at(counts, run, ~_near(away, _SOON_US))
        return counts

    def relative(self) -> Marks:
        """Marks relative to the first, as if its clock were at UTC."""
        return replace(self, mark_us=(self.mark_us - self.mark_us[:1]) % PERIOD_US)

    def offsets_s(self) -> list[int]:
        """The least offset that suits each mark, of those that suit any."""
        found = _apart_us(self.mark_us)
        return [us // SECOND for us in found.tolist() if us != _NONE]


def _apart_us(marks: Ints) -> Ints:
    """The least difference of two clocks that makes each difference of marks, or _NONE."""
    found = np.full(len(marks), _NONE, np.int64)
    for apart in reversed(_APART_US):
        found[_near(marks - apart, _PROMPT_US)] = apart
    found[_near(marks, _SOON_US)] = 0
    return found


def _near(away: Ints, soon_us: int) -> NDArray[np.bool_]:
    """Whether two marks are the same, but for how soon after their ids lines are written."""
    near: NDArray[np.bool_] = (away + soon_us) % PERIOD_US <= 2 * soon_us
    return near


def _made_us(text: bytes) -> int | None:
    """When an id was made, µs of UTC modulo PERIOD_US where it is httpd's own."""
    made = core_id_us(text)
    return unique_id_us(text) if made is None else made
