"""Torn logs: what one application wrote into two logs of Apache, in one of them torn into pieces.

Real lines: mod_wsgi 4.9.4, Python 3.11, threads with exceptions that nobody catches, and a request;
in the torn log after `colorama.init()`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

FOLDER = Path(__file__).parent / "torn"
TORN, WHOLE = FOLDER / "torn.log", FOLDER / "whole.log"
_LINE = re.compile(r"\[[^]]*\] (?P<rest>\[wsgi:error\] \[pid \d+:(?P<tid>tid \d+)\] .*)")


def by_thread() -> list[list[str]]:
    """The torn log's lines by thread, without their stamps."""
    threads = defaultdict(list)
    for line in TORN.read_text("utf-8").splitlines():
        if match := _LINE.match(line):
            threads[match["tid"]].append(match["rest"])
    return [*threads.values()]


def stamped(rest: str, us: int) -> str:
    """A line that was written so many microseconds after noon."""
    return f"[Fri Nov 27 12:00:{us // 10**6:02}.{us % 10**6:06} 2026] {rest}"
