"""Rewriting: loops for lines that were read before give what plain Python gives."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.compiled.kinds import Columns, Narrow
from tests.kernel_memory import lent

NONE = int(np.iinfo(np.int64).min)
#: The widest numbers above the least one, for each way of keeping them.
_WIDTHS = {None: 0, np.uint8: 1 << 8, np.uint16: 1 << 16, np.uint32: 1 << 32, np.uint64: 1 << 50}


@st.composite
def narrow(
    draw: st.DrawFn, rows: int, least: st.SearchStrategy[int], most: int = 1 << 50
) -> Narrow:
    """A column of so many rows."""
    kind = draw(st.sampled_from([kind for kind, end in _WIDTHS.items() if end <= most]))
    if kind is None:
        return Narrow(draw(least), None)
    above = draw(st.lists(st.integers(0, _WIDTHS[kind] - 1), min_size=rows, max_size=rows))
    return Narrow(draw(least), np.array(above, kind))


def _values(column: Narrow, rows: int) -> list[int]:
    above = [0] * rows if column.above is None else column.above.tolist()
    return [column.least + value for value in above]


@given(st.data(), st.integers(0, 40))
def test_lines_from_their_lengths(data: st.DataObject, rows: int) -> None:
    """Each begins where the one before ended, behind its newline."""
    lengths = data.draw(narrow(rows, st.integers(1, 1 << 20), 1 << 16))
    with lent() as memory:
        memory.kernel.begin(memory.columns)
        found = memory.kernel.lines(lengths, rows)
        assert found is not None
        places = [0, *np.cumsum(_values(lengths, rows), dtype=np.int64).tolist()]
        assert found[0].tolist() == places[:rows]
        assert found[1].tolist() == [place - 1 for place in places[1:]]


def test_without_room_there_are_no_lines() -> None:
    """Whoever asked finds them otherwise."""
    with lent() as memory:
        memory.kernel.begin(memory.columns[: 1 << 20])
        assert memory.kernel.lines(Narrow(9, None), 1 << 16) is None
        columns = Columns(*[Narrow(0, None)] * 4)
        starts = np.zeros(1 << 16, np.int64)
        assert memory.kernel.recalled(starts, columns, np.zeros((256, 8), np.int64), 60) is None


@settings(deadline=None)
@given(st.data(), st.integers(1, 40), st.sampled_from([1, 60]))
def test_instants_recalled(data: st.DataObject, rows: int, size: int) -> None:
    """Of lines with a time: that less what belongs to the key at its row, and where it stands."""
    keys = data.draw(narrow(rows, st.integers(-1, 5), 1 << 8))
    times = data.draw(narrow(rows, st.integers(-(1 << 50), 1 << 50)))
    begins, ends = (data.draw(narrow(rows, st.integers(0, 99), 1 << 16)) for _ in range(2))
    if times.above is not None and times.above.dtype == np.uint64 and data.draw(st.booleans()):
        # As a column is kept whose range is too wide: here and there is no time.
        without = data.draw(st.lists(st.booleans(), min_size=rows, max_size=rows))
        whole = np.where(without, NONE, np.array(_values(times, rows), np.int64))
        times = Narrow(0, whole)
    starts = sorted(data.draw(st.lists(st.integers(0, 1 << 22), min_size=rows, max_size=rows)))
    some = st.sampled_from([NONE, 0, 3_600_000_000, -7_200_000_000])
    row = st.integers(-3, rows + 3)
    slots = np.full((64, 8), NONE)
    asked = _values(keys, rows)
    for key in set(asked):
        if data.draw(st.integers(0, 9)):
            first, later = sorted((data.draw(row), data.draw(row)))
            offs = [data.draw(some if data.draw(st.booleans()) else st.just(0)) for _ in range(3)]
            slots[key & 63, :6] = key, offs[0], first, offs[1], later, offs[2]
    told_us = _values(times, rows)
    timed = [row for row in range(rows) if told_us[row] != NONE]
    off = []
    for at in timed:
        owner, before, first, between, later, behind = slots[asked[at] & 63, :6].tolist()
        told = before if at < first else between if at < later else behind
        off.append(told if owner == asked[at] else NONE)
    with lent() as memory:
        memory.kernel.begin(memory.columns)
        found = memory.kernel.recalled(
            np.array(starts), Columns(keys, times, begins, ends), slots, size
        )
        if NONE in off:
            assert found is None
            return
        assert found is not None
        us = [told_us[at] - one for at, one in zip(timed, off, strict=True)]
        assert found.us.tolist() == us
        for places, column in zip(found.spans, (begins, ends), strict=True):
            by = _values(column, rows)
            assert places.tolist() == [starts[at] + by[at] for at in timed]
        seconds, runs = found.runs
        assert seconds[runs].tolist() == [one // (size * 1_000_000) * size for one in us]
        assert all(one != other for one, other in pairwise(seconds.tolist()))


def test_too_many_slots_are_given_up() -> None:
    """They would take the room of the rows."""
    columns = Columns(*[Narrow(0, None)] * 4)
    with lent() as memory:
        memory.kernel.begin(memory.columns)
        slots = np.zeros((1 << 14, 8), np.int64)
        assert memory.kernel.recalled(np.zeros(1, np.int64), columns, slots, 60) is None
        assert memory.kernel.recalled(np.zeros(1, np.int64), columns, slots[:256], 60) is not None
