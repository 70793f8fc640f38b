"""Nights: take lines by process, tell before which of them a clock may have gone back unseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from logtool.clocks.seen.knots import BACKWARD
from logtool.clocks.seen.roles import Process
from logtool.clocks.seen.scene import time_range
from logtool.clocks.seen.spans import UTC_PID
from logtool.clocks.seen.strands import Strands
from logtool.clocks.seen.turns import RACE_US
from logtool.clocks.seen.voices import is_voice
from logtool.clocks.tzdb.zones import Rules, changes_between
from parsers.arrays import Ints, Mask
from parsers.units import MINUTE, SECOND

#: No zone goes back further in a night.
_NIGHT_S = 2 * 3600
_NOBODY = Process()


def hidden_nights(
    strands: Strands, processes: Mapping[int, Process], zones: Sequence[Rules]
) -> Mask:
    """Knots before which a clock may have gone back unseen: a step hides an hour of silence.

    Or has gone back for certain, by less than tells a change from a clock that was set: only where
    a zone on earth goes back at that local time. Without another process's word nothing is certain
    across such a step; nor with that of one who may have gone back in the same silence.

    Args:
        strands: the lines.
        processes: by pid.
        zones: the server's, if it is told: who runs no application goes back when it does.
    """
    step = strands.step_us
    # What falls by more is a change wherever it comes.
    apart = (step > MINUTE) | ((step < -RACE_US) & (step >= -BACKWARD))
    apart &= strands.by_place(strands.pids != UTC_PID)
    forced = np.zeros(len(step), np.bool_)
    if not apart.any():
        return forced
    keeps = np.zeros(len(strands.pids), np.bool_)
    if zones:
        keeps[:] = [
            processes.get(pid, _NOBODY).steady and not is_voice(pid)
            for pid in strands.pids.tolist()
        ]
    told = strands.by_place(keeps)
    for of_server in (True, False):
        places = np.flatnonzero(apart & (told == of_server))
        if not len(places):
            continue  # to look up the nights of all zones takes a while
        nights = [_changes(zone) for zone in zones]
        if not of_server:
            nights = [changes_between(*time_range(strands.knots))]
        hidden = _over_a_night(strands.local_us, places, np.concatenate(nights))
        forced[strands.order[places[hidden]]] = True
    return forced


def _changes(zone: Rules) -> Ints:
    """The changes of a zone as `zones.changes_between` gives those of all."""
    return np.column_stack([zone.changes_us, zone.offsets_s[:-1], zone.offsets_s[1:]])


def _over_a_night(local_us: Ints, places: Ints, changes: Ints) -> Mask:
    """bool[places], whether the step before a place leads over an hour that occurs twice."""
    begins, ends = local_us[places - 1], local_us[places]
    hidden = np.zeros(len(places), np.bool_)
    for instant, before, after in changes.tolist():
        if -_NIGHT_S <= after - before < 0:
            left, right = instant + before * SECOND, instant + after * SECOND
            hidden |= (begins <= left) & (ends >= right)
    return hidden
