"""Preparing: makes a process that has just begun fit for what it does: its streams, its memory."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from types import ModuleType

#: A parameter of mallopt(3).
_M_ARENA_MAX = -8
#: Modules of numpy that do nothing but explain others.
DOCS = ("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars")


def prepare() -> None:
    """Make the process fit for what it does, before it loads anything large or starts a thread."""
    _hold_closed_streams()
    _share_memory()
    _leave_out_docs()
    # Its threads would only compute matrices, and we have none.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _hold_closed_streams() -> None:
    """Keep the numbers of standard streams that were closed (`2>&-`), so that no log takes them.

    Reading the one for input and writing the one for output fail as if they were closed; what would
    go to a closed standard error is dropped.
    """
    for number, way in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, way)  # takes the lowest free number: this one
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - lives as long as we do
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115


def _share_memory() -> None:
    """Have one heap for all threads, where the C library has a heap for each: a third less memory.

    It must be asked before the first thread begins, and numpy and polars begin some.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def _leave_out_docs() -> None:
    """Spare numpy the texts that explain its functions, which nobody asks for here: 4 ms."""
    for name in DOCS:
        sys.modules.setdefault(name, ModuleType(name))
