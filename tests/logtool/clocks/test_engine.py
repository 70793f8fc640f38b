"""The engine: from lines and what is told beside them to an offset for each line.

`ERRLOG_CASES=2000 pytest tests/logtool/clocks/test_engine.py` draws more simulated logs, anew each
time; without it the same few are drawn on every run.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from benchmarks.clock_accuracy import anchors_of, errlog, score
from logtool.clocks import outside
from logtool.clocks.evidence.neighbours import NeighbourFacts, find_neighbours
from logtool.clocks.options import ClockOptions
from logtool.errors import UsageError
from parsers.lines import NO_PID
from tests.logtool.clocks.scenes import Answer, at, born, line, resuming, solved
from tests.logtool.clocks.simulate import Simulated
from tests.logtool.clocks.simulate.strategies import simulations

IN_BERLIN = ClockOptions(server_tz="Europe/Berlin")
IN_UTC = ClockOptions(server_tz="UTC")


@pytest.fixture(autouse=True)
def _host_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host's zone is one that no test's log was written in."""
    monkeypatch.setattr(outside, "host_zone", lambda: "Pacific/Marquesas")


def moved(stamp: str, minutes: float) -> str:
    """A time some minutes later."""
    return f"{datetime.fromisoformat(stamp) + timedelta(minutes=minutes)}"


def dialogue(
    start: str, count: int, hours: float, step: float = 1, server: int = 1, app: int = 7
) -> list[str]:
    """A server process and an application that is some hours ahead, by turns, for some minutes."""
    lines = []
    for turn in range(count):
        here = moved(start, turn * step)
        lines += [line(here, server), line(moved(here, 60 * hours), app)]
    return lines


def hours(answers: list[Answer]) -> list[float | None]:
    """The offsets of the answers."""
    return [answer[0] if answer else None for answer in answers]


def words(answers: list[Answer]) -> set[str]:
    """The confidences of the answers."""
    return {answer[1] for answer in answers if answer}


class TestOrder:
    """What the order of lines alone tells."""

    def test_an_application_in_another_zone(self) -> None:
        """A daemon that writes between the parent's lines is placed to the quarter of an hour."""
        lines = [resuming("2026-06-05 12:00"), *dialogue("2026-06-05 12:00", 5, 3.75)]
        _, answers = solved(lines, IN_BERLIN)
        assert hours(answers) == [2, *[2, 5.75] * 5]
        assert words(answers) == {"certain"}

    def test_a_late_speaker_is_likely_only(self) -> None:
        """Who speaks once, at the end, is bounded on one side: nothing is certain of it."""
        lines = [resuming("2026-06-05 12:00"), line("2026-06-05 09:30", 7)]
        _, answers = solved(lines, IN_UTC)
        assert answers[0] == (0, "certain")
        assert answers[1] is not None
        assert answers[1][1] != "certain"

    def test_a_daemon_moves_when_it_loads(self) -> None:
        """A process is born in the server's zone and jumps when its application sets TZ."""
        talk = dialogue("2026-06-05 12:05", 4, -6)
        lines = [resuming("2026-06-05 12:00"), born("2026-06-05 12:00:01", 7), *talk]
        _, answers = solved(lines, IN_BERLIN)
        assert hours(answers) == [2, 2, *[2, -4] * 4]
        assert words(answers) == {"certain"}

    def test_a_silence_is_no_jump(self) -> None:
        """A parent that says nothing for a day has the same clock after it."""
        lines = [resuming("2026-06-05 12:00"), resuming("2026-06-06 13:00")]
        _, answers = solved(lines, IN_BERLIN)
        assert hours(answers) == [2, 2]

    def test_a_process_flips(self) -> None:
        """Two applications of one process that fight over TZ are told apart at every line."""
        lines = [resuming("2026-06-05 12:00")]
        for turn in range(6):
            here = moved("2026-06-05 12:01", turn)
            lines += [line(here, 1), line(moved(here, 60 * (5 if turn % 2 else -8)), 7)]
        _, answers = solved([*lines, line("2026-06-05 12:06:30", 1)], IN_UTC)
        assert hours(answers)[2::2] == [-8, 5] * 3
        assert words(answers) == {"certain"}

    def test_a_restart_that_reuses_a_pid(self) -> None:
        """A pid that is born again is in the server's zone again."""
        first = [born("2026-06-05 12:00:01", 7), *dialogue("2026-06-05 12:01", 4, -5)]
        second = [born("2026-06-05 12:10:01", 7), *dialogue("2026-06-05 12:11", 4, -5)]
        table, answers = solved([resuming("2026-06-05 12:00"), *first, *second], IN_UTC)
        assert hours(answers) == [0, *[0, *[0, -5] * 4] * 2]
        assert words(answers) == {"certain"}
        told = [clock for clock in table.clocks if clock.pid == 7]
        one, other = sorted({clock.process for clock in told})
        assert [(clock.process, clock.offset_s, clock.runs) for clock in told] == [
            (one, 0, 1), (one, -5 * 3600, 1), (other, 0, 1), (other, -5 * 3600, 1),
        ]  # fmt: skip

    def test_a_thin_liar_moves_nobody(self) -> None:
        """One forged line hours away leaves all others where they were."""
        honest = [resuming("2026-06-05 12:00"), *dialogue("2026-06-05 12:00", 6, 2)]
        for forged in ("2026-06-05 03:07", "2026-06-06 01:52", "2031-01-01 00:00"):
            lines = [*honest[:7], line(forged, 99), *honest[7:]]
            _, answers = solved(lines, IN_UTC)
            assert hours(answers[:7] + answers[8:]) == [0, *[0, 2] * 6], forged

    def test_lines_without_pid(self) -> None:
        """Where the format names no process, jumps of time tell two clocks apart."""
        lines = []
        for turn in range(8):
            here = datetime.fromisoformat(moved("2026-06-05 12:00", turn))
            lines += [
                f"[{when:%a %b %d %H:%M:%S %Y}] [error] [client 192.0.2.7] {words}"
                for when, words in (
                    (here, "File does not exist: /srv/x"), (here + timedelta(hours=7), "hello"),
                )
            ]  # fmt: skip
        table, answers = solved(lines, IN_UTC)
        assert hours(answers) == [0, 7] * 8
        assert "certain" not in words(answers)
        assert {clock.pid for clock in table.clocks} == {NO_PID}


class TestSummerTime:
    """Zones that jump inside the log."""

    def test_the_hour_that_comes_twice(self) -> None:
        """Order, not the first guess, tells which of the two hours a line is of."""
        utc = [moved("2026-10-25 00:00", 7 * step) for step in range(20)]
        lines = []
        for here in utc:
            shift = 120 if here < "2026-10-25 01:00:00" else 60
            lines += [resuming(moved(here, shift)), line(here, 7)]
        _, answers = solved(lines, IN_BERLIN)
        expected = [2 if here < "2026-10-25 01:00:00" else 1 for here in utc]
        assert hours(answers)[::2] == expected
        assert hours(answers)[1::2] == [0] * 20

    def test_the_hour_that_never_is(self) -> None:
        """In spring the offset grows where the local time leaps."""
        utc = [moved("2026-03-29 00:00", 7 * step) for step in range(20)]
        lines = [resuming(moved(here, 60 if here < "2026-03-29 01:00:00" else 120)) for here in utc]
        _, answers = solved(lines, IN_BERLIN)
        assert hours(answers) == [1 if here < "2026-03-29 01:00:00" else 2 for here in utc]

    def test_each_clock_jumps_on_its_own_day(self) -> None:
        """An application in New York leaves summer time a week after its server in Berlin."""
        lines, expected = [], []
        for day in ("2026-10-24", "2026-10-26", "2026-10-31", "2026-11-02"):
            for step in range(4):
                here = moved(f"{day} 12:00", step)
                berlin = 2 if day < "2026-10-25" else 1
                york = -4 if day < "2026-11-01" else -5
                lines += [resuming(moved(here, 60 * berlin)), line(moved(here, 60 * york), 7)]
                expected += [berlin, york]
        _, answers = solved(lines, IN_BERLIN)
        assert hours(answers) == expected


class TestAnchors:
    """What ties clocks to UTC."""

    LINES = (resuming("2026-06-05 12:00"), *dialogue("2026-06-05 12:00", 5, -2))

    def test_nothing(self) -> None:
        """With nothing to go by this host's zone is assumed, and told so."""
        table, answers = solved([self.LINES[0], *dialogue("2026-06-05 12:00", 5, -1.5)])
        assert hours(answers) == [-9.5, *[-9.5, -11] * 5]
        assert words(answers) == {"assumed"}
        assert any("Pacific/Marquesas" in note.text for note in table.notes)

    @pytest.mark.parametrize("late_s", [0, 0.004, 1.5])
    def test_the_modification_time(self, late_s: float) -> None:
        """The last line was written when the file was modified last: likely, not certain."""
        written = at("2026-06-05 08:04") + round(late_s * 1_000_000)
        _, answers = solved(self.LINES, mtime_us=written)
        assert hours(answers) == [4, *[4, 2] * 5]
        assert words(answers) == {"likely"}

    @pytest.mark.parametrize("late_s", [60, -60])
    def test_a_modification_time_of_another_write(self, late_s: float) -> None:
        """A file that was touched between two quarters of an hour tells nothing."""
        written = at("2026-06-05 08:04") + round(late_s * 1_000_000)
        assert words(solved(self.LINES, mtime_us=written)[1]) == {"assumed"}

    @pytest.mark.parametrize(("late_s", "told"), [(-120, True), (-60, False), (7200, False)])
    def test_an_assumed_clock_of_the_future_is_told(self, late_s: int, told: bool) -> None:
        """No line is later than its file's last modification: then the assumed zone is wrong."""
        lines = [self.LINES[0], *dialogue("2026-06-05 12:00", 5, -1.5)]
        utc = at("2026-06-05 21:34")
        table, answers = solved(lines, mtime_us=utc + (late_s + 7) * 1_000_000)
        assert words(answers) == {"assumed"}
        notes = [note for note in table.notes if note.kind == "later-than-file"]
        assert len(notes) == int(told)
        assert all("2026-06-05T21:34" in note.text and note.line == 11 for note in notes)

    @pytest.mark.parametrize(("late_s", "told"), [(-61, True), (-59, False)])
    def test_a_file_older_than_its_lines_by_any_clock_is_told(
        self, late_s: int, told: bool
    ) -> None:
        """No zone is blamed where not even UTC+14 would do; a minute may be a wrong clock's."""
        lines = [self.LINES[0], *dialogue("2026-06-05 12:00", 5, -1.5)]
        by_the_first_zone = at("2026-06-04 20:34")
        table, answers = solved(lines, mtime_us=by_the_first_zone + late_s * 1_000_000)
        assert words(answers) == {"assumed"}
        kinds = {note.kind for note in table.notes} & {"older-than-lines", "later-than-file"}
        assert kinds == {"older-than-lines" if told else "later-than-file"}

    @pytest.mark.parametrize(("late_s", "home"), [(-3600, [-8, -9.5]), (-4 * 3600, None)])
    def test_no_clock_of_the_future_is_assumed(self, late_s: int, home: list[float] | None) -> None:
        """This host's zone is kept by whom it suits, or, if by nobody, another one is assumed."""
        lines = [self.LINES[0], *dialogue("2026-06-05 12:00", 5, -1.5)]
        modified = at("2026-06-05 21:34:07") + late_s * 1_000_000
        table, answers = solved(lines, mtime_us=modified)
        assert words(answers) == {"assumed"}
        server, daemon = hours(answers)[1:3]
        assert server is not None
        assert at("2026-06-05 12:04") - server * 3600 * 1_000_000 <= modified
        (note,) = table.notes
        if home:
            assert [server, daemon] == home
            assert "process 7 is taken to keep this host's zone, Pacific/Marquesas" in note.text
        else:
            assert "Pacific/Marquesas, lines would be later than they were read" in note.text

    def test_a_configured_zone_of_the_future_is_not_likely(self) -> None:
        """What httpd's configuration says of another time is believed no more than the file."""
        options = ClockOptions(config_tz=("America/Chicago", "envvars:3"))
        _, answers = solved(self.LINES, options, mtime_us=at("2026-06-05 13:00:07"))
        assert words(answers) == {"assumed"}

    def test_the_user_is_believed_before_the_file(self) -> None:
        """--server-tz beats a modification time that says otherwise."""
        _, answers = solved(self.LINES, IN_BERLIN, mtime_us=at("2026-06-05 08:04"))
        assert hours(answers) == [2, *[2, 0] * 5]

    @pytest.mark.parametrize("who", ["7", "daemon", "app"])
    def test_clock_of_somebody(self, who: str) -> None:
        """--clock names a pid, a role or a daemon group, and places everybody through it."""
        lines = [
            resuming("2026-06-05 12:00"), born("2026-06-05 12:00", 7),
            *dialogue("2026-06-05 12:00:30", 5, -2),
        ]  # fmt: skip
        _, answers = solved(lines, ClockOptions(clocks=((who, "UTC"),)))
        assert hours(answers) == [2, 2, *[2, 0] * 5]

    def test_the_configuration(self) -> None:
        """TZ of httpd's configuration is better than this host's zone."""
        options = ClockOptions(config_tz=("Asia/Tokyo", "envvars:3"))
        _, answers = solved(self.LINES, options)
        assert hours(answers) == [9, *[9, 7] * 5]

    def test_the_access_log(self, tmp_path: Path) -> None:
        """The access log beside it writes the server's offset."""
        access = tmp_path / "access.log"
        stamp = '127.0.0.1 - - [05/Jun/2026:12:0{}:00 +0545] "GET / HTTP/1.1" 200 5\n'
        access.write_text("".join(stamp.format(minute) for minute in range(5)))
        beside = find_neighbours([], access_logs=[access], search=False)
        _, answers = solved(self.LINES, beside=beside)
        assert hours(answers) == [5.75, *[5.75, 3.75] * 5]

    def test_an_access_log_of_another_year_is_not_certain(self, tmp_path: Path) -> None:
        """An access log that does not cover the log's time is weak evidence."""
        access = tmp_path / "access.log"
        access.write_text('127.0.0.1 - - [05/Jun/2019:12:00:00 +0545] "GET / HTTP/1.1" 200 5\n' * 9)
        beside = find_neighbours([], access_logs=[access], search=False)
        assert "certain" not in words(solved(self.LINES, beside=beside)[1])

    def test_an_access_log_that_begins_after_the_night_is_not_certain(self, tmp_path: Path) -> None:
        """An access log knows nothing of the hours before a change that it did not see."""
        access = tmp_path / "access.log"
        access.write_text('127.0.0.1 - - [25/Oct/2026:09:00:00 +0100] "GET / HTTP/1.1" 200 5\n' * 9)
        beside = find_neighbours([], access_logs=[access], search=False)
        lines = [resuming("2026-10-24 20:00"), resuming("2026-10-25 09:00")]
        _, answers = solved(lines, beside=beside)
        assert answers[0] is not None
        assert answers[0][1] != "certain"
        assert answers[1] == (1, "certain")

    def test_written_offsets(self) -> None:
        """Lines that write their offset place all others, and are what they say."""
        lines = []
        for turn in range(8):
            here = moved("2026-06-05 12:00", turn)
            lines += [line(here, 1), f"[{moved(here, -120)}.000000 -0200] [core:error] [pid 9] x"]
        _, answers = solved(lines)
        assert hours(answers) == [0, -2] * 8
        assert [answer[1] for answer in answers if answer] == ["certain", "written"] * 8

    FORGED = "[2026-06-05 12:02:00.000000 -0700] [core:error] [pid 99] forged"

    def test_hearsay(self) -> None:
        """A few lines among many that write an offset may be forged: they make nothing certain."""
        lines = [resuming("2026-06-05 11:59"), *dialogue("2026-06-05 12:00", 60, 2, step=0.03)]
        lines += [self.FORGED, *dialogue("2026-06-05 12:03", 60, 2, step=0.03)]
        _, alone = solved(lines)
        assert words([*alone[:121], *alone[122:]]) == {"likely"}
        _, told = solved(lines, IN_UTC)
        assert hours([*told[:121], *told[122:]]) == [0, *[0, 2] * 120]

    def test_the_user_is_believed_before_hearsay(self) -> None:
        """--server-tz beats a forged line, also in a log of errors alone."""
        lines = [*dialogue("2026-06-05 12:00", 60, 2, step=0.03), self.FORGED]
        lines += dialogue("2026-06-05 12:03", 60, 2, step=0.03)
        _, told = solved(lines, IN_UTC)
        assert hours(told[:120]) == [0, 2] * 60

    def test_wrong_zones_are_refused(self) -> None:
        """An unknown zone is an error at once."""
        with pytest.raises(UsageError):
            ClockOptions(server_tz="Mars/Olympus")
        with pytest.raises(UsageError):
            ClockOptions(clocks=(("7", "Mars/Olympus"),))


def test_an_empty_log() -> None:
    """A log without a stamp has no clocks."""
    table, answers = solved(["raw", "lines"], beside=NeighbourFacts())
    assert table.clocks == ()
    assert answers == [None, None]


def test_every_line_belongs_to_a_clock() -> None:
    """Clocks of a process tell how many of its lines are theirs, and those add up."""
    lines = [resuming("2026-06-05 12:00"), *dialogue("2026-06-05 12:00", 50, 3, step=0.01)]
    table, _ = solved(lines, IN_UTC)
    assert sum(clock.lines for clock in table.clocks) == len(lines)
    assert [clock.first_line for clock in table.clocks] == [1, 3]
    assert all(a.first_line <= b.first_line for a, b in pairwise(table.clocks))


CASES = int(os.environ.get("ERRLOG_CASES", "0"))
#: Without ERRLOG_CASES the same logs on every run.
SOME = settings(
    max_examples=CASES or 20,
    derandomize=not CASES,
    database=None,
    deadline=None,
    suppress_health_check=[*settings().suppress_health_check, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("anchor", ["server-tz", "mtime", "access-log", "none"])
@SOME
@given(log=simulations(most_requests=60))
def test_certain_is_never_wrong(anchor: str, log: Simulated) -> None:
    """Of a simulated server's own lines none is certain, or written, and wrong."""
    counts = score(log, errlog(log.log, **anchors_of(log, anchor)), forgive_shift=False)  # type: ignore[arg-type]
    assert counts.overconfident == 0
