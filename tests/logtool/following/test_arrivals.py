"""Arrival tells the clock of a line, whatever its process did to its zone."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.clocks.tzdb.zones import offsets_between
from logtool.following.arrivals import ArrivalClocks
from logtool.following.coming import Coming, LiveLog, coming_log
from logtool.following.parts import Part
from logtool.following.tails import Arrived
from parsers.lines import NO_OFFSET, NO_TIME

SECOND = 1_000_000
NOW = 1_795_400_000 * SECOND
#: The offsets that zones have at that time.
KEPT = sorted(offsets_between(NOW, NOW))


def line(pid: int, local_us: int) -> bytes:
    """A line of httpd 2.4's built-in format."""
    second, micros = divmod(local_us, SECOND)
    stamp = time.strftime(f"%a %b %d %H:%M:%S.{micros:06} %Y", time.gmtime(second))
    return f"[{stamp}] [core:notice] [pid {pid}:tid {pid}] m\n".encode()


def offsets(
    clocks: ArrivalClocks, *lines: bytes, since: int = NOW - SECOND, now: int = NOW
) -> list[int]:
    """What the clocks say of lines that came together."""
    live = LiveLog(coming_log(0, Coming("-", "pipe")), clocks)
    (stamped,) = live.stamped(Arrived(b"".join(lines), since, now))
    stamps = stamped.stamps
    assert ((stamps.local_us == NO_TIME) <= (stamps.offset_s == NO_OFFSET)).all()
    return [int(offset) for offset in stamps.offset_s]


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from(KEPT), st.integers(0, 30 * SECOND)),
        min_size=1,
        max_size=30,
    )
)
def test_any_offset(said: list[tuple[int, int, int]]) -> None:
    """A line that came within the minute has the offset by which its stamp differs from now."""
    lines = [line(pid, NOW - late + offset * SECOND) for pid, offset, late in said]

    assert offsets(ArrivalClocks(), *lines) == [offset for _, offset, _ in said]


@given(st.integers(-60, 60).map(lambda quarters: quarters * 900), st.sampled_from(KEPT))
def test_offset_that_no_zone_keeps(offset_s: int, known_s: int) -> None:
    """What no zone keeps about now is no clock: such a line came late, by a clock that can be."""
    clocks = ArrivalClocks()
    offsets(clocks, line(7, NOW + known_s * SECOND))

    past = [kept for kept in (known_s, *KEPT) if kept >= offset_s]
    expected = offset_s if offset_s in KEPT else past[0] if past else known_s
    assert offsets(clocks, line(7, NOW + offset_s * SECOND)) == [expected]


def test_lines_that_were_held_back() -> None:
    """Lines of more than an hour that come together keep their clock, those of an hour ago too."""
    clocks = ArrivalClocks()
    offsets(clocks, line(7, NOW + 3600 * SECOND))
    later = NOW + 5000 * SECOND
    held = [line(7, later + (3600 - late) * SECOND) for late in range(4200, -1, -200)]

    assert offsets(clocks, *held, since=later - SECOND, now=later) == [3600] * len(held)


def test_clock_of_no_zone_that_is_known() -> None:
    """A clock that the user named, or that was found before, need not be that of a zone."""
    named = ArrivalClocks(lambda local_us: 4500)

    assert offsets(named, line(9, NOW + 4500 * SECOND)) == [4500]


def test_known_clock_after_long_absence() -> None:
    """Where we looked away for an hour, a known clock that explains the line is kept."""
    clocks = ArrivalClocks()
    offsets(clocks, line(7, NOW + 7200 * SECOND))
    later = NOW + 3600 * SECOND

    assert offsets(clocks, line(7, NOW + (7200 + 1000) * SECOND), since=NOW, now=later) == [7200]


def test_stamp_that_does_not_fit() -> None:
    """A stamp that the present does not explain gets the last known clock, which is told once."""
    told: list[str] = []
    clocks = ArrivalClocks(tell=told.append)
    offsets(clocks, line(7, NOW + 3600 * SECOND))
    odd = line(7, NOW - 300 * SECOND)

    assert offsets(clocks, odd, odd) == [3600, 3600]
    assert told == ["process 7 writes stamps that do not fit the present; +01:00 is taken"]


def test_unknown_process_by_default_clock() -> None:
    """A process of which nothing is known, and that does not fit, has the server's clock."""
    clocks = ArrivalClocks(lambda local_us: 1800)

    assert offsets(clocks, line(9, NOW - 300 * SECOND)) == [1800]


def test_nothing_known() -> None:
    """Where nothing is known, nothing is guessed; raw text has no offset."""
    assert offsets(ArrivalClocks(), line(9, NOW - 300 * SECOND), b"raw\n") == [NO_OFFSET] * 2


def test_written_offset_counts_first() -> None:
    """What a line writes itself is never doubted."""
    said = b"[2020-01-01 00:00:00.000000 +0530] [core:notice] [pid 7:tid 7] m\n"

    assert offsets(ArrivalClocks(), said) == [19800]


def test_learned_clock_is_replaced() -> None:
    """A process that moves its clock is followed at once."""
    clocks = ArrivalClocks()

    assert offsets(clocks, line(7, NOW), line(7, NOW + 19800 * SECOND), line(7, NOW)) == [
        0, 19800, 0,
    ]  # fmt: skip


HOUR = 3600 * SECOND


class TestReadLate:
    """Lines that were read later than they were written."""

    def _known(self, told: list[str] | None = None) -> ArrivalClocks:
        """Two processes are known: 7 is in UTC, 8 an hour ahead of it."""
        clocks = ArrivalClocks(tell=(told if told is not None else []).append)
        assert offsets(clocks, line(8, NOW + HOUR), line(7, NOW)) == [3600, 0]
        return clocks

    @staticmethod
    def _lines(ages_s: range, new: int = 0) -> tuple[list[bytes], list[int]]:
        """Lines of 7 and 8 by turns, so many seconds old, and their offsets; `new` stands for 7."""
        lines, true = [], []
        for number, age in enumerate(ages_s):
            offset = 3600 * (number % 2)
            pid = 8 if number % 2 else new or 7
            lines.append(line(pid, NOW - age * SECOND + offset * SECOND))
            true.append(offset)
        return lines, true

    @pytest.mark.parametrize("minutes", [20, 45, 80, 300])
    def test_known_clocks_stay(self, minutes: int) -> None:
        """However old lines are that come at once, clocks that are known do not give way."""
        lines, true = self._lines(range(minutes * 60, 0, -25))

        assert offsets(self._known(), *lines) == true

    def test_offset_of_no_zone(self) -> None:
        """A known clock does not give way to an offset that no zone keeps."""
        told: list[str] = []
        clocks = self._known(told)

        assert offsets(clocks, line(7, NOW - 45 * 60 * SECOND)) == [0]
        assert told == ["process 7 writes stamps that do not fit the present; +00:00 is taken"]

    def test_new_process_is_dated_by_those_around_it(self) -> None:
        """Lines of two processes alternate: one that is known tells the other's clock."""
        told: list[str] = []
        clocks = self._known(told)
        lines, true = self._lines(range(3000, 600, -20), new=9)

        assert offsets(clocks, *lines) == true
        assert all("process 9 " not in note for note in told)

    def test_new_process_while_we_were_away(self) -> None:
        """Of a quarter of an hour only one offset of a zone makes the past of a line."""
        clocks, told = ArrivalClocks(), list[str]()
        lines, true = self._lines(range(960, 0, -40), new=9)

        assert offsets(clocks, *lines, since=NOW - 970 * SECOND) == true
        assert told == []

    def test_file_that_was_written_long_ago(self, tmp_path: Path) -> None:
        """Where a file was modified before we looked last, its lines are not of now.

        Here they look as if they were, in other zones.
        """
        path = tmp_path / "error.log"
        path.write_bytes(line(7, NOW - HOUR) + line(8, NOW))
        os.utime(path, (NOW // SECOND - 3600,) * 2)
        part = Part(os.open(path, os.O_RDONLY))
        arrived = Arrived(part.read() or b"", NOW - SECOND, NOW, part)
        live = LiveLog(coming_log(0, Coming("-", "pipe")), self._known())
        (stamped,) = live.stamped(arrived)
        part.close()

        assert stamped.stamps.offset_s.tolist() == [0, 3600]

    def test_future_is_impossible(self) -> None:
        """A known clock by which a line would be of the future gives way, also in a backlog."""
        clocks = self._known()
        lines, true = self._lines(range(3000, 600, -20))
        lines.append(line(7, NOW - 500 * SECOND + HOUR))

        assert offsets(clocks, *lines) == [*true, 3600]

    @given(st.lists(st.tuples(st.integers(1, 4), st.integers(-50_000, 50_000)), max_size=30))
    def test_nothing_is_of_the_future(self, said: list[tuple[int, int]]) -> None:
        """Whatever stamps come, no known clock and no guess puts a line behind the present."""
        clocks = self._known()
        lines = [line(pid, NOW + late * SECOND) for pid, late in said] or [b"\n"]
        given = offsets(clocks, *lines)
        for (_, late), offset in zip(said, given, strict=False):
            if late <= KEPT[-1]:
                assert offset == NO_OFFSET or late - offset <= 360

    def test_nobody_is_known(self) -> None:
        """Lines of now at the end of a backlog tell the clocks of all that stand before."""
        lines, true = self._lines(range(3000, -1, -20))

        assert offsets(ArrivalClocks(), *lines) == true
