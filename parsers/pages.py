"""Pages: takes places in memory, has the system make pages there, or share them with children."""

from __future__ import annotations

import ctypes
import mmap
import os

#: MAP_FIXED of mmap(2): in the place of what is there.
_MAP_FIXED = 0x10
#: Arguments of madvise(2). Old kernels do not know the first one: nothing is lost then.
_MADV_POPULATE_WRITE, _MADV_DONTNEED = 23, 4
#: Bytes of pages that are made at once.
_AT_ONCE = 1 << 20


def share(address: int, size: int) -> None:
    """Put memory that is shared with child processes in the place of some of our own.

    Raises:
        OSError: there is not so much.
    """
    call = ctypes.CDLL(None, use_errno=True).mmap
    call.restype = ctypes.c_void_p
    call.argtypes = (
        ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long,
    )  # fmt: skip
    flags = mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | _MAP_FIXED
    if call(address, size, mmap.PROT_READ | mmap.PROT_WRITE, flags, -1, 0) != address:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def fill(address: int, size: int) -> None:
    """Let there be pages in shared memory that begins at one; they count as ours when touched."""
    for place in range(0, size, _AT_ONCE):
        part = min(_AT_ONCE, size - place)
        for advice in (_MADV_POPULATE_WRITE, _MADV_DONTNEED):
            _advise(address + place, part, advice)


def take(address: int, size: int) -> None:
    """Let there be pages in memory that begins at one, all at once, which are ours."""
    _advise(address, size, _MADV_POPULATE_WRITE)


def _advise(address: int, size: int, advice: int) -> None:
    call = ctypes.CDLL(None).madvise
    call.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    call(address, size, advice)
