"""Reserving: a file in memory has pages before it is written, and keeps none without need."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from benchmarks.large_log import lives
from logtool.clocks.engine import ClockFinder
from logtool.clocks.options import ClockOptions
from logtool.commands.output import open_output
from logtool.machine import reserving
from logtool.machine.reserving import Reserve, can_reserve
from logtool.normalize import in_file_order, normalize_blocks
from logtool.passes.children import Ahead
from logtool.passes.first import find_clocks, open_logs
from logtool.sources.source import Source
from parsers.blocks import BLOCK_SIZE
from tests.logtool.passes.child_processes import work_apart

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning"),
    pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="no folder that is memory"),
]
_MIB = 1 << 20


@pytest.fixture
def memory() -> Iterator[Path]:
    """A path in memory of which there is no file."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder) / "out"


def _used(path: Path) -> int:
    return path.stat().st_blocks * 512


def _opened(path: Path, flags: int = os.O_TRUNC) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | flags)


def test_pages_come_and_go(memory: Path) -> None:
    """As many as asked for, unseen; what is written uses them, and the rest is given back."""
    fd = _opened(memory)
    reserve = Reserve(fd, 20 * _MIB)
    calls = iter(partial(reserve.more), False)
    assert len(list(calls)) == 3
    assert (memory.stat().st_size, _used(memory)) == (0, 20 * _MIB)
    os.write(fd, b"x" * _MIB)
    assert _used(memory) == 20 * _MIB
    reserve.give_back(_MIB)
    assert (memory.read_bytes(), _used(memory)) == (b"x" * _MIB, _MIB)
    os.close(fd)


def test_what_is_written_stays(memory: Path) -> None:
    """Nothing is taken from who wrote more than was reserved, or beside whom others write."""
    for written, told in ((3, 3), (2, 1)):
        fd = _opened(memory)
        reserve = Reserve(fd, 2 * _MIB)
        reserve.more()
        os.write(fd, b"x" * written * _MIB)
        reserve.give_back(told * _MIB)
        assert memory.stat().st_size == written * _MIB
        os.close(fd)


@pytest.mark.parametrize(
    ("opened", "expected"),
    [
        pytest.param(_opened, True, id="a new file"),
        pytest.param(lambda path: _opened(path, os.O_APPEND), False, id="appended to"),
        pytest.param(lambda path: _opened(path, 0), False, id="written over"),
        pytest.param(lambda path: os.open(os.devnull, os.O_WRONLY), False, id="a device"),
        pytest.param(lambda path: os.pipe()[1], False, id="a pipe"),
        pytest.param(lambda path: os.open("/proc/self/comm", os.O_WRONLY), False, id="no memory"),
    ],
)
def test_where_it_is_done(memory: Path, opened: Callable[[Path], int], expected: bool) -> None:
    """Only where all that is written is new, and comes from us alone."""
    memory.write_bytes(b"a line\n")
    fd = opened(memory)
    assert can_reserve(fd) == expected
    os.close(fd)


def test_without_room_nothing_is_reserved(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than there is ends it quietly."""
    monkeypatch.setattr(reserving, "_PIECE", 1 << 50)
    fd = _opened(memory)
    reserve = Reserve(fd, 1 << 51)
    assert not reserve.more()
    assert _used(memory) == 0
    os.close(fd)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_gives_it_back(memory: Path, number: signal.Signals) -> None:
    """Who is ended before anything is written leaves an empty file without pages."""
    code = (
        "import os, sys; from logtool.machine.ending import end_at_once; end_at_once()\n"
        "from logtool.commands.output import open_output\n"
        "with open_output(None) as output:\n"
        f"    more = output.reserved({32 * _MIB}); more()\n"
        "    print(os.fstat(1).st_blocks, file=sys.stderr)\n"
        f"    os.kill(os.getpid(), {int(number)})\n"
    )
    with memory.open("wb") as out:
        ran = subprocess.run(
            [sys.executable, "-c", code], stdout=out, stderr=subprocess.PIPE, check=False
        )
    assert (ran.returncode, int(ran.stderr) * 512) == (128 + number, 8 * _MIB)
    assert (memory.stat().st_size, _used(memory)) == (0, 0)


def test_children_reserve_while_clocks_are_found(
    memory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of them does, and what comes out is what comes out elsewhere."""
    text = b"".join(one for one, _ in zip(lives(), range(1500), strict=False))[: 6 * BLOCK_SIZE]
    (tmp_path / "error.log").write_bytes(text)
    work_apart(monkeypatch)
    told = tmp_path / "told"
    more = Reserve.more

    def noted(self: Reserve) -> bool:
        with told.open("a") as file:
            file.write(f"{os.getpid()}\n")
        return more(self)

    monkeypatch.setattr(Reserve, "more", noted)
    finish = ClockFinder.finish

    def late(*given: object) -> object:
        while not told.exists():  # a child waits, and is at work by then
            time.sleep(0.001)
        return finish(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(ClockFinder, "finish", late)
    with (
        closing(Source(str(tmp_path / "error.log"))) as source,
        open_output(str(memory)) as output,
        Ahead(output.reserved) as ahead,
    ):
        logs = open_logs([source])
        options = ClockOptions(server_tz="Europe/Berlin", neighbours=False)
        table = find_clocks(logs, options, ahead=ahead)
        for piece in in_file_order(normalize_blocks(logs, table, ahead=ahead)):
            output.write(piece.data)
    pids = set(told.read_text().split())
    assert len(pids) == 1
    assert pids != {str(os.getpid())}
    work_apart(monkeypatch, apart=False)
    with closing(Source(str(tmp_path / "error.log"))) as source:
        logs = open_logs([source])
        table = find_clocks(logs, options)
        expected = b"".join(one.tobytes() for one in in_file_order(normalize_blocks(logs, table)))
    assert memory.read_bytes() == expected
    assert 0 <= _used(memory) - len(expected) < 4096
