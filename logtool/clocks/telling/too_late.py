"""Too late: takes solved clocks, tells of assumed ones by which a log has lines of its future."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from logtool.clocks.evidence.anchors import OFFSETS_S, times_of
from logtool.clocks.table import Confidence, Evidence
from logtool.clocks.telling.telling import Solved
from logtool.people.instants import utc_text
from parsers.units import MINUTE, SECOND

#: A file server's clock may be wrong by so much.
_SLACK_US = MINUTE


def too_late(solved: Solved, mtimes: Mapping[int, int], names: Sequence[str]) -> Iterator[Evidence]:
    """Files that were modified last before their own last line, by clocks that are only assumed.

    Where no clock on Earth would have it otherwise, it is the file's time that is another one.

    Args:
        solved: the clocks of a server.
        mtimes: file index -> when it was modified last, µs UTC.
        names: of the files.
    """
    knots, span = solved.scene.knots, solved.scene.spans.of_knot
    useless: list[int] = []
    for file, mtime in mtimes.items():
        rows = np.flatnonzero(solved.every.file == file)
        if not len(rows) or file in solved.goes_on:
            continue
        last = int(rows[-1])
        if int(solved.solution.confidence[span[last]]) != Confidence.ASSUMED:
            continue
        if int(knots.local_us[last]) - max(OFFSETS_S) * SECOND > mtime + _SLACK_US:
            useless.append(file)
            continue
        utc = int(knots.local_us[last]) - int(solved.solution.offset_s[span[last]]) * SECOND
        if utc > mtime + _SLACK_US:
            yield Evidence(
                "later-than-file",
                f"{names[file]} was modified last at {utc_text(mtime)}, but by the clock that is "
                f"assumed its last line was written later ({utc_text(utc)}): that clock is wrong; "
                "name the server's zone with --server-tz",
                file,
                int(knots.line[last]),
            )
    if useless:
        first, more = useless[0], len(useless) - 1
        others = (
            f" (so {'was' if more == 1 else 'were'} {times_of(more, 'other log')})" if more else ""
        )
        yield Evidence(
            "older-than-lines",
            f"{names[first]} was modified last at {utc_text(mtimes[first])}, long before its last "
            f"line by any clock{others}: that is not when it was written (cp -p and rsync -t keep "
            "the times of logs)",
            first,
        )
