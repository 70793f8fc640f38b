"""Receipts: what a container's runtime, a journal or syslog wrote before a line ties it to UTC."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logtool.__main__ import run
from tests.exactness import write_at

SAMPLES = Path(__file__).parents[3] / "sample_logs"


def _docker(stamp: str, line: str) -> str:
    told = {"log": f"{line}\n", "stream": "stderr", "time": stamp}
    return json.dumps(told, separators=(",", ":"))


HEADS: dict[str, Callable[[str, str], str]] = {
    "kubectl": lambda stamp, line: f"{stamp} stderr F {line}",
    "docker": lambda stamp, line: f"{stamp} {line}",
    "json": _docker,
}


def received(
    name: str, folder: Path, head: Callable[[str, str], str], late: timedelta = timedelta()
) -> Path:
    """A captured log as a container's runtime gives it, in a file modified at another time."""
    chance = random.Random(name)
    sample = SAMPLES / name
    last, lines = "", []
    texts = (sample / "error.log").read_text("utf-8").splitlines()
    for line, told in zip(texts, (sample / "truth.txt").read_text().splitlines(), strict=True):
        last = last if told == "-" else told
        when = datetime.fromisoformat(last) + late + timedelta(microseconds=chance.randrange(4000))
        lines.append(head(f"{when.astimezone(UTC):%FT%T.%f}{chance.randrange(1000):03}Z", line))
    path = folder / "container.log"
    path.write_text("".join(f"{line}\n" for line in lines))
    write_at(path, 1)
    return path


@pytest.mark.parametrize("name", ["prefork", "three_groups", "seconds_only", "compact"])
@pytest.mark.parametrize("head", HEADS)
def test_every_line_of_a_container_has_its_instant(
    head: str, name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Nothing is assumed, and all lines come out at the instant at which they were written."""
    monkeypatch.setenv("TZ", "Pacific/Marquesas")
    path = received(name, tmp_path, HEADS[head])

    assert run(["clocks", "--json", str(path)]) == 0

    found = [json.loads(text) for text in capfd.readouterr().out.splitlines()]
    assert {one["confidence"] for one in found} == {"certain"}
    assert all("receipt" in {fact["kind"] for fact in one["evidence"]} for one in found)
    assert not any("instant" in {fact["kind"] for fact in one["evidence"]} for one in found)
    assert run(["normalize", "--time", "iso", "-q", str(path)]) == 0
    out = capfd.readouterr().out.splitlines()
    truth = (SAMPLES / name / "truth.txt").read_text().splitlines()
    for line, told in zip(out, truth, strict=True):
        assert told == "-" or f"[{told}]" in line or f"[{told[:19]}Z]" in line


def test_lines_that_were_received_late_prove_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What reads an old log stamps its lines with the time at which it was read."""
    monkeypatch.setenv("TZ", "Pacific/Marquesas")
    path = received("prefork", tmp_path, HEADS["docker"], late=timedelta(hours=3, minutes=8))

    assert run(["clocks", "--json", str(path)]) == 0

    found = [json.loads(text) for text in capfd.readouterr().out.splitlines()]
    assert {one["confidence"] for one in found} == {"assumed"}


def test_a_head_before_some_lines_only_makes_nothing_certain(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody who writes to standard error can write such a head."""
    monkeypatch.setenv("TZ", "Pacific/Marquesas")
    path = received("prefork", tmp_path, HEADS["docker"], late=timedelta(hours=1))
    lines = path.read_text().splitlines()
    lines[::2] = [line.partition(" ")[2] for line in lines[::2]]
    path.write_text("".join(f"{line}\n" for line in lines))
    write_at(path, 1)

    assert run(["clocks", "--json", str(path)]) == 0

    found = [json.loads(text) for text in capfd.readouterr().out.splitlines()]
    assert "certain" not in {one["confidence"] for one in found}
