"""Lines: the columns read from a block, one row per line. Pure data; `decode` fills them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from parsers.classes import dataclass

#: In `Stamps.local_us`: the line has no time.
NO_TIME = int(np.iinfo(np.int64).min)
#: In `Stamps.offset_s`: the line writes no offset.
NO_OFFSET = int(np.iinfo(np.int32).min)
#: In `Stamps.pid`: the line has no pid.
NO_PID = -1
#: In `Stamps.layout`: no layout reads the line.
NO_LAYOUT = -1


@dataclass(slots=True, eq=False)
class Stamps:
    """Who wrote each line of a block, and what that process's clock said: all that clocks need.

    Attributes:
        layout: int16[n], index into the decoder's layouts, or NO_LAYOUT.
        time_start, time_end: int64[n], the stamp's place in `Block.data` without brackets (for a
            time in several contiguous pieces: the whole run), -1 where there is none.
        local_us: int64[n], microseconds from 1970-01-01T00:00 of the naive local time, or NO_TIME.
            For a stamp that is an epoch (`%{%s}t`) the offset is written and 0.
        digits: int8[n], digits of the fraction as written: 0, 3 or 6.
        offset_s: int32[n], seconds east of UTC as written in the line, or NO_OFFSET.
        pid: int64[n], the pid, or NO_PID.
    """

    layout: NDArray[np.int16]
    time_start: NDArray[np.int64]
    time_end: NDArray[np.int64]
    local_us: NDArray[np.int64]
    digits: NDArray[np.int8]
    offset_s: NDArray[np.int32]
    pid: NDArray[np.int64]


@dataclass(slots=True, eq=False)
class Spans:
    """Where one field stands on each asked-for line: half-open places in `Block.data`.

    Attributes:
        start: int64[n], -1 where the line does not have the field.
        end: int64[n].
        like: int64[n] or None: for each line one that has the same text there, or none as well;
            the same one for many lines. Only where that was found out in passing.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    like: NDArray[np.int64] | None = None
