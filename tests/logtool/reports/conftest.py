"""Logs that reports are made of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from logtool.clocks.engine import ClockOptions
from logtool.flags.wsgi_codes import default_rules
from logtool.reports.making import make_report
from logtool.reports.numbers import Report
from logtool.reports.wish import Wish

SAMPLES = Path(__file__).parents[3] / "sample_logs"
CRASH = SAMPLES / "daemon_crash_and_rebirth" / "error.log"

#: What an attacker may get into a log, in every field a client can reach.
SCRIPT = "<script>alert(document.domain)</script>"
IMAGE = "\"'><img src=x onerror=alert(1)>"
ESCAPE = "\x1b]0;owned\x07\x1b[2J"
FORMULA = '=HYPERLINK("http://evil.example/","x")'
MARKDOWN = "[x](javascript:alert(1)) `code` | cell"
EVIL = (SCRIPT, IMAGE, ESCAPE, FORMULA, MARKDOWN)


@pytest.fixture(name="report_of")
def _report_of() -> Callable[..., Report]:
    """Make a report of some logs."""

    def make(*paths: Path, **wish: Any) -> Report:  # noqa: ANN401 - as Wish takes them
        asked = {"options": ClockOptions(), "rules": default_rules, **wish}
        return make_report(Wish([str(path) for path in paths], **asked))[0]

    return make


@pytest.fixture(name="hostile")
def _hostile(tmp_path: Path) -> Path:
    """A log in which every field holds what an attacker may write, also its name."""
    folder = tmp_path / "<img src=x onerror=alert(2)>"
    folder.mkdir()
    log = folder / "=error<b>.log"
    head = "[Mon Nov 23 20:58:%02d.844548 2026] [wsgi:error] [pid 71:tid 71] [client 192.0.2.7:5] "
    lines = []
    for number, evil in enumerate(EVIL):
        lines += [head % number + evil]
        stack = ("Traceback (most recent call last):", f'  File "{evil}.py", line 3, in {evil}')
        lines += [head % (10 + number) + text for text in (*stack, f"ValueError: {evil}")]
        lines += [evil]  # a line that no layout reads
    lines += [head % 30 + "AH00052: child pid 9 exit signal Segmentation fault (11)"]
    log.write_text("".join(f"{line}\n" for line in lines))
    return log
