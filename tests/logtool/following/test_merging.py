"""Lines of several logs come out in UTC order, no later than the window allows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from logtool.following.merging import Merger, Stood
from parsers.lines import NO_TIME

SECOND = 1_000_000


def add(merger: Merger, log: int, lines: list[tuple[bytes, int]], now: float) -> None:
    """Hand over lines with their instants."""
    text = np.frombuffer(b"".join(line for line, _ in lines), np.uint8)
    merger.add(log, text, np.array([utc for _, utc in lines], np.int64), now)


def test_order() -> None:
    """A line waits for earlier ones of other logs."""
    merger = Merger(1.0)
    add(merger, 0, [(b"c\n", 3 * SECOND)], 10.0)
    add(merger, 1, [(b"a\n", SECOND), (b"b\n", 2 * SECOND)], 10.5)

    assert merger.ripe(10.9).tobytes() == b""
    assert merger.ripe(11.0).tobytes() == b"a\nb\nc\n"
    assert merger.first_held() == {}


def test_lines_without_instant() -> None:
    """A line without an instant stays behind the line before it."""
    merger = Merger(1.0)
    add(merger, 0, [(b"a\n", SECOND), (b"raw\n", NO_TIME), (b"c\n", 3 * SECOND)], 0.0)
    add(merger, 1, [(b"b\n", 2 * SECOND)], 0.0)

    assert merger.all().tobytes() == b"a\nraw\nb\nc\n"


def test_a_wrong_stamp_does_no_lasting_harm() -> None:
    """A line from the future does not hold the lines behind it in the future."""
    merger = Merger(1.0)
    add(merger, 0, [(b"far\n", 900 * SECOND), (b"raw\n", NO_TIME), (b"b\n", 2 * SECOND)], 0.0)
    add(merger, 1, [(b"c\n", 3 * SECOND)], 0.0)

    assert merger.all().tobytes() == b"b\nc\nfar\nraw\n"


def test_half_a_line() -> None:
    """A last line without newline is ended, for another log's line may follow."""
    merger = Merger(1.0)
    add(merger, 0, [(b"a\n", SECOND), (b"b", 2 * SECOND)], 0.0)
    add(merger, 1, [(b"c\n", 3 * SECOND)], 0.0)

    assert merger.all().tobytes() == b"a\nb\nc\n"


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 900_000), st.booleans()),
        max_size=60,
    )
)
def test_merged(said: list[tuple[int, int, bool]]) -> None:
    """Every line comes once; lines of one log keep their order; all are in UTC order."""
    merger, out = Merger(0.5), b""
    utc, written = 0, []
    for number, (log, step, look) in enumerate(said):
        utc += step
        text = b"%d %d %d\n" % (utc, log, number)
        written.append(text)
        add(merger, log, [(text, utc)], utc / SECOND)
        if look:
            out += merger.ripe(utc / SECOND).tobytes()
    out += merger.all().tobytes()

    assert out.splitlines(keepends=True) == written


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2), st.integers(-9 * SECOND, 3 * SECOND), st.integers(1, 3),
            st.booleans(),
        ),
        max_size=40,
    )
)  # fmt: skip
def test_where_the_first_held_line_stands(said: list[tuple[int, int, int, bool]]) -> None:
    """A run that goes on there gives each line once; none is told where it would not."""
    merger, given = Merger(1.0), list[int]()
    places = {log: list[int]() for log in range(3)}
    for number, (log, step, count, look) in enumerate(said):
        now = number / 4
        utc = int(now * SECOND) + step
        new = [len(places[log]) + at for at in range(count)]
        places[log] += new
        text = np.frombuffer(b"".join(b"%d\n" % (3 * place + log) for place in new), np.uint8)
        stood = Stood(log, np.array(new, np.int64))
        merger.add(log, text, np.full(count, utc, np.int64), now, stood)
        if look:
            given += map(int, merger.ripe(now).tobytes().split())
        done = {log: {one // 3 for one in given if one % 3 == log} for log in places}
        held = {log: {*every} - done[log] for log, every in places.items()}
        expected = {log: min(some) for log, some in held.items() if some}
        exact = all(done[log] == {*range(place)} for log, place in expected.items())
        assert merger.first_held() == (expected if exact else None)
