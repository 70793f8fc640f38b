"""Memory shared with children: with a file behind it or without, the same."""

from __future__ import annotations

import errno
import mmap
import os
from pathlib import Path

import numpy as np
import pytest

from parsers.compiled.pages import Shared, give_back

_SIZE = 8 * mmap.PAGESIZE

# Python warns of the threads that numpy's library of matrices keeps; the child needs none.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


@pytest.mark.parametrize("without", ["", "memfd_create", "ftruncate"])
def test_a_child_shares_it(without: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a child writes is seen, pages that are made are zeros, and no file stays open."""

    def none(*args: object) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    if without:
        monkeypatch.setattr(os, without, none)
    before = len(list(Path("/proc/self/fd").iterdir()))
    own = mmap.mmap(-1, _SIZE)
    memory = np.frombuffer(own, np.uint8)
    memory[:] = 3
    shared = Shared(memory.ctypes.data, _SIZE)
    shared.fill(mmap.PAGESIZE, 2 * mmap.PAGESIZE)
    assert not memory.any()
    child = os.fork()
    if child == 0:
        memory[mmap.PAGESIZE : 5 * mmap.PAGESIZE] = 5
        os._exit(0)
    os.waitpid(child, 0)
    assert memory[:: mmap.PAGESIZE].tolist() == [0, 5, 5, 5, 5, 0, 0, 0]
    shared.close()
    shared.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert memory.sum() == 4 * mmap.PAGESIZE * 5


def test_without_memory_there_is_an_error() -> None:
    """More than there can be is refused, and nothing stays open."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(OSError, match=r"Cannot allocate|Invalid"):
        Shared(mmap.PAGESIZE, 1 << 62)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_what_is_given_back_is_lost_for_all() -> None:
    """A child gives pages back: there are none any more, and no others are touched."""
    own = mmap.mmap(-1, _SIZE)
    memory = np.frombuffer(own, np.uint8)
    shared = Shared(memory.ctypes.data, _SIZE)
    memory[:] = 3
    file = shared._file
    assert file is not None
    blocks = os.fstat(file).st_blocks
    child = os.fork()
    if child == 0:
        give_back(memory.ctypes.data + 2 * mmap.PAGESIZE, 3 * mmap.PAGESIZE)
        os._exit(0)
    os.waitpid(child, 0)
    assert os.fstat(file).st_blocks * 8 == blocks * 5
    assert memory[:: mmap.PAGESIZE].tolist() == [3, 3, 0, 0, 0, 3, 3, 3]
    shared.close()
