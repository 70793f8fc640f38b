"""Arrival tells the clock of a line, whatever its process did to its zone."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from logtool.clocks.zones import offsets_between
from logtool.following.arrivals import ArrivalClocks
from logtool.following.coming import Coming, LiveLog, coming_log
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
    """What no zone keeps about now is no clock: such a line came late."""
    clocks = ArrivalClocks()
    offsets(clocks, line(7, NOW + known_s * SECOND))

    expected = offset_s if offset_s in KEPT else known_s
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
