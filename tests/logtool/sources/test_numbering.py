"""Members of rotated sets are read in the order of their times, where those are against numbers."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.sources.opening import open_sources
from logtool.sources.source import Source
from tests.places import SAMPLE_LOGS

LINE = "[Fri Jun {:02} {:02}:00:00.000001 2026] [core:error] [pid 7] AH00128: x\n"
TOLD = (
    "{} is the oldest of its set and {} the youngest, as their times show against their numbers; "
    "read in that order"
)
#: Seconds after which rotatelogs has surely written a line.
PATIENCE = 120


def _order(folder: Path) -> tuple[list[str], list[str]]:
    """The members in the order in which they are read, and what is told."""
    told: list[str] = []
    with open_sources([str(folder)], tell=told.append) as sources:
        return [Path(source.path).name for source in sources], told


@pytest.mark.parametrize("line", [LINE, "[2026-06-{:02} {:02}:00:00 +0000] [core:error] x\n"])
def test_higher_numbers_may_be_younger(line: str, tmp_path: Path) -> None:
    """Their first times tell it; the log that is written comes last."""
    for day in (1, 2):
        (tmp_path / f"error.log.{day}").write_text("raw\n" + line.format(day, 0))
    (tmp_path / "error.log.3.gz").write_bytes(gzip.compress(line.format(3, 0).encode()))
    (tmp_path / "error.log").write_text(line.format(4, 0))
    names, told = _order(tmp_path)
    assert names == ["error.log.1", "error.log.2", "error.log.3.gz", "error.log"]
    first, last = tmp_path / "error.log.1", tmp_path / "error.log"
    assert told == [TOLD.format(first, last)]


@pytest.mark.parametrize(
    ("begins", "is_told"),
    [
        ([(3, 0), (2, 0), (1, 0)], False),  # as logrotate numbers
        ([(1, 0), (1, 8)], False),  # may be other clocks
        ([(1, 0), (1, 8), (1, 16)], True),  # so may these, but all rise
        ([(1, 0), (3, 0), (2, 0)], False),  # in no order
        ([(1, 0), (1, 8), (1, 4), (1, 12)], True),  # as little as a circle shows
        ([(1, 12), (1, 8), (1, 10), (1, 4)], False),
        ([(1, 0), (2, 0), (31, 0)], False),  # one without a time: there is no such day
    ],
)
def test_lower_numbers_are_younger(
    begins: list[tuple[int, int]], is_told: bool, tmp_path: Path
) -> None:
    """Where times do not show clearly that it is not so, numbers are ages; a doubt is told."""
    for number, begin in enumerate(begins, 1):
        line = LINE.format(*begin).replace("pid 7", f"pid {number}")
        (tmp_path / f"error.log.{number}").write_text(line)
    names, told = _order(tmp_path)
    assert names == [f"error.log.{number}" for number in range(len(begins), 0, -1)]
    first, last = tmp_path / f"error.log.{len(begins)}", tmp_path / "error.log.1"
    doubt = "some of their times are against their numbers, but show no other order clearly"
    note = f"{first} to {last}: {doubt}; read by their numbers, the highest first"
    assert told == [note] * is_told


@pytest.mark.parametrize("sample", ["berlin_utc_django", "advanced"])
def test_pieces_of_one_file(sample: str, tmp_path: Path) -> None:
    """`split -d` numbers from `.00` on; that holds where processes' clocks say neither."""
    text = (SAMPLE_LOGS / sample / "error.log").read_bytes()
    lines = text.splitlines(keepends=True)
    step = -(-len(lines) // 60)
    for number, at in enumerate(range(0, len(lines), step)):
        path = tmp_path / f"error.log.{number:02}"
        path.write_bytes(b"".join(lines[at : at + step]))
    with open_sources([str(tmp_path)]) as sources:
        assert b"".join(b"".join(source.pieces(1 << 20)) for source in sources) == text
    why = "their numbers with leading zeros say (`split -d`); read in that order"
    last = tmp_path / f"error.log.{number:02}"
    told = f"{tmp_path / 'error.log.00'} is the oldest of its set and {last} the youngest, as {why}"
    assert told in _order(tmp_path)[1]


@pytest.mark.parametrize("names", [["00", "01"], ["0", "1"]])
def test_numbers_from_zero_that_are_ages(names: list[str], tmp_path: Path) -> None:
    """Where times say so, leading zeros are nothing; without any, nothing speaks of pieces."""
    for day, name in enumerate(names):
        (tmp_path / f"error.log.{name}").write_text(LINE.format(4 - 2 * day, 0))
    assert _order(tmp_path) == ([f"error.log.{name}" for name in names[::-1]], [])
    for name in names:
        (tmp_path / f"error.log.{name}").write_text(f"no time {name}\n")
    is_of_pieces = names[0] == "00"
    assert _order(tmp_path)[0] == [
        f"error.log.{name}" for name in (names if is_of_pieces else names[::-1])
    ]


@pytest.mark.parametrize("live", range(4))
def test_an_empty_member_of_a_circle(live: int, tmp_path: Path) -> None:
    """One that was just begun is the youngest, and the others stand in their order all the same."""
    names = ["error.log", "error.log.1", "error.log.2", "error.log.3"]
    names = [*names[live + 1 :], *names[: live + 1]]
    for day, name in enumerate(names, 1):
        (tmp_path / name).write_text(LINE.format(day, 0) if day < len(names) else "")
    assert _order(tmp_path)[0] == names


def test_an_old_child_writes_to_a_renamed_log(tmp_path: Path) -> None:
    """That the older file was written last is not against its number."""
    for name, lines in {"error.log.1": (1, 5), "error.log": (2, 3)}.items():
        path = tmp_path / name
        path.write_text("".join(LINE.format(5, hour).replace("pid 7", name) for hour in lines))
        written = datetime(2026, 6, 5, lines[-1] - 2, tzinfo=UTC).timestamp()
        os.utime(path, (written, written))
    assert _order(tmp_path) == (["error.log.1", "error.log"], [])


@pytest.mark.parametrize("with_pid", [True, False])
def test_files_that_were_written_one_after_the_other(with_pid: bool, tmp_path: Path) -> None:
    """Where no process wrote into two of them, the files' times tell, if they are their lines'."""
    for hour, name in enumerate(("error.log", "error.log.1", "error.log.2")):
        path = tmp_path / name
        line = LINE.format(5, 3 + hour)
        path.write_text(line.replace("pid 7", f"pid {hour}" if with_pid else "client ::1"))
        os.utime(path, (stamp := datetime(2026, 6, 5, 1 + hour, tzinfo=UTC).timestamp(), stamp))
    names, told = _order(tmp_path)
    assert names == ["error.log", "error.log.1", "error.log.2"]
    assert told == [TOLD.format(tmp_path / names[0], tmp_path / names[-1])]


@pytest.mark.parametrize(
    ("earlier_s", "oldest"), [(0, "error.log"), (3600, "error.log.1"), (10**7, "error.log.1")]
)
def test_files_that_begin_with_lines_of_other_clocks(
    earlier_s: int, oldest: str, tmp_path: Path
) -> None:
    """Two members of a circle are told apart where each process, and files' times, show one order.

    Where these are against it, or say nothing, the processes may have changed their clocks.
    """
    begun = datetime(2026, 6, 5, 1, tzinfo=UTC).timestamp()
    clocks = {1: 7200, 2: 0}
    for name, came in {"error.log": {0: 1, 1: 2, 8: 1}, "error.log.1": {9: 2, 10: 1}}.items():
        path = tmp_path / name
        for at, pid in came.items():
            time = datetime.fromtimestamp(begun + at + clocks[pid], UTC)
            with path.open("a") as file:
                file.write(f"[{time:%a %b %d %H:%M:%S %Y}] [core:error] [pid {pid}] x\n")
        written = begun + max(came) - earlier_s * (name == "error.log.1")
        os.utime(path, (written, written))
    assert _order(tmp_path)[0][0] == oldest


def _read(lines: list[str], numbers: list[int], data: st.DataObject, folder: Path) -> list[str]:
    """The members, by whose numbers a log is cut, as they are read; what is told, after them."""
    cuts = st.lists(
        st.integers(1, len(lines) - 1),
        min_size=len(numbers) - 1, max_size=len(numbers) - 1, unique=True,
    )  # fmt: skip
    edges = [0, *sorted(data.draw(cuts)), len(lines)]
    for number, first, last in zip(numbers, edges, edges[1:], strict=False):
        (folder / f"error.log.{number}").write_text("".join(lines[first:last]))
    names, told = _order(folder)
    return [*names, *told]


@given(data=st.data(), size=st.integers(2, 6), begin=st.integers(0, 5), falls=st.booleans())
def test_one_process_that_keeps_its_clock(
    data: st.DataObject,
    size: int,
    begin: int,
    falls: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """However its log is cut and numbered, it is read in its order; of two members that is told."""
    folder = tmp_path_factory.mktemp("set")
    numbers = [(begin + at) % size + 1 for at in range(size)]
    numbers = sorted(numbers, reverse=True) if falls else numbers
    read = _read([LINE.format(5, hour) for hour in range(24)], numbers, data, folder)
    names = [f"error.log.{number}" for number in numbers]
    if names == sorted(names, reverse=True):
        assert read == names
    else:
        assert len(read) == size + 1
        assert size == 2 or read[:-1] == names


@given(data=st.data(), size=st.integers(2, 6))
@pytest.mark.parametrize("sample", ["local_stamps", "rotated", "flips"])
def test_processes_that_change_their_clocks(
    data: st.DataObject, size: int, sample: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What logrotate has numbered is read in its order, however it was cut."""
    lines = (SAMPLE_LOGS / sample / "error.log").read_text().splitlines(keepends=True)
    numbers = [*range(size, 0, -1)]
    read = _read(lines, numbers, data, tmp_path_factory.mktemp("set"))
    assert read[:size] == [f"error.log.{number}" for number in numbers]


@pytest.mark.skipif(shutil.which("rotatelogs") is None, reason="apache2-utils is not there")
def test_rotatelogs(tmp_path: Path) -> None:
    """What Apache's own program writes in a circle is read from its oldest member on."""
    log = tmp_path / "error.log"
    lines = [LINE.format(1 + number // 24, number % 24) for number in range(150)]
    with subprocess.Popen(
        ["rotatelogs", "-n", "4", str(log), "2000B"], stdin=subprocess.PIPE, bufsize=0
    ) as writing:
        assert writing.stdin is not None
        for line in lines:
            writing.stdin.write(line.encode())
            deadline = time.monotonic() + PATIENCE
            while not any(path.read_text().endswith(line) for path in tmp_path.iterdir()):
                assert time.monotonic() < deadline
                time.sleep(0.001)
        writing.stdin.close()
    with open_sources([str(tmp_path)]) as sources:
        read = [line for source in sources for line in Path(source.path).read_text().splitlines()]
    assert len(sources) == 4
    assert read == [line[:-1] for line in lines[-len(read) :]]


def test_members_are_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who opens a set again reads only the ends of what has changed since."""
    for number in (1, 2, 3):
        (tmp_path / f"error.log.{number}").write_text(LINE.format(9 - number, 0))
    read: list[str] = []
    ends = Source.ends

    def counted(source: Source, size: int) -> tuple[bytes, bytes]:
        read.append(Path(source.path).name)
        return ends(source, size)

    monkeypatch.setattr(Source, "ends", counted)
    before = _order(tmp_path)
    assert sorted(read) == ["error.log.1", "error.log.2", "error.log.3"]
    assert _order(tmp_path) == before
    (tmp_path / "error.log.1").write_text(LINE.format(1, 0) + LINE.format(1, 1))
    _order(tmp_path)
    assert read[3:] == ["error.log.1"]
