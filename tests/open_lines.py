"""Which lines of a log the order of lines leaves open, told from the truth and nothing else.

A sceptic who knows all other clocks cannot place these: another reading breaks no order, and takes
no more changes of clocks than the truth. An engine may place them wrongly, but not be certain.
The same of a whole log whose server's zone is told, though nothing tells who keeps it; of lines
that all of one clock may move together; and of clocks that may as well keep other zones.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations, pairwise, product

import numpy as np

from logtool.clocks.tzdb.zones import Rules
from parsers.arrays import Ints

#: Who wrote a line, its local time and its instant, µs; None for a line without a stamp.
Told = tuple[int, int, int] | None

_SECOND = 1_000_000
_QUARTER = 900 * _SECOND
#: A line may stand this much too late in its file.
_RACE = 2 * _SECOND
#: No two clocks are further apart.
_QUARTERS = 26 * 4
#: The clocks of the world, quarters of an hour east of UTC.
_WEST, _EAST = -12 * 4, 14 * 4


#: Lines that only Apache's parent writes, and those at the birth of a daemon.
_OF_THE_SERVER = re.compile(
    rb"mpm_\w+:|resuming normal operations|Command line: |caught SIG|Graceful restart requested"
    rb"|Starting process '|Initializing Python"
)
#: Lines that an application may have written, or mod_wsgi on its behalf.
_OF_AN_APPLICATION = re.compile(rb"\bwsgi:|mod_wsgi \(pid=")


def keepers(lines: Iterable[tuple[int, int, bytes]], server_s: Collection[int]) -> set[int]:
    """Processes of which lines tell that they keep the server's clock, and that do.

    A line that only the parent writes, or a birth, tells it; so does a process that writes of
    httpd's own modules and never for an application.

    Args:
        lines: who wrote each stamped line, its true seconds east of UTC, and its text.
        server_s: the server's offsets in the log's time.
    """
    told: set[int] = set()
    applications: set[int] = set()
    elsewhere: set[int] = set()
    everybody: set[int] = set()
    for pid, offset, text in lines:
        everybody.add(pid)
        if offset not in server_s:
            elsewhere.add(pid)
        elif _OF_THE_SERVER.search(text):
            told.add(pid)
        if _OF_AN_APPLICATION.search(text):
            applications.add(pid)
    return told | (everybody - applications - elsewhere)


def is_open(
    lines: Sequence[tuple[int, int, bytes]], server_s: Collection[int], *, nights: bool = True
) -> bool:
    """Whether a whole log might as well be earlier or later, though its server's zone is told.

    So it is if no line tells who keeps the server's clock, and a shift of all lines needs no more
    clocks. Logs in which a clock changes are not open, for the night of the change may tell, unless
    no zone on earth changes in the log's time.

    Args:
        lines: as of `keepers`.
        server_s: the server's offsets in the log's time.
        nights: some zone on earth changes in the log's time.
    """
    parts: dict[int, set[int]] = defaultdict(set)
    for pid, offset, _ in lines:
        parts[pid].add(offset)
    if nights and (len(server_s) > 1 or any(len(part) > 1 for part in parts.values())):
        return False
    if keepers(lines, server_s):
        return False
    used = {offset for part in parts.values() for offset in part}
    shifts = (n * 900 for n in range(-_QUARTERS, _QUARTERS + 1) if n)
    return any(
        len({offset + shift for offset in used} | set(server_s)) <= len(used | set(server_s))
        for shift in shifts
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """A stamped line: its row, local time and instant, and what others leave it.

    Attributes:
        since: the latest instant of other processes before it, µs.
        until: the earliest instant of other processes after it, µs.
    """

    row: int
    local: int
    instant: int
    since: int
    until: int

    def fits(self, offset: int) -> bool:
        """Order allows it this offset, µs."""
        return self.since - _RACE <= self.local - offset <= self.until + _RACE


def open_lines(lines: Sequence[Told], pinned: Iterable[int] = ()) -> set[int]:
    """Rows of lines that order leaves open.

    Args:
        lines: every line of the log.
        pinned: processes whose clock an anchor tells.
    """
    found: set[int] = set()
    known = set(pinned)
    for pid, own in _by_process(lines).items():
        parts = list(_parts(own))
        for before, after in pairwise(parts):
            found |= _might_be(reversed(before), after[0].local - after[0].instant)
            found |= _might_be(after, before[-1].local - before[-1].instant)
        for part in parts if pid not in known else []:
            offset = part[0].local - part[0].instant
            shifts = (n * _QUARTER for n in range(-_QUARTERS, _QUARTERS + 1) if n)
            if any(all(line.fits(offset + shift) for line in part) for shift in shifts):
                found |= {line.row for line in part}
    return found


def over_nights(
    lines: Sequence[Told], process: int, changes: Iterable[tuple[int, int, int]], *, tied: bool
) -> set[int]:
    """Rows of a process's lines before a night of which nobody knows whether its zone changed.

    An anchor of one instant, such as the time a file was written at, tells a clock at the end of
    the log. Some zone has the same clock then and another before a night; if nobody speaks for so
    long that all lines before it may be as much later or earlier, nothing speaks against that.

    Args:
        lines: every line of the log.
        process: whose clock the anchor tells.
        changes: instant (µs), seconds east of UTC before and after, of every zone.
        tied: an anchor tells the last offset; without any, only what it changes by counts.
    """
    stamped = [(row, *line) for row, line in enumerate(lines) if line is not None]
    own = [
        (at, local, instant)
        for at, (_, who, local, instant) in enumerate(stamped)
        if who == process
    ]
    found: set[int] = set()
    for (at, local, instant), (then, local_after, after) in pairwise(own):
        silence = max(b[3] - a[3] for a, b in pairwise(stamped[at : then + 1]))
        for change, before_s, after_s in changes:
            wall = change + before_s * _SECOND, change + after_s * _SECOND
            if not (local <= wall[0] + _RACE and wall[1] <= local_after + _RACE):
                continue
            offset = local_after - after
            if tied and offset != after_s * _SECOND:
                continue
            later = local - instant - offset + (after_s - before_s) * _SECOND
            if later and later <= silence + _RACE:
                found |= {stamped[row][0] for row, *_ in own if row <= at}
    return found


def moved_together(lines: Sequence[Told], pinned: Iterable[int]) -> set[int]:
    """Rows of lines of one constant offset, of several processes, that might all be elsewhere.

    Nobody else has that offset, or another clock has the one they would have: the other reading
    takes no more clocks. All that processes of which no anchor tells have at that offset moves.
    Before it they had the clock of those it tells of, or nothing; no clock keeps summer time.

    Args:
        lines: every line of the log.
        pinned: processes whose clock an anchor tells.
    """
    known = set(pinned)
    stamped = [(row, *line) for row, line in enumerate(lines) if line is not None]
    owners: dict[int, set[int]] = defaultdict(set)
    course: dict[int, list[int]] = defaultdict(list)
    for _, pid, local, instant in stamped:
        owners[_quarters(local - instant)].add(pid)
        course[pid].append(_quarters(local - instant))
    born = {offset for pid in known for offset in course.get(pid, ())}
    found: set[int] = set()
    if any(len({*course[pid]}) > 1 for pid in known & course.keys()):
        return found
    for offset, pids in owners.items():
        movers = pids - known
        ways = (course[pid] for pid in movers)
        if any({*way} - {offset} - born or way != sorted(way, key=offset.__eq__) for way in ways):
            continue
        rest = [
            instant if pid not in movers or _quarters(local - instant) != offset else None
            for _, pid, local, instant in stamped
        ]
        own = [
            _Line(row, local, instant, since, until)
            for (row, _, local, instant), held, (since, until) in zip(
                stamped, rest, _around(rest), strict=True
            )
            if held is None
        ]
        alone = pids == movers
        for other in range(_WEST, _EAST + 1):
            if other != offset and (alone or other in owners):
                clock = other * _QUARTER
                if own and all(
                    line.fits(line.local - line.instant + clock - offset * _QUARTER) for line in own
                ):
                    found |= {line.row for line in own}
                    break
    return found


def in_other_zones(
    lines: Sequence[Told], clocks: Sequence[str], zones: Mapping[str, Sequence[Rules]]
) -> Iterator[Ints]:
    """The instants of all stamped lines, in turn, if the very same clocks kept other zones.

    Only readings that break no order. Two clocks at most are elsewhere at once. Of a repeated hour
    the earlier instant that order allows.

    Args:
        lines: every line of the log.
        clocks: whose clock each line shows.
        zones: the zones that a clock may keep; of one that is not named it is known.

    Yields:
        int64[stamped lines], µs.
    """
    rows = [row for row, line in enumerate(lines) if line is not None]
    told = np.array([line[1:] for line in lines if line is not None], np.int64).reshape(-1, 2)
    clock = np.array([clocks[row] for row in rows])
    read = {name: _readings(told[clock == name, 0], kept) for name, kept in zones.items()}
    named = [name for name in zones if np.any(clock == name)]
    pairs = combinations(named, 2) if len(named) > 1 else ((name, name) for name in named)
    for one, other in pairs:
        for first, second in product(read[one], read[other] if one != other else [None]):
            early, late = told[:, 1].copy(), told[:, 1].copy()
            early[clock == one], late[clock == one] = first
            if second is not None:
                early[clock == other], late[clock == other] = second
            reading = _ordered(early, late)
            if reading is not None:
                yield reading


def _readings(local: Ints, zones: Iterable[Rules]) -> list[tuple[Ints, Ints]]:
    """The earlier and the later instants of local times, µs, for zones in which all exist."""
    found = []
    for zone in zones:
        both = np.sort([local - offset * _SECOND for offset in zone.at_local(local)], axis=0)
        if all(np.all(local - zone.at_utc(at) * _SECOND == at) for at in both):
            found.append((both[0], both[1]))
    return found


def _ordered(early: Ints, late: Ints) -> Ints | None:
    """The earliest instants that break no order; None where there are none."""
    if np.any(np.maximum.accumulate(early) - late > _RACE):
        return None
    if np.array_equal(early, late):
        return early
    reading, latest = [], -(1 << 62)
    for first, last in zip(early.tolist(), late.tolist(), strict=True):
        at = first if first >= latest - _RACE else last
        if at < latest - _RACE:
            return None
        reading.append(at)
        latest = max(latest, at)
    return np.array(reading, np.int64)


def _quarters(us: int) -> int:
    """Quarters of an hour, rounded."""
    return round(us / _QUARTER)


def _around(instants: Sequence[int | None]) -> list[tuple[int, int]]:
    """The latest instant before each place, and the earliest after it."""
    early = accumulate((x if x is not None else -(1 << 62) for x in instants), max)
    late = [*accumulate((x if x is not None else 1 << 62 for x in reversed(instants)), min)][::-1]
    return list(zip(early, late, strict=True))


def _by_process(lines: Sequence[Told]) -> dict[int, list[_Line]]:
    stamped = [(row, *line) for row, line in enumerate(lines) if line is not None]
    pids = sorted({pid for _, pid, _, _ in stamped})
    own: dict[int, list[_Line]] = defaultdict(list)
    for pid in pids:
        others = [instant if who != pid else None for _, who, _, instant in stamped]
        around = _around(others)
        for (row, who, local, instant), (since, until) in zip(stamped, around, strict=True):
            if who == pid:
                own[pid].append(_Line(row, local, instant, since, until))
    return own


def _parts(own: list[_Line]) -> Iterator[list[_Line]]:
    """Stretches of a process's lines with one offset, to the quarter of an hour."""
    part = [own[0]]
    for line in own[1:]:
        here, there = line.local - line.instant, part[-1].local - part[-1].instant
        if abs(here - there) > _QUARTER // 2:
            yield part
            part = []
        part.append(line)
    yield part


def _might_be(part: Iterable[_Line], offset: int) -> set[int]:
    """Rows next to a change of a clock that might as well be on its other side."""
    found: set[int] = set()
    for line in part:
        if not line.fits(offset):
            break
        found.add(line.row)
    return found
