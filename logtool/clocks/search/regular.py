"""Regular: takes the local time between neighbouring lines, tells how much each silence counts.

Jobs run once in a quarter of an hour, an hour, a day, and clocks differ by just that. The silences
between runs of a job have one cause: they are no more surprising than one of them, and no reason to
believe that a clock changes whenever the job runs. A clock that goes forward and back shows it, for
then local time runs backwards in the file: only so often may a round silence be a change of clock,
and once more in each process, which may set its clock when its application is loaded.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.constraints import STEP_US
from parsers.arrays import Ints
from parsers.distinct import distinct
from parsers.units import MINUTE

#: Silences are round that are so close to a multiple of a quarter of an hour.
_ROUND_US = MINUTE


def worth(away_us: Ints, before: Ints, after: Ints) -> NDArray[np.float64]:
    """How much each silence counts, float64[n], at most 1.

    Args:
        away_us: int64[n], local time between neighbouring lines whose clocks are not known to be
            one.
        before: int64[n], the process that writes the first of them.
        after: int64[n], the one that writes the second.
    """
    counts = np.ones(len(away_us))
    long = away_us > STEP_US - _ROUND_US
    alike = np.flatnonzero(long & ((away_us + _ROUND_US) % STEP_US <= 2 * _ROUND_US))
    back = np.flatnonzero(away_us < _ROUND_US - STEP_US)
    processes = distinct(np.append(after[alike], 0))

    def often(some: Ints) -> Ints:
        """How often each of these processes is among some."""
        place = np.minimum(np.searchsorted(processes, some), len(processes) - 1)
        return np.bincount(place[processes[place] == some], minlength=len(processes))

    others = back[before[back] != after[back]]
    moves = 1 + often(after[back]) + often(before[others])
    share = np.minimum(1.0, moves / np.maximum(often(after[alike]), 1))
    counts[alike] = share[np.searchsorted(processes, after[alike])]
    return counts
