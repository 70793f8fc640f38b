"""Recognising: takes a file, says whether lines of it are those of an error log."""

from __future__ import annotations

from contextlib import closing

from logtool.errors import ReadError
from logtool.sources.source import Source
from parsers.built_in import BUILT_IN
from parsers.detection.detect import detect

#: So many bytes from its beginning are looked at.
_LOOKED_AT = 64 << 10


def is_error_log(path: str) -> bool:
    """Whether a line near the beginning of a file, compressed or not, is laid out as by httpd.

    A time before anything is none: many others write that too. What cannot be read is no log.
    """
    try:
        with closing(Source(path)) as source:
            block = next(source.blocks(_LOOKED_AT), None)
            return block is not None and bool(detect([block], list(BUILT_IN)))
    except ReadError:
        return False
