"""What can go wrong that a person can put right.

ErrlogError            printed as one line, exit status of its class
├── UsageError         an option or an argument makes no sense (2)
├── ReadError          a file cannot be read (3)
└── WriteError         an output cannot be written (3)
"""

from __future__ import annotations


class ErrlogError(Exception):
    """A fault to tell in one clear line; `exit_status` is the command's."""

    exit_status = 3


class UsageError(ErrlogError):
    """An option or an argument makes no sense."""

    exit_status = 2


class ReadError(ErrlogError):
    """A file cannot be read."""


class WriteError(ErrlogError):
    """An output cannot be written."""
