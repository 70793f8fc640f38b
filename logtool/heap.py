"""Heap: asks the C library to keep the memory that large logs need, or to give it back."""

from __future__ import annotations

import ctypes
import mmap
from contextlib import suppress

#: Parameters of mallopt(3).
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENAS, _NEVER = -1, -3, -8, 1 << 30
#: Bytes of the heap that shall have huge pages, and bytes of one.
_HEAP, _HUGE = 96 << 20, 2 << 20


def keep_freed_memory() -> None:
    """Ask the C library to keep the memory of one block for the next, where it can be asked.

    glibc gives freed arrays back to the system, and fresh pages cost more than the work on them:
    2 microseconds each on a virtual machine, unless they are huge.
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
        _take_huge_pages(library)


def give_back_freed_memory() -> None:
    """Give back to the system what was kept: children would each come to hold a copy of it."""
    with suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        library.malloc_trim(0)
        _take_huge_pages(library)


def _take_huge_pages(library: ctypes.CDLL) -> None:
    """Let the C library have huge pages for what it takes next."""
    library.malloc.argtypes, library.malloc.restype = (ctypes.c_size_t,), ctypes.c_void_p
    library.free.argtypes = (ctypes.c_void_p,)
    library.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    if place := library.malloc(_HEAP):
        begin = -(-place // _HUGE) * _HUGE
        library.madvise(begin, _HEAP - _HUGE, mmap.MADV_HUGEPAGE)
        library.free(place)
