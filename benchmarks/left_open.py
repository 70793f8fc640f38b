"""Which lines of a simulated log its truth leaves open (see `tests/open_lines.py`)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

import numpy as np

from logtool.clocks.tzdb.zones import changes_between, kinds_of_zones, rules_of
from tests.logtool.clocks.simulate import Simulated
from tests.open_lines import (
    Told,
    in_other_zones,
    is_open,
    keepers,
    moved_together,
    open_lines,
    over_nights,
)

_DAY_US = 86_400_000_000
_NONE = timedelta()
#: A line that writes its offset itself.
_WRITTEN = re.compile(rb"\[?[\w :.-]{19,40} ?[+-]\d{4}\]")


def open_rows(log: Simulated, anchor: str) -> set[int]:
    """Lines that the truth leaves open under an anchor; no engine's answer counts here."""
    stamped = {
        row: (log.pids[row], zone[1], log.lines[row])
        for row, zone in enumerate(log.process_zone)
        if zone is not None and log.kinds[row] == "httpd" and log.truth_us[row] is not None
    }
    if not stamped:
        return set()
    instants = [log.truth_us[row] or 0 for row in stamped]
    zone = ZoneInfo(log.server_zone)
    server_s = {
        int(
            (
                datetime.fromtimestamp(instant // 1_000_000, zone).utcoffset() or _NONE
            ).total_seconds()
        )
        for instant in (min(instants), max(instants))
    }
    lines = list(stamped.values())
    changes = changes_between(min(instants) - _DAY_US, max(instants) + _DAY_US).tolist()
    if (
        anchor == "server-tz"
        and not log.spec.moved_zone
        and is_open(lines, server_s, nights=bool(changes))
    ):
        return set(stamped)
    told: list[Told] = [None] * len(log.lines)
    for row, (pid, offset, text) in stamped.items():
        if not _WRITTEN.match(text):
            instant = log.truth_us[row] or 0
            told[row] = (pid, instant + offset * 1_000_000, instant)
    pinned = keepers(lines, server_s)
    if anchor in ("mtime", "all"):
        pinned.add(lines[-1][0])
    found = open_lines(told, pinned or {lines[0][0]})
    found |= moved_together(told, pinned or {lines[0][0]})
    found |= _in_other_zones(log, told, anchor)
    if anchor in ("mtime", "none"):
        for process in pinned:
            found |= over_nights(told, process, changes, tied=anchor == "mtime")
    return found


def _in_other_zones(log: Simulated, told: list[Told], anchor: str) -> set[int]:
    """Lines that are elsewhere if clocks keep other zones, or all one, as the anchor allows."""
    rows = [row for row, line in enumerate(told) if line is not None]
    if not rows or len(rows) < sum(kind == "httpd" for kind in log.kinds):
        return set()  # other lines write their offset
    true = np.array([line[2] for line in told if line is not None], np.int64)
    low, high = int(true.min()) - _DAY_US, int(true.max()) + _DAY_US
    every = [zone for zone, _ in kinds_of_zones(low, high)]
    moved = bool(log.spec.moved_zone)
    seen = _access_times(log) if anchor == "access-log" or (moved and anchor == "server-tz") else {}
    servers = every
    if anchor in ("server-tz", "all") and not moved:
        servers = [rules_of(log.server_zone, low, high)]
    elif seen:
        at, offset = np.array([*seen], np.int64), np.array([*seen.values()], np.int64)
        servers = [zone for zone in every if np.array_equal(zone.at_utc(at), offset)]
    clocks = [zone[0] if zone else "" for zone in log.process_zone]
    names = {clocks[row] for row in rows}
    other = {name: servers if name == log.server_zone else every for name in names}
    found: set[int] = set()
    alike = in_other_zones(told, ["all"] * len(told), {"all": servers})
    for reading in chain(alike, in_other_zones(told, clocks, other)):
        away = reading - true
        if anchor in ("mtime", "all") and away[-1]:
            continue
        if seen and np.any(away[(true >= min(seen)) & (true <= max(seen))]):
            continue
        if anchor == "none":
            shifts, counts = np.unique(away, return_counts=True)
            away -= shifts[counts.argmax()]
        found.update(rows[at] for at in np.flatnonzero(away).tolist())
    return found


def _access_times(log: Simulated) -> dict[int, int]:
    """Instant (µs) and seconds east of UTC of each line of an access log."""
    found = {}
    for stamp in re.findall(r"\[(\S+ [+-]\d{4})\]", log.access_log.decode()):
        moment = datetime.strptime(stamp, "%d/%b/%Y:%H:%M:%S %z")
        found[int(moment.timestamp()) * 1_000_000] = int(
            (moment.utcoffset() or _NONE).total_seconds()
        )
    return found
