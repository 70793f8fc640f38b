"""Joining: takes the logs of two servers, gives the one that somebody made of them."""

from __future__ import annotations

from dataclasses import replace

from .recorder import Simulated


def appended(one: Simulated, other: Simulated) -> Simulated:
    """`cat one.log other.log`: the access log is the first server's."""
    rows = [(one, row) for row in range(len(one.lines))]
    rows += [(other, row) for row in range(len(other.lines))]
    return _joined(one, rows, other.mtime_us)


def interleaved(one: Simulated, other: Simulated) -> Simulated:
    """Two servers write into one file, or a collector does: the access log is the first one's."""
    rows = [(log, row) for log in (one, other) for row in range(len(log.lines))]
    rows.sort(key=lambda at: at[0].truth_us[at[1]] or 0)
    return _joined(one, rows, max(one.mtime_us, other.mtime_us))


def _joined(one: Simulated, rows: list[tuple[Simulated, int]], mtime_us: int) -> Simulated:
    return replace(
        one,
        lines=[log.lines[row] for log, row in rows],
        truth_us=[log.truth_us[row] for log, row in rows],
        process_zone=[log.process_zone[row] for log, row in rows],
        pids=[log.pids[row] for log, row in rows],
        kinds=[log.kinds[row] for log, row in rows],
        mtime_us=mtime_us,
    )
