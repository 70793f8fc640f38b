"""Kernel memory: takes bytes, gives blocks of them that the kernel works on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from parsers.arrays import Bytes
from parsers.blocks import Block
from parsers.compiled.compiling import Kernel
from parsers.compiled.kernel import kernel_of, load

_SIZE = 48 << 20


class Lent:
    """Memory of the kernel.

    Attributes:
        kernel: the kernel.
        room: uint8, memory for results.
        columns: uint8, memory for columns.
    """

    def __init__(self, kernel: Kernel, memory: Bytes) -> None:
        third = len(memory) // 3 // 64 * 64
        self.kernel = kernel
        self._data, self.room, self.columns = (memory[at * third :][:third] for at in range(3))
        kernel.begin(self.columns)

    def put(self, raw: Bytes) -> Bytes:
        """A copy of some bytes in the memory; columns made before are forgotten."""
        self.kernel.begin(self.columns)
        self._data[: len(raw)] = raw
        data = self._data[: len(raw)]
        assert kernel_of(data) is self.kernel
        return data

    def block(self, raw: bytes) -> Block:
        """What `Block.of` gives, in the memory."""
        block = Block.of(raw)
        return replace(block, data=self.put(block.data))


@contextmanager
def lent() -> Iterator[Lent]:
    """Memory of the kernel that is given back at the end."""
    kernel = load(_SIZE)
    assert kernel is not None
    memory = kernel.lend()
    assert memory is not None
    yield Lent(kernel, memory)


def everywhere(try_it: Callable[[Callable[[bytes], Block]], None]) -> None:
    """Try something with blocks where they usually are, then with blocks in the memory."""
    try_it(Block.of)
    with lent() as memory:
        try_it(memory.block)
