"""Phases: takes knots, tells where a clock has changed though its own time went on as before.

All clocks on earth differ by quarters of an hour, so all of them show the same minute of one. From
each line to the next at least so much time has passed as that minute has moved on, whoever wrote
them: where that adds up to more than a process's own clock tells, that clock has changed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.constraints import STEP_US
from logtool.clocks.seen.strands import Strands
from logtool.clocks.seen.voices import is_voice
from parsers.units import MINUTE

#: Lines may stand so much too late in their file, for all that is told here.
_LATE_US = MINUTE
#: What must be missing.
_MISSING_US = 2 * MINUTE


def hidden_changes(strands: Strands, breaks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Knots between which and the one before of the same process its clock has changed.

    Args:
        strands: the knots.
        breaks: bool[knots], True where a knot's file does not continue the file before it.

    Returns:
        bool[knots]. Lines without a pid are no process's.
    """
    knots = strands.knots
    found = np.zeros(len(knots), np.bool_)
    if len(knots) < 2:
        return found
    moved = (np.diff(knots.local_us) + _LATE_US) % STEP_US - _LATE_US
    passed = np.append(0, np.cumsum(moved))
    others = np.diff(passed.take(strands.order), prepend=0)
    missing = (others - strands.step_us > _MISSING_US) & (strands.step_us >= 0) & ~strands.first
    places = np.flatnonzero(missing)
    rows, before = strands.order[places], strands.order[places - 1]
    part = np.cumsum(breaks)
    rows = rows[part[rows] == part[before]]
    found[[row for row in rows.tolist() if not is_voice(int(knots.pid[row]))]] = True
    return found
