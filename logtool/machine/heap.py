"""Heap: asks the C library to keep the memory that large logs need, or to give it back."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress

from parsers.blocks import BLOCK_SIZE

#: Parameters of mallopt(3).
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENAS, _NEVER = -1, -3, -8, 1 << 30
#: How polars' allocator (jemalloc) is told to give back at once what it does not need.
_POLARS_MEMORY = "dirty_decay_ms:100,muzzy_decay_ms:0"


def keep_freed_memory() -> None:
    """Ask the C library to keep the memory of one block for the next, where it can be asked.

    glibc gives freed arrays back to the system, and fresh pages cost more than the work on them:
    2 microseconds each on a virtual machine. Huge ones are no remedy: its host takes back what is
    not in use for seconds, and to have 2 MiB again takes 5 milliseconds.
    Asked before polars starts its threads, it also takes a third less: one heap serves them all.
    """
    with suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        for parameter, value in (
            (_TRIM_THRESHOLD, _NEVER),
            (_MMAP_THRESHOLD, _NEVER),
            (_ARENAS, 1),
        ):
            library.mallopt(parameter, value)


def give_back_freed_memory() -> None:
    """Give back to the system what was kept: children would each come to hold a copy of it."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def give_back_large_memory() -> None:
    """Give back what was kept, and from then on at once what is larger than a block.

    For who shows logs after they were read: a mask of all lines is large and not needed for long.
    """
    with suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, BLOCK_SIZE + (BLOCK_SIZE >> 1))
        library.malloc_trim(0)


def spare_memory_of_polars() -> None:
    """Have polars give back at once what it does not need; before it is loaded."""
    os.environ.setdefault("_RJEM_MALLOC_CONF", _POLARS_MEMORY)
