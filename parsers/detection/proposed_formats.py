"""Proposed formats: those that errlog would write instead of the known ones.

Who follows its advice has a log in one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from parsers.error_log_format.better import BEST_TIME, improved
from parsers.error_log_format.fields import parse
from parsers.error_log_format.known import ANY_TIME, KNOWN_FORMATS, KnownFormat

#: A good time that stays as it is.
_GOOD = "%{uz}t"
_BARE_ID = re.compile(r"\[%-?(?:\{c\})?L\]")


@cache
def proposed_formats() -> tuple[KnownFormat, ...]:
    """What is better than each known format, where that is another one."""
    return tuple(_proposed())


def _proposed() -> Iterator[KnownFormat]:
    for known in KNOWN_FORMATS:
        directive = known.directive.replace(ANY_TIME, _GOOD)
        better = improved(parse(directive, known.kind))
        if better != directive:
            better = better.replace(_GOOD, ANY_TIME).replace(BEST_TIME, ANY_TIME)
            bare = _BARE_ID.search(better) is not None
            yield KnownFormat(f"{known.name}, improved", better, "uz", known.kind, bare)
