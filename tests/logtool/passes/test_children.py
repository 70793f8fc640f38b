"""Passes: what children make of a large file is what is made of it without them."""

from __future__ import annotations

import gzip
import os
import signal
from collections.abc import Callable
from contextlib import closing
from functools import cache, partial
from itertools import islice
from pathlib import Path
from threading import get_ident

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.large_log import lives
from logtool.clocks.engine import ClockFinder
from logtool.clocks.options import ClockOptions
from logtool.machine.promises import Promise
from logtool.machine.rooms import WAITING
from logtool.machine.workers import Workers, shared_size
from logtool.normalize import Written, in_file_order, in_utc_order, normalize_blocks
from logtool.passes.children import Ahead
from logtool.passes.first import find_clocks, open_logs
from logtool.passes.working import worked_blocks
from logtool.sources.reading import Place
from logtool.sources.source import Source
from logtool.writing.styles import TimeStyle
from parsers.blocks import BLOCK_SIZE, Block
from parsers.compiled.compiling import Kernel
from parsers.compiled.kernel import load
from tests.logtool.passes.child_processes import (
    compressed_worth_children,
    work_apart,
    worth_children,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

Change = Callable[[Path], None]
_OTHER = (
    b"2026-06-05 08:42:36.978307 [error] a time, then anything: no layout of the lines before\n"
)


@cache
def _lines() -> bytes:
    """Six blocks of a server's lines."""
    text = b"".join(islice(lives(), 1500))
    assert len(text) > 6 * BLOCK_SIZE
    return text[: 6 * BLOCK_SIZE]


def _other_layout(lines: bytes) -> bytes:
    later = lines[: 2 * BLOCK_SIZE].replace(b"[Mon", b"[pid 77] [Mon")
    return b"\n".join([lines[: 3 * BLOCK_SIZE], later, lines])


LOGS: dict[str, Callable[[bytes], bytes]] = {
    "lines": lambda lines: lines[: lines.rfind(b"\n") + 1],
    "no newline at the end": lambda lines: lines[:-7],
    "whole blocks": lambda lines: lines[: 5 * BLOCK_SIZE - 1] + b"\n",
    "crlf": lambda lines: lines.replace(b"\n", b"\r\n"),
    "a line of three blocks": lambda lines: lines[:9_000_000] + b"x" * 13_000_000 + lines[9000:],
    "another layout later": _other_layout,
    "nothing but newlines": lambda lines: b"\n" * (BLOCK_SIZE + 1),
    "newlines between": lambda lines: lines[:9_000_000] + b"\n" * BLOCK_SIZE + lines[9_000_000:],
}


def _written(
    path: Path, between: Change | None = None
) -> tuple[list[tuple[int, int]], bytes, bytes, list[str]]:
    """Line numbers of blocks, their bytes in both orders, and faults; `between` the two passes."""
    with closing(Source(str(path))) as source, Ahead() as ahead:
        logs = open_logs([source])
        table = find_clocks(
            logs, ClockOptions(server_tz="Europe/Berlin", neighbours=False), ahead=ahead
        )
        if between is not None:
            between(path)
        seen: list[tuple[int, int]] = []

        def noted(written: Written) -> Written:
            seen.append((written.block.first_line, written.tally.rewritten))
            return written

        blocks = map(noted, normalize_blocks(logs, table, ahead=ahead))
        text = b"".join(each.tobytes() for each in in_file_order(blocks))
        order = b"".join(each.tobytes() for each in in_utc_order(normalize_blocks(logs, table)))
        return seen, text, order, [str(fault) for fault in source.faults]


@pytest.mark.parametrize(("most", "threads"), [(BLOCK_SIZE, True), (1 << 40, False)])
def test_short_logs_are_worked_on_here(
    most: int, threads: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two threads get no more done than one: only what is large is worth them, without children."""
    path = tmp_path / "error.log"
    path.write_bytes(_lines())
    worth_children(monkeypatch, most)
    with closing(Source(str(path))) as source:
        at = {*worked_blocks(open_logs([source]), lambda stamped: get_ident())}

    assert (at != {get_ident()}) == threads


@pytest.mark.parametrize("name", list(LOGS))
def test_children_make_the_same(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same blocks, line numbers and bytes, whatever the log is made of."""
    (tmp_path / "error.log").write_bytes(LOGS[name](_lines()))
    worth_children(monkeypatch, BLOCK_SIZE)
    work_apart(monkeypatch)
    apart = _written(tmp_path / "error.log")
    work_apart(monkeypatch, apart=False)
    assert apart == _written(tmp_path / "error.log")
    assert apart[0][-1][0] > 1


def test_children_have_the_kernel_in_both_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is compared above is in use, and its memory is given back in time."""
    (tmp_path / "error.log").write_bytes(_lines())
    work_apart(monkeypatch)
    lend, lent = Kernel.lend, []

    def noted(self: Kernel, *, kept: bool = False) -> NDArray[np.uint8] | None:
        memory = lend(self, kept=kept)
        lent.append(memory is not None)
        return memory

    monkeypatch.setattr(Kernel, "lend", noted)
    _written(tmp_path / "error.log")
    assert lent == [True, True, True]  # one to find clocks, one for each order


@pytest.mark.parametrize("name", list(LOGS))
def test_children_make_the_same_of_compressed_logs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is unpacked here, and handed over to children, comes out as if there were none."""
    (tmp_path / "error.log").write_bytes(gzip.compress(LOGS[name](_lines()), 1))
    compressed_worth_children(monkeypatch)
    work_apart(monkeypatch)
    apart = _written(tmp_path / "error.log")
    work_apart(monkeypatch, apart=False)
    assert apart == _written(tmp_path / "error.log")


def test_damage_is_told_with_children_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every byte before the fault of a compressed log comes, and the fault is told once."""
    stored = gzip.compress(_lines(), 1)
    (tmp_path / "error.log").write_bytes(stored[: len(stored) // 2])
    compressed_worth_children(monkeypatch)
    work_apart(monkeypatch)
    apart = _written(tmp_path / "error.log")
    work_apart(monkeypatch, apart=False)
    assert apart == _written(tmp_path / "error.log")
    assert len(apart[3]) == 1


def _cut(path: Path) -> None:
    os.truncate(path, 3 * BLOCK_SIZE + 1000)


def _write_over(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(2 * BLOCK_SIZE)
        file.write(_OTHER * 100)


@pytest.mark.parametrize("change", [_cut, _write_over], ids=["cut", "written over"])
def test_what_changes_between_the_passes(
    change: Change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that somebody cuts or writes over is read, and its faults are told, as without."""
    path = tmp_path / "error.log"
    both = []
    for apart in (True, False):
        path.write_bytes(_lines())
        work_apart(monkeypatch, apart=apart)
        both.append(_written(path, change))
    assert both[0] == both[1]
    assert (change is _cut) == bool(both[0][3])


@pytest.mark.parametrize("store", [bytes, partial(gzip.compress, compresslevel=1)])
def test_a_child_that_dies(
    store: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its work is done without it, and nothing is lost or doubled."""
    (tmp_path / "error.log").write_bytes(store(_lines()))
    compressed_worth_children(monkeypatch)
    ours, block_at = os.getpid(), Source.block_at

    def dying(self: Source, place: Place, data: NDArray[np.uint8]) -> Block:
        if place.offset > 2 * BLOCK_SIZE and os.getpid() != ours:
            os.kill(os.getpid(), signal.SIGKILL)
        return block_at(self, place, data)

    work_apart(monkeypatch, apart=False)
    without = _written(tmp_path / "error.log")
    work_apart(monkeypatch)
    monkeypatch.setattr(Source, "block_at", dying)
    assert _written(tmp_path / "error.log") == without


def test_children_begin_before_clocks_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second reading is begun as the first one ends, and the same children go on with it.

    Others were given the log before, to look for its layouts, and to read it first.
    """
    (tmp_path / "error.log").write_bytes(_lines())
    work_apart(monkeypatch)
    seen: list[str] = []

    def noted(where: type, name: str) -> None:
        was = getattr(where, name)

        def call(*given: object) -> object:
            seen.append(name)
            return was(*given)

        monkeypatch.setattr(where, name, call)

    noted(Workers, "_begin")
    noted(ClockFinder, "finish")
    noted(Promise, "keep")
    _written(tmp_path / "error.log")
    again = ["_begin"]  # in the other order
    assert seen == ["_begin", "_begin", "_begin", "finish", "keep", *again]


@pytest.mark.parametrize("style", [TimeStyle.ISO, TimeStyle.KEEP])
@pytest.mark.parametrize("bytes_too", [False, True])
def test_blocks_are_read_into_the_same_memory(
    style: TimeStyle, bytes_too: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their texts are not, also where they are the bytes that were read, with others in place."""
    (tmp_path / "error.log").write_bytes(_lines() * 2)
    texts = []
    for apart in (True, False):
        work_apart(monkeypatch, apart=apart)
        with (
            closing(Source(str(tmp_path / "error.log"))) as source,
            Ahead(bytes_too=bytes_too) as ahead,
        ):
            logs = open_logs([source])
            table = find_clocks(logs, ClockOptions(neighbours=False), ahead=ahead)
            for bare in (True, False):
                blocks = normalize_blocks(logs, table, style, ahead, bare=bare)
                texts.append([written.text.tobytes() for written in blocks])
    assert len(texts[0]) > 6
    assert all(other == texts[0] for other in texts)


def test_what_was_begun_and_is_not_wanted_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing is read again, children end with the context, and their memory is free."""
    (tmp_path / "error.log").write_bytes(_lines())
    work_apart(monkeypatch)
    with closing(Source(str(tmp_path / "error.log"))) as source:
        with Ahead() as ahead:
            logs = open_logs([source])
            find_clocks(logs, ClockOptions(neighbours=False), ahead=ahead)
        with pytest.raises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
    kernel = load(shared_size(WAITING))
    assert kernel is not None
    assert kernel.lend() is not None


def test_a_dead_child_that_began_is_replaced_by_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Children killed while clocks are found lose nothing."""
    (tmp_path / "error.log").write_bytes(_lines())
    work_apart(monkeypatch, apart=False)
    expected = _written(tmp_path / "error.log")
    work_apart(monkeypatch)

    def kill(path: Path) -> None:
        for child in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)

    assert _written(tmp_path / "error.log", kill) == expected
