"""Stack events: the compiled loops find what columns of numpy do, from the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from logtool.events.kinds import HARMLESS, Kind
from logtool.reports.counted import stack_events as events
from logtool.reports.meant.wordings import WORDING
from parsers.compiled import kernel as kernels
from parsers.compiled.rows import Stacked, Told
from parsers.lines import NO_TIME

START = 10**15
FLAGS = ("levelled", "syntax", "opens", "flagged")
KINDS = (*Kind, Kind.HEADER, Kind.FRAME, Kind.FRAME, Kind.FINAL, Kind.FINAL, Kind.PLAIN)
#: A message: its kind, what else is known of it, and whether it may hold Python's text.
MESSAGES = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.tuples(*[st.integers(0, 2).map(lambda one: int(one == 0))] * len(FLAGS)),
        st.sampled_from([True, True, True, False]),
    ),
    min_size=1,
    max_size=8,
)
#: A line: its message and its writer, how long after the one before or no time, its client, whether
#: that counts, and how many lines after the one before it stands.
LINES = st.lists(
    st.tuples(
        st.integers(0, 7),
        st.integers(0, 2),
        st.sampled_from([0, 0, 0, 10_000, 50_001, 1_000_001, 4_999_999, 5_000_000, -1, None]),
        st.sampled_from([5, 5, 6 << 33]),
        st.booleans(),
        st.sampled_from([1, 1, 1, 20, 21]),
    ),
    max_size=40,
)
WRITERS = np.array([7, 7 << 40, 9], np.uint64), np.array([False, False, True])
Message = tuple[Kind, tuple[int, ...], bool]
Line = tuple[int, int, int | None, int, bool, int]


def words_of(messages: list[Message]) -> NDArray[np.int64]:
    """What messages tell."""
    known = {name: np.zeros(len(messages), np.int64) for name in WORDING.unpack(np.zeros(1, int))}
    known["kind"] = np.array([kind for kind, _, _ in messages])
    for at, name in enumerate(FLAGS):
        known[name] = np.array([flags[at] for _, flags, _ in messages])
    known["stacks"] = (~np.isin(known["kind"], HARMLESS)).astype(np.int64)
    return WORDING.pack(**known)


def told_of(messages: list[Message], lines: list[Line]) -> Told:
    """What is told of lines."""
    us = START + np.cumsum([step or 0 for _, _, step, *_ in lines], dtype=np.int64)
    us[[one for one, line in enumerate(lines) if line[2] is None]] = NO_TIME
    thread, raw = WRITERS
    return Told(
        np.array([line[0] % len(messages) for line in lines], np.int32),
        np.array([line[1] for line in lines], np.int32),
        us,
        np.array([line[3] for line in lines], np.uint64),
        np.array([line[4] for line in lines], np.bool_),
        words_of(messages),
        np.arange(1, len(messages) + 1, dtype=np.uint64) << np.uint64(50),
        np.array([python for _, _, python in messages], np.bool_),
        thread,
        raw,
        np.cumsum([line[5] for line in lines], dtype=np.int64),
        100,
    )


def lists(found: Stacked) -> list[list[int]]:
    """All that was found, in memory of its own."""
    return [one.tolist() for one in (*found.rows, *found[1:-1], *found.wholes)]


@settings(max_examples=600, deadline=None)
@given(MESSAGES, LINES, LINES, st.lists(st.booleans(), min_size=40, max_size=40))
def test_compiled_loops_find_the_same_stacks(
    messages: list[Message],
    before: list[Line],
    lines: list[Line],
    olds: list[bool],
) -> None:
    """Of lines that are held of blocks before, and of a block behind them."""
    assert kernels.load(1 << 20) is not None
    earlier = told_of(messages, before)
    every = np.arange(len(before), dtype=np.int32)
    held = events._spoken(earlier, every)
    held = held._replace(us=np.where(held.us == NO_TIME, 0, held.us))
    told = told_of(messages, lines)
    newest = int(told.us.max(initial=NO_TIME))
    last = told.first_line + int(told.numbers.max(initial=0))
    given_ = held, np.array(olds[: len(before)], np.bool_), told, newest, last
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "WORTH", 0)
        compiled = lists(events.stack_events(*given_, torn=False))

    assert compiled == lists(events._plainly(*given_))
