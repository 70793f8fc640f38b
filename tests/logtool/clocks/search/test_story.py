"""Where order leaves a choice, the whole story decides: zones, silences, votes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from logtool.clocks import outside
from logtool.clocks.options import ClockOptions
from logtool.clocks.search import story
from logtool.clocks.search.suppositions import Suppositions
from parsers.arrays import Ints
from tests.logtool.clocks.scenes import Answer, at, born, line, resuming, solved


@pytest.fixture(autouse=True)
def _host_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host's zone is one that no test's log was written in."""
    monkeypatch.setattr(outside, "host_zone", lambda: "Pacific/Marquesas")


def bursts(zones: dict[str, tuple[float, float]], jump: str, times: list[str]) -> list[str]:
    """At each time (UTC) all write by turns: who -> hours east of UTC before the jump and after."""
    lines = []
    for when in times:
        for second in range(4):
            who = list(zones)[second % len(zones)]
            hours = zones[who][when >= jump]
            local = f"{datetime.fromisoformat(when) + timedelta(hours=hours, seconds=second)}"
            lines.append(resuming(local) if who == "server" else line(local, 7))
    return lines


def hours(answers: list[Answer]) -> list[float | None]:
    """The offsets of the answers."""
    return [answer[0] if answer else None for answer in answers]


TIMES = [
    f"2026-{day} {clock}" for day in ("03-28", "03-30") for clock in ("09:00", "13:30", "17:10")
]


class TestAtHome:
    """Where nothing ties a log to UTC."""

    @pytest.mark.parametrize(
        ("host", "server", "keeper"),
        [
            ("Asia/Kolkata", 5.5, "parent 1"),
            # Nobody on earth is five and a half hours west of it: an application keeps it.
            ("UTC", 5.5, "process 7"),
            # So is nobody west of St John's nine hours; two hours east and seven west are clocks.
            ("America/St_Johns", 2.0, "process 7"),
        ],
    )
    def test_somebody_keeps_the_zone_of_this_host(
        self, monkeypatch: pytest.MonkeyPatch, host: str, server: float, keeper: str
    ) -> None:
        """The server if that suits the zones on earth, else an application; it is told which."""
        monkeypatch.setattr(outside, "host_zone", lambda: host)
        begin = datetime.fromisoformat("2026-11-26 07:20:50")
        shown = [(1, 5.5, "core:error"), (7, 0.0, "wsgi:error"), (8, -3.5, "wsgi:error")]
        lines = [resuming(f"{begin + timedelta(hours=5.5)}")]
        for second in range(1, 9):
            for pid, east, module in shown:
                local = begin + timedelta(hours=east, seconds=second)
                lines.append(line(f"{local}", pid, "a word", module))
        table, answers = solved(lines)
        assert hours(answers) == [server, *[server, server - 5.5, server - 9] * 8]
        told = f"nothing ties the log to UTC; {keeper} is taken to keep this host's zone, {host}"
        assert {clock.evidence[0].text for clock in table.clocks} == {told}


class TestZones:
    """What the tz database explains costs nothing."""

    def test_the_server_springs_forward(self) -> None:
        """Between Saturday and Monday Berlin moved, not an application the other way."""
        zones = {"server": (1.0, 2.0), "app": (0.0, 0.0)}
        lines = bursts(zones, "2026-03-29 01:00", TIMES)
        _, answers = solved(lines, mtime_us=at("2026-03-30 17:10:03"))
        assert hours(answers) == [1, 0] * 6 + [2, 0] * 6

    def test_the_application_springs_forward(self) -> None:
        """The same differences the other way round: the application moved, the server did not."""
        zones = {"server": (0.0, 0.0), "app": (1.0, 2.0)}
        lines = bursts(zones, "2026-03-29 01:00", TIMES)
        _, answers = solved(lines, mtime_us=at("2026-03-30 17:10:03"))
        assert hours(answers) == [0, 1] * 6 + [0, 2] * 6

    def test_without_any_anchor_the_night_tells(self) -> None:
        """This host's zone cannot be the server's: it does not spring forward in that night."""
        zones = {"server": (1.0, 2.0), "app": (0.0, 0.0)}
        _, answers = solved(bursts(zones, "2026-03-29 01:00", TIMES))
        assert hours(answers) == [1, 0] * 6 + [2, 0] * 6
        assert {answer[1] for answer in answers if answer} == {"assumed"}

    @pytest.mark.parametrize("count", [1, 6])
    def test_the_host_s_zone_is_refuted_by_a_clock_that_no_zone_keeps(self, count: int) -> None:
        """An application 5:45 h further west than this host's -09:30 is nowhere on earth."""
        lines = []
        for minute in range(count):
            lines.append(resuming(f"2026-06-05 05:{45 + minute}:00"))
            lines.append(line(f"2026-06-05 00:0{minute}:10", 7))
        _, answers = solved([*lines, resuming(f"2026-06-05 05:{45 + count}:00")])
        assert hours(answers) == [*[5.75, 0] * count, 5.75]
        assert {answer[1] for answer in answers if answer} == {"assumed"}


class TestSilence:
    """Little time passes between neighbours, as a rule."""

    def test_a_late_speaker(self) -> None:
        """Who speaks a quarter of a second before the server stops is in the zone that says so."""
        lines = [
            resuming("2026-06-05 02:30"), line("2026-06-12 11:50:03.40", 9),
            line("2026-06-12 11:50:03.45", 9), resuming("2026-06-12 08:50:03.65"),
        ]  # fmt: skip
        _, answers = solved(lines, ClockOptions(server_tz="America/Phoenix"))
        assert hours(answers) == [-7, -4, -4, -7]
        assert answers[1] is not None
        assert answers[1][1] == "likely"

    def test_a_daemon_that_loads_is_in_the_server_s_zone(self) -> None:
        """Hours of silence between birth and loading do not hide a jump."""
        load = "mod_wsgi (pid=7, process='app', application=''): Loading Python script file '/x'."
        lines = [
            resuming("2026-06-05 12:00"), born("2026-06-05 12:00:01", 7),
            line("2026-06-06 07:13", 7, load), line("2026-06-06 05:13:02", 7),
            resuming("2026-06-06 07:13:04"),
        ]  # fmt: skip
        _, answers = solved(lines, ClockOptions(server_tz="Europe/Berlin"))
        assert hours(answers) == [2, 2, 2, 0, 2]


class TestCrowds:
    """Hundreds of processes of which little is known keep a few zones, as others do."""

    def test_restarts_of_nameless_daemons(self) -> None:
        """New York's daemons are not the server's, however many guesses say so, nor anybody's."""
        lines: list[str] = []
        now = datetime(2026, 1, 1)  # noqa: DTZ001 - UTC
        for restart in range(60):
            for daemon in (1, 2):
                now += timedelta(minutes=47 + 61 * ((7 * restart + 3 * daemon) % 8))
                for _ in range(3):
                    now += timedelta(seconds=1)
                    lines.append(line(f"{now - timedelta(hours=5)}", 10 * restart + daemon, "boom"))
            now += timedelta(seconds=1)
            stamp = f"{now + timedelta(hours=1)}"
            lines.append(line(stamp, 10 * restart, "AH00126: Invalid URI", "core:error"))
        _, answers = solved(lines, ClockOptions(server_tz="Europe/Berlin"))
        assert hours(answers) == [*[-5] * 6, 1] * 60

    def test_hundreds_of_them(self) -> None:
        """They go over to their zone together, where each alone breaks no order by staying."""
        rng, lines, truth = Random(1), [], []
        now = datetime(2026, 1, 1, tzinfo=UTC)

        def say(pid: int, zone: str, words: str, module: str) -> None:
            here = now.astimezone(ZoneInfo(zone))
            lines.append(line(f"{here.replace(tzinfo=None)}", pid, words, module))
            truth.append((here.utcoffset() or timedelta()) / timedelta(hours=1))

        for restart in range(150):
            now += timedelta(minutes=rng.randrange(30, 540))
            for daemon in (1, 2):
                for _ in range(3):
                    now += timedelta(seconds=1)
                    say(10 * restart + daemon, "America/New_York", "boom", "wsgi:error")
                now += timedelta(minutes=rng.randrange(30, 180))
            now += timedelta(seconds=1)
            say(10 * restart, "Europe/Berlin", "AH00126: Invalid URI", "core:error")
        _, answers = solved(lines, ClockOptions(server_tz="Europe/Berlin"))
        assert hours(answers) == truth


class TestNobody:
    """A log may have no clock at all."""

    def test_lines_that_write_their_offset_keep_no_clock(self) -> None:
        """So few that they are hearsay, and nobody beside them: no story is told of voices."""
        written = "[2026-06-05 10:42:36.978307 +0200] [wsgi:error] [pid 7:tid 7] hello"
        _, answers = solved([written, written.replace("10:42", "10:43")])
        assert hours(answers) == [2, 2]
        assert {answer[1] for answer in answers if answer} == {"written"}


def test_nobody_beyond_the_world_is_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """This host's zone is not taken for anybody's where a line of another would be at +21:00."""
    monkeypatch.setattr(outside, "host_zone", lambda: "UTC")
    stamps = ("09 23:18:12.0", "10 20:18:12.0", "10 20:18:12.1", "10 05:51:32.1")
    lines = [line(f"2026-06-{stamp}", 9, "[client 10.0.0.1:7] hello") for stamp in stamps]
    table, answers = solved([*lines, line("2026-06-11 02:01:32.1", 1, "AH00094: x", "core:notice")])
    assert all(answer and -12 <= answer[0] <= 14 for answer in answers)
    assert not [note for note in table.notes if "this host's zone" in note.text]


def test_a_season_of_many_groups_moves_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all before a night is an hour off, it is moved, however many groups there are."""
    improved = story._Search.improved
    tried = []

    def from_an_hour_off(search: story._Search, shift: Ints) -> Ints:
        right = improved(search, shift)
        monkeypatch.setattr(Suppositions, "of", lambda *_: [])
        monkeypatch.setattr(story, "MANY", 3)
        other = story._Search(search._scene, search._prices, search._liars)
        early = [one for one in other._loose if search._prices.first[one] < 24]
        wrong = right.copy()
        wrong[early] += 3600
        tried.append((len(early), improved(other, wrong).tolist() == right.tolist()))
        return right

    monkeypatch.setattr(story._Search, "improved", from_an_hour_off)
    zones = {"server": (1.0, 2.0), "app": (0.0, 0.0)}
    times = [*TIMES, "2026-03-31 09:00", "2026-04-02 11:00"]
    solved(bursts(zones, "2026-03-29 01:00", times), mtime_us=at("2026-04-02 11:00:03"))
    assert [right for count, right in tried if count] == [True]
