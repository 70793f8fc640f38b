"""The recipes of the README, run as they stand there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import logtool
from logtool.__main__ import run
from tests.places import ROOT

SAMPLE = ROOT / "sample_logs" / "daemon_crash_and_rebirth"
README = (ROOT / "README.md").read_text()


@pytest.fixture(name="here")
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an error log and its access log, which is the current one."""
    for name in ("error.log", "access.log"):
        shutil.copy(SAMPLE / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(name="made")
def _made(here: Path) -> dict[str, Any]:
    """What the Python of the README makes of them."""
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(here / "README.md"), "exec"), names)
    return names


def test_functions_can_be_completed() -> None:
    """A shell finds the functions by dir()."""
    assert set(logtool.__all__) <= set(dir(logtool))


def test_recipes_are_silent(here: Path) -> None:
    """Nothing is written to standard error, no warning either, outside of these tests' filters."""
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", code], cwd=here, capture_output=True, check=True
    )
    assert done.stderr == b""


def test_errors_per_hour_by_clock(made: dict[str, Any]) -> None:
    """A group for each hour, kind of process and offset; together they are all errors."""
    hourly = made["hourly"]

    assert int(hourly["len"].sum()) == (SAMPLE / "error.log").read_text().count(":error]")
    assert hourly["offset"].n_unique() == 2


def test_requests_before_each_crash(made: dict[str, Any]) -> None:
    """Each crash has up to five requests that began before it, the last ones."""
    before = made["before"]

    assert len(before) == made["crashes"]["utc"].n_unique() >= 2
    for crash, requests in before.items():
        assert 1 <= len(requests) <= 5
        assert all(request.lines[0]["utc"] < crash for request in requests)


def test_joining_the_access_log(made: dict[str, Any]) -> None:
    """Lines of clients stand beside a request that the access log has for their address."""
    joined = made["joined"]
    found = joined.filter(pl.col("request").is_not_null())

    assert joined.height == made["log"].select(pl.len()).collect().item()
    assert found.height > joined.filter(pl.col("client").is_not_null()).height // 2
    assert found["request"].str.contains("^(GET|POST|HEAD) ").all()


def test_the_first_example(capfd: pytest.CaptureFixture[str]) -> None:
    """The log, what normalize makes of it, and what it says, are as the README shows them.

    There lines are shortened: they name no client and are cut, so that they fit 80 columns.
    """
    log = ROOT / "sample_logs" / "berlin_utc_django" / "error.log"
    before, after, said = re.findall(r"^```\n((?:\[|errlog: ).*?)^```", README, re.M | re.S)[:3]
    (command,) = re.findall(r"^`errlog (normalize .*) error\.log`:$", README, re.MULTILINE)

    assert run([*command.split(), str(log)]) == 0
    out, err = capfd.readouterr()

    local, utc = (re.sub(r"\[(?:client|remote) [^]]*\] ", "", text).splitlines()
                  for text in (log.read_text(), out))  # fmt: skip
    shown = [(line.removesuffix("…"), became.removesuffix("…")) for line, became in
             zip(before.splitlines(), after.splitlines(), strict=True)]  # fmt: skip
    for line, became in shown:
        (row,) = [row for row, whole in enumerate(local) if whole.startswith(line)]
        assert utc[row].startswith(became)
    assert len(shown) == 4
    assert max(map(len, (before + after).splitlines())) <= 80
    assert err == said


def test_weekly_report(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The line for cron is a command that works, and the second time there is nothing new."""
    (line,) = re.findall(r"^0 6 \* \* 1  errlog (.*)$", README, re.MULTILINE)
    command = line.replace("/var/log/apache2", str(here)).replace("/var/lib", str(here))
    words = [word.replace("7 days ago", "2026-11-01") for word in shlex.split(command)]

    assert run(words) == 0
    first = capfd.readouterr().out
    assert run(words) == 0
    second = capfd.readouterr().out

    assert "A daemon process or an Apache child crashed" in first
    none = r"None new \(\d+ in all\)\.\n"
    assert re.search(f"KNOWN PROBLEMS\n{none}\nEXCEPTIONS\n{none}", second)
    assert "\x1b" not in first
