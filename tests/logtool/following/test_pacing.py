"""`Paced`: when lines of a stream are written, by a clock that only the test moves."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.clocks.options import ClockOptions
from logtool.clocks.table import ClockTable
from logtool.following.coming import Coming, coming_log
from logtool.following.pacing import LIMIT, LOOK_AHEAD, MOST, TICK, TOGETHER, Paced
from logtool.following.streaming import Known, StreamClocks
from logtool.passes.logs import StampedBlock
from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.detection.detect import likely_layouts


class _Clocks:
    """Clocks that explain no line until they were found when it had come; counts what is asked."""

    def __init__(self) -> None:
        self.last, self.known, self.found = 0, 0, 0

    def add(self, stamped: StampedBlock) -> None:
        self.last = _last(stamped)

    def explains(self, stamped: StampedBlock) -> bool:
        return _last(stamped) <= self.known

    def find(self) -> Known:
        self.found += 1
        return Known(ClockTable.empty(), self.last, server_s=0)

    def take(self, known: Known) -> None:
        self.known = known.last_line

    def told(self, stamped: StampedBlock) -> StampedBlock:
        return stamped


class _Engine:
    """An engine that answers so many seconds after it was asked."""

    def __init__(self, needs_s: float) -> None:
        self.needs_s, self.now, self.ready = needs_s, 0.0, 0.0
        self._found: Known | None = None

    def ask(self, find: Callable[[], Known]) -> None:
        assert self._found is None, "it is asked one thing at a time"
        self._found, self.ready = find(), self.now + self.needs_s

    def answer(self) -> Known | None:
        if self._found is None or self.now < self.ready:
            return None
        found, self._found = self._found, None
        return found


def _last(stamped: StampedBlock) -> int:
    return stamped.block.first_line + len(stamped.block) - 1


def _stamp() -> Callable[[Block], StampedBlock]:
    log = coming_log(0, Coming("-", "standard input"))

    def stamped(block: Block) -> StampedBlock:
        nonlocal log
        if block.first_line == 1:
            log = replace(log, decoder=Decoder(likely_layouts([block])))
        return StampedBlock(log, block, log.decoder.stamps(block))

    return stamped


def _run(
    paced: Paced, engine: _Engine, comes: list[tuple[float, bytes]]
) -> Iterator[tuple[float, StampedBlock]]:
    """Let time pass as whoever reads the pipe does; gives what is written, and when."""
    now = 0.0
    while True:
        while comes and comes[0][0] <= now:
            came, text = comes.pop(0)
            paced.came(text, came)
        engine.now = now
        yield from ((now, told) for told in paced.due(now))
        wait_s = paced.wait_s(now)
        steps = [now + wait_s] if wait_s is not None else []
        steps += [comes[0][0]] if comes else []
        if not steps:
            return
        now = max(min(steps), now + 1e-6)


def _comes(times: list[float]) -> list[tuple[float, bytes]]:
    return [
        (at, b"[Mon Nov 23 20:58:23 2026] [error] [pid 7] m%d\n" % number)
        for number, at in enumerate(times)
    ]


@given(
    st.lists(st.floats(0, 0.5), min_size=1, max_size=40),
    st.sampled_from([0.0, 0.05, 0.31, 2.0, 60.0]),
)
def test_no_line_waits_longer(gaps: list[float], needs_s: float) -> None:
    """However long the engine takes, no line is written later than the limit after it came."""
    comes = _comes([*itertools.accumulate(gaps)])
    times = [at for at, _ in comes]
    engine = _Engine(needs_s)
    line = 0
    for now, told in _run(Paced(_Clocks(), engine, _stamp()), engine, comes):
        assert told.block.first_line == line + 1
        line = _last(told)
        assert now <= times[told.block.first_line - 1] + LIMIT + TICK + 1e-3
    assert line == len(times)


def test_limit_is_below_what_is_promised() -> None:
    """A second is promised: what is left of it is for the machine."""
    assert TOGETHER < LOOK_AHEAD < LIMIT <= 0.8


def test_engine_is_asked_once_for_lines_that_came_together() -> None:
    """Lines of half a second want one answer, and no more is asked once they are explained."""
    clocks, engine = _Clocks(), _Engine(0.1)
    written = [*_run(Paced(clocks, engine, _stamp()), engine, _comes([0.0, 0.1, 0.25, 0.45]))]

    assert clocks.found == 2  # once before there was anything to date lines by
    assert next(now for now, _ in written) == pytest.approx(LOOK_AHEAD + 0.1, abs=TICK)


def test_late_answer_is_told_once() -> None:
    """That lines do not wait for the engine is told, and not for every line."""
    notes: list[str] = []
    engine = _Engine(5.0)
    paced = Paced(_Clocks(), engine, _stamp(), notes.append)
    written = [*_run(paced, engine, _comes([0.0, 1.0, 2.0]))]

    assert len(written) == 3
    assert notes == [
        "--stream: clocks take longer to find than lines may wait; these are written by "
        "the clocks known before"
    ]


def test_what_waits_is_bounded() -> None:
    """No more is taken while much waits."""
    engine = _Engine(60.0)
    paced = Paced(_Clocks(), engine, _stamp())
    text = b"[Mon Nov 23 20:58:23 2026] [error] [pid 7] " + b"x" * (1 << 20) + b"\n"
    count = 0
    while not paced.is_full:
        paced.came(text, 0.0)
        assert [*paced.due(0.0)] == []
        count += 1
    assert MOST <= count * len(text) < MOST + 2 * len(text)
    assert sum(told.block.size for told in paced.due(LIMIT)) == count * len(text)


def _line(at: str, pid: int, text: str = "m") -> bytes:
    return f"[Mon Nov 23 {at}.000001 2026] [wsgi:error] [pid {pid}:tid 9] {text}\n".encode()


class TestRealClocks:
    """`Paced` with the engine that finds clocks; what the parent says comes first."""

    #: Else every line is an application's, which may keep another zone than `--server-tz`.
    _PARENT = _line("20:58:20", 1, "AH00094: Command line: '/usr/sbin/apache2'").replace(
        b"wsgi:error", b"core:notice"
    )

    def _offsets(self, comes: list[tuple[float, bytes]], needs_s: float) -> list[list[int]]:
        notes: list[str] = []
        clocks = StreamClocks(
            "standard input", ClockOptions(server_tz="Europe/Berlin"), tell=notes.append
        )
        engine = _Engine(needs_s)
        self.notes = notes
        written = _run(Paced(clocks, engine, _stamp()), engine, comes)
        return [told.stamps.offset_s.tolist() for _, told in written]

    _COMES = (
        (
            0.0,
            _PARENT
            + b"".join(_line(f"20:58:{second:02}", 5 + second % 2) for second in range(20, 40)),
        ),
        (5.0, b"".join(_line(f"19:58:{second:02}", 6) for second in range(40, 44))),
        (10.0, b"".join(_line(f"20:58:{second:02}", 5) for second in range(45, 49))),
    )

    def test_change_between_two_blocks(self) -> None:
        """A clock that is set between two blocks is noticed, though each block alone is smooth."""
        assert self._offsets([*self._COMES], 0.1) == [[3600] * 21, [0] * 4, [3600] * 4]
        assert self.notes == []

    def test_answer_that_comes_too_late_is_revised(self) -> None:
        """Lines that could not wait have the clock of before, and it is told that it was wrong."""
        assert self._offsets([*self._COMES], 3.0) == [[3600] * 21, [3600] * 4, [3600] * 4]
        assert self.notes[0] == (
            "process 6: +01:00 was wrong, it is +00:00; lines up to 25 have been written"
        )

    def test_server_whose_clock_is_ahead(self) -> None:
        """Lines that a clock which is no assumption puts into the future are no news for ever."""
        asked = 0
        present_us = 1_795_463_900_000_000 - 1_800_000_000  # half an hour before the first line
        clocks = StreamClocks(
            "standard input", ClockOptions(server_tz="Europe/Berlin"), now=lambda: present_us
        )

        class Counting(_Engine):
            def ask(self, find: Callable[[], Known]) -> None:
                nonlocal asked
                asked += 1
                super().ask(find)

        engine = Counting(0.1)
        comes = [(1.0 * n, _line(f"20:58:{20 + n}", 5)) for n in range(10)]
        comes[0] = 0.0, self._PARENT + comes[0][1]
        written = [*_run(Paced(clocks, engine, _stamp()), engine, comes)]

        offsets = [told.stamps.offset_s.tolist() for _, told in written]
        assert offsets == [[3600] * 2, *[[3600]] * 9]
        assert asked == 1  # when nothing was known yet

    def test_process_that_the_engine_has_not_seen(self) -> None:
        """Whose clock is not found in time is taken to have been born with the server's."""
        comes = [self._COMES[0], (5.0, _line("20:58:41", 8) + _line("20:58:41", 5))]
        assert self._offsets(comes, 3.0) == [[3600] * 21, [3600] * 2]


class TestAssumed:
    """A stream of which nothing tells the clocks: they are assumed, and that is told."""

    #: The present, when a line came that was stamped 20:58:20 by a clock an hour ahead of UTC.
    _NOW_US = 1_795_463_900_000_000

    def _written(
        self, comes: list[tuple[float, bytes]], monkeypatch: pytest.MonkeyPatch
    ) -> tuple[list[list[int]], list[str]]:
        monkeypatch.setenv("TZ", "UTC")
        notes: list[str] = []
        clocks = StreamClocks(
            "standard input", ClockOptions(), tell=notes.append, now=lambda: self._NOW_US
        )
        engine = _Engine(0.1)
        written = _run(Paced(clocks, engine, _stamp()), engine, comes)
        return [told.stamps.offset_s.tolist() for _, told in written], notes

    def test_nothing_is_of_the_future(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A right clock is not revised to one by which its lines would be of the future."""
        alone = b"".join(_line(f"19:58:{second:02}", 6) for second in range(0, 10))
        both = b"".join(
            _line(f"{19 + second % 2}:58:{second:02}", 6 - second % 2) for second in range(10, 20)
        )
        offsets, notes = self._written([(0.0, alone), (5.0, both)], monkeypatch)

        assert offsets == [[0] * 10, [0, 3600] * 5]
        assert not [note for note in notes if "was wrong" in note]

    def test_told_when_first_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What is only assumed is told with the first lines, and once."""
        lines = [(at, _line(f"19:58:{second:02}", 6)) for at, second in ((0.0, 1), (5.0, 6))]
        _, notes = self._written(lines, monkeypatch)

        assert len(notes) == 1
        assert notes[0].startswith("--stream: so far, 1 line rests on an assumption: nothing ties")
