"""Not before: since when what has no time may have been."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from logtool.clocks.options import ClockOptions
from logtool.flags.finding import Finding
from logtool.library import flags
from logtool.reports.numbers import ExceptionNumbers, Report
from logtool.reports.outputs.text import render
from tests.small_blocks import read_in_blocks

LINE = "[Sun Nov 22 14:%02d:00.000001 2026] [core:info] [pid 1:tid 1] AH00096: removed PID file\n"
LAST_WORDS = """\
Python path configuration:
  PYTHONHOME = '/srv/apps'
Fatal Python error: init_fs_encoding: failed to get the Python codec of the filesystem encoding
ModuleNotFoundError: No module named 'encodings'

Current thread 0x00007fd48be97780 (most recent call first):
  <no Python frame>
"""
#: More raw text than a block of the tests holds.
NOISE = "spam of a library that prints\n" * 400
Make = Callable[..., Report]


def _of(found: list[Finding]) -> Finding:
    (one,) = (one for one in found if one.rule == "python-home-invalid")
    return one


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("size", [2_000, 1 << 20])
@pytest.mark.parametrize(
    ("text", "minute"),
    [
        (LINE % 3 + LAST_WORDS + LINE % 4, 3),
        (LAST_WORDS + LINE % 4, None),
        (LINE % 1 + LINE % 2 + NOISE + LAST_WORDS + LINE % 4, 2),
        (LINE % 1 + LINE % 2 * 100 + LAST_WORDS + LINE % 4 * 100 + LAST_WORDS, 2),
    ],
    ids=["between", "first", "long after", "twice"],
)
def test_it_is_bound_by_the_line_before(
    report_of: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pack: Callable[[bytes], bytes],
    size: int,
    text: str,
    minute: int | None,
) -> None:
    """It has no time of its own; the last line before that has one tells since when it may be."""
    read_in_blocks(size, monkeypatch)
    log = tmp_path / "error.log"
    log.write_bytes(pack(text.encode()))
    bound = minute and datetime(2026, 11, 22, 14, minute, 0, 1, tzinfo=UTC)
    numbers = report_of(log, options=ClockOptions("UTC")).hosts[0]
    (raised,) = numbers.exceptions

    found: list[Finding | ExceptionNumbers] = [_of(flags(str(log), server_tz="UTC"))]
    found += [_of(list(numbers.findings)), raised]
    assert [(one.first_utc, one.last_utc) for one in found] == [(None, None)] * 3
    assert [one.not_before_utc for one in found] == [bound] * 3


def test_what_has_a_time_needs_no_bound(tmp_path: Path) -> None:
    """A finding with a time is told by that alone."""
    log = tmp_path / "error.log"
    crash = "AH00052: child pid 7 exit signal Segmentation fault (11)"
    log.write_text(LINE % 1 + (LINE % 2).replace("AH00096: removed PID file", crash))
    (found,) = (one for one in flags(str(log), server_tz="UTC") if one.rule == "daemon-crashed")
    assert found.first_utc == datetime(2026, 11, 22, 14, 2, 0, 1, tzinfo=UTC)
    assert found.not_before_utc is None


def test_trend_and_words(report_of: Make, tmp_path: Path) -> None:
    """In a trend an exception without a time is where the line before it is; a page says so."""
    log = tmp_path / "error.log"
    lines = [LINE % minute for minute in range(48)]
    log.write_text("".join((*lines[:3], LAST_WORDS, *lines[3:25], LAST_WORDS, *lines[25:])))
    report = report_of(log, options=ClockOptions("UTC"))
    (raised,) = report.hosts[0].exceptions
    where = [part for part, events in enumerate(raised.trend) if events]
    assert (sum(raised.trend), where, raised.is_new) == (2, [1, 12], False)
    assert "not before 2026-11-22 14:02:00Z" in render(report)
