"""`errlog clocks` on logs that nobody has seen before: the right zones, and never falsely sure."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from logtool.__main__ import run
from logtool.clocks.options import ClockOptions
from tests.exactness import (
    ANCHORS,
    TOLD_FORMATS,
    clocks_and_answers,
    configuration,
    overconfident,
    write_at,
)

from .capture import Capture

pytestmark = pytest.mark.live

Clocks = list[dict[str, Any]]


@pytest.fixture(name="clocks")
def _clocks(capture: Capture, log: Path, capfd: pytest.CaptureFixture[str]) -> Clocks:
    """What `errlog clocks --json` says, with the server's zone told."""
    options = ["--json", "--no-neighbours", "--server-tz", capture.server_tz]
    if capture.name in TOLD_FORMATS:
        assert capture.error_log_format is not None
        options += ["--config", str(configuration(log, capture.name, capture.error_log_format))]
    assert run(["clocks", *options, str(log)]) == 0
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


@pytest.mark.parametrize("anchor", [*ANCHORS, "none"])
def test_certain_is_never_wrong(anchor: str, capture: Capture, log: Path) -> None:
    """No line is certain of a wrong instant, whatever is told."""
    if anchor == "mtime":
        write_at(log, capture.log.stat().st_mtime_ns // 1000)
    options = ClockOptions(
        server_tz=capture.server_tz if anchor == "server-tz" else None,
        access_logs=(str(capture.access_log),) if anchor == "access-log" else (),
        neighbours=False,
    )
    formats = [capture.error_log_format or ""] if capture.name in TOLD_FORMATS else []

    assert overconfident(clocks_and_answers(log, options, formats)[1], capture.truth) == []


def test_the_zones_are_among_the_candidates(
    capture: Capture, clocks: Clocks, request: pytest.FixtureRequest
) -> None:
    """Each zone that a process was in is named for one of its clocks."""
    if capture.name == "quiet_server":
        pytest.skip("its daemons' zones cannot be known from weeks of silence")
    named: dict[str, set[str]] = defaultdict(set)
    for clock in clocks:
        zones = {clock["zone"], *clock["zone_candidates"]}
        for who in {"", clock["role"], f"{clock['role']} {clock['group']}"}:
            named[who or ""] |= zones
    for who, told in capture.zones.items():
        for zone in told.removesuffix(" by turns").split(" and "):
            key = {"server": "parent", "children": "child"}.get(who, who)
            assert zone in named[key if key in named else ""], who


@pytest.mark.parametrize("capture", ["embedded"], indirect=True)
def test_embedded(capture: Capture, clocks: Clocks) -> None:
    """A child moves to its application's zone; the parent keeps the server's."""
    assert {clock["zone"] for clock in clocks if clock["role"] == "parent"} == {capture.server_tz}
    offsets = defaultdict(set)
    for clock in clocks:
        if clock["role"] == "child":
            offsets[clock["pid"]].add(clock["offset"])
    assert any(len(own) == 2 for own in offsets.values())


@pytest.mark.parametrize("capture", ["flips"], indirect=True)
def test_flips(capture: Capture, clocks: Clocks) -> None:
    """A daemon of two applications has their clocks by turns, in many runs of lines."""
    both = [clock for clock in clocks if clock["role"] == "daemon" and clock["group"] == "both"]
    # Runs of one offset that are not all as sure are told as several clocks.
    runs: dict[str, int] = defaultdict(int)
    for clock in both:
        runs[clock["offset"]] += clock["runs"]
    assert len(runs) >= 2
    assert max(runs.values()) > 1


@pytest.mark.parametrize("capture", ["graceful_restart", "hard_restart"], indirect=True)
def test_restarts(capture: Capture, clocks: Clocks) -> None:
    """The parent is one process with one clock; daemons before and after are several."""
    parents = [clock for clock in clocks if clock["role"] == "parent"]
    assert {clock["zone"] for clock in parents} == {capture.server_tz}
    daemons = [clock for clock in clocks if clock["role"] == "daemon"]
    assert len({clock["pid"] for clock in daemons}) >= 2
    assert {clock["group"] for clock in daemons} == {"talk"}
