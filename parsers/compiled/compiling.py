"""Compiled: the loops of `kernel.wat` and its like, compiled by wasmtime, and their memory.

That takes 20 ms, so they are for large logs. Those of `texts.wat`, `grouping.wat` and `turning.wat`
are compiled when the first of them is called. They see no memory but their own.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast
from weakref import finalize

import numpy as np

from parsers.arrays import Bytes
from parsers.compiled.loops import SHARED
from parsers.compiled.pages import Shared
from parsers.compiled.turning import TurningLoops

if TYPE_CHECKING:
    from wasmtime import Func, Store

_LOOPS, _TEXTS, _GROUPING, _TURNING = map(
    Path(__file__).with_name, ("kernel.wat", "texts.wat", "grouping.wat", "turning.wat")
)
#: Where loops are that not all need; others are in `grouping.wat`.
_ELSEWHERE = {"peel": _TEXTS, "summed": _TEXTS, "looked_up": _TEXTS, "turns": _TURNING}
#: Bytes of a page of WebAssembly's memory.
_PAGE = 64 << 10


class Kernel(TurningLoops):
    """The loops and their memory.

    Attributes:
        size: how many bytes of it may be lent.
    """

    def __init__(self, shared: int) -> None:
        """Compile the loops.

        Args:
            shared: bytes of memory that may be lent.

        Raises:
            ImportError: wasmtime has no wheel for this machine.
            OSError: there is not so much memory.
        """
        from wasmtime import Config, Engine, Instance, Limits, Memory, MemoryType, Module, Store

        config = Config()
        config.parallel_compilation = False  # threads cannot be forked
        config.wasm_wide_arithmetic = True  # whole products of 64 bits
        engine = Engine(config)
        store = Store(engine)
        pages = -(-(SHARED + shared) // _PAGE)
        memory = Memory(store, MemoryType(Limits(pages, pages)))

        kept: list[object] = [config, engine, store]

        def compiled(loops: Path) -> dict[str, Callable[[], int]]:
            module = Module(engine, loops.read_text("utf-8"))
            kept.append(module)
            exports = Instance(store, module, [memory]).exports(store)
            names = [one.name for one in module.exports]
            return {name: _quick(cast("Func", exports[name]), store) for name in names}

        # Never freed: wasmtime's objects fail if they are while Python ends.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))
        address = ctypes.cast(memory.data_ptr(store), ctypes.c_void_p).value
        assert address is not None
        every = np.frombuffer(memoryview(_at(address, pages * _PAGE)), np.uint8)
        super().__init__(_Functions(compiled), every)
        self.size = shared
        self._is_lent = False
        self._shared: Shared | None = None
        self._return(kept=False)

    def lend(self, *, kept: bool = False) -> Bytes | None:
        """Memory that children forked from here on share, uint8[shared]; None while it is lent.

        It is given back when no array refers to it any more. Its pages are given back to the system
        then, unless they shall be `kept` for who is lent it next.
        """
        if self._is_lent:
            return None
        self._is_lent = True
        self.end()
        lent = _at(self._begin + SHARED, self.size)
        finalize(lent, self._return, kept).atexit = False
        return np.frombuffer(memoryview(lent), np.uint8)

    def _return(self, kept: bool) -> None:
        if not kept:
            if self._shared is not None:
                self._shared.close()
            self._shared = Shared(self._begin + SHARED, self.size)
        self._is_lent = False

    def fill(self, parts: Sequence[tuple[int, int]]) -> None:
        """Let there be pages in parts of what can be lent: where each begins in it, and ends.

        A page that is touched first takes two microseconds, and half of that again in each process
        that touches it. Other threads go on meanwhile. While it is lent nothing is done: what is
        there would be lost.
        """
        if self._shared is not None and not self._is_lent:
            for begin, end in parts:
                self._shared.fill(begin, end - begin)


class _Functions(dict[str, Callable[[], int]]):
    """What is exported by the loops; those that not all need are compiled when first called."""

    def __init__(self, compiled: Callable[[Path], dict[str, Callable[[], int]]]) -> None:
        super().__init__(compiled(_LOOPS))
        self._compiled = compiled

    def __missing__(self, name: str) -> Callable[[], int]:
        self.update(self._compiled(_ELSEWHERE.get(name, _GROUPING)))
        return self[name]


def _quick(function: Func, store: Store) -> Callable[[], int]:
    """A call of a function that takes nothing, and gives a number or nothing.

    wasmtime's own makes a dozen objects each time, which takes 17 microseconds, this one none.
    """
    results = len(function.type(store).results)
    plainly = partial(function, store)
    try:
        from wasmtime import _ffi

        given = (_ffi.wasmtime_val_t * 1)()
        trap = ctypes.POINTER(_ffi.wasm_trap_t)()
        told = ctypes.byref(function._func), None, 0, given, results, ctypes.byref(trap)
        context, call = store._context(), _ffi.wasmtime_func_call
    except (ImportError, AttributeError):  # these are nobody's business but wasmtime's
        return lambda: int(plainly() or 0)

    def quickly() -> int:
        if call(context, *told) or trap:
            raise RuntimeError("a loop failed")
        return int(given[0].of.i32) if results else 0

    return quickly


def _at(address: int, size: int) -> ctypes.Array[ctypes.c_uint8]:
    return (ctypes.c_uint8 * size).from_address(address)
