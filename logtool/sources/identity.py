"""Identity: takes what the system tells of a file, gives what it is known by under any name."""

from __future__ import annotations

import os
from typing import TypeAlias

#: Device and inode.
Identity: TypeAlias = tuple[int, int]


def identity_of(status: os.stat_result) -> Identity:
    """What stays the same when a file is renamed, as long as it exists."""
    return status.st_dev, status.st_ino
