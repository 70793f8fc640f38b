"""Stretches of clients' lines: both ways of finding them against a recount, line by line."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logtool.events.kinds import Kind
from logtool.reports.counted import stretches as stretches_module
from logtool.reports.counted.stretches import LONGEST_US, places
from logtool.reports.meant.wordings import WORDING
from parsers.compiled import kernel as kernels
from parsers.compiled.rows import Paused, Rows, Stretched
from parsers.lines import NO_TIME

HALF = 100
TALK = stretches_module._TALK_ON

#: Key, time behind the one before or none, side, thread, whether it begins one, kind.
LINES = st.lists(
    st.tuples(
        st.sampled_from([5, 5, 7 << 33, 0]),
        st.sampled_from([30, 90, 150, 700, 0, -200, LONGEST_US, LONGEST_US - 1, None]),
        st.integers(0, 1),
        st.sampled_from([1, 1, 2]),
        st.sampled_from([False, False, False, True]),
        st.sampled_from([Kind.PLAIN, Kind.PLAIN, Kind.FINAL, Kind.FRAME]),
    ),
    max_size=60,
)


def rows_of(lines: list[tuple[int, int | None, int, int, bool, Kind]]) -> Rows:
    """The columns of lines, each of a writer and with a message of its own."""
    us = 10**12 + np.cumsum([step or 0 for _, step, *_ in lines], dtype=np.int64)
    us[[one for one, line in enumerate(lines) if line[1] is None]] = NO_TIME
    kind = np.array([line[5] for line in lines], np.int64)
    every = np.arange(len(lines), dtype=np.int32)
    return Rows(
        np.array([line[0] for line in lines], np.uint64),
        us,
        every,
        every,
        np.array([line[2] for line in lines], np.int64),
        np.array([line[3] for line in lines], np.uint64),
        np.array([line[4] for line in lines], np.bool_),
        WORDING.pack(**{name: 0 for name in WORDING.unpack(kind)} | {"kind": kind}),
    )


def turned(rows: Rows) -> Rows:
    """The same, writers and messages numbered the other way round."""
    every = rows.writer[::-1].copy()
    side, thread, begins, tells = rows.side, rows.thread, rows.begins, rows.tells
    return Rows(
        rows.key, rows.us, every, every, side[::-1], thread[::-1], begins[::-1], tells[::-1]
    )


def recounted(rows: Rows) -> list[tuple[int, list[int], int]]:
    """The key of each stretch, its rows and its longest wait."""
    by_key = defaultdict(list)
    for row, (key, us) in enumerate(zip(rows.key.tolist(), rows.us.tolist(), strict=True)):
        if key and us != NO_TIME:
            by_key[key].append(row)
    found: list[tuple[int, list[int], int]] = []
    for key, some in by_key.items():
        for nth, row in enumerate(some):
            before = some[nth - 1] if nth else None
            if before is None or rows.begins[row] or changes_thread(rows, before, row):
                found.append((key, [row], 0))
                continue
            wait = int(rows.us[row] - rows.us[before])
            if rows.side[row] == rows.side[before] or not 0 < wait < LONGEST_US:
                wait = 0
            after = some[nth + 1] if nth + 1 < len(some) else None
            if wait > HALF and after is not None and talk_on(rows, row, after):
                wait = 0
            _, own, longest = found[-1]
            found[-1] = key, [*own, row], max(longest, wait)
    return sorted(found, key=lambda one: one[1][0])


def changes_thread(rows: Rows, one: int, other: int) -> bool:
    """Whether two threads of daemons wrote two rows."""
    daemons = rows.side[one] == rows.side[other] == 1
    return bool(daemons and rows.thread[one] != rows.thread[other])


def talk_on(rows: Rows, one: int, other: int) -> bool:
    """Whether one thread of a daemon wrote both rows, and both are talk."""
    kinds = WORDING.number(rows.tells[[one, other]], "kind").tolist()
    daemons = rows.side[one] == rows.side[other] == 1
    same = rows.thread[one] == rows.thread[other]
    return bool(daemons and same and {*kinds} <= {Kind.PLAIN, Kind.FINAL})


def assert_is(found: Stretched, rows: Rows) -> None:
    """All that is told of stretches is what the recount finds."""
    truth = recounted(rows)
    of_rows = np.full(len(rows.key), -1)
    for number, (_, some, _) in enumerate(truth):
        of_rows[some] = number
    assert found.of_rows.tolist() == of_rows.tolist()
    assert found.row.tolist() == [some[0] for _, some, _ in truth]
    assert found.begin.tolist() == [rows.us[some[0]] for _, some, _ in truth]
    assert found.end.tolist() == [rows.us[some[-1]] for _, some, _ in truth]
    assert found.side.tolist() == [rows.side[some[-1]] for _, some, _ in truth]
    assert found.wait.tolist() == [longest for _, _, longest in truth]
    keys = rows.key[found.key_row].tolist()
    assert sorted(keys) == sorted({key for key, _, _ in truth})
    of_keys = zip(
        keys, found.first, found.last, found.goes_on, found.first_side,
        strict=True,
    )  # fmt: skip
    for key, first, last, goes_on, first_side in of_keys:
        own = [number for number, one in enumerate(truth) if one[0] == key]
        begin = truth[own[0]][1][0]
        assert (first, last) == (own[0], own[-1])
        assert goes_on == (not rows.begins[begin])
        assert first_side == rows.side[begin]


@settings(max_examples=400, deadline=None)
@given(LINES)
def test_stretches(lines: list[tuple[int, int | None, int, int, bool, Kind]]) -> None:
    """Each way tells which line is of which stretch, and what there is to know of these."""
    kernel = kernels.load(1 << 20)
    assert kernel is not None
    rows = rows_of(lines)
    compiled = kernel.stretches(rows, HALF, LONGEST_US, TALK)
    assert compiled is not None
    assert_is(compiled, rows)
    assert_is(stretches_module._plainly(rows, HALF), rows)
    turned_too = kernel.stretches(turned(rows), HALF, LONGEST_US, TALK)
    assert turned_too is not None
    assert_is(turned_too, rows)
    assert_is(stretches_module._plainly(turned(rows), HALF), rows)


@settings(max_examples=800, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=3))
@example(
    [[(5, 30, 0, 1, False, Kind.PLAIN)], [(5, step, 1, 1, False, Kind.PLAIN) for step in (210, 30)]]
)
def test_what_is_passed_over_is_not_long(
    blocks: list[list[tuple[int, int | None, int, int, bool, Kind]]],
) -> None:
    """Both ways know the same of blocks, and where they see nothing long there is nothing."""
    assert kernels.load(1 << 20) is not None
    known = plainly = stretches_module.NOTHING
    before: tuple[Rows, Stretched] | None = None
    for lines in blocks:
        rows = rows_of(lines)
        known = stretches_module.pauses(rows, known, 2 * HALF, HALF)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kernels, "loaded", lambda: None)
            plainly = stretches_module.pauses(rows, plainly, 2 * HALF, HALF)
        assert told(known) == told(plainly)
        found = stretches_module._plainly(rows, HALF)
        by_key = zip(found.key_row.tolist(), found.last.tolist(), strict=True)
        last = {int(rows.key[row]): int(found.end[one]) for row, one in by_key}
        assert dict(zip(known.key.tolist(), known.us.tolist(), strict=True)) == last
        if not known.long:
            assert not ((found.end - found.begin > 2 * HALF) & (found.wait > HALF)).any()
            assert before is None or not is_long_over(before, (rows, found))
        before = rows, found


def told(paused: Paused) -> tuple[bool, list[tuple[int, ...]]]:
    """All that is known, in order of keys."""
    return paused.long, sorted(zip(*(one.tolist() for one in paused[1:]), strict=True))


def is_long_over(before: tuple[Rows, Stretched], here: tuple[Rows, Stretched]) -> bool:
    """Whether a stretch that goes on from one block to the next is long, with a long wait."""
    (rows, one), (next_rows, other) = before, here
    lasts = zip(one.key_row.tolist(), one.last.tolist(), strict=True)
    last = {int(rows.key[row]): number for row, number in lasts}
    keys = zip(
        other.key_row.tolist(), other.first.tolist(), other.goes_on.tolist(),
        other.first_side.tolist(), strict=True,
    )  # fmt: skip
    for row, first, goes_on, side in keys:
        number = last.get(int(next_rows.key[row]))
        if number is None or not goes_on:
            continue
        between = int(other.begin[first] - one.end[number])
        if side == one.side[number] or between >= LONGEST_US:
            between = 0
        wait = max(between, int(one.wait[number]), int(other.wait[first]))
        if wait > HALF and int(other.end[first] - one.begin[number]) > 2 * HALF:
            return True
    return False


def test_a_request_of_more_than_an_hour_leaves_nothing_to_look_for() -> None:
    """However slow a request must be, more than 32 bits of microseconds: no wait is so long."""
    kernel = kernels.load(1 << 20)
    assert kernel is not None
    rows = rows_of([(5, 0, 0, 1, False, Kind.PLAIN), *[(5, 700, 1, 1, False, Kind.PLAIN)] * 2])
    for half, wait in ((600, 0), (1 << 40, 700)):
        compiled = kernel.stretches(rows, half, LONGEST_US, TALK)
        assert compiled is not None
        plainly = stretches_module._plainly(rows, half)
        assert compiled.wait.tolist() == plainly.wait.tolist() == [wait]


def test_too_many_lines_are_left_to_numpy() -> None:
    """The compiled loops say so, and harm nothing that is in their memory."""
    kernel = kernels.load(1 << 20)
    assert kernel is not None
    every = kernel.kinds(np.arange(1 << 17, dtype=np.uint64) << np.uint64(40))
    assert every is not None
    assert every.tolist() == list(range(1 << 17))
    assert kernel.kinds(np.arange((1 << 17) + 1, dtype=np.uint64)) is None
    rows = rows_of([(5, 30, 0, 1, False, Kind.PLAIN)] * (1 << 17))
    assert kernel.stretches(rows, HALF, LONGEST_US, TALK) is None


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, (1 << 64) - 1), max_size=30),
    st.lists(st.integers(0, 40).map(lambda one: one << 58), unique=True, max_size=30),
)
def test_places(keys: list[int], others: list[int]) -> None:
    """Where keys are among others, that are all different."""
    kernels.load(1 << 20)
    asked = [*keys, *others[::2], *others[::3]]
    words = (np.array(some, np.uint64) for some in (asked, others))
    found = places(*words)
    assert found.tolist() == [others.index(one) if one in others else -1 for one in asked]


def test_places_without_the_compiled_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same where there are none."""
    monkeypatch.setattr(kernels, "_kernel", None)
    keys, others = np.array([9, 5, 9, 7], np.uint64), np.array([7, 9], np.uint64)
    assert places(keys, others).tolist() == [1, -1, 1, 0]
    assert places(keys[:0], others[:0]).tolist() == []
