"""The fast path beside a slow one: regular expressions and datetime, a line at a time."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.trust.running import normalized

BERLIN = ZoneInfo("Europe/Berlin")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_LEVELS = ["emerg", "alert", "crit", "error", "warn", "notice", "info", "debug", "trace1", "trace8"]
_LONG = (
    rb"(?P<month>[A-Z][a-z]{2}) (?P<day>\d\d) (?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)"
    rb"(?:\.(?P<us>\d{6}))? (?P<year>\d{4})"
)
_COMPACT = (
    rb"(?P<year>\d{4})-(?P<number>\d\d)-(?P<day>\d\d) (?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)"
    rb"(?:\.(?P<us>\d{6}))?"
)
_PID = rb"\[pid \d+:tid \d+\] "
#: Name, how a line begins, and how a stamp is found in it.
LAYOUTS = {
    "httpd 2.4": (
        "[{0:%a %b %d %H:%M:%S}.{0:%f} {0:%Y}] [core:{1}] [pid 77:tid 78] ",
        re.compile(rb"\[(?P<stamp>[A-Z][a-z]{2} " + _LONG + rb")\] \[\w+:\w+\] " + _PID),
    ),
    "httpd 2.2": (
        "[{0:%a %b %d %H:%M:%S %Y}] [{1}] ",
        re.compile(rb"\[(?P<stamp>[A-Z][a-z]{2} " + _LONG + rb")\] \[\w+\] "),
    ),
    "compact": (
        "[{0:%Y-%m-%d %H:%M:%S}.{0:%f}] [core:{1}] [pid 77:tid 78] ",
        re.compile(rb"\[(?P<stamp>" + _COMPACT + rb")\] \[\w+:\w+\] " + _PID),
    ),
}  # fmt: skip
_MESSAGES = (
    "AH00094: Command line: '/usr/sbin/apache2'", "[client 192.0.2.1:4711] File does not exist: x",
    "(13)Permission denied: [client ::1:80] AH00035: denied", "\xff\x00odd", "a: b: c", "",
    "[", "x\r",
)  # fmt: skip
_RAW = ("", "raw to standard error", "[", "[Mon", "[Mon Nov 23 20:58:22.846903 2026", "\t\t", "]")


def slowly(log: bytes, stamped: re.Pattern[bytes]) -> bytes:
    """The log with each stamp of Berlin in UTC."""
    return b"\n".join(_line(line, stamped) for line in log.split(b"\n"))


def _line(line: bytes, stamped: re.Pattern[bytes]) -> bytes:
    found = stamped.match(line)
    if not found:
        return line
    part = found.groupdict()
    number = part.get("number")
    month = int(number) if number else _MONTHS.index(part["month"].decode()) + 1
    numbers = [int(part[name]) for name in ("day", "h", "m", "s")]
    local = datetime(int(part["year"]), month, *numbers, tzinfo=BERLIN)  # type: ignore[arg-type,misc] # six numbers
    told = f"{local.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    fraction = b"." + part["us"] if part["us"] else b""
    return (
        line[: found.start("stamp")]
        + told.encode()
        + fraction
        + b" +0000"
        + line[found.end("stamp") :]
    )


def _log(head: str, chance: random.Random) -> bytes:
    """Lines of one process through a day of summer and a day of winter."""
    time = datetime(2026, chance.choice([1, 7]), chance.randint(1, 28), 3, tzinfo=UTC)
    lines = []
    for _ in range(chance.randint(1, 300)):
        time += timedelta(microseconds=chance.choice([0, 1, 999_999, 60_000_000, 3 * 10**8]))
        local = time.astimezone(BERLIN)
        message = chance.choice(_MESSAGES)
        lines.append(head.format(local, chance.choice(_LEVELS)) + message)
        if chance.random() < 0.2:
            lines.append(chance.choice(_RAW))
    return "\n".join(lines).encode("latin-1")


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("seed", range(8))
def test_fast_is_slow(layout: str, seed: int, tmp_path: Path) -> None:
    """Both give the same bytes."""
    head, stamped = LAYOUTS[layout]
    log = _log(head, random.Random(f"{layout}{seed}"))

    assert normalized(log, tmp_path, "--server-tz", "Europe/Berlin") == slowly(log, stamped)
