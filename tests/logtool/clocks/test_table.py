"""A ClockTable answers for lines."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from logtool.clocks.line_offsets import Runs
from logtool.clocks.table import Clock, ClockTable, Confidence, Evidence, Facts
from parsers.lines import NO_OFFSET, NO_PID, Stamps
from tests.logtool.clocks.seen.test_knots import stamps_of

HOUR = 3600


def clock(pid: int, offset_s: int) -> Clock:
    """A clock of a process."""
    return Clock(0, pid, "", "", 0, 1, 99, 9, 1, 0, 0, offset_s, "", Confidence.CERTAIN)


def table(*runs: tuple[int, int, int, int]) -> ClockTable:
    """A table of runs: file, pid, first line, hours; given in any order."""
    file, pid, first, _ = (np.array(column, np.int64) for column in zip(*runs, strict=True))
    clocks = [clock(pid, hours * HOUR) for _, pid, _, hours in runs]
    return ClockTable(clocks, Runs(file.astype(np.int32), pid, first, np.arange(len(runs))))


def stamps(*pids: int, written: int = NO_OFFSET) -> Stamps:
    """Stamps of lines of these pids, of which the last may write its offset."""
    found = stamps_of([(pid, 0.0) for pid in pids])
    found.offset_s[-1] = written
    return found


TABLE = table((0, 7, 10, 2), (0, 7, 20, -3), (0, 9, 1, 5), (1, 7, 1, 8))


@pytest.mark.parametrize(
    ("file", "pid", "line", "expected"),
    [
        (0, 7, 10, 2 * HOUR),
        (0, 7, 19, 2 * HOUR),
        (0, 7, 20, -3 * HOUR),
        (0, 7, 10**9, -3 * HOUR),
        (0, 7, 9, NO_OFFSET),  # before its first run
        (0, 8, 15, NO_OFFSET),  # a pid between two known ones
        (0, 10, 15, NO_OFFSET),  # a pid above all known ones
        (0, NO_PID, 15, NO_OFFSET),
        (0, 9, 20, 5 * HOUR),
        (1, 7, 15, 8 * HOUR),
        (1, 9, 15, NO_OFFSET),
        (2, 7, 15, NO_OFFSET),
    ],
)
def test_the_run_of_a_line(file: int, pid: int, line: int, expected: int) -> None:
    """A line has the clock of its pid's newest run in its file, and no other's."""
    assert TABLE.offsets(file, np.array([line]), stamps(pid)).tolist() == [expected]


def test_slots_tell_the_clock_of_each_process() -> None:
    """By its pid, also where it changes among the lines; nothing of other files or pids."""
    slots = TABLE.slots(0, 15, 9)
    assert slots is not None
    two, three, five = (hours * HOUR * 1_000_000 for hours in (2, -3, 5))
    assert slots[7, :4].tolist() == [7, two, 5, three]
    assert slots[9, :2].tolist() == [9, five]
    assert np.count_nonzero(slots[:, 0] != slots[0, 0]) == 2
    assert TABLE.slots(2, 15, 9) is None


def test_a_written_offset_counts_first() -> None:
    """What a line writes beats what the table says, also for an unknown pid."""
    lines = np.array([12, 12])
    assert TABLE.offsets(0, lines, stamps(7, 7, written=-HOUR)).tolist() == [2 * HOUR, -HOUR]
    assert TABLE.offsets(0, lines, stamps(7, 4711, written=0)).tolist() == [2 * HOUR, 0]


def test_rows_name_the_clock() -> None:
    """`clock_rows` gives the place in `clocks`, -1 where none is known."""
    lines, pids = np.array([10, 25, 25]), np.array([7, 7, 8])
    assert TABLE.clock_rows(0, lines, pids).tolist() == [0, 1, -1]


def test_the_empty_table() -> None:
    """A log without a stamp has a table that knows nothing."""
    assert ClockTable.empty().offsets(0, np.array([1]), stamps(7)).tolist() == [NO_OFFSET]
    assert ClockTable.empty().clock_rows(0, np.array([], np.int64), np.array([])).tolist() == []


def test_a_table_is_its_clocks() -> None:
    """It is iterated over, counted, and told in a line by its least sure clock."""
    found = table((0, 1, 1, 0), (0, 2, 5, 3600))
    assert list(found) == list(found.clocks)
    assert len(found) == len(found.clocks) == 2
    worst = min(clock.confidence for clock in found)
    number = len({clock.process for clock in found})
    told = "1 process" if number == 1 else f"{number} processes"
    assert repr(found) == f"<ClockTable: 2 clocks of {told}, worst: {worst}>"
    assert repr(ClockTable.empty()) == "<ClockTable: 0 clocks>"
    assert ClockTable.empty()


def test_words() -> None:
    """Confidences are told by their words, and the surer is the greater."""
    assert [str(word) for word in sorted(Confidence)] == ["assumed", "likely", "certain", "written"]


@pytest.mark.parametrize("seed", range(6))
def test_many_lines_at_once_are_answered_like_one_by_one(seed: int) -> None:
    """Also where pids share low bits, change their clocks within the lines, or are unknown."""
    chance = np.random.default_rng(seed)
    pids = chance.choice([1, 2, 3, 65_537, 65_538, 131_074, NO_PID], 2000)
    runs = [
        (0, int(pid), int(line), hour)
        for hour, (pid, line) in enumerate(
            {(p, n) for p, n in zip(pids[:7].tolist(), [1, 40, 1500, 4000, 1, 900, 2], strict=True)}
        )
    ]
    found = table(*runs)
    lines = np.arange(500, 2500)

    one_by_one = [
        found.clock_rows(0, lines[k : k + 1], pids[k : k + 1])[0] for k in range(len(lines))
    ]
    assert found.clock_rows(0, lines, pids).tolist() == one_by_one
    assert len(set(one_by_one)) > 2


class TestFacts:
    """Facts that are put into words when somebody asks."""

    FACTS = (Evidence("order", "line 2 must be after line 1", 0, 2), Evidence("birth", "born"))

    def test_they_are_told_once_and_not_before_somebody_asks(self) -> None:
        """Whatever is asked of them first has them told; nothing has them told again."""
        asked: list[int] = []

        def told() -> tuple[Evidence, ...]:
            asked.append(1)
            return self.FACTS

        facts = Facts(told)
        assert not asked
        assert len(facts) == 2
        assert (facts[0], facts[1:], [*facts]) == (self.FACTS[0], self.FACTS[1:], [*self.FACTS])
        assert asked == [1]

    def test_they_are_as_good_as_a_tuple(self) -> None:
        """Compared, hashed, shown and copied they are what they tell."""
        facts = Facts(lambda: self.FACTS)
        assert facts == self.FACTS
        assert facts == Facts(lambda: self.FACTS)
        assert facts != self.FACTS[:1]
        assert (hash(facts), repr(facts)) == (hash(self.FACTS), repr(self.FACTS))
        copied = pickle.loads(pickle.dumps(facts))
        assert (type(copied), copied) == (tuple, self.FACTS)


def test_a_bare_table_puts_nothing_into_words() -> None:
    """Copied bare, it answers for lines as before; evidence that nobody asks for is not told."""

    def told() -> tuple[Evidence, ...]:
        raise AssertionError("nobody asks for it")

    clocks = [replace(one, evidence=Facts(told)) for one in TABLE.clocks]
    runs = Runs(*(np.array(column) for column in ([0], [7], [10], [0])))
    copied = pickle.loads(
        pickle.dumps(ClockTable(clocks, runs, [Evidence("a", "b")], Facts(told)).bare())
    )

    assert copied.offsets(0, np.array([10, 9]), stamps(7, 7)).tolist() == [2 * HOUR, NO_OFFSET]
    assert copied.clocks == TABLE.clocks
    assert copied.notes == ()
