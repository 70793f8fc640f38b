"""Rivals: takes lines by process, tells where two servers write into one log at once.

Two that share an ErrorLog, or whose lines a collector puts into one file: nothing says which line
is whose. But all who run no application keep the clock of the server that began them, so their time
never falls back from one line to the next. Where it does, and goes on for both of them as before
and after, they keep two clocks.

Of one of the two perhaps nobody speaks but its daemons. But each daemon is begun with Apache or
after it, and says so: who writes on long after a start with which others were born, and was never
seen being born, is another server's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from logtool.clocks.seen.roles import Process, Sample, telling
from logtool.clocks.seen.seams import is_night
from logtool.clocks.seen.strands import Strands
from logtool.clocks.seen.turns import BACKWARD, FAR_US
from logtool.clocks.seen.voices import is_voice
from logtool.clocks.table import Evidence
from parsers.arrays import Ints, Mask
from parsers.units import MINUTE

#: Once, the host's clock may have been set back while both were silent.
_AGAIN = 2
#: Apache has started, and its daemons with it, within this.
_TOGETHER_US = MINUTE
#: No daemon of before a start writes on for so long, whatever it still has to answer.
_OUTLIVES_US = 30 * MINUTE
_NOBODY = Process()


def rivals(
    strands: Strands,
    processes: Mapping[int, Process],
    samples: Sequence[Sample],
    breaks: Mask,
    names: Sequence[str],
) -> Iterator[Evidence]:
    """A note where those who keep the server's clock keep two at once, or a daemon is a stranger.

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
        knot, why = found[0], "the time of those who run no application falls back, and goes on "
        yield _note(strands, knot, f"before line {{}}, and not only there, {why}for each", names)
    elif stranger := _stranger(strands, processes, samples):
        why = "the daemon of line {} was begun neither with Apache, as others were, nor after it"
        yield _note(strands, stranger, why, names)


def _note(strands: Strands, knot: int, why: str, names: Sequence[str]) -> Evidence:
    """What is told of two servers; `why` has a place for the number of a knot's line."""
    file, line = int(strands.knots.file[knot]), int(strands.knots.line[knot])
    return Evidence(
        "servers",
        f"two servers write into {names[file]}: {why.format(line)}. Which line is whose nothing "
        "tells, so what is known of one server's clock is no more than assumed of anybody's",
        file,
        line,
    )


def _stranger(strands: Strands, processes: Mapping[int, Process], samples: Sequence[Sample]) -> int:
    """A knot of a daemon that was never seen being born, and comes and stays after all were, or 0.

    Who was there before may be a child that has the same pid in a container.
    """
    knots, started = strands.knots, _started(processes, samples)
    for at, pid in enumerate(strands.pids.tolist() if started else ()):
        process = processes.get(pid, _NOBODY)
        if process.role != "daemon" or process.born or is_voice(pid):
            continue
        head, count = int(strands.heads[at]), int(strands.counts[at])
        first, last = strands.order[[head, head + count - 1]].tolist()
        late = int(knots.line[first]) > started.get(int(knots.file[first]), int(knots.line[first]))
        if late and knots.local_us[last] - knots.local_us[first] > _OUTLIVES_US:
            return int(first)
    return 0


def _started(processes: Mapping[int, Process], samples: Sequence[Sample]) -> dict[int, int]:
    """File -> a line of it by which Apache has started, and births were told with that.

    Before the first of these the parent had its word, and not of having started, so that none is
    missing.
    """
    told = dict(telling(samples))
    if not any(stage.resumes for stage in told.values()):
        return {}
    found: dict[int, int] = {}
    word, born, resumed = dict[int, int](), dict[int, int](), dict[int, int]()
    for at, one in enumerate(samples):
        stage, file = told.get(at), one.file
        if stage and stage.resumes:
            resumed[file] = one.local_us
        elif stage and stage.begins:
            if abs(one.local_us - word.get(file, 0)) < _TOGETHER_US:
                born[file] = one.local_us
        elif processes.get(one.pid, _NOBODY).role == "parent":
            if abs(one.local_us - resumed.get(file, 0)) >= _TOGETHER_US:
                word[file] = one.local_us
        else:
            continue
        if abs(born.get(file, 0) - resumed.get(file, -_TOGETHER_US)) < _TOGETHER_US:
            found.setdefault(file, one.line)
    return found


def _is_steady(pid: int, processes: Mapping[int, Process], daemons: Collection[int]) -> bool:
    """Whether a process runs no application, and nobody had its pid who did."""
    process = processes.get(pid, _NOBODY)
    return process.steady and not (process.born or is_voice(pid) or pid in daemons)


def _torn(strands: Strands, steady: Mask, part: Ints) -> list[int]:
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
