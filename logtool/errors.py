"""What can go wrong that a person can put right.

ErrlogError            printed as one line, maybe with the place below; exit status of its class
├── UsageError         an option or an argument makes no sense (2)
├── ReadError          a file cannot be read (3)
└── WriteError         an output cannot be written (3)
"""

from __future__ import annotations


class ErrlogError(Exception):
    """A fault to tell in one clear line; `exit_status` is the command's.

    Attributes:
        lines: what to tell: the fault, and below it what shows it, such as a caret at a place.
    """

    exit_status = 3

    def __init__(self, fault: str, *below: str) -> None:
        super().__init__(fault)
        self.lines = (fault, *below)


class UsageError(ErrlogError):
    """An option or an argument makes no sense."""

    exit_status = 2


class ReadError(ErrlogError):
    """A file cannot be read."""


class WriteError(ErrlogError):
    """An output cannot be written."""
