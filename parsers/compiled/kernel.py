"""Kernel: takes columns of a block in its own memory, gives what compiled loops make of them.

The loops are WebAssembly (`parsers.compiled.compiling`), compiled when a process first wants them.
Whoever wants them reads blocks into memory that is lent; `kernel_of` finds them then. What they
give is there too, and good until `begin`.

Whatever they do numpy does as well, for small inputs, other systems and where lines differ too
much: each caller has both ways.
"""

from __future__ import annotations

import sys
from threading import get_ident
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from parsers.compiled.compiling import Kernel

_kernel: Kernel | None = None
#: Who may call its loops: they have one memory, and calls let other threads go on.
_thread = 0


def load(shared: int) -> Kernel | None:
    """The kernel, which can lend so many bytes of memory; None where there can be none."""
    global _kernel, _thread
    if (_kernel is None or _kernel.size < shared) and sys.platform == "linux":
        try:
            from wasmtime import WasmtimeError
        except (ImportError, OSError):  # no wheel for this machine, or no memory for it
            return None
        from parsers.compiled.compiling import Kernel

        try:
            _kernel, _thread = Kernel(shared), get_ident()
        except (WasmtimeError, OSError):  # not so much memory, or addresses (`ulimit -v`)
            return None
    return _kernel


def loaded() -> Kernel | None:
    """The kernel, if something else needed it already; None in other threads than that one's."""
    return _kernel if _thread == get_ident() else None


def column_for(data: NDArray[Any], rows: int, dtype: Any) -> NDArray[Any]:  # noqa: ANN401 - numpy's
    """A new array, in the kernel's memory if some data are: loops need no copy of it then."""
    kernel = kernel_of(data)
    return np.empty(rows, dtype) if kernel is None else kernel.column(rows, dtype)


def kernel_of(data: NDArray[Any]) -> Kernel | None:
    """The kernel, if some bytes are in its memory and it has begun."""
    return _kernel if _kernel is not None and _kernel.holds(data) else None
