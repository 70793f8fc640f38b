"""Packing: columns come back as they were, from memory and from the temporary file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from logtool.sources.packing import Memory, Packed


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=9), st.sampled_from([0, 1 << 20]))
def test_a_column_comes_back(values: list[int], memory: int) -> None:
    """Whatever its range, and wherever it was kept."""
    column, room = np.array(values, np.int64), Memory(left=memory)
    again = Packed.again(Packed(column, room).numbers, room).column()

    assert again is not None
    np.testing.assert_array_equal(again, column)


@given(
    st.lists(st.tuples(st.integers(-(2**62), 2**62), st.integers(-3, 300)), max_size=9),
    st.booleans(),
    st.sampled_from([0, 1 << 20]),
)
def test_a_column_comes_back_on_top_of_another(
    pairs: list[tuple[int, int]], same: bool, memory: int
) -> None:
    """In an array that is given, of one value or many."""
    column = np.array([pairs[0][0] if same else value for value, _ in pairs], np.int64)
    base = np.array([value for _, value in pairs], np.int64)
    out, room = np.zeros(len(pairs), np.int64), Memory(left=memory)

    answer = Packed(column, room).above(base, out)

    assert answer is out
    np.testing.assert_array_equal(out, column + base)


@given(st.integers(0, 1 << 40), st.integers(1, 1 << 30))
def test_of_large_logs_all_goes_to_the_file(size: int, budget: int) -> None:
    """Where at least a half of a twentieth of the lines fits into memory, it is used."""
    assert Memory.of(size, budget).left == (budget if size / 20 / 2 <= budget else 0)


def test_threads_do_not_write_over_each_other() -> None:
    """Files that are unpacked ahead keep their columns while others keep theirs."""
    memory = Memory(left=0)
    chance = np.random.default_rng(1)
    columns = [chance.integers(0, 50_000, 40_000) for _ in range(200)]
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda column: Packed(column, memory), columns))

    for packed, column in zip(kept, columns, strict=True):
        np.testing.assert_array_equal(packed.column(), column)
