"""Problems that are counted by what events say are those that rules find in each event."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logtool.clocks.options import ClockOptions
from logtool.flags.finding import Finding
from logtool.flags.rule import shipped_rules
from logtool.flags.search import find_flags
from logtool.flags.wsgi_codes import default_rules
from logtool.passes.first import find_clocks, open_logs
from logtool.reports.counted import flagged
from logtool.reports.numbers import Report
from logtool.sources.opening import open_sources
from tests.small_blocks import read_in_blocks

STAMP = re.compile(r"^\[\w{3} \w{3} +\d+ [\d:.]+ \d{4}\] ")
BEGIN = datetime(2026, 11, 23, tzinfo=UTC)
SAMPLES = [sample for rule in shipped_rules() for sample in (*rule.hits, *rule.misses)]


def _lines(seed: int) -> Iterator[str]:
    """All samples of rules three times and more, by few processes and clients, near in time."""
    drawn = random.Random(seed)
    samples = SAMPLES * 3 + drawn.choices(SAMPLES, k=200)
    drawn.shuffle(samples)
    at = BEGIN
    for sample in samples:
        pid, port = drawn.randrange(70, 76), drawn.randrange(50_001, 50_004)
        at += timedelta(milliseconds=drawn.choice((1, 40, 3_000, 90_000)))
        for line in sample.strip("\n").split("\n"):
            said = STAMP.sub("", line)
            said = re.sub(r"\[pid \d+(:tid \d+)?\]", f"[pid {pid}:tid {pid}]", said)
            said = re.sub(r"(\[(?:client|remote) [^\]]*):\d+\]", rf"\1:{port}]", said)
            yield f"[{at.strftime('%a %b %d %H:%M:%S.%f %Y')}] {said}" if said[:1] == "[" else said


@pytest.fixture(name="log", params=range(4))
def _log(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    log = tmp_path / "error.log"
    log.write_text("".join(f"{line}\n" for line in _lines(request.param)))
    return log


def _found_by_rules(log: Path) -> list[Finding]:
    """What rules find that are asked about the text of every event."""
    with open_sources([str(log)]) as sources:
        logs = open_logs(sources)
        return find_flags(logs, find_clocks(logs, ClockOptions("UTC")), default_rules())


@pytest.mark.parametrize("kept", [1 << 24, 2000])
def test_findings(
    report_of: Callable[..., Report], log: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    """A report finds what `errlog flags` does, also where it forgets events and learns them anew.

    It is read in small blocks, and what waits is counted after nearly each.
    """
    expected = _found_by_rules(log)
    monkeypatch.setattr(flagged, "_REMEMBERED", kept)
    monkeypatch.setattr(flagged, "_WAITING", 100)
    monkeypatch.setattr(flagged, "_ROWS_AT_ONCE", 100)
    read_in_blocks(10_000, monkeypatch)
    found = report_of(log, options=ClockOptions("UTC")).hosts[0].findings

    assert sum(one.count for one in expected) > len(SAMPLES)
    assert {one.rule: one for one in found} == {one.rule: one for one in expected}
    assert list(found) == expected
