"""Receipts: what a container's runtime, a journal or syslog wrote before a line ties it to UTC."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logtool.__main__ import run
from logtool.clocks.evidence.receipts import receipts
from logtool.clocks.seen import spans
from logtool.clocks.seen.constraints import Link
from logtool.clocks.seen.voices import VOICE_PID
from parsers.lines import NO_TIME
from parsers.units import SECOND
from tests.exactness import write_at
from tests.logtool.clocks.scenes import HOUR, knots_of, sample, scene
from tests.places import SAMPLE_LOGS


def _docker(stamp: str, line: str) -> str:
    told = {"log": f"{line}\n", "stream": "stderr", "time": stamp}
    return json.dumps(told, separators=(",", ":"))


HEADS: dict[str, Callable[[str, str], str]] = {
    "kubectl": lambda stamp, line: f"{stamp} stderr F {line}",
    "prefix": lambda stamp, line: f"[pod/shop-7d9f/apache] {stamp} {line}",
    "compose": lambda stamp, line: f"web-1  | {stamp} {line}",
    "docker": lambda stamp, line: f"{stamp} {line}",
    "json": _docker,
}


def received(
    name: str, folder: Path, head: Callable[[str, str], str], late: timedelta = timedelta()
) -> Path:
    """A captured log as a container's runtime gives it, in a file modified at another time."""
    chance = random.Random(name)
    sample = SAMPLE_LOGS / name
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
    truth = (SAMPLE_LOGS / name / "truth.txt").read_text().splitlines()
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


def votes(*rows: tuple[int, float, float | None]) -> list[Link]:
    """The votes of lines: pid, local second, and the second UTC at which each was received."""
    knots = knots_of(*((pid, local) for pid, local, _ in rows))
    samples = [
        replace(
            sample("hello", line=number, pid=pid),
            local_us=round(local * SECOND),
            received_us=NO_TIME if told is None else round(told * SECOND),
        )
        for number, (pid, local, told) in enumerate(rows, start=1)
    ]
    return list(receipts(scene(knots, samples=samples)))


def received_after(*delays: float, pid: int = 7) -> list[tuple[int, float, float]]:
    """Lines of a clock two hours east, a second after each other, received so long after each."""
    begin = 2 * HOUR
    return [(pid, begin + at, at + delay) for at, delay in enumerate(delays)]


def test_what_a_receipt_tells() -> None:
    """The offset, in how many lines, and from which line on."""
    (vote,) = votes((8, 0, None), *received_after(0.1, 0.2, 0.1))
    assert (vote.a, vote.delta_s, vote.kind, vote.knot) == (spans.UTC, 2 * HOUR, "receipt", 1)
    assert vote.text == "another program received 3 lines of it at this offset's time"


@pytest.mark.parametrize(
    ("delays", "sure"),
    [
        pytest.param([0.1] * 3, True, id="at once"),
        pytest.param([59.9] * 3, True, id="within a minute"),
        pytest.param([0.1] * 2, False, id="too few to know"),
        pytest.param([*[0.1] * 10, 61], True, id="hardly ever late"),
        pytest.param([*[0.1] * 10, 61, 300], False, id="late at times"),
        pytest.param([*[0.1] * 19, 61, 300], False, id="late more than once in ten"),
        pytest.param([*[0.1] * 20, 61, 300], True, id="late once in ten"),
    ],
)
def test_how_sure_receipts_are(delays: list[float], sure: bool) -> None:
    """Where nine of ten lines were received within a minute, all are as they are written."""
    (vote,) = votes(*received_after(*delays))
    assert (vote.delta_s, vote.weight, vote.sure) == (2 * HOUR, 60.0 if sure else 12.0, sure)


def test_receipts_that_disagree() -> None:
    """Most lines win, not for sure; as many for each say nothing."""
    rows = [*received_after(0.1, 0.1, 0.1), (7, 2 * HOUR + 3, 3.1 + HOUR)]
    (vote,) = votes(*rows)
    assert (vote.delta_s, vote.weight, vote.sure) == (2 * HOUR, 60.0, False)
    assert votes(*rows[2:]) == []


def test_each_line_of_a_voice_has_its_receipt() -> None:
    """What has no pid is put together by its times; one line that nobody received is doubtful."""
    pid = VOICE_PID
    (every,) = votes(*received_after(0.1, 0.1, 0.1, pid=pid))
    assert every.sure
    some = received_after(0.1, 0.1, 0.1, pid=pid)
    (most,) = votes(*some, (pid, 2 * HOUR + 3, None))
    assert not most.sure
