"""Instants: take messages, give the instants with an offset that they tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from logtool.clocks.seen.roles import REMEMBERED, Sample
from parsers.lines import NO_TIME
from parsers.units import SECOND

#: An instant with its offset inside a message: RFC 3339 or Python logging's %z.
_INSTANT = re.compile(
    rb"(?<![\d-])(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,6})\d*)?"
    rb" ?(Z|UTC|[+-]\d\d:?\d\d)(?![\d:])"
)
#: What stands before it where it is when the message was logged: nothing but a level's name, or a
#: name by which loggers call it. Any other (of a token that expires, of a lock) may be hours away,
#: and on the second.
_LOGGED = re.compile(
    rb"""[^\w]*(?:(?:trace|debug|info|notice|warn(?:ing)?|error|critical|fatal)[^\w]+)?"""
    rb"""|(?s:.*)[\s{,"'](?:asctime|created|date|datetime|time|timestamp|ts)"""
    rb"""(?:["']\s*:\s*["']?|=["']?)""",
    re.IGNORECASE,
)


def instants_in(samples: Sequence[Sample]) -> list[tuple[Sample, int]]:
    """Lines whose message carries an instant with its offset, and that instant in µs UTC.

    Those of which is known when they were received need none: Docker's is behind the message.
    """
    return [
        (sample, instant)
        for sample in samples
        if sample.received_us == NO_TIME and (instant := instant_in(sample.message)) is not None
    ]


def names_when_logged(message: bytes) -> bool:
    """Whether its first instant with an offset stands where loggers put the time of a message."""
    match = _INSTANT.search(message)
    return match is not None and _LOGGED.fullmatch(message, 0, match.start()) is not None


@lru_cache(REMEMBERED)
def instant_in(text: bytes) -> int | None:
    """The first instant with its offset in a text, µs UTC, or None."""
    match = _INSTANT.search(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(x) for x in match.groups()[:6])
    try:
        date = np.datetime64(f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}", "us")
    except ValueError:
        return None
    fraction = int((match[7] or b"0").ljust(6, b"0"))
    shift = 0
    if match[8] not in (b"Z", b"UTC"):
        digits = match[8][1:].replace(b":", b"")
        shift = (int(digits[:2]) * 60 + int(digits[2:])) * (-1 if match[8][:1] == b"-" else 1)
    return int(date.astype(np.int64)) + (second - 60 * shift) * SECOND + fraction
