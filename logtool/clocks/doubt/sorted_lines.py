"""Sorted lines: takes the lines kept of every file, tells of one that was sorted by its stamps.

`sort` hides that clocks differ: whoever wrote a line, it is not earlier than the one before, so
that all seem to keep one clock. What it cannot hide is how long a daemon lived: of one whose clock
is ahead of Apache's, lines stand behind the word that it has died; of one behind, before its first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from logtool.clocks.seen.constraints import WIDEST_S
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.roles import Sample, buried_in, telling
from logtool.clocks.table import DISORDER, Evidence
from parsers.arrays import Ints
from parsers.distinct import distinct
from parsers.units import SECOND

#: A pid may be used again and its birth not be written; so many hardly are so soon, and not one of
#: so many daemons.
_SEVERAL, _SHARE = 2, 16
_DAY_US = 86_400 * SECOND
_FAR_US = WIDEST_S * SECOND


def sorted_lines(
    every: Knots, samples: Sequence[Sample], names: Sequence[str]
) -> Iterator[Evidence]:
    """A note for each file whose lines stand in the order of their stamps, not of their writing.

    Args:
        every: the lines kept of all files.
        samples: some of them with their words, in the order of files and lines.
        names: of the files.
    """
    of_file: defaultdict[int, list[Sample]] = defaultdict(list)
    for sample in samples:
        of_file[sample.file].append(sample)
    for file in distinct(every.file).tolist():
        begin, end = np.searchsorted(every.file, (file, file + 1)).tolist()
        if not _never_falls(every.local_us[begin:end]):
            continue
        strange, daemons = _beyond_their_lives(every.take(np.arange(begin, end)), of_file[file])
        if strange >= _SEVERAL and strange * _SHARE >= daemons:
            yield Evidence(
                DISORDER,
                f"{names[file]} seems to be sorted: no line of a day is earlier than the one "
                f"before, whoever wrote it, but {strange:,} daemons speak before they start or "
                "after they have died. Clocks are found from the order in which lines were "
                "written, so trust none but written offsets; read the log as Apache wrote it",
                file,
            )


def _never_falls(local_us: Ints) -> bool:
    """Whether no line is earlier than the one before, but for one of another day.

    Stamps that begin with the name of a day are sorted by these names first.
    """
    falls = np.flatnonzero(np.diff(local_us) < 0)
    return not np.any(local_us[falls] // _DAY_US == local_us[falls + 1] // _DAY_US)


def _beyond_their_lives(knots: Knots, samples: Sequence[Sample]) -> tuple[int, int]:
    """How many daemons of a file have lines before their birth or after their death; of how many.

    Asked of pids that are born once and die once in it. It counts where Apache did not start anew
    in between, and where another clock makes up for it.
    """
    starts: list[int] = []
    births: defaultdict[int, list[Sample]] = defaultdict(list)
    deaths: defaultdict[int, list[Sample]] = defaultdict(list)
    for number, stage in telling(samples):
        if stage.begins:
            births[samples[number].pid].append(samples[number])
        if stage.stops or stage.renews or stage.resumes:
            starts.append(samples[number].line)
    for sample in samples:
        if dead := buried_in(sample.message):
            deaths[dead].append(sample)
    once = [who for who in births if len(births[who]) == 1 and len(deaths.get(who, [])) == 1]
    order = np.argsort(knots.pid, kind="stable")
    first, behind = (np.searchsorted(knots.pid[order], once, side) for side in ("left", "right"))
    strange = sum(
        _is_beyond(knots.take(order[low:high]), births[who][0], deaths[who][0], starts)
        for who, low, high in zip(once, first.tolist(), behind.tolist(), strict=True)
    )
    return strange, len(once)


def _is_beyond(theirs: Knots, born: Sample, died: Sample, starts: Sequence[int]) -> bool:
    """Whether a process has lines beyond those of its birth and its death."""
    life = np.searchsorted(starts, theirs.line)
    for end, sign in ((born, -1), (died, 1)):
        behind = (theirs.line - end.line) * sign > 0
        near = (theirs.local_us - end.local_us) * sign <= _FAR_US
        if np.any(behind & near & (life == np.searchsorted(starts, end.line))):
            return True
    return False
