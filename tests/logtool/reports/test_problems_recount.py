"""Findings, spikes and news of a report against a recount by ripgrep and plain Python."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from logtool.clocks.options import ClockOptions
from logtool.flags.wsgi_codes import default_rules
from logtool.reports.numbers import Report
from logtool.reports.outputs.as_json import render

BEGIN = datetime(2026, 11, 23, tzinfo=UTC)
MINUTES = 24 * 60
STAMP = "%a %b %d %H:%M:%S.%f %Y"
HEAD = re.compile(r"^\[[^\]]+\] (?=\[[a-z_]+:(?P<level>\w+)\] )")
SEVERE = ("emerg", "alert", "crit", "error")
#: A minute with so many errors of one kind, and when problems come that were never seen before.
SPIKE, LATE = 600, 1400

#: Rules of which one line tells, and this line of each, without its stamp.
SAID = {
    rule.id: HEAD.sub("", rule.hits[0].strip("\n"))
    for rule in default_rules()
    if rule.whens
    and not rule.is_code
    and (rule.once_per, rule.at_least, rule.partner) == ("event", 1, None)
    and "\n" not in rule.hits[0].strip("\n")
}
NEW = sorted(SAID)[::9]


@pytest.fixture(name="log")
def _log(tmp_path: Path) -> Path:
    """A day: a line each minute, now and then a problem, many errors in one, late some new ones."""
    drawn = random.Random(8)
    said = [(minute, "[core:info] [pid 7:tid 7] all is well") for minute in range(MINUTES)]
    for rule, text in SAID.items():
        first, last = (LATE, MINUTES) if rule in NEW else (0, MINUTES)
        said += [(drawn.randrange(first, last), text) for _ in range(drawn.randrange(2, 7))]
        said += [] if rule in NEW else [(drawn.randrange(0, LATE // 2), text)]
    said += [(SPIKE, "[core:error] [pid 7:tid 7] the disk is slow")] * 70
    log = tmp_path / "error.log"
    with log.open("w") as out:
        for nth, (minute, text) in enumerate(sorted(said, key=lambda one: one[0])):
            at = BEGIN + timedelta(minutes=minute, microseconds=100 * nth)
            out.write(f"[{at.strftime(STAMP)}] {text}\n")
    return log


@pytest.fixture(name="told")
def _told(report_of: Callable[..., Report], log: Path) -> dict[str, Any]:
    host: dict[str, Any] = json.loads(render(report_of(log, options=ClockOptions("UTC"))))["hosts"][
        0
    ]
    return host


def _times(log: Path, text: str | None = None) -> list[datetime]:
    """When the lines that hold a text were written, by ripgrep; all severe ones without a text."""
    if shutil.which("rg") is None:
        pytest.skip("NOT CHECKED: there is no rg here (apt install ripgrep)")
    asked = ["-F", text] if text else [rf"^\[[^\]]+\] \[\w+:({'|'.join(SEVERE)})\]"]
    done = subprocess.run(["rg", "-N", *asked, log], capture_output=True, check=True, text=True)
    stamps = [line[1 : line.index("]")] for line in done.stdout.splitlines()]
    return [datetime.strptime(stamp, STAMP).replace(tzinfo=UTC) for stamp in stamps]


def test_findings(told: dict[str, Any], log: Path) -> None:
    """How often each known problem occurred, first and last."""
    found = {
        one["rule"]: (one["count"], one["first_utc"], one["last_utc"]) for one in told["findings"]
    }
    counted = {}
    for rule, text in SAID.items():
        times = _times(log, text)
        counted[rule] = (len(times), *(_rfc3339(one) for one in (min(times), max(times))))

    assert len(SAID) > 20
    assert found == counted


def test_first_place(told: dict[str, Any], log: Path) -> None:
    """Where the first line of each known problem stands."""
    lines = log.read_text().splitlines()

    for one in told["findings"]:
        (first, *_) = (nth for nth, line in enumerate(lines, 1) if SAID[one["rule"]] in line)
        assert one["log_line"] == first


def test_spikes(told: dict[str, Any], log: Path) -> None:
    """Parts of the period with ten errors at least, and more than four times the usual."""
    errors = Counter(_part(told, time) for time in _times(log))
    usual = median(errors.values())

    spikes = sorted(part for part, count in errors.items() if count >= 10 and count > 4 * usual)
    assert told["rate"]["spikes"] == spikes
    assert len(spikes) == 1


def test_news(told: dict[str, Any], log: Path) -> None:
    """Parts in which a problem was first seen that had not been before."""
    first = [min(_times(log, SAID[rule])) for rule in NEW]

    assert told["rate"]["news"] == sorted({_part(told, time) for time in first})
    new = {one["template"] for one in told["messages"] if one["is_new"]}
    assert all(any(word in SAID[rule] for rule in NEW) for word in map(_begin, new))


def _begin(template: str) -> str:
    return template.partition("<")[0]


def _part(told: dict[str, Any], time: datetime) -> int:
    rate = told["rate"]
    start = datetime.fromisoformat(rate["start_utc"])
    return (time - start) // timedelta(seconds=rate["step_s"])


def _rfc3339(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")
