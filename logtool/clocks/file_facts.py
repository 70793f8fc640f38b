"""File facts: what is known of a log file besides its lines."""

from __future__ import annotations

from parsers.classes import dataclass


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known of a log file besides its lines.

    Attributes:
        name: for people.
        mtime_us: its last modification, µs UTC, if it can be that of its last line.
        sequence: files of one rotated set have the same number and stand in true order.
        read_us: of a pipe, when all lines had been read that came through it so far, µs UTC.
    """

    name: str
    mtime_us: int | None = None
    sequence: int = 0
    read_us: int | None = None
