"""Started: lines of now for an `errlog normalize` that runs, and what it makes of them."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests import places

ROOT = places.ROOT
SAMPLE = ROOT / "sample_logs" / "berlin_utc_django"
PATIENCE = 120.0

Start = Callable[..., "subprocess.Popen[bytes]"]


def line(number: int, offset_s: int = 0, pid: int = 7) -> bytes:
    """A line that a process with some offset stamps now."""
    stamp = time.strftime("%a %b %d %H:%M:%S %Y", time.gmtime(time.time() + offset_s))
    return f"[{stamp}] [error] [pid {pid}] m{number}\n".encode()


def await_lines(path: Path, count: int) -> list[bytes]:
    """The lines of a file, once there are so many."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if path.exists() and path.read_bytes().count(b"\n") >= count:
            break
        time.sleep(0.02)
    return path.read_bytes().splitlines()


def are_now(lines: list[bytes], begin: float) -> bool:
    """Whether lines tell, in UTC, seconds between the begin of a test and now."""
    told = [re.match(rb"\[([\d: -]{19}) \+0000\]", text) for text in lines]
    recent = {
        time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(second))
        for second in range(int(begin), int(time.time()) + 1)
    }
    return all(found and found[1].decode() in recent for found in told)
