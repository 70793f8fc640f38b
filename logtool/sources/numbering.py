"""Numbering: takes the opened members of rotated sets, gives the order that their times show.

logrotate calls the youngest `.1`. Other tools count on: the highest number is the youngest; and
`rotatelogs -n` begins with the bare name, and after the highest number there again. Numbers with
leading zeros are no rotation's: so `split -d` calls the pieces of one file, the first one `.00`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from itertools import pairwise, starmap
from pathlib import Path

from logtool.sources.source import Source
from parsers.classes import dataclass
from parsers.log_names import read_log_name
from parsers.times.time_pieces import MONTHS
from parsers.units import SECOND

#: Bytes at the beginning and at the end of a member in which times are looked for.
_LOOKED_AT = 8 << 10
_STAMP = re.compile(
    rb"(?P<name>[A-Z][a-z]{2}) +(?P<date>\d{1,2}) (?P<at>\d\d:\d\d:\d\d(?:\.\d+)?) (?P<year>\d{4})"
    rb"|(?P<day>\d{4}-\d\d-\d\d)[ T](?P<time>\d\d:\d\d:\d\d(?:\.\d+)?)"
)
_PID = re.compile(rb"\bpid\W{1,4}(\d+)")
#: First lines of processes with other clocks differ by less, unless one process says no; and clocks
#: differ by a multiple of this.
_APART_US, _QUARTER_US = 14 * 3600 * SECOND, 900 * SECOND
#: A file's time is so little before its last line's, and so little after it.
_BEFORE_US, _AFTER_US = SECOND, 2 * SECOND
#: How sure it is that a member is younger: by clocks of processes that are not the same; by one
#: process, which may change its clock; by what no clock explains, or by processes and files' times.
_WEAK, _LIKELY, _SURE = 1, 2, 3


@dataclass(frozen=True, slots=True)
class _Ends:
    """What the beginning and the end of a member tell.

    Attributes:
        first_us: its first local time; None where there is none.
        written_us: when it was written last, if its last line is of that time on some clock.
        offset_us: of that clock.
        processes: the first and the last local time of each.
        is_empty: there is nothing in it.
    """

    first_us: int | None
    written_us: int | None
    offset_us: int
    processes: dict[bytes, tuple[int, int]]
    is_empty: bool = False


#: What members tell, by their states: who opens a set looks at it more than once.
_kept: dict[tuple[int, ...], _Ends] = {}
_MOST = 1000


def against_numbers(sources: Sequence[Source]) -> Iterator[tuple[list[int], list[int]]]:
    """Of each set whose times are against its numbers: its members as they stand; in true order.

    That is the same order again where they are against them, but do not show another clearly.

    Args:
        sources: members of a set have the same number, and stand in the order of their numbers.
    """
    sets: dict[int, list[int]] = defaultdict(list)
    for at, source in enumerate(sources):
        said = read_log_name(Path(source.path).name)
        if source.is_stored and (said.number is not None or not said.rotation):
            sets[source.sequence].append(at)
    for members in sets.values():
        if len(members) > 1:
            rising = members[::-1]
            ends = [_ends(sources[at]) for at in rising]
            order = [rising[at] for at in _order(ends)]
            is_clear = bool(order) and order != members
            if not is_clear and are_pieces([sources[at].path for at in members]):
                order = rising if sum(starmap(_step, pairwise(ends))) >= 0 else order
            if order:
                yield members, members if order == rising[::-1] else order


def are_pieces(paths: Sequence[str]) -> bool:
    """Whether files of one set have the names that `split -d` gives."""
    said = [read_log_name(Path(path).name) for path in paths]
    is_padded = any(len(one.rotation) > 2 and one.rotation.startswith(".0") for one in said)
    return is_padded and all(one.number is not None for one in said)


def in_order_of_times(paths: Sequence[str]) -> list[str]:
    """Files of one set, which stand in the order of their numbers, in the order of their times."""
    with ExitStack() as opened:
        sources = [
            opened.enter_context(closing(Source(path, needed=False)))
            for path in (paths if len(paths) > 1 else ())
        ]
        ordered = [*paths]
        for standing, order in against_numbers(sources):
            for place, at in zip(standing, order, strict=True):
                ordered[place] = paths[at]
    return ordered


def is_surely_older(path: str, other: str) -> bool:
    """Whether a file was begun before another, whatever clocks their processes may have."""
    with closing(Source(path, needed=False)) as one, closing(Source(other, needed=False)) as two:
        return _step(_ends(two), _ends(one)) <= -_SURE


def _order(members: Sequence[_Ends]) -> list[int]:
    """The true order of members whose numbers rise; none where that is the falling one.

    The falling one is given where times are against it, but show no other. An empty member says
    nothing: it stands behind the one of the number before, and is the youngest if that was.
    """
    telling = [at for at, one in enumerate(members) if not one.is_empty]
    if len(telling) < 2:
        return []
    ends = [members[at] for at in telling]
    order = _order_of_ring([*zip(ends, [*ends[1:], ends[0]], strict=True)])
    if order == [*range(len(ends))][::-1]:
        return [*range(len(members))][::-1]
    return [*range(telling[order[0]], len(members)), *range(telling[order[0]])] if order else []


def _order_of_ring(neighbours: Sequence[tuple[_Ends, _Ends]]) -> list[int]:
    """Like `_order`, where none is empty.

    Args:
        neighbours: each member with the one of the next number, the last with the first.
    """
    steps = [_step(one, other) for one, other in neighbours]
    falling = range(len(steps))[::-1]
    least = min(steps)
    seam = steps.index(least)
    others = [step for at, step in enumerate(steps) if at != seam]
    if min(others) >= (_SURE if len(steps) == 2 else _LIKELY) and least < 0:
        order = [*range(seam + 1, len(steps)), *range(seam + 1)]
        return order if order != [*falling] else []
    # Of three that fall, two rise where the clocks of one differ: the first after the last does.
    all_rise = len(steps) > 2 and min(others if len(steps) > 3 else steps[:-1]) > 0
    against = sum(step >= _LIKELY for step in steps[:-1])
    # Where nothing better is for numbers than against them, as where processes change clocks.
    if len(steps) > 2 and min(steps[:-1]) > -_LIKELY:
        against = sum(step > 0 for step in steps[:-1])
    return [*falling] if all_rise or 2 * against >= len(steps) else []


def _step(one: _Ends, other: _Ends) -> int:
    """How sure it is that the other is the younger; below 0 if it is the older one."""
    if one.first_us is None or other.first_us is None:
        return 0
    later_us = other.first_us - one.first_us
    common = one.processes.keys() & other.processes.keys()
    by_processes = {_between(one.processes[pid], other.processes[pid]) for pid in common}
    sign = _sign(later_us)
    far = sign * (abs(later_us) >= _APART_US and by_processes <= {sign})
    if sure := {far, _by_files(one, other)} - {0}:
        return _SURE * sum(sure)
    if len(by_processes) == 1 and 0 not in by_processes:
        (said,) = by_processes
        return said * (_SURE if said == _sign(_written_later_us(one, other)) else _LIKELY)
    return _WEAK * sign


def _sign(step: int) -> int:
    return (step > 0) - (step < 0)


def _between(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Whether the other span is after the one (1), before it (-1), or neither (0)."""
    return (one[1] <= other[0]) - (other[1] <= one[0])


def _by_files(one: _Ends, other: _Ends) -> int:
    """Whether the other was written after the one (1) or before it (-1), as the files' times say.

    An old child may write to a renamed log after the new one was begun: that says nothing.
    """
    if not (later_us := _written_later_us(one, other)):
        return 0
    older, younger = (one, other) if later_us > 0 else (other, one)
    assert older.written_us is not None
    assert younger.written_us is not None
    assert younger.first_us is not None
    begins = {younger.first_us - clock for clock in (one.offset_us, other.offset_us)}
    earliest, latest = older.written_us - _AFTER_US, younger.written_us + _BEFORE_US
    if not any(earliest <= begin <= latest for begin in begins):
        return 0
    return 1 if older is one else -1


def _written_later_us(one: _Ends, other: _Ends) -> int:
    """How much later the other was written last; 0 where one's file does not tell that."""
    if one.written_us is None or other.written_us is None:
        return 0
    return other.written_us - one.written_us


def _ends(source: Source) -> _Ends:
    """What a member tells; it is read once as long as it stays the same."""
    if (state := source.state) is None:
        return _read_ends(source)
    if (found := _kept.get(state)) is None:
        while len(_kept) >= _MOST:
            del _kept[next(iter(_kept))]
        found = _kept[state] = _read_ends(source)
    return found


def _read_ends(source: Source) -> _Ends:
    begin, end = source.ends(_LOOKED_AT)
    first_us, last_us = None, None
    processes: dict[bytes, tuple[int, int]] = {}
    for local_us, pid in _stamps(begin, end):
        first_us, last_us = local_us if first_us is None else first_us, local_us
        if pid:
            low, high = processes.get(pid, (local_us, local_us))
            processes[pid] = min(low, local_us), max(high, local_us)
    if last_us is None or source.mtime_us is None or not end:
        return _Ends(first_us, None, 0, processes, is_empty=not (begin or end))
    offset_us = round((last_us - source.mtime_us) / _QUARTER_US) * _QUARTER_US
    after_us = source.mtime_us - (last_us - offset_us)
    is_its = -_BEFORE_US <= after_us <= _AFTER_US and abs(offset_us) <= _APART_US
    return _Ends(first_us, source.mtime_us if is_its else None, offset_us, processes)


def _stamps(*parts: bytes) -> Iterator[tuple[int, bytes]]:
    """The local times of lines, and who wrote them."""
    for line in _lines(parts):
        if (found := _STAMP.search(line)) and (local_us := _local_us(found)) is not None:
            pid = _PID.search(line)
            yield local_us, pid[1] if pid else b""


def _lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    for part in parts:
        yield from part.split(b"\n")


def _local_us(found: re.Match[bytes]) -> int | None:
    said = {name: text.decode() for name, text in found.groupdict(b"").items()}
    day = said["day"]
    if not day and said["name"].lower() in MONTHS:
        day = f"{said['year']}-{MONTHS.index(said['name'].lower()) + 1:02}-{said['date']:0>2}"
    try:
        local = datetime.fromisoformat(f"{day}T{said['at'] or said['time']}").replace(tzinfo=UTC)
    except ValueError:
        return None
    return round(local.timestamp() * SECOND)
