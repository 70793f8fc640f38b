"""What errlog must make of a log whose truth is known, byte for byte.

The truth is one instant per line, RFC 3339 with the digits of the stamp, or `-`. Stamps are found
here with the standard library alone, so that the parsers are examined too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence, Set
from datetime import datetime
from pathlib import Path

from benchmarks.clock_accuracy import Answers, answers_of
from logtool.__main__ import run
from logtool.clocks.options import ClockOptions
from logtool.clocks.table import ClockTable
from logtool.clocks.tzdb.zones import changes_between
from logtool.passes.first import find_clocks, open_logs
from logtool.sources.opening import open_sources
from parsers.layouts import compile_layout
from tests.live.error_log_formats import ADVANCED_CONNECTION, ADVANCED_REQUEST
from tests.open_lines import Told, open_lines, over_nights

NO_STAMP = "-"
#: What errlog calls sure.
SURE = ("certain", "written")
#: Scenarios whose ErrorLogFormat errlog does not know by itself: it has to be told.
TOLD_FORMATS = frozenset({"advanced", "local_stamps", "no_pid_fractions", "offset_stamps"})
#: Anchors that are told one at a time.
ANCHORS = ("server-tz", "mtime", "access-log")
#: A modification time that no line was written at: 2001.
WRONG_US = 1_000_000_000_000_000
_DAY_US = 86_400_000_000
_STAMP = re.compile(
    rb"\[?(?P<stamp>(?P<day>[A-Z][a-z]{2}) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)? \d{4}"
    rb"(?P<offset> [+-]\d{4})?"
    rb"|\d{4}-\d\d-\d\d(?P<between>[ T])\d\d:\d\d:\d\d(?:\.\d+)?(?P<far>(?P<gap> ?)[+-]\d{4})?)"
)
#: A stamp in any form that errlog writes.
_WRITTEN = re.compile(_STAMP.pattern + rb"|^\[?\d{9,10}(?:\.\d+)?(?=[] ])")


def normalized(log: Path, truth: Sequence[str], style: str = "cuz") -> list[bytes]:
    """The lines that `errlog normalize --time STYLE` must write for a log.

    A stamp in the middle of a line (behind raw text that had no newline) stays as it is.
    """
    lines = log.read_bytes().split(b"\n")
    assert lines.pop() == b""
    return [_in_utc(line, instant, style) for line, instant in zip(lines, truth, strict=True)]


def _in_utc(line: bytes, instant: str, style: str) -> bytes:
    found = _STAMP.match(line)
    if instant == NO_STAMP or found is None:
        return line
    start, end = found.span("stamp")
    return line[:start] + _written(found, instant, style).encode() + line[end:]


def _written(stamp: re.Match[bytes], instant: str, style: str) -> str:
    """An instant in one of the styles; `keep` gives it the form of the stamp it replaces."""
    moment = datetime.fromisoformat(instant)
    fraction = instant[19:-1]
    if style == "iso":
        return instant
    if style == "epoch":
        return f"{int(moment.timestamp())}{fraction}"
    if style == "keep" and stamp["day"]:
        shift = " +0000" if stamp["offset"] else ""
        return f"{moment:%a %b %d %H:%M:%S}{fraction} {moment:%Y}{shift}"
    if style == "keep":
        shift = f"{stamp['gap'].decode()}+0000" if stamp["far"] else ""
        return f"{instant[:10]}{stamp['between'].decode()}{instant[11:-1]}{shift}"
    return f"{instant[:10]} {instant[11:-1]} +0000"


def normalize(out: Path, *arguments: str | Path) -> list[bytes]:
    """What `errlog normalize` writes."""
    assert run(["normalize", "-q", "-o", str(out), *map(str, arguments)]) == 0
    lines = out.read_bytes().split(b"\n")
    assert lines.pop() == b""
    return lines


_PID = re.compile(rb"\[pid (\d+)")


def left_open(log: Path, truth: Sequence[str], anchor: str = "server-tz") -> set[int]:
    """Rows of a log whose instants order and an anchor leave open (see `open_lines`).

    The process of the first line is Apache's parent, whose clock is that of an anchor; but what
    tells of one instant (`mtime`), or of none, tells nothing of the nights before. Where lines
    bear no pid nothing is excused.
    """
    told: list[Told] = []
    for line, instant in zip(log.read_bytes().split(b"\n"), truth, strict=False):
        stamp, pid = _STAMP.match(line), _PID.search(line)
        if instant == NO_STAMP or stamp is None or pid is None or stamp["offset"] or stamp["far"]:
            told.append(None)
        else:
            told.append((int(pid[1]), _local_us(stamp["stamp"].decode()), us(instant)))
    first = next((line[0] for line in told if line is not None), -1)
    found = open_lines(told, pinned=[first])
    locals_us = [line[1] for line in told if line is not None]
    if locals_us and anchor in ("mtime", "none"):
        changes = changes_between(min(locals_us) - _DAY_US, max(locals_us) + _DAY_US).tolist()
        found |= over_nights(told, first, changes, tied=anchor == "mtime")
    return found


def _local_us(stamp: str) -> int:
    """Microseconds since 1970 of a stamp in ctime's form or in ISO's, as if it were UTC."""
    if stamp[0].isdigit():
        return us(stamp.replace(" ", "T") + "Z")
    _, month, day, clock, year = stamp.split()
    whole, _, fraction = clock.partition(".")
    moment = datetime.strptime(f"{month} {day} {whole} {year} +0000", "%b %d %H:%M:%S %Y %z")
    return int(moment.timestamp()) * 1_000_000 + int(fraction.ljust(6, "0") or 0)


def assert_exact(
    written: Sequence[bytes], expected: Sequence[bytes], may_differ: Set[int] = frozenset()
) -> None:
    """Fail with the first line that is not as it must be, and how many there are.

    Of the lines in `may_differ` only the stamp may be another.
    """
    assert len(written) == len(expected)
    wrong = [
        at
        for at, pair in enumerate(zip(written, expected, strict=True))
        if len({*pair}) > 1
        and not (at in may_differ and len({_WRITTEN.sub(b"", line, 1) for line in pair}) == 1)
    ]
    if wrong:
        at = wrong[0]
        told = f"{len(wrong)} of {len(expected)} lines are wrong; the first is line {at + 1}"
        raise AssertionError(f"{told}:\n  {written[at]!r}\nnot\n  {expected[at]!r}")


def configuration(log: Path, name: str, error_log_format: str) -> Path:
    """A small httpd.conf beside a scenario's log that tells its formats and nothing else."""
    directives = [("", error_log_format)]
    if name == "advanced":
        directives += [("request ", text) for text in ADVANCED_REQUEST]
        directives += [("connection ", text) for text in ADVANCED_CONNECTION]
    lines = [f"ErrorLog {log}"]
    for kind, text in directives:
        quoted = text.replace("\\", r"\\").replace('"', r"\"")
        lines.append(f'ErrorLogFormat {kind}"{quoted}"')
    path = log.with_name("httpd.conf")
    path.write_text("\n".join(lines) + "\n")
    return path


def write_at(log: Path, modified_us: int) -> None:
    """Set a file's modification time."""
    os.utime(log, ns=(modified_us * 1000, modified_us * 1000))


def clocks_and_answers(
    log: Path, options: ClockOptions, formats: Sequence[str] = ()
) -> tuple[ClockTable, Answers]:
    """The clocks of one log, and instant and confidence of each of its lines."""
    layouts = [compile_layout(text) for text in formats]
    with open_sources([str(log)]) as sources:
        logs = open_logs(sources, layouts)
        table = find_clocks(logs, options)
        answers: Answers = []
        for block in logs[0].source.blocks():
            answers += answers_of(table, block, logs[0].decoder.stamps(block))
    return table, answers


def overconfident(answers: Answers, truth: Sequence[str]) -> list[tuple[int, str]]:
    """Lines (from 1) that are certain of a wrong instant, and the word they say."""
    assert len(answers) == len(truth)
    return [
        (line, word)
        for line, ((given, word), instant) in enumerate(zip(answers, truth, strict=True), start=1)
        if given is not None and instant != NO_STAMP and word in SURE and given != us(instant)
    ]


def us(instant: str) -> int:
    """An instant in microseconds since 1970."""
    moment = datetime.fromisoformat(instant)
    return int(moment.replace(microsecond=0).timestamp()) * 1_000_000 + moment.microsecond
