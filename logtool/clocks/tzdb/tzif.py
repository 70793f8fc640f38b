"""TZif: takes a zone's file (RFC 8536), gives the rule that holds when all that it lists is over.

That is read twenty times as fast as all changes of a zone, and most zones have the rule of another.
"""

from __future__ import annotations

import os
import re
import struct

#: Longer than any such file.
_MOST = 1 << 16
#: A magic word, a version, and how many marks of two kinds, leap seconds, changes, offsets and
#: letters follow; then all of it once more with times of 64 bits; then a rule in a line of its own.
_HEAD, _TIME = struct.Struct(">4sc15x6L"), struct.Struct(">q")
_NONE = -(1 << 43)
#: A rule (POSIX's TZ) of one offset, counted to the west: a name, hours, minutes, seconds.
_FIXED = re.compile(rb"(?:<[^>]+>|[A-Za-z]+)([-+]?)([01]?\d|2[0-3])(?::([0-5]\d))?(?::([0-5]\d))?")


def last_rule(path: str) -> tuple[int, bytes] | None:
    """When the last change in a file comes, and the rule from then on; None if it tells no rule.

    The time is in seconds since 1970; long ago if no change is listed.
    """
    file = os.open(path, os.O_RDONLY)
    try:
        told = os.read(file, _MOST)
    finally:
        os.close(file)
    if len(told) < _HEAD.size or len(told) == _MOST or not told.endswith(b"\n"):
        return None
    magic, version, marks, others, leaps, changes, kinds, letters = _HEAD.unpack_from(told)
    if magic != b"TZif" or version < b"2":
        return None
    again = _HEAD.size + 5 * changes + 6 * kinds + letters + 8 * leaps + others + marks
    *_, changes, _, _ = _HEAD.unpack_from(told, again)
    rule = told[told.rindex(b"\n", 0, -1) + 1 : -1]
    if not rule:
        return None
    times = again + _HEAD.size
    last = _TIME.unpack_from(told, times + _TIME.size * (changes - 1))[0] if changes else _NONE
    return last, rule


def fixed_offset(rule: bytes) -> int | None:
    """Seconds east of UTC by a rule that knows no summer time; None for any other rule."""
    told = _FIXED.fullmatch(rule)
    if told is None:
        return None
    sign, hours, minutes, seconds = told.groups(b"0")
    west = 3600 * int(hours) + 60 * int(minutes) + int(seconds)
    return west if sign == b"-" else -west
