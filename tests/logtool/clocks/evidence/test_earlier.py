"""What an earlier run saw of when a log's last line was written holds for the next run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from logtool.clocks.evidence.earlier import seen_earlier, seen_in
from logtool.clocks.options import ClockOptions, Seen
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.spans import UTC as UTC_SPAN
from tests.logtool.clocks.scenes import HOUR, knots_of, line, scene, solved

BEGIN = datetime(2026, 6, 5, 8, tzinfo=UTC)


def _lines(*pids: int, hours: float) -> list[str]:
    """Lines that processes write by turns, a second each, in the zone that has this offset."""
    begin = BEGIN + timedelta(hours=hours)
    return [
        line(f"{begin + timedelta(seconds=number):%F %T.5}", pid) for number, pid in enumerate(pids)
    ]


def _modified(lines: int) -> int:
    """When the last of so many lines was written, microseconds UTC."""
    return int((BEGIN + timedelta(seconds=lines - 1, milliseconds=500)).timestamp() * 1_000_000)


def test_what_a_run_sees() -> None:
    """The last line's number, its process, and the offset that the file's time gives it."""
    lines = _lines(7, 8, 7, 8, hours=9)
    table, _ = solved(lines, mtime_us=_modified(4))
    assert seen_in(table, 0) == Seen(4, 8, 9 * HOUR)
    assert seen_in(table, 1) is None


@pytest.mark.parametrize("options", [ClockOptions(), ClockOptions(server_tz="Asia/Tokyo")])
def test_nothing_is_seen_without_the_time_of_the_file(options: ClockOptions) -> None:
    """What the user said, or this host's zone, need not be remembered."""
    table, _ = solved(_lines(7, 8, 7, 8, hours=9), options)
    assert seen_in(table, 0) is None


def test_the_next_run_goes_by_it() -> None:
    """Also where the file was modified later than at its last line; likely at most."""
    lines = _lines(7, 8, 7, 8, 7, 8, hours=9)
    later = _modified(6) + 1000 * 1_000_000
    seen = ClockOptions(seen=((0, Seen(4, 8, 9 * HOUR)),))
    table, answers = solved(lines, seen, mtime_us=later)
    assert answers == [(9, "likely")] * 6
    assert {fact.kind for clock in table.clocks for fact in clock.evidence} >= {"earlier"}
    without = solved(lines, mtime_us=later)[1]
    assert {confidence for _, confidence in filter(None, without)} == {"assumed"}


class TestLinks:
    """Which knots a line of an earlier run speaks of."""

    def links(self, knots: Knots, *seen: Seen) -> list[tuple[int, int, int]]:
        """From which span to which, and how far apart."""
        links = seen_earlier(scene(knots), knots, [(0, one) for one in seen], ["error.log"])
        return [(link.a, link.b, link.delta_s) for link in links]

    @pytest.mark.parametrize("number", [1, 2, 3, 4, 9])
    def test_a_line_of_a_process_with_one_clock(self, number: int) -> None:
        """Any line of it, also one that is no knot: before the first, between, behind the last."""
        knots = knots_of((8, 0), (7, 1), (8, 2), (7, 3))
        span = int(scene(knots).spans.of_knot[1])
        assert self.links(knots, Seen(number, 7, HOUR)) == [(UTC_SPAN, span, HOUR)]

    def test_a_line_between_two_clocks(self) -> None:
        """It may be of either, and tells nothing; behind the change it is the second's."""
        knots = knots_of((8, 0), (7, 1), (8, 2), (7, 3 - 5 * HOUR), (8, 4), (7, 5 - 5 * HOUR))
        first, second = (int(scene(knots).spans.of_knot[at]) for at in (1, 3))
        assert first != second
        assert self.links(knots, Seen(3, 7, HOUR)) == []
        assert self.links(knots, Seen(2, 7, HOUR)) == [(UTC_SPAN, first, HOUR)]
        assert self.links(knots, Seen(5, 7, HOUR)) == [(UTC_SPAN, second, HOUR)]

    def test_a_process_that_is_not_there(self) -> None:
        """It tells nothing."""
        assert self.links(knots_of((8, 0), (7, 1)), Seen(2, 9, HOUR)) == []
