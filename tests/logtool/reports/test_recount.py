"""Every number of a report against a recount by awk and ripgrep over the lines of real logs."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from logtool.reports.numbers import Report
from logtool.reports.outputs.as_json import render, schema
from tests.logtool.reports.conftest import SAMPLES, report_by

#: Samples in httpd's built-in format of which every clock is found.
NAMES = (
    "berlin_utc_django", "daemon_crash_and_rebirth", "embedded", "fall_back", "flips",
    "hard_restart", "prefork", "spring_forward", "three_groups", "tzset_mid_life",
)  # fmt: skip
RECOUNT = Path(__file__).with_name("recount.awk")

#: What a line of the server's life says, for ripgrep.
LIVES = {
    "server started": "AH00489|AH00163",
    "server restarted": "AH00494|AH00173",
    "server restarted gracefully": "AH00493|AH00171",
    "server stopped": "AH00491|AH00169",
    "child crashed": "AH0005[12]",
    "daemon started": "Starting process '",
    "daemon stopped": "Stopping process '",
    "daemon ended": "Process '[^']*' has died",
}
#: Numbers that are not recounted here, and what checks them.
ELSEWHERE = {
    "Finding": "recounted in test_problems_recount.py, and in tests/live/test_flags.py",
    "SlowRequest": "recounted in test_slowest_recount.py",
    "Rate.spikes": "recounted in test_problems_recount.py",
    "Rate.news": "recounted in test_problems_recount.py",
    "ProcessSpan.process": "a name",
    "Numbers.told_findings": "of a second report: tests/logtool/commands/test_report.py",
    "Numbers.told_exceptions": "of a second report: tests/logtool/commands/test_report.py",
    "Numbers.forgotten_messages": "of very many messages: said/test_names.py",
    "Numbers.forgotten_clients": "of very many clients: said/test_names.py",
    "LifeEvent.pid": "of the line that `lives` shows",
    "ExceptionNumbers.guilty_line": "read from the stack: test_numbers_agree.py",
    "ExceptionNumbers.log_line": "where the first one stands: test_numbers_agree.py",
}
#: Those that tests of this module recount.
RECOUNTED = {
    "Numbers.lines", "Numbers.events", "Numbers.exception_groups", "Numbers.hours",
    "FileNumbers.lines", "FileNumbers.unread", "Count.lines", "ClockNumbers.offset_s",
    "ClockNumbers.lines", "ClockNumbers.processes", "ProcessSpan.pid", "ProcessSpan.offset_s",
    "ProcessSpan.lines", "ExceptionNumbers.events", "ExceptionNumbers.trend",
    "MessageNumbers.events", "MessageNumbers.trend", "ClientNumbers.lines",
    "ClientNumbers.errors", "Series.lines", "Rate.step_s", "Unread.lines", "Unread.untimed",
    "Unread.unclocked", "Unread.assumed",
}  # fmt: skip

Found = dict[str, tuple[int, ...]]


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    for tool, package in (("gawk", "gawk"), ("rg", "ripgrep")):
        if shutil.which(tool) is None:
            pytest.skip(f"NOT CHECKED: there is no {tool} here (apt install {package})")


class _Both:
    """A report and a recount of the same lines."""

    def __init__(self, told: dict[str, Any], log: Path) -> None:
        self.log = log
        self.told: dict[str, Any] = told["hosts"][0]
        rate = self.told["rate"]
        self.start_s, self.step_s = _us(rate["start_utc"]) // 1_000_000, rate["step_s"]
        self.recount: defaultdict[str, Found] = defaultdict(dict)
        self.silences: list[tuple[int, int]] = []
        given = ("-v", f"start={self.start_s}", "-v", f"step={self.step_s}")
        joined = subprocess.run(
            ["paste", log.with_name("truth.txt"), log], capture_output=True, check=True
        ).stdout
        done = subprocess.run(
            ["gawk", *given, "-f", RECOUNT], input=joined, capture_output=True, check=True
        )
        for line in done.stdout.decode().splitlines():
            what, key, *numbers = line.split("\t")
            if what == "silence":
                self.silences.append((int(key), int(numbers[0])))
            else:
                self.recount[what][key] = tuple(map(int, numbers))

    def counts(self, name: str) -> Found:
        """Lines by name, as the report tells them."""
        return {one["name"]: (one["lines"],) for one in self.told[name]}


def _us(time: str) -> int:
    moment = datetime.fromisoformat(time)
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def _rg(pattern: str, log: Path) -> int:
    """How many lines ripgrep finds."""
    done = subprocess.run(["rg", "-c", pattern, log], capture_output=True, check=False)
    return int(done.stdout or 0)


@pytest.fixture(name="both", scope="module", params=NAMES)
def _both(request: pytest.FixtureRequest, report_of: Callable[..., Report]) -> _Both:
    log = SAMPLES / request.param / "error.log"
    return _Both(json.loads(render(report_of(log))), log)


def test_lines_and_events(both: _Both) -> None:
    """All lines, from the first instant to the last, and entries; nothing was left uncounted."""
    told = both.told
    ends = told["lines"], _us(told["first_utc"]), _us(told["last_utc"])

    assert told["lines"] == _rg("", both.log)
    assert ends == both.recount["log"]["all"]
    assert (told["events"],) == both.recount["events"]["all"]
    (file,) = told["files"]
    assert (file["lines"], _us(file["first_utc"]), _us(file["last_utc"]), file["unread"]) == (
        *ends, 0
    )  # fmt: skip
    unread = told["unread"]
    assert [unread[name] for name in ("lines", "untimed", "unclocked", "assumed")] == [0] * 4


def test_levels_and_modules(both: _Both) -> None:
    """Lines by httpd's level, by Python's own, and by module."""
    assert both.counts("levels") == both.recount["level"]
    assert both.counts("python_levels") == both.recount["python level"]
    assert both.counts("modules") == both.recount["module"]


def test_roles(both: _Both) -> None:
    """Lines of the parent, of its children and of daemons."""
    told: Counter[str] = Counter()
    for one in both.told["roles"]:
        told[one["name"].split(" ")[0].removesuffix("s")] += one["lines"]

    assert {name: (lines,) for name, lines in told.items()} == both.recount["role"]


def test_clients(both: _Both) -> None:
    """Lines of each client, errors among them, the first and the last."""
    told = {
        one["address"]: (one["lines"], _us(one["first_utc"]), _us(one["last_utc"]))
        for one in both.told["clients"]
    }
    errors = {one["address"]: (one["errors"],) for one in both.told["clients"] if one["errors"]}

    assert told == both.recount["client"]
    assert errors == both.recount["errors of client"]


def test_exceptions_and_messages(both: _Both) -> None:
    """Exceptions by the type that each ends with; messages by httpd's tag, and their ends."""
    exceptions: Counter[str] = Counter()
    for one in both.told["exceptions"]:
        exceptions[one["type"]] += one["events"]
    assert {name: (events,) for name, events in exceptions.items()} == both.recount["exception"]
    assert both.told["exception_groups"] == len(both.told["exceptions"])

    listed = both.told["messages"]
    for one in listed:
        if found := re.match(r"AH\d+(?=:)", one["template"]):
            key = f"{found[0]} {one['level']} {one['module']}"
            alike = [other for other in listed if other["template"].startswith(found[0])]
            if len(alike) == 1:
                ends = _us(one["first_utc"]), _us(one["last_utc"])
                assert (one["events"], *ends) == both.recount["tag"][key], key
    for one in (*both.told["exceptions"], *listed):
        assert sum(one["trend"]) == one["events"]


def test_clocks(both: _Both) -> None:
    """Lines by offset, and the processes that kept it, each with its first and its last instant."""
    lines: Counter[str] = Counter()
    processes: Counter[str] = Counter()
    for one in both.told["clocks"]:
        lines[str(one["offset_s"])] += one["lines"]
        processes[str(one["offset_s"])] += one["processes"]
    assert lines == {key: found[0] for key, found in both.recount["offset"].items()}
    assert processes == Counter(key.split(" ")[1] for key in both.recount["process"])

    spans: defaultdict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for one in both.told["processes"]:
        span = one["lines"], _us(one["first_utc"]), _us(one["last_utc"])
        spans[f"{one['pid']} {one['offset_s']}"].append(span)
    told = {
        key: (sum(one[0] for one in some), min(one[1] for one in some), max(one[2] for one in some))
        for key, some in spans.items()
    }
    assert told == both.recount["process"]


def test_rates(both: _Both) -> None:
    """Lines of each level and of each offset in each part of the period, and by hour."""
    rate = both.told["rate"]
    by_level = {
        f"{one['name']} {part}": (count,)
        for one in rate["by_level"]
        for part, count in enumerate(one["lines"])
        if count
    }
    by_offset: Counter[str] = Counter()
    for one in rate["by_clock"]:
        hour, minute = map(int, re.findall(r"\d\d", one["name"].rpartition("UTC")[2]))
        east = (hour * 3600 + minute * 60) * (-1 if "UTC-" in one["name"] else 1)
        for part, count in enumerate(one["lines"]):
            by_offset[f"{east} {part}"] += count
    hours = {
        f"{day} {hour}": (count,)
        for day, row in enumerate(both.told["hours"])
        for hour, count in enumerate(row)
        if count
    }

    assert by_level == both.recount["rate of level"]
    assert {key: (count,) for key, count in by_offset.items() if count} == both.recount[
        "rate of offset"
    ]
    assert hours == both.recount["hour"]


def test_gaps(both: _Both) -> None:
    """The longest silences of ten minutes and a fiftieth of the period, at least."""
    _, first, last = both.recount["log"]["all"]
    least = max(600_000_000, (last - first) // 50)
    long = sorted((one for one in both.silences if one[1] - one[0] >= least), key=_length)[-5:]

    assert [(_us(one["start_utc"]), _us(one["end_utc"])) for one in both.told["gaps"]] == sorted(
        long
    )


def _length(silence: tuple[int, int]) -> int:
    return silence[1] - silence[0]


def test_lives(both: _Both) -> None:
    """Starts, stops and crashes."""
    told = {one["name"]: one["lines"] for one in both.told["life_counts"]}
    every = {name: _rg(say, both.log) for name, say in LIVES.items()}
    # Who restarts resumes as well; mod_wsgi tells of a crash what httpd has told.
    every["server started"] -= every["server restarted"] + every["server restarted gracefully"]
    every["daemon crashed"] = min(every["child crashed"], every["daemon ended"])
    every["child crashed"] -= every["daemon crashed"]
    every["daemon ended"] -= every["daemon crashed"]
    counted = {name: count for name, count in every.items() if count}

    assert told == counted
    assert len(both.told["lives"]) == sum(counted.values())


def test_rotated_and_compressed(report_of: Callable[..., Report], tmp_path: Path) -> None:
    """Each member of a rotated set has the lines that are in it."""
    log = SAMPLES / "three_groups" / "error.log"
    text = log.read_bytes().splitlines(keepends=True)
    (tmp_path / "error.log.2.gz").write_bytes(gzip.compress(b"".join(text[:70])))
    (tmp_path / "error.log.1").write_bytes(b"".join(text[70:130]))
    (tmp_path / "error.log").write_bytes(b"".join(text[130:]))
    files = json.loads(render(report_of(tmp_path)))["hosts"][0]["files"]

    for file in files:
        done = subprocess.run(["rg", "-zc", "", file["name"]], capture_output=True, check=True)
        assert file["lines"] == int(done.stdout)
    assert [Path(file["name"]).name for file in files] == [
        "error.log.2.gz", "error.log.1", "error.log"
    ]  # fmt: skip


def test_many_members(tmp_path: Path) -> None:
    """Thirty members, most of them compressed, read by children: all numbers, and those of each."""
    members, whole = tmp_path / "logs", tmp_path / "error.log"
    members.mkdir()
    texts = dict(_days(30, whole))
    for name, text in texts.items():
        (members / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    both = _Both(report_by("apart", members, tmp_path), whole)

    assert (both.told["events"],) == both.recount["events"]["all"]
    assert both.told["lines"] == _rg("", whole)
    counted = subprocess.run(["rg", "-zc", "", members], capture_output=True, check=True, text=True)
    files = {file["name"]: file["lines"] for file in both.told["files"]}
    assert [Path(name).name for name in files] == list(texts)
    assert sorted(f"{name}:{lines}" for name, lines in files.items()) == sorted(
        counted.stdout.splitlines()
    )
    for check in (
        test_levels_and_modules, test_roles, test_clients, test_exceptions_and_messages,
        test_rates, test_gaps, test_lives,
    ):  # fmt: skip
        check(both)


def _days(days: int, whole: Path) -> Iterator[tuple[str, bytes]]:
    """Names of a rotated set, the oldest first, and what is in each: a server starts every day.

    All of it goes to `whole` too, with its recorded instants beside it.
    """
    log = SAMPLES / "berlin_utc_django" / "error.log"
    lines = log.read_text().splitlines()
    times = log.with_name("truth.txt").read_text().split()
    with whole.open("w") as out, whole.with_name("truth.txt").open("w") as truth:
        for day in range(days):
            # No two silences are equally long.
            later = timedelta(days=day, seconds=7 * day * day)
            text = "".join(f"{_moved(line, later, 40 * day)}\n" for line in lines)
            out.write(text)
            truth.writelines(
                f"{datetime.fromisoformat(time) + later:%Y-%m-%dT%H:%M:%S.%fZ}\n" for time in times
            )
            number = days - 1 - day
            suffix = f".{number}" if number else ""
            yield f"error.log{suffix}{'.gz' if number > 1 else ''}", text.encode()


def _moved(line: str, later: timedelta, pids: int) -> str:
    """A line as another process writes it some time later."""
    form = "%a %b %d %H:%M:%S.%f %Y"
    stamp, rest = line[1:].split("]", 1)
    time = datetime.strptime(f"{stamp} +0000", f"{form} %z") + later
    return f"[{time:{form}}]" + re.sub(
        r"(?<=pid[ =])\d+", lambda found: str(int(found[0]) + pids), rest
    )


def test_no_number_is_forgotten() -> None:
    """Every number of the schema is recounted here, or it is said what checks it."""
    named = {name for name in _numbers() if name.split(".")[0] not in ELSEWHERE}

    assert named == RECOUNTED | {name for name in ELSEWHERE if "." in name}


def _numbers() -> Iterator[str]:
    for owner, told in schema()["$defs"].items():
        for name, kind in told["properties"].items():
            if re.search(r"'type': '(?:integer|number)'", str(kind)):
                yield f"{owner}.{name}"
