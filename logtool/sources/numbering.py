"""Numbering: takes the opened members of rotated sets, gives the order that their times show.

logrotate calls the youngest `.1`. Other tools count on: the highest number is the youngest.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from logtool.sources.source import Source
from parsers.log_names import read_log_name
from parsers.time_pieces import MONTHS

#: Bytes in which the first time of a member is looked for.
_LOOKED_AT = 4 << 10
_STAMP = re.compile(
    rb"(?P<name>[A-Z][a-z]{2}) +(?P<date>\d{1,2}) (?P<at>\d\d:\d\d:\d\d)(?:\.\d+)? (?P<year>\d{4})"
    rb"|(?P<day>\d{4}-\d\d-\d\d)[ T](?P<time>\d\d:\d\d:\d\d)"
)
#: First lines of processes with other clocks differ by less.
_APART = timedelta(hours=14)


def counted_on(sources: Sequence[Source]) -> list[list[int]]:
    """The members of which higher numbers are younger, which stand youngest first: their numbers.

    Each begins so much later than the one that should be younger that no clocks explain it.
    """
    sets: dict[int, list[int]] = defaultdict(list)
    for number, source in enumerate(sources):
        if read_log_name(Path(source.path).name).number is not None:
            sets[source.sequence].append(number)
    return [members for members in sets.values() if _fall([sources[one] for one in members])]


def _fall(sources: Sequence[Source]) -> bool:
    """Whether each of several begins long before the one that stands before it."""
    later = _first_time(sources[0])
    for source in sources[1:]:
        first = _first_time(source)
        if later is None or first is None or later - first < _APART:
            return False
        later = first
    return len(sources) > 1


def _first_time(source: Source) -> datetime | None:
    """The first local time in a member; None where there is none near its beginning."""
    found = _STAMP.search(next(source.pieces(_LOOKED_AT), b""))
    if found is None:
        return None
    said = {name: text.decode() for name, text in found.groupdict(b"").items()}
    day = said["day"]
    if not day and said["name"].lower() in MONTHS:
        day = f"{said['year']}-{MONTHS.index(said['name'].lower()) + 1:02}-{said['date']:0>2}"
    try:
        return datetime.fromisoformat(f"{day}T{said['at'] or said['time']}").replace(tzinfo=UTC)
    except ValueError:
        return None
