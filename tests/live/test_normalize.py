"""`errlog normalize` on logs that nobody has seen before.

Each capture has zones of its own. From each anchor alone every stamp must become its exact instant,
and nothing else may change.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from logtool.clocks.options import ClockOptions
from tests.exactness import (
    ANCHORS,
    NO_STAMP,
    TOLD_FORMATS,
    assert_exact,
    clocks_and_answers,
    configuration,
    left_open,
    normalize,
    normalized,
    us,
    write_at,
)

from .capture import Capture

pytestmark = pytest.mark.live

_QUARTER_US = 900 * 1_000_000
_IN_UTC = re.compile(rb"\[?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) \+0000")


def told(capture: Capture, log: Path, anchor: str) -> list[str | Path]:
    """Options of errlog for an anchor; sets the log's modification time for it."""
    options: list[str | Path] = ["--no-neighbours"]
    if anchor == "server-tz":
        options += ["--server-tz", capture.server_tz]
    elif anchor == "access-log":
        options = ["--access-log", capture.access_log]
    elif anchor == "mtime":
        write_at(log, capture.log.stat().st_mtime_ns // 1000)
    if capture.name in TOLD_FORMATS:
        assert capture.error_log_format is not None
        options += ["--config", configuration(log, capture.name, capture.error_log_format)]
    return options


@pytest.mark.parametrize("anchor", ANCHORS)
def test_every_line_is_exact(anchor: str, capture: Capture, log: Path) -> None:
    """Each stamp is its exact instant, all other bytes are as they were, and so it stays.

    But for instants that the order of lines leaves open, told by the truth alone.
    """
    expected = normalized(log, capture.truth)
    once = log.with_name("once.log")

    written = normalize(once, *told(capture, log, anchor), log)
    assert_exact(written, expected, left_open(log, capture.truth, anchor))
    assert_exact(normalize(log.with_name("twice.log"), "--no-neighbours", once), written)


@pytest.mark.parametrize("style", ["keep", "iso", "epoch"])
def test_styles(style: str, capture: Capture, log: Path) -> None:
    """Each style writes the same instants in its own form."""
    expected = normalized(log, capture.truth, style)
    options = told(capture, log, "server-tz")

    written = normalize(log.with_name("out.log"), "--time", style, *options, log)

    assert_exact(written, expected, left_open(log, capture.truth))


def test_sort(capture: Capture, log: Path) -> None:
    """With --sort lines come in UTC order; lines without a stamp stay behind the one before."""
    options = told(capture, log, "server-tz")
    lines = normalize(log.with_name("plain.log"), *options, log)
    moments, newest = [], ""
    for line in lines:
        # A stamp behind raw text is none.
        stamp = _IN_UTC.match(line)
        newest = f"{stamp[1].decode()}" if stamp is not None else newest
        moments.append(newest)
    order = sorted(range(len(lines)), key=lambda at: moments[at])

    written = normalize(log.with_name("out.log"), "--sort", *options, log)

    assert_exact(written, [lines[at] for at in order])


def test_without_any_anchor(capture: Capture, log: Path) -> None:
    """With nothing to tell UTC by, all lines are late by the same quarters of an hour."""
    formats = [capture.error_log_format or ""] if capture.name in TOLD_FORMATS else []
    _, answers = clocks_and_answers(log, ClockOptions(neighbours=False), formats)
    may_differ = left_open(log, capture.truth, "none")
    late = {
        given - us(instant)
        for row, ((given, _), instant) in enumerate(zip(answers, capture.truth, strict=True))
        if given is not None and instant != NO_STAMP and row not in may_differ
    }
    assert len(late) == 1
    assert late.pop() % _QUARTER_US == 0


def test_rotated_set(tmp_path: Path, capture: Capture) -> None:
    """A rotated set is one log: each file's last write tells of it, and it comes in true order."""
    if not capture.older:
        pytest.skip("this log was not rotated")
    logs, expected = [], []
    for source, truth in (*capture.older, (capture.log, capture.truth)):
        log = tmp_path / source.name
        shutil.copyfile(source, log)
        write_at(log, source.stat().st_mtime_ns // 1000)
        logs.append(log)
        expected += normalized(log, truth)

    assert_exact(normalize(tmp_path / "out", "--no-neighbours", *reversed(logs)), expected)
