"""Lately: what is found of rows is what each says by itself; what is not there is asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.reports.said.lately import Lately, looked_up, mixed
from logtool.writing.stamps import CALENDAR_US
from parsers.compiled.rows import LookedUp, Sought
from parsers.lines import NO_TIME
from tests.kernel_memory import lent

#: Some share their lowest bits, which tell their places; the highest bit may be set.
_HASHES = st.sampled_from([0, 1, 2, 3, 1 << 13, (1 << 13) + 1, (1 << 63) + 1, (1 << 64) - 1])
_FIRST, _BEHIND = CALENDAR_US
_TIMES = st.one_of(
    st.just(NO_TIME),
    st.integers(-100, 100),
    st.integers(_FIRST - 2, _FIRST + 2),
    st.integers(_BEHIND - 2, _BEHIND + 2),
)
_ROWS = st.lists(st.tuples(st.integers(0, 2), _HASHES, _HASHES, _TIMES), max_size=40)
_WRITERS = st.lists(
    st.tuples(_HASHES, st.sampled_from([0, 1, -1, NO_TIME])), min_size=3, max_size=3
)


def _sought(rows: list[tuple[int, int, int, int]], writers: list[tuple[int, int]]) -> Sought:
    writer, text, client, us = zip(*rows, strict=True) if rows else ((), (), (), ())
    mix, off_us = zip(*writers, strict=True)
    return Sought(
        np.array(writer, np.int32), np.array(text, np.uint64), np.array(client, np.uint64),
        np.array(us, np.int64), np.array(mix, np.uint64), np.array(off_us, np.int64),
    )  # fmt: skip


def _completed(
    rows: Sought, found: LookedUp, known: tuple[Lately, Lately], numbers: dict[int, int]
) -> None:
    """Ask for what is missed, and keep it."""
    texts, clients = known
    for missed, column, hashes, lately in (
        (found.missed_texts, found.text, mixed(rows, found.missed_texts), texts),
        (found.missed_clients, found.client, rows.client[found.missed_clients], clients),
    ):
        told = [numbers.setdefault(one, len(numbers)) for one in hashes.tolist()]
        column[missed] = told
        lately.keep(hashes, np.array(told, np.int64))


@pytest.mark.parametrize("by_loop", [False, True])
@settings(deadline=None)
@given(st.lists(st.tuples(_ROWS, _WRITERS, st.booleans()), max_size=4))
def test_what_is_told_of_rows_is_what_each_says(
    by_loop: bool, blocks: list[tuple[list[tuple[int, int, int, int]], list[tuple[int, int]], bool]]
) -> None:
    """Numbers are those of its text, mixed, and of its client; instants those of its writer."""
    known = Lately(), Lately()
    numbers = {0: 0}
    with lent() as memory:
        for lines, writers, forgets in blocks:
            data = memory.put(np.zeros(64, np.uint8)) if by_loop else np.zeros(64, np.uint8)
            if forgets:
                known[0].forget()
                known[1].forget()
            rows = _sought(lines, writers)
            found = looked_up(rows, *known, data)
            _completed(rows, found, known, numbers)
            for at, (writer, text, client, us) in enumerate(lines):
                mix, off_us = writers[writer]
                assert found.text[at] == numbers[text ^ mix if text else 0]
                assert found.client[at] == numbers[client]
                assert found.addressed[at] == (client > 0)
                instant = us - off_us
                timed = NO_TIME not in (us, off_us) and _FIRST <= instant < _BEHIND
                assert found.us[at] == (instant if timed else NO_TIME)


def test_the_loop_finds_what_comes_again() -> None:
    """Nothing is missed but what is new or has lost its place to another."""
    texts, clients = Lately(), Lately()
    rows = _sought([(0, 5, 7, 1), (1, 5, 7, 2), (0, 0, 0, 3)], [(0, 0), (8, 0), (0, 0)])
    with lent() as memory:
        data = memory.put(np.zeros(64, np.uint8))
        found = looked_up(rows, texts, clients, data)
        assert found.missed_texts.tolist() == [0, 1]
        assert found.missed_clients.tolist() == [0, 1]
        texts.keep(mixed(rows, found.missed_texts), np.array([3, 4]))
        clients.keep(np.array([7, 7 + (1 << 13)], np.uint64), np.array([9, 1]))
        found = looked_up(rows, texts, clients, data)
        assert found.text.tolist() == [3, 4, 0]
        assert found.missed_texts.tolist() == []
        assert found.missed_clients.tolist() == [0, 1]
