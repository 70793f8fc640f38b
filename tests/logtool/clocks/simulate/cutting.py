"""Cutting: takes a simulated log, gives the part that rotation leaves of it, with its truth."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from .recorder import TICK_US, Simulated

#: A part of a log has so many lines at least, and as large a share of them at most.
_LEAST_LINES = 12
_MOST = 0.7


def cut(log: Simulated, rng: Random) -> Simulated:
    """Some consecutive lines of a log: neither its beginning nor its end need be among them.

    The access log stays whole. The file was written last when its last line was.
    """
    count = len(log.lines)
    least = min(_LEAST_LINES, count)
    kept = rng.randint(least, max(least, int(_MOST * count)))
    begin = rng.randint(0, count - kept)
    part = slice(begin, begin + kept)
    truth_us = log.truth_us[part]
    last_us = next((at for at in reversed(truth_us) if at is not None), log.mtime_us)
    return replace(
        log,
        lines=log.lines[part],
        truth_us=truth_us,
        process_zone=log.process_zone[part],
        pids=log.pids[part],
        kinds=log.kinds[part],
        mtime_us=last_us // TICK_US * TICK_US,
    )
