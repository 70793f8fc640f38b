"""`errlog clocks`: the table, JSON, and why a line got its instant."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from logtool.__main__ import run
from logtool.clocks.table import Evidence
from logtool.commands.clock_table import timeline
from logtool.commands.places import at
from tests import places
from tests.exactness import WRONG_US, write_at
from tests.logtool.clocks.scenes import born, line, resuming
from tests.logtool.clocks.telling.test_advice import clock

SAMPLE = places.SAMPLE_LOGS / "berlin_utc_django" / "error.log"
FLIPS = SAMPLE.parents[1] / "flips" / "error.log"
IN_BERLIN = ("--no-neighbours", "--server-tz", "Europe/Berlin")
#: The contract: what a program may rely on.
KEYS = [
    "process", "pid", "role", "group", "file", "first_line", "last_line", "lines", "runs",
    "from_utc", "to_utc", "offset", "zone", "zone_candidates", "confidence", "evidence",
    "conflicts",
]  # fmt: skip


def clocks(capfd: pytest.CaptureFixture[str], *arguments: object, status: int = 0) -> str:
    """What `errlog clocks` prints."""
    assert run(["clocks", *map(str, arguments)]) == status
    return capfd.readouterr().out


def test_json(capfd: pytest.CaptureFixture[str]) -> None:
    """One object for each clock, with the keys of the contract."""
    found = [json.loads(x) for x in clocks(capfd, "--json", *IN_BERLIN, SAMPLE).splitlines()]

    assert all(list(clock) == KEYS for clock in found)
    stamped = sum(x.startswith(b"[") for x in SAMPLE.read_bytes().splitlines())
    assert sum(clock["lines"] for clock in found) == stamped
    parent = next(clock for clock in found if clock["role"] == "parent")
    assert (parent["offset"], parent["zone"], parent["confidence"]) == (
        "+01:00", "Europe/Berlin", "certain",
    )  # fmt: skip
    assert parent["from_utc"] == "2026-11-23T19:58:22Z"
    assert parent["evidence"][0]["kind"] == "server-tz"
    assert {clock["group"] for clock in found if clock["role"] == "daemon"} == {"shop"}


def test_table(capfd: pytest.CaptureFixture[str]) -> None:
    """A row for each kind of clock with two facts, a timeline of all processes, and advice."""
    told = clocks(capfd, *IN_BERLIN, SAMPLE)

    assert told.startswith(
        "offset  sure      process\n"
        "+01:00  certain   2 parents: 22 lines\n"
        "    pids    12554, 12556\n"
        "    time    2026-11-23T19:58:22Z to 2026-11-23T19:58:28Z\n"
        "    zone    Europe/Berlin\n"
        "    because Apache was started in Europe/Berlin (--server-tz) (line 1)\n"
        "    because line 6 must be before line 7 (parent 12556, 19:58:22Z): offset at least "
        "+00:59:57\n"
        "+01:00  certain   2 daemons of shop: 10 lines\n"
    )
    assert "+00:00  certain   2 daemons of shop: 79 lines" in told
    assert re.search("^shop 12558   bb +a+$", told, re.MULTILINE)
    assert "a=+00:00 b=+01:00" in told
    assert "advice: processes stamp in +00:00, +01:00" in told


def test_the_true_source_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    """Where no line writes an offset no text says so; a chain of evidence ends at the anchor."""
    told = " ".join(clocks(capfd, "-v", *IN_BERLIN, SAMPLE).split())
    assert "write" not in told.partition("parent 12554 b")[0]
    daemons = told.partition("+00:00 certain daemon 12558 of shop")[2].partition("+00:00 certain")[
        0
    ]
    assert (
        "because child 12561 keeps the server's clock: Apache was started in Europe/Berlin "
        "(--server-tz) (line 20) because line 96 must be after line 95 (child 12561, 19:58:26Z) "
        "and line 81 must be before line 82 (child 12561, 19:58:25Z): "
        "offset in [-00:00:03, +00:00:03]"
    ) in daemons


def test_assumed_zones_are_not_advised(capfd: pytest.CaptureFixture[str]) -> None:
    """With nothing that ties a log to UTC no zone is advised, and names are told with doubt."""
    log = SAMPLE.parents[1] / "local_stamps" / "error.log"
    told = " ".join(clocks(capfd, "--no-neighbours", log).split())
    assert "of which only the differences are known: start Apache in the application's zone" in told
    assert "(export TZ=ZONE in envvars" in told
    assert told.count(", if the assumption is right because ") == told.count(" assumed ") > 3
    named = json.loads(clocks(capfd, "--no-neighbours", "--json", log).splitlines()[0])
    assert named["confidence"] == "assumed"


def test_facts_against_a_clock(capfd: pytest.CaptureFixture[str]) -> None:
    """What speaks against a clock is told once for all processes of its kind."""
    told = clocks(capfd, "--server-tz", "Asia/Kolkata", SAMPLE)
    children = told.partition("2 children: 49 lines\n")[2].partition("\n+")[0]
    assert children.count("    against ") == 2
    assert "/access.log writes the server's offset" in " ".join(children.split())


def test_verbose(capfd: pytest.CaptureFixture[str]) -> None:
    """With -v no fact is left out, and the tz database is named."""
    short = clocks(capfd, *IN_BERLIN, SAMPLE)
    long = clocks(capfd, "-v", *IN_BERLIN, SAMPLE)

    assert len(long.splitlines()) > len(short.splitlines())
    assert "zones from tzdata" in long
    assert "zones from tzdata" not in short


def test_advice_against_flips(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Applications that fight over TZ should have a group each."""
    log = tmp_path / "error.log"
    lines = [resuming("2026-06-05 12:00"), born("2026-06-05 12:00:01", 7, "both")]
    for turn in range(1, 8):
        lines += [line(f"2026-06-05 12:0{turn}", 1), line(f"2026-06-05 1{3 + turn % 2}:0{turn}", 7)]
    log.write_text("\n".join(lines) + "\n")
    told = clocks(capfd, "--no-neighbours", "--server-tz", "UTC", log)
    assert "daemons of both change their clock again and again: give each application" in told


def test_a_clock_of_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    """A zone named for a process or group that the log does not have is told, with who is there."""
    named = ("--clock", "shpo=Asia/Kathmandu", "--clock", "shop=UTC", "--clock", "4=Asia/Tokyo")
    told = " ".join(clocks(capfd, *IN_BERLIN, *named, SAMPLE).split())
    said = "no process or group of that name; there are shop, child, daemon, parent, "
    assert f"note: --clock shpo=Asia/Kathmandu: {said}" in told
    assert f"note: --clock 4=Asia/Tokyo: {said}" in told
    assert "--clock shop=" not in told


def test_the_clock_of_a_role_that_nobody_shows(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Daemons do not say what they are at LogLevel warn; what to name instead is said."""
    log = tmp_path / "error.log"
    log.write_text("".join(line(f"2026-06-05 12:00:0{n}", 7) + "\n" for n in range(3)))
    told = " ".join(clocks(capfd, "--no-neighbours", "--clock", "daemon=UTC", log).split())
    assert "--clock daemon=UTC: no line tells that any process is a daemon" in told
    assert "(LogLevel info shows it): name a pid; there are" in told


@pytest.mark.parametrize(
    "word",
    [
        *(["normalize"], ["flags"], ["pairs"], ["clocks", "--json"]),
        *(["query", "SELECT utc FROM log"], ["normalize", "--sort", "--strict"]),
        *(["report", "-o", "x.json"], ["report", "--by-host", "-o", "x.md"]),
        ["export", "-o", "x.csv"],
    ],
)
def test_a_clock_of_nobody_is_a_mistake(
    word: list[str],
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """It is said also to who wants to hear of nothing but errors; all is done for the others."""
    monkeypatch.chdir(tmp_path)
    options = ["-q", *IN_BERLIN, "--clock", "shpo=Asia/Kathmandu"]
    assert run([*word, *options, str(SAMPLE)]) == 0
    (told,) = capfd.readouterr().err.split("errlog: ")[1:]
    assert told.startswith("--clock shpo=Asia/Kathmandu: no process or group of that name; there")
    assert " ".join(told.split()).endswith("; did you mean shop?")


class TestExplain:
    """--explain tells of one line, and nothing else."""

    def test_a_line(self, capfd: pytest.CaptureFixture[str]) -> None:
        """Its instant, who stamps it, the zones that fit, and why."""
        told = clocks(capfd, "--explain", 1, *IN_BERLIN, SAMPLE).splitlines()
        truth = (SAMPLE.parent / "truth.txt").read_text().split()[0]
        assert told[0] == f"{SAMPLE}:1: {truth[:26]}Z in UTC, certain"
        assert "Europe/Berlin" in told[2]
        assert told[3].startswith("  it must be before line 7 (parent 12556, ")
        assert told[4].startswith("  because Apache was started in Europe/Berlin")

    def test_its_neighbours(self, capfd: pytest.CaptureFixture[str]) -> None:
        """The lines of other clocks around it, with all digits that they have, and what is left."""
        told = clocks(capfd, "--explain", 38, *IN_BERLIN, SAMPLE).splitlines()
        assert told[3] == (
            "  it must be after line 37 (child 12560, 19:58:23.240113Z) and before line 43 (daemon "
            "12559 of shop, 19:58:23.857470Z): offset in [-00:00:03, +00:00:03]"
        )

    def test_the_same_zones_as_in_the_table(self, capfd: pytest.CaptureFixture[str]) -> None:
        """What zones fit is told alike of a line and of its clock."""
        zones = re.findall("    zone    (.*)", clocks(capfd, *IN_BERLIN, SAMPLE))
        for number, zone in ((1, zones[0]), (14, zones[1]), (38, zones[3])):
            told = clocks(capfd, "--explain", number, *IN_BERLIN, SAMPLE)
            assert f"  zones that fit: {zone}\n" in told

    def test_a_line_of_a_file(self, capfd: pytest.CaptureFixture[str]) -> None:
        """FILE:LINE says which file, where there are several."""
        told = clocks(capfd, "--explain", f"{FLIPS}:2", *IN_BERLIN, SAMPLE, FLIPS)
        assert told.startswith(f"{FLIPS}:2: ")

    def test_a_line_of_which_file(self, capfd: pytest.CaptureFixture[str]) -> None:
        """A number alone could be of each of several files; none of them is taken."""
        assert run(["clocks", "--explain", "2", *IN_BERLIN, str(SAMPLE), str(FLIPS)]) == 2
        told = f"--explain 2: 2 files are read: say FILE:2, such as {SAMPLE}:2"
        assert capfd.readouterr() == ("", f"errlog: {told}\n")

    def test_a_line_that_is_not_there(self, capfd: pytest.CaptureFixture[str]) -> None:
        """A number behind the end is wrong usage."""
        assert run(["clocks", "--explain", "100000", *IN_BERLIN, str(SAMPLE)]) == 2
        out, told = capfd.readouterr()
        assert out == ""
        assert told == f"errlog: --explain {SAMPLE}:100000: the file has no such line\n"

    def test_a_file_by_the_end_of_its_path(self, capfd: pytest.CaptureFixture[str]) -> None:
        """A name is enough where the log was given by its folder, but not if several have it."""
        told = clocks(capfd, "--explain", "error.log:2", *IN_BERLIN, SAMPLE.parent)
        assert told.startswith(f"{SAMPLE}:2: ")
        assert clocks(capfd, "--explain", "error.log:2", SAMPLE, FLIPS, status=2) == ""

    def test_evidence_of_another_log(self, tmp_path: Path) -> None:
        """The line is told to be one of the error log, not of the access log it speaks of."""
        fact = Evidence("access-log", "access.log writes the server's offset", 0, 20)
        assert at(fact, [str(tmp_path / "error.log")]) == " (at line 20 of error.log)"

    def test_a_raw_line(self, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        """A line without a stamp is left as it is, and that is said."""
        log = tmp_path / "error.log"
        log.write_bytes(SAMPLE.read_bytes() + b"raw\n")
        last = SAMPLE.read_bytes().count(b"\n") + 1
        told = clocks(capfd, "--explain", last, *IN_BERLIN, log)
        assert (
            told
            == f"{log}:{last}: the line has no stamp that errlog can read; it is left as it is\n"
        )

    @pytest.mark.parametrize("place", ["0", "x", "nowhere.log:1", "-1"])
    def test_no_place(self, place: str, capfd: pytest.CaptureFixture[str]) -> None:
        """What is no place is wrong usage."""
        assert clocks(capfd, f"--explain={place}", SAMPLE, status=2) == ""


def test_a_log_without_a_stamp(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """There is nothing to tell, and no error."""
    log = tmp_path / "error.log"
    log.write_text("raw\n")
    assert clocks(capfd, log) == "no line with a time\n"
    assert clocks(capfd, "--json", log) == ""


def test_a_process_of_several_clocks_at_once() -> None:
    """What `*` means in the timeline is told, where it is drawn."""
    both = [replace(clock(7, "", offset_s), first_us=0, last_us=9) for offset_s in (0, 3600)]
    alone, told = list(timeline(both[:1], 80)), list(timeline(both, 80))
    assert alone[-1].split() == ["a=+00:00"]
    assert told[-1].split() == ["a=+00:00", "b=+01:00", "*=several"]
    assert "*" in told[0]


def test_strict(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """--strict is 1 where a clock is only assumed."""
    log = tmp_path / "error.log"
    log.write_bytes(SAMPLE.read_bytes())
    write_at(log, WRONG_US)
    clocks(capfd, "--strict", *IN_BERLIN, log)
    clocks(capfd, "--no-neighbours", log)
    clocks(capfd, "--strict", "--no-neighbours", log, status=1)


def test_names_of_logs_cannot_steer_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Control characters of a hostile daemon group are not printed as they are."""
    log = tmp_path / "error.log"
    log.write_bytes(SAMPLE.read_bytes().replace(b"'shop'", b"'\x1b]0;owned\x07'"))
    assert "\x1b" not in clocks(capfd, *IN_BERLIN, log)


@pytest.mark.parametrize(
    ("wrong_zone", "offset"), [("UTC", "-16:00"), ("Asia/Kathmandu", "-10:15")]
)
def test_an_offset_that_no_zone_has(
    wrong_zone: str, offset: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where the user's zone puts a process off the earth, all is assumed and it is said."""
    log = SAMPLE.parents[1] / "rotated" / "error.log"  # its server keeps +10:00, a daemon -06:00
    wrong, right = (
        [
            json.loads(line)
            for line in clocks(
                capfd, "--json", "--no-neighbours", "--server-tz", zone, log
            ).splitlines()
        ]
        for zone in (wrong_zone, "Antarctica/DumontDUrville")
    )
    beyond = [clock for clock in wrong if clock["offset"] == offset]
    assert beyond
    assert all([fact["kind"] for fact in clock["conflicts"]] == ["world"] for clock in beyond)
    assert {clock["confidence"] for clock in wrong} == {"assumed"}
    assert "certain" in {clock["confidence"] for clock in right}
    assert not any(clock["conflicts"] for clock in right)


def test_a_parent_of_few_words_keeps_its_zone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Under LogLevel warn a parent says three lines; no hours passed between them for others.

    A real Apache in St. John's wrote this, with an application that sets Asia/Kathmandu after its
    first lines; the jump of its daemons is a change of clock and no silence.
    """
    said = [
        ("14:03:21.499023", "mpm_event:notice", 7, "AH00489: Apache/2.4.71 (Debian) configured"),
        ("14:03:21.499066", "core:notice", 7, "AH00094: Command line: 'apache2'"),
        *((f"14:03:23.0{n}2861", "wsgi:error", 8 + n % 2, "early warning") for n in range(8)),
        *((f"23:18:24.0{n}2861", "wsgi:error", 8 + n % 2, "INFO shop: done") for n in range(8)),
        ("23:18:27.177615", "wsgi:error", 8, "INFO shop: done"),
        ("23:18:27.272257", "wsgi:error", 9, "INFO shop: done"),
        ("14:03:27.434652", "mpm_event:notice", 7, "AH00491: caught SIGTERM, shutting down"),
    ]
    log = tmp_path / "error.log"
    log.write_text(
        "".join(
            f"[Wed Nov 25 {time} 2026] [{level}] [pid {pid}:tid {pid}] {text}\n"
            for time, level, pid, text in said
        )
    )
    modified = datetime(2026, 11, 25, 17, 33, 27, 435000, tzinfo=UTC).timestamp()
    os.utime(log, (modified, modified))
    found = [json.loads(x) for x in clocks(capfd, "--json", "--no-neighbours", log).splitlines()]
    assert [(one["pid"], one["offset"], one["lines"]) for one in found] == [
        (7, "-03:30", 3), (8, "-03:30", 4), (9, "-03:30", 4), (8, "+05:45", 5), (9, "+05:45", 5),
    ]  # fmt: skip
    assert {one["confidence"] for one in found} == {"likely"}
