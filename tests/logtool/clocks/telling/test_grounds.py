"""What is told of why a clock is what it is: true, and enough for everybody to check."""

from __future__ import annotations

import re

import pytest

from benchmarks.clock_accuracy import errlog
from benchmarks.many_processes import many_processes
from logtool.clocks.options import ClockOptions
from logtool.clocks.seen.spans import UTC
from logtool.clocks.table import Clock, ClockTable, hours
from logtool.clocks.telling.grounds import Grounds, _Step
from tests.logtool.clocks.scenes import at, born, line, resuming, solved

BERLIN = ClockOptions(server_tz="Europe/Berlin")
#: A parent in Berlin, a daemon in Kolkata that it never speaks to, and one in UTC between them.
LOG = [
    resuming("2026-06-05 12:00:00"),
    born("2026-06-05 12:00:01", 7, "shop"),
    *[text for minute in range(1, 6) for text in (
        line(f"2026-06-05 12:0{minute}:00", 1), line(f"2026-06-05 10:0{minute}:01", 7),
        line(f"2026-06-05 15:3{minute}:02", 9), line(f"2026-06-05 10:0{minute}:03", 7),
    )],
]  # fmt: skip
_BOUND = re.compile(r"line (\d+) must be (after|before) line (\d+)(?: and before line (\d+))?")
_RANGE = re.compile(
    r"offset in \[([-+])(\d\d):(\d\d)(?::(\d\d))?, ([-+])(\d\d):(\d\d)(?::(\d\d))?\]"
)


def of(table: ClockTable, pid: int) -> list[Clock]:
    """The clocks of a process."""
    return [clock for clock in table.clocks if clock.pid == pid]


def seconds(sign: str, hour: str, minute: str, second: str | None) -> int:
    """An offset that a text tells."""
    size = int(hour) * 3600 + int(minute) * 60 + int(second or 0)
    return -size if sign == "-" else size


@pytest.mark.parametrize(
    "options",
    [BERLIN, ClockOptions(clocks=(("1", "Europe/Berlin"),)), ClockOptions()],
    ids=["server", "clock", "nothing"],
)
def test_no_text_of_written_offsets_where_none_is(options: ClockOptions) -> None:
    """Only lines that write their offset are evidence of that kind."""
    table, _ = solved(LOG, options)
    facts = [fact for clock in table.clocks for fact in clock.evidence]
    assert facts
    assert not [fact for fact in facts if fact.kind == "written" or "write" in fact.text]


def test_the_chain_ends_at_the_user_s_word() -> None:
    """First what ties the log to UTC, then what ties this clock to that, each with its process."""
    table, _ = solved(LOG, BERLIN)
    (kolkata,) = of(table, 9)
    assert (kolkata.offset_s, str(kolkata.confidence)) == (19_800, "certain")
    anchor, own, between, *_ = kolkata.evidence
    assert anchor.text == (
        "parent 1 keeps the server's clock: Apache was started in Europe/Berlin (--server-tz)"
    )
    assert own.text.startswith("line 5 must be after line 4 (daemon 7 of shop, 10:01:01Z)")
    assert between.text.startswith("daemon 7 of shop: line ")
    assert {own.kind, between.kind} == {"order"}


def test_bounds_hold_and_leave_one_quarter() -> None:
    """The offset is within what is told of it, and no other quarter of an hour is."""
    table, _ = solved(LOG, BERLIN)
    found = 0
    for clock in table.clocks:
        for fact in clock.evidence:
            told = _RANGE.search(fact.text)
            if told is None or fact.kind != "order" or not fact.text.startswith("line "):
                continue
            low, high = seconds(*told.group(1, 2, 3, 4)), seconds(*told.group(5, 6, 7, 8))
            fits = [x for x in range(-43_200, 50_401, 900) if low <= x <= high]
            assert fits == [clock.offset_s], fact.text
            assert hours(low) in fact.text
            found += 1
    assert found >= 3


def test_lines_are_neighbours() -> None:
    """Lines that are told to follow each other do so in the file, and are of two processes."""
    table, _ = solved(LOG, BERLIN)
    pids = [re.search(r"\[pid (\d+)", text) for text in LOG]
    for clock in table.clocks:
        for fact in clock.evidence:
            for own, side, other, later in _BOUND.findall(fact.text):
                step = 1 if side == "before" else -1
                assert int(other) == int(own) + step
                assert not later or int(later) == int(own) + 1
                mine, theirs = pids[int(own) - 1], pids[int(other) - 1]
                assert mine is not None
                assert theirs is not None
                assert mine[1] != theirs[1] or "daemon 7" in fact.text


def test_lines_that_write_their_offset_are_named_so() -> None:
    """Where they are what a clock is measured by."""
    written = [
        f"[2026-06-05 12:0{minute}:0{second}.000000 +0200] [mpm_event:notice] [pid 1:tid 1] hello"
        for minute in range(1, 9)
        for second in (0, 5)
    ]
    log = [*written]
    for minute in range(8, 0, -1):
        log.insert(2 * minute - 1, line(f"2026-06-05 15:3{minute}:03", 9))
    table, _ = solved(log)
    (kolkata,) = of(table, 9)
    assert kolkata.offset_s == 19_800
    assert kolkata.evidence[0].kind == "written"
    assert "(which writes its offset, 10:0" in kolkata.evidence[0].text


def test_a_daemon_s_birth() -> None:
    """A daemon is in the server's zone at its birth, which is told, and only then."""
    table, _ = solved(LOG, BERLIN)
    birth, later = of(table, 7)
    text = "Apache was started in Europe/Berlin (--server-tz)"
    assert birth.evidence[0].text == f"{text}, and a daemon is born with the server's clock"
    assert later.evidence[0].text == f"parent 1 keeps the server's clock: {text}"


def test_an_untied_story_says_so() -> None:
    """What is only assumed is told as that."""
    table, _ = solved(LOG, mtime_us=at("2026-06-05 10:05:03"))
    assert "mtime" in {fact.kind for clock in table.clocks for fact in clock.evidence}
    untied, _ = solved(LOG)
    for clock in untied.clocks:
        assert str(clock.confidence) == "assumed"
        assert "nothing" in clock.evidence[0].text


class _Counted(dict[int, _Step]):
    """Counts how often it is asked."""

    asked = 0

    def get(self, key: int, default: object = None) -> object:  # type: ignore[override]
        """As `dict.get`."""
        self.asked += 1
        return super().get(key, default)

    def __getitem__(self, key: int) -> _Step:
        """As `dict`."""
        self.asked += 1
        return super().__getitem__(key)


def test_a_chain_is_followed_no_further_than_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that hold each other in one long chain cost each as much as in a short one."""
    counted: list[_Counted] = []

    def cheapest(self: Grounds) -> tuple[_Counted, dict[int, int]]:
        steps, ends = followed(self)
        counted.append(_Counted(steps))
        return counted[0], ends

    followed = Grounds._cheapest
    monkeypatch.setattr(Grounds, "_cheapest", cheapest)
    many = 800
    tables: list[ClockTable] = []
    monkeypatch.setattr(errlog.__module__ + ".answers_of", lambda table, *_: tables.append(table))
    errlog(many_processes("one line", many), server_tz=None)
    assert [note.kind for note in tables[0].notes] == ["assumed"]
    (steps,) = counted
    at_utc = [step for step in steps.values() if step.other == UTC]
    assert len(at_utc) < many // 10  # the chains are long
    assert steps.asked < many * 40


def test_a_birth_is_told_by_what_comes_after_it() -> None:
    """The zone that a user names is not that of a birth: it is said from which line on it is."""
    lines = [
        born("2026-06-05 12:00:01", 7, "shop"), resuming("2026-06-05 12:00:01.5"),
        *(text for second in range(3, 9, 2) for text in (
            line(f"2026-06-05 10:00:0{second}", 7), line(f"2026-06-05 12:00:0{second + 1}", 1),
        )),
    ]  # fmt: skip
    table, _ = solved(lines, ClockOptions(clocks=(("shop", "UTC"),)))
    birth, later = of(table, 7)
    assert (birth.offset_s, later.offset_s) == (7200, 0)
    assert birth.evidence[0].text == "from line 3 on it keeps +00:00: shop keeps UTC (--clock)"
    assert later.evidence[0].text == "shop keeps UTC (--clock)"
