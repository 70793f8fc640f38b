"""Rivals: takes lines by process, tells where two servers write into one log at once.

Two that share an ErrorLog, or whose lines a collector puts into one file: nothing says which line
is whose. But all who run no application keep the clock of the server that began them, so their time
never falls back from one line to the next. Where it does, and goes on for both of them as before
and after, they keep two clocks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.seen.roles import Process, Sample
from logtool.clocks.seen.seams import is_night
from logtool.clocks.seen.strands import Strands
from logtool.clocks.seen.turns import BACKWARD, FAR_US
from logtool.clocks.seen.voices import is_voice
from logtool.clocks.table import Evidence

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Once, the host's clock may have been set back while both were silent.
_AGAIN = 2
_NOBODY = Process()


def rivals(
    strands: Strands,
    processes: Mapping[int, Process],
    samples: Sequence[Sample],
    breaks: Flags,
    names: Sequence[str],
) -> Iterator[Evidence]:
    """A note where those who keep the server's clock keep two clocks at once.

    Args:
        strands: the lines.
        processes: by pid.
        samples: lines looked at closely.
        breaks: bool[knots], where order says nothing.
        names: of the files.
    """
    # A pid that is given anew may be a child's first, and a daemon's then.
    daemons = {one.pid for one in samples if one.marker == b"remote"}
    steady = np.array(
        [_is_steady(pid, processes, daemons) for pid in strands.pids.tolist()], np.bool_
    )
    found = _torn(strands, strands.by_knot(strands.by_place(steady)), np.cumsum(breaks))
    if len(found) >= _AGAIN:
        file, line = int(strands.knots.file[found[0]]), int(strands.knots.line[found[0]])
        yield Evidence(
            "servers",
            f"two servers write into {names[file]}: before line {line}, and not only there, the "
            "time of those who run no application falls back, and goes on for each as before. "
            "Which line is whose nothing tells, so what is known of one server's clock is no more "
            "than assumed of anybody's",
            file,
            line,
        )


def _is_steady(pid: int, processes: Mapping[int, Process], daemons: Collection[int]) -> bool:
    """Whether a process runs no application, and nobody had its pid who did."""
    process = processes.get(pid, _NOBODY)
    return process.steady and not (process.born or is_voice(pid) or pid in daemons)


def _torn(strands: Strands, steady: Flags, part: Ints) -> list[int]:
    """Knots of steady ones that are earlier than the one before, and for both time goes on.

    Args:
        strands: the lines.
        steady: bool[knots].
        part: int64[knots], numbers of parts between which order says nothing.
    """
    order, local_us, pid = strands.order, strands.knots.local_us, strands.knots.pid
    rows = np.flatnonzero(steady)
    back = np.flatnonzero(np.diff(local_us[rows]) < -BACKWARD)
    high, low = rows[back], rows[back + 1]
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    # What the one says next, and what the other said before.
    later = order[np.minimum(place[high] + 1, len(order) - 1)]
    earlier = order[np.maximum(place[low] - 1, 0)]
    found = (pid[later] == pid[high]) & (pid[earlier] == pid[low]) & (part[earlier] == part[later])
    found &= (later > high) & (earlier < low)
    found &= local_us[later] >= local_us[high] - FAR_US
    found &= local_us[earlier] <= local_us[low] + FAR_US
    ends = zip(local_us[high[found]].tolist(), local_us[low[found]].tolist(), strict=True)
    return [
        knot
        for knot, (high_us, low_us) in zip(low[found].tolist(), ends, strict=True)
        if not is_night(high_us, low_us)
    ][:_AGAIN]
