"""Sieved: what child processes saw of lines as they read them first tells all that rules find."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.large_log import lives
from logtool.clocks.options import ClockOptions
from logtool.flags import sieved as sieving
from logtool.flags.apart import find
from logtool.flags.finding import Finding
from logtool.flags.sieved import Sieved
from logtool.flags.wsgi_codes import default_rules
from logtool.passes.first import find_clocks, open_logs
from logtool.passes.logs import Log
from logtool.sources.opening import open_sources
from parsers.blocks import BLOCK_SIZE
from tests.logtool.passes.child_processes import (
    compressed_worth_children,
    work_apart,
    worth_children,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

_SAYS = "[Mon Nov 23 21:%02d:07.000000 2026] [%s:error] [pid %d:tid 9] %s\n"
_PROBLEM = (
    ("wsgi", "[remote 10.0.0.1:5] Traceback (most recent call last):"),
    ("wsgi", '[remote 10.0.0.1:5]   File "/srv/shop/views.py", line 3, in order'),
    ("wsgi", "[remote 10.0.0.1:5] MemoryError"),
    ("core", "AH00052: child pid %d exit signal Segmentation fault (11)"),
)


def _problem(minute: int, pid: int) -> bytes:
    """A traceback that a rule knows, and a crash."""
    return "".join(
        _SAYS % (minute, module, pid, said % pid if "%d" in said else said)
        for module, said in _PROBLEM
    ).encode()


@cache
def lines_with_problems() -> bytes:
    """Six blocks of a server's lines, with problems in three of them."""
    lines = b"".join(islice(lives(), 1500))
    assert len(lines) > 6 * BLOCK_SIZE
    places = (1.5, 2.0, 2.01, 5.5)
    parts, begin = list[bytes](), 0
    for number, place in enumerate(places):
        end = lines.index(b"\n", int(place * BLOCK_SIZE)) + 1
        parts += lines[begin:end], _problem(number, 7000 + number)
        begin = end
    return b"".join((*parts, lines[begin : 6 * BLOCK_SIZE]))


def _other_layout(lines: bytes) -> bytes:
    later = lines[BLOCK_SIZE : 3 * BLOCK_SIZE].replace(b"[Mon", b"[pid 77] [Mon")
    return b"\n".join([lines[: 2 * BLOCK_SIZE], later, lines])


LOGS: dict[str, Callable[[bytes], bytes]] = {
    "lines": lambda lines: lines,
    "crlf": lambda lines: lines.replace(b"\n", b"\r\n"),
    "a line of three blocks": lambda lines: (
        lines[:9_000_000] + b"x" * 13_000_000 + _PROBLEM[3][1].encode() + lines[9000:]
    ),
    "another layout later": _other_layout,
    "compressed": lambda lines: gzip.compress(lines, 1),
    "no problem": lambda lines: lines[: BLOCK_SIZE * 5 // 4],
}


def _found(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Finding], int, list[bool]]:
    """The findings, how many tracebacks there are, and which blocks were read again as a whole."""
    sieved, whole = Sieved(default_rules), list[bool]()
    read_again = Sieved.again

    def noted(self: Sieved, logs: Sequence[Log], near: int) -> Iterator[sieving.Passed]:
        for one in read_again(self, logs, near):
            whole.append(one.again is None)
            yield one

    monkeypatch.setattr(Sieved, "again", noted)
    with open_sources([str(path)], 1 << 30) as sources:
        logs = open_logs(sources)
        options = ClockOptions(server_tz="Europe/Berlin", neighbours=False)
        table = find_clocks(logs, options, sieved.watch, look=sieved.look)
        found = find(logs, table, default_rules(), None, sieved)
    monkeypatch.setattr(Sieved, "again", read_again)
    return found.findings, found.tracebacks, whole


@pytest.mark.parametrize("name", list(LOGS))
def test_children_see_what_is_found(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same findings and the same tracebacks, of few blocks that are read again."""
    path = tmp_path / "error.log"
    path.write_bytes(LOGS[name](lines_with_problems()))
    worth_children(monkeypatch, BLOCK_SIZE)
    compressed_worth_children(monkeypatch)
    work_apart(monkeypatch)
    apart, tracebacks, whole = _found(path, monkeypatch)
    work_apart(monkeypatch, apart=False)
    assert (apart, tracebacks, []) == _found(path, monkeypatch)
    assert tracebacks > 0
    rules = {one.rule for one in apart}
    assert ("daemon-crashed" in rules) == (name != "no problem")
    assert len(whole) < len(path.read_bytes()) / BLOCK_SIZE or name in ("compressed", "no problem")
    assert not any(whole) or name not in ("lines", "crlf")  # of these some lines are
