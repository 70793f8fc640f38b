"""Regular: takes the local time between neighbouring lines, tells how much each silence counts.

Jobs run once in a quarter of an hour, an hour, a day, and clocks differ by just that. The silences
between runs of a job have one cause: they are no more surprising than one of them, and no reason to
believe that a clock changes whenever the job runs. A clock that goes forward and back shows it, for
then local time runs backwards in the file: only so often may a round silence be a change of clock.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.constraints import STEP_US
from logtool.clocks.knots import MINUTE

#: Silences are round that are so close to a multiple of a quarter of an hour.
_ROUND_US = MINUTE


def worth(away_us: NDArray[np.int64]) -> NDArray[np.float64]:
    """How much each silence counts, float64[n], at most 1.

    Args:
        away_us: int64[n], local time between neighbouring lines whose clocks are not known to be
            one.
    """
    counts = np.ones(len(away_us))
    long = away_us > STEP_US - _ROUND_US
    alike = long & ((away_us + _ROUND_US) % STEP_US <= 2 * _ROUND_US)
    back = int(np.count_nonzero(away_us < _ROUND_US - STEP_US))
    many = int(np.count_nonzero(alike))
    if many:
        counts[alike] = min(1.0, (1 + back) / many)
    return counts
