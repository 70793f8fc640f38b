"""Which lines of a simulated log its truth leaves open (see `tests/open_lines.py`)."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from logtool.clocks.zones import changes_between, kinds_of_zones, rules_of
from tests.logtool.clocks.simulate import Simulated
from tests.open_lines import (
    Told,
    in_one_zone,
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
    found |= _alike_in_one_zone(log, told, anchor)
    if anchor in ("mtime", "none"):
        for process in pinned:
            found |= over_nights(told, process, changes, tied=anchor == "mtime")
    return found


def _alike_in_one_zone(log: Simulated, told: list[Told], anchor: str) -> set[int]:
    """Lines that are elsewhere if the whole log keeps one zone that the anchor allows."""
    instants = {row: line[2] for row, line in enumerate(told) if line is not None}
    if not instants or len(instants) < sum(kind == "httpd" for kind in log.kinds):
        return set()  # other lines write their offset
    low, high = min(instants.values()), max(instants.values())
    zones = [zone for zone, _ in kinds_of_zones(low - _DAY_US, high + _DAY_US)]
    seen = _access_times(log) if anchor == "access-log" or log.spec.moved_zone else {}
    if anchor in ("server-tz", "all") and not log.spec.moved_zone:
        zones = [rules_of(log.server_zone, low - _DAY_US, high + _DAY_US)]
    elif anchor in ("access-log", "server-tz"):
        zones = [
            zone
            for zone in zones
            if all(zone.at_utc(np.array([at]))[0] == offset for at, offset in seen.items())
        ]
    found: set[int] = set()
    for reading in in_one_zone(told, zones):
        away = {row: (reading[row] or 0) - instant for row, instant in instants.items()}
        if anchor in ("mtime", "all") and away[max(away)]:
            continue
        if seen and any(away[row] and min(seen) <= at <= max(seen) for row, at in instants.items()):
            continue
        common = Counter(away.values()).most_common(1)[0][0] if anchor == "none" else 0
        found |= {row for row, late in away.items() if late != common}
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
