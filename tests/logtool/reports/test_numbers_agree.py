"""Every number of a report against a recount by other means: plain Python over the lines."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logtool.clocks.options import ClockOptions
from logtool.reports.numbers import Numbers, Report
from logtool.reports.outputs import html
from logtool.reports.outputs import text as plain
from tests.logtool.reports.conftest import CRASH, SAMPLES

Make = Callable[..., Report]
HEAD = re.compile(
    r"\[[^\]]+\] \[(?P<module>[^:]*):(?P<level>\w+)\] \[pid (?P<pid>\d+):tid \d+\] "
    r"(?:\S+\(\d+\): )?(?:\(\d+\)[^:]+: )?"
    r"(?:\[(?:client|remote) (?P<client>[^\]]+):\d+\] )?(?P<text>.*)"
)


def lines_of(log: Path) -> list[dict[str, str]]:
    """The lines of a log of the built-in format, and the instants recorded beside it."""
    truth = (log.parent / "truth.txt").read_text().split()
    found = []
    for line, instant in zip(log.read_text().splitlines(), truth, strict=True):
        match = HEAD.match(line)
        assert match, line
        found.append({**match.groupdict(""), "utc": instant})
    return found


@pytest.fixture(name="numbers")
def _numbers(report_of: Make) -> Numbers:
    return report_of(CRASH).hosts[0]


def test_lines_by_level_and_module(numbers: Numbers) -> None:
    """Lines by level and module are those of a recount."""
    lines = lines_of(CRASH)

    assert numbers.lines == len(lines)
    assert {one.name: one.lines for one in numbers.levels} == Counter(x["level"] for x in lines)
    assert {one.name: one.lines for one in numbers.modules} == Counter(x["module"] for x in lines)
    assert sum(one.lines for one in numbers.roles) == len(lines)


def test_period(numbers: Numbers) -> None:
    """The period reaches from the first recorded instant to the last."""
    instants = sorted(datetime.fromisoformat(line["utc"]) for line in lines_of(CRASH))

    assert (numbers.first_utc, numbers.last_utc) == (instants[0], instants[-1])


def test_rate_and_hours(numbers: Numbers) -> None:
    """Each part of the rate and each hour of the week holds the lines recorded in it."""
    lines = lines_of(CRASH)
    rate = numbers.rate
    assert rate.start_utc is not None
    start, step = rate.start_utc, timedelta(seconds=rate.step_s)
    parts = Counter(
        (
            line["level"],
            (datetime.fromisoformat(line["utc"]) - start) // step,
        )
        for line in lines
    )

    for level in rate.by_level:
        assert [parts[level.name, part] for part in range(len(level.lines))] == list(level.lines)
    assert sum(sum(one.lines) for one in rate.by_clock) == len(lines)
    assert sum(map(sum, numbers.hours)) == len(lines)
    assert numbers.hours[0][19] == len(lines)  # a Monday, 19:59 UTC


def test_clients(numbers: Numbers) -> None:
    """Lines and errors of each client are those of a recount."""
    lines = [line for line in lines_of(CRASH) if line["client"]]
    bad = Counter(line["client"] for line in lines if line["level"] in ("error", "crit"))

    assert {one.address: one.lines for one in numbers.clients} == Counter(
        line["client"] for line in lines
    )
    assert {one.address: one.errors for one in numbers.clients} == bad


def test_errors_of_a_client_are_errors(report_of: Make, tmp_path: Path) -> None:
    """Lines of level error or worse count as a client's errors, warnings do not."""
    log = tmp_path / "error.log"
    line = "[Mon Nov 23 10:00:00.000000 2026] [core:%s] [pid 7:tid 7] [client 2001:db8::1:9] x\n"
    log.write_text("".join(line % level for level in ("crit", "error", "warn", "info")))
    (client,) = report_of(log).hosts[0].clients

    assert (client.address, client.lines, client.errors) == ("2001:db8::1", 4, 2)


def test_exceptions(numbers: Numbers) -> None:
    """Exceptions are as many as lines that begin with their type after a traceback."""
    raised = Counter(
        line["text"].split(":")[0]
        for line in lines_of(CRASH)
        if re.match(r"(?:RuntimeError|ValueError|KeyError): ", line["text"])
    )

    (one,) = numbers.exceptions
    assert (one.type, one.events) == ("RuntimeError", raised["RuntimeError"])
    assert sum(one.trend) == one.events
    assert one.guilty_function == "fail"
    assert one.sample[0].startswith("mod_wsgi (pid=")


def test_messages(numbers: Numbers) -> None:
    """The most frequent messages come as often as their tags."""
    tags = Counter(line["text"][:7] for line in lines_of(CRASH) if line["text"].startswith("AH"))
    found = {one.template[:7]: one.events for one in numbers.messages if one.template[:2] == "AH"}

    assert found
    assert found == {tag: tags[tag] for tag in found}
    assert all(sum(one.trend) == one.events for one in numbers.messages)


def test_lives(numbers: Numbers) -> None:
    """Starts, stops and crashes are those that httpd and mod_wsgi tell."""
    text = CRASH.read_text()
    counts = {one.name: one.lines for one in numbers.life_counts}
    crashed = set(re.findall(r"AH0005[12]: child pid (\d+)", text))
    ended = set(re.findall(r"\(pid=(\d+)\): Process '[^']*' has died", text))
    stops = r"\(pid=(\d+)\): (?:Shutdown requested|Stopping process|Exiting process) '"

    assert crashed <= ended
    assert counts == {
        "server started": text.count("AH00489"),
        "server stopped": text.count("AH00491"),
        # httpd tells of a crash, and mod_wsgi again where it was a daemon's.
        "daemon crashed": len(crashed),
        "daemon ended": len(ended - crashed),
        "daemon started": text.count("Starting process '"),
        # What a process says of its stop, in three lines, is one stop.
        "daemon stopped": len(set(re.findall(stops, text))),
    }
    assert len(numbers.lives) == sum(counts.values())


def test_clocks(numbers: Numbers) -> None:
    """The clocks are the two zones of the sample, and together they stamp every line."""
    assert {one.offset_s for one in numbers.clocks} == {0, 7200}
    assert sum(one.lines for one in numbers.clocks) == numbers.lines


def test_slowest(numbers: Numbers) -> None:
    """The slowest request is the client whose lines lie furthest apart, as recorded."""
    by_client: dict[str, list[datetime]] = {}
    for line, text in zip(lines_of(CRASH), CRASH.read_text().splitlines(), strict=True):
        if found := re.search(r"\[(?:client|remote) ([^\]]+)\]", text):
            by_client.setdefault(found[1], []).append(datetime.fromisoformat(line["utc"]))
    slow = numbers.slowest[0]
    times = by_client[slow.client]

    assert slow.duration_ms <= (max(times) - min(times)).total_seconds() * 1000 + 0.001
    assert [one.duration_ms for one in numbers.slowest] == sorted(
        (one.duration_ms for one in numbers.slowest), reverse=True
    )


def test_gaps(report_of: Make, tmp_path: Path) -> None:
    """A silence is told from the last line before it to the first after it."""
    log = tmp_path / "error.log"
    stamp = "[Mon Nov 23 %s.000000 2026] [core:error] [pid 7:tid 7] AH00128: x\n"
    log.write_text("".join(stamp % time for time in ("10:00:00", "10:00:30", "14:10:00")))
    (gap,) = report_of(log).hosts[0].gaps

    assert (gap.end_utc - gap.start_utc).total_seconds() == 4 * 3600 + 9 * 60 + 30


def test_unread(report_of: Make) -> None:
    """Lines of no layout are counted and the first of them shown."""
    log = SAMPLES / "raw_stderr" / "error.log"
    unread = report_of(log).hosts[0].unread

    odd = [
        (number, line)
        for number, line in enumerate(log.read_text("utf-8", "backslashreplace").splitlines(), 1)
        if not HEAD.match(line)
    ]
    assert 0 < unread.lines <= len(odd)
    assert set(unread.samples) <= {f"{log}:{number}: {line}" for number, line in odd}


def test_rotated_members_are_one_log(report_of: Make, tmp_path: Path) -> None:
    """Rotated and compressed members count together, as often as one file of all their lines."""
    text = CRASH.read_bytes().splitlines(keepends=True)
    (tmp_path / "error.log.2.gz").write_bytes(gzip.compress(b"".join(text[:80])))
    (tmp_path / "error.log.1").write_bytes(b"".join(text[80:160]))
    (tmp_path / "error.log").write_bytes(b"".join(text[160:]))
    known = ClockOptions("+02:00")
    whole, parts = (report_of(log, options=known).hosts[0] for log in (CRASH, tmp_path))

    for name in ("lines", "events", "levels", "modules", "rate", "hours", "clients", "life_counts"):
        assert getattr(parts, name) == getattr(whole, name), name
    assert [(one.type, one.events) for one in parts.exceptions] == [
        (one.type, one.events) for one in whole.exceptions
    ]
    assert [Path(one.name).name for one in parts.files] == [
        "error.log.2.gz", "error.log.1", "error.log"
    ]  # fmt: skip
    assert [one.lines for one in parts.files] == [80, 80, len(text) - 160]


def test_since_and_until(report_of: Make) -> None:
    """Lines outside a span of time are left out everywhere."""
    since = datetime.fromisoformat("2026-11-23T19:59:11Z")
    until = datetime.fromisoformat("2026-11-23T19:59:14Z")
    inside = [x for x in lines_of(CRASH) if since <= datetime.fromisoformat(x["utc"]) < until]
    numbers = report_of(CRASH, since=since, until=until).hosts[0]

    assert numbers.lines == len(inside)
    assert {one.name: one.lines for one in numbers.levels} == Counter(x["level"] for x in inside)
    assert sum(sum(one.lines) for one in numbers.rate.by_level) == len(inside)


def test_hosts(report_of: Make) -> None:
    """Hosts are told apart by folder or by a pattern, each with its own clocks."""
    logs = (CRASH, SAMPLES / "three_groups" / "error.log")
    by_folder = report_of(*logs, host=True)
    by_pattern = report_of(*logs, host=r"sample_logs/(\w{3})")

    assert [one.host for one in by_folder.hosts] == ["daemon_crash_and_rebirth", "three_groups"]
    assert [one.host for one in by_pattern.hosts] == ["dae", "thr"]
    assert [one.lines for one in by_folder.hosts] == [
        len(log.read_text().splitlines()) for log in logs
    ]


def test_a_host_that_a_pattern_leaves_open(report_of: Make, tmp_path: Path) -> None:
    """Logs in whose paths the group of a pattern is nothing are of a host without a name."""
    for host in ("web1", "other"):
        (tmp_path / host).mkdir()
        (tmp_path / host / "error.log").write_bytes(CRASH.read_bytes())
    report = report_of(tmp_path, host=r"/(web\d)?/?error")

    assert [(one.host, one.lines) for one in report.hosts] == [("", 242), ("web1", 242)]


def test_hosts_in_folders_of_one_folder(report_of: Make, tmp_path: Path) -> None:
    """A folder of hosts stands for the folder of each host, also one named by a pattern."""
    for host in ("web1", "web2", "empty"):
        (tmp_path / host).mkdir()
    (tmp_path / "web1" / "error.log").write_bytes(CRASH.read_bytes())
    (tmp_path / "web2" / "error.log.1.gz").write_bytes(gzip.compress(CRASH.read_bytes()))

    for told in (True, r"/(web\d)/"):
        report = report_of(tmp_path, host=told)
        assert [(one.host, one.lines) for one in report.hosts] == [("web1", 242), ("web2", 242)]


def test_a_log_without_times(report_of: Make, tmp_path: Path) -> None:
    """A log that nobody can read still gets a report, of lines that were not understood."""
    log = tmp_path / "error.log"
    log.write_text("hello\nworld\n")
    numbers = report_of(log).hosts[0]

    assert (numbers.lines, numbers.unread.lines, numbers.first_utc) == (2, 2, None)
    assert numbers.rate.start_utc is None


def test_an_empty_log(report_of: Make, tmp_path: Path) -> None:
    """An empty log gets a report of nothing."""
    log = tmp_path / "error.log"
    log.touch()

    assert report_of(log).hosts[0].lines == 0


def test_new_problems_are_marked(report_of: Make, tmp_path: Path) -> None:
    """Where an error first comes late in the period, the rate is marked there, in every output."""
    line = "[Mon Nov 23 10:%02d:00.000000 2026] [core:error] [pid 7:tid 7] AH00128: %s\n"
    log = tmp_path / "error.log"
    log.write_text("".join(line % (at, "old") for at in range(60)) + line % (59, "never seen"))
    report = report_of(log)
    rate = report.hosts[0].rate
    (new,) = rate.news

    assert rate.start_utc is not None
    assert (rate.start_utc + new * timedelta(seconds=rate.step_s)).minute == 59
    assert [one.is_new for one in report.hosts[0].messages] == [False, True]
    assert "a new problem first seen" in html.render(report)
    assert "* a new problem" in plain.render(report)


@pytest.mark.parametrize("seconds", [1, 20, 3600])
def test_crashes_are_as_many_as_lives_that_ended_so(
    report_of: Make, tmp_path: Path, seconds: int
) -> None:
    """Problems and lives tell of as many crashes, where each start of Apache begins pids anew."""
    lines = (
        "[mpm_event:notice] [pid 5:tid 5] AH00489: Apache/2.4.71 configured -- resuming normal "
        "operations",
        "[core:notice] [pid 5:tid 5] AH00052: child pid 7 exit signal Segmentation fault (11)",
        "[mpm_event:notice] [pid 5:tid 5] AH00491: caught SIGTERM, shutting down",
    )
    begin, log = datetime(2026, 11, 23, 10, tzinfo=UTC), tmp_path / "error.log"
    log.write_text(
        "".join(
            f"[{begin + timedelta(seconds=seconds * cycle):%a %b %d %H:%M:%S.%f %Y}] {line}\n"
            for cycle in range(10)
            for line in lines
        )
    )
    numbers = report_of(log).hosts[0]
    (crashed,) = (one for one in numbers.findings if one.rule == "daemon-crashed")

    assert crashed.count == 10
    assert {one.name: one.lines for one in numbers.life_counts}["child crashed"] == 10


def test_a_daemon_ends_once(report_of: Make, tmp_path: Path) -> None:
    """Who says that it stops does not end again as its parent tells of it; who comes next may."""
    daemon = "[wsgi:info] [pid 7:tid 7] mod_wsgi (pid=7): {} process 'shop'."
    died = (
        "[wsgi:info] [pid 5:tid 5] mod_wsgi (pid=7): Process 'shop' has died, deregister and "
        "restart it."
    )
    stopped = [daemon.format(does) for does in ("Starting", "Stopping", "Exiting")]
    lines = [*stopped, died, *stopped, daemon.format("Starting"), died]
    log = tmp_path / "error.log"
    log.write_text("".join(f"[Mon Nov 23 10:00:00.000000 2026] {line}\n" for line in lines))
    numbers = report_of(log).hosts[0]

    counts = {one.name: one.lines for one in numbers.life_counts}
    assert counts == {"daemon started": 3, "daemon stopped": 2, "daemon ended": 1}


def test_a_restart_is_no_start(report_of: Make) -> None:
    """Who restarts says that he resumes as well: he was started once."""
    counts = {}
    for name in ("graceful_restart", "hard_restart"):
        numbers = report_of(SAMPLES / name / "error.log").hosts[0]
        counts[name] = {one.name: one.lines for one in numbers.life_counts}
        text = (SAMPLES / name / "error.log").read_text()
        assert text.count("resuming normal operations") > counts[name]["server started"] == 1
        assert len(numbers.lives) == sum(counts[name].values())

    assert counts["graceful_restart"]["server restarted gracefully"] >= 1
    assert counts["hard_restart"]["server restarted"] >= 1
