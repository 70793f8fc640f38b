"""Layouts: takes lines of an access log, and its LogFormats where told; finds how to read it."""

from __future__ import annotations

from collections.abc import Sequence

from parsers.access_log.log_format import LogFormat
from parsers.access_log.stamps import AccessStamps
from parsers.access_log.structure import AccessLayout, learn_layout, read_learned
from parsers.access_log.told import read_told
from parsers.blocks import Block


def find_layout(
    block: Block, log_formats: Sequence[LogFormat] = ()
) -> AccessLayout | LogFormat | None:
    """How the lines of a log are read, or None if most of them have no time that could be.

    A LogFormat that is told says more than what is learned from the lines, if it reads as many.
    """
    learned = learn_layout(block)
    best: AccessLayout | LogFormat | None = learned
    most = len(block) // 2 if learned is None else _timed(block, learned) - 1
    for log_format in log_formats:
        if (timed := _timed(block, log_format)) > most:
            best, most = log_format, timed
    return best


def _timed(block: Block, layout: AccessLayout | LogFormat) -> int:
    return len(block) - read_lines(block, layout).unreadable


def read_lines(block: Block, layout: AccessLayout | LogFormat) -> AccessStamps:
    """Read the lines of a block as `find_layout` found."""
    if isinstance(layout, LogFormat):
        return read_told(block, layout)
    return read_learned(block, layout)
