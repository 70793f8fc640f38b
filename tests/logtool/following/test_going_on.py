"""Who follows a log goes on in the other files of its set, whatever begins them."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.following import siblings, tails
from logtool.following.siblings import Fresh, Sibling, Siblings
from logtool.following.tails import Tail
from tests.logtool.following.cursor_runs import LINE
from tests.logtool.following.started import Start, await_lines, line

#: So many files has a circle.
CIRCLE = 4


class _Set:
    """A log that one program writes and rotates in its own way."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.times = folder, 0
        self.live = self.named()

    def named(self) -> Path:
        """The file to which lines go after so many rotations."""
        return self.folder / "error.log"

    def rotate(self) -> None:
        """Go on in the next file."""
        self.times += 1
        self.live = self.named()
        self.live.write_bytes(b"")


class _Circle(_Set):
    """`rotatelogs -n`."""

    def named(self) -> Path:
        number = self.times % CIRCLE
        return self.folder / (f"error.log.{number}" if number else "error.log")


class _Epochs(_Set):
    """rotatelogs by seconds."""

    def named(self) -> Path:
        return self.folder / f"error.log.{1780617600 + 60 * self.times}"


class _Dates(_Set):
    """Rotatelogs with a date in the name."""

    def named(self) -> Path:
        return self.folder / f"error.2026-06-{self.times + 1:02}.log"


class _Renamed(_Set):
    """logrotate, which shifts the numbers."""

    def rotate(self) -> None:
        self.times += 1
        for number in range(self.times - 1, 0, -1):
            _numbered(self.live, number).rename(_numbered(self.live, number + 1))
        self._make()

    def _make(self) -> None:
        self.live.rename(_numbered(self.live, 1))
        self.live.write_bytes(b"")


class _Copied(_Renamed):
    """logrotate with `copytruncate`."""

    def _make(self) -> None:
        shutil.copy(self.live, _numbered(self.live, 1))
        os.truncate(self.live, 0)


def _numbered(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")


@pytest.fixture(autouse=True)
def _always_looks() -> Iterator[None]:
    with patch.object(tails, "_LOOK_S", 0.0):
        yield


def _text(first: int, last: int) -> bytes:
    return "".join(LINE.format(number, number) for number in range(first, last)).encode()


def _polled(tail: Tail) -> bytes:
    return b"".join(arrived.text for arrived in tail.poll())


@given(
    kind=st.sampled_from([_Circle, _Epochs, _Dates, _Renamed, _Copied]),
    history=st.lists(
        st.lists(st.integers(0, 2), min_size=1, max_size=CIRCLE - 1), min_size=1, max_size=6
    ),
)
def test_each_line_once_and_in_order(kind: type[_Set], history: list[list[int]]) -> None:
    """Whatever is written and rotated between two looks; and no file had to be told as lost."""
    with tempfile.TemporaryDirectory() as name:
        of_set, written, read = kind(Path(name)), 1, b""
        of_set.live.write_bytes(_text(0, 1))
        log, notes = Path(name) / "error.log", list[str]()
        tail = Tail(str(log), notes.append, None if of_set.live == log else str(of_set.live))
        for looks, sizes in enumerate(history):
            for at, size in enumerate(sizes):
                if looks and at:
                    of_set.rotate()
                size = max(size, kind is _Circle)  # rotatelogs leaves none empty
                with of_set.live.open("ab") as file:
                    file.write(_text(written, written + size))
                written += size
            read += _polled(tail)
        read += b"".join(arrived.text for arrived in tail.ended())
        tail.close()
        assert read == _text(0, written)
        assert not [note for note in notes if "missing" in note]


@given(
    history=st.lists(
        st.lists(st.integers(1, 2), min_size=1, max_size=3 * CIRCLE), min_size=1, max_size=6
    )
)
def test_a_circle_that_comes_round_between_two_looks(history: list[list[int]]) -> None:
    """No line comes twice; and where some were written over before they were read, that is told."""
    with tempfile.TemporaryDirectory() as name:
        of_set, written, read = _Circle(Path(name)), 1, b""
        of_set.live.write_bytes(_text(0, 1))
        notes = list[str]()
        tail = Tail(str(Path(name) / "error.log"), notes.append)
        for looks, sizes in enumerate(history):
            for at, size in enumerate(sizes):
                if looks and at:
                    of_set.rotate()
                with of_set.live.open("ab") as file:
                    file.write(_text(written, written + size))
                written += size
            read += _polled(tail)
        tail.close()
        lines = read.splitlines()
        assert len({*lines}) == len(lines)
        assert read == _text(0, written) or [note for note in notes if "missing" in note]


@given(
    begin=st.integers(1, 4),
    history=st.lists(st.lists(st.integers(1, 2), min_size=1, max_size=5), min_size=1, max_size=5),
)
def test_several_members_between_two_looks(begin: int, history: list[list[int]]) -> None:
    """Where one with a number was the last, they come as numbers rise, though no times tell it."""
    with tempfile.TemporaryDirectory() as name:
        live = Path(name) / "error.log"
        for number in range(begin + 1):
            live = _numbered(Path(name) / "error.log", number) if number else live
            live.write_bytes(b"old %d\n" % number)
        tail = Tail(str(live))
        assert _polled(tail) == live.read_bytes()
        written = b""
        for sizes in history:
            before = len(written)
            for at, size in enumerate(sizes):
                begin += at > 0
                live = _numbered(Path(name) / "error.log", begin)
                with live.open("ab") as file:
                    file.write(text := b"%d %d\n" % (begin, len(written)) * size)
                written += text
            assert _polled(tail) == written[before:]
        tail.close()


@pytest.mark.parametrize("times", [0, 1, 2, 3])
@pytest.mark.parametrize("kind", [_Renamed, _Copied])
def test_rotated_before_the_first_look(kind: type[_Set], times: int, tmp_path: Path) -> None:
    """A log that was empty then had what came between in it: no other file is taken for it."""
    of_set, notes = kind(tmp_path), list[str]()
    of_set.live.write_bytes(b"")
    tail = Tail(str(of_set.live), notes.append)
    for number in range(times + 1):
        if number:
            of_set.rotate()
        of_set.live.write_bytes(b"text %d\n" % number)
    assert _polled(tail) == b"".join(b"text %d\n" % number for number in range(times + 1))
    tail.close()
    assert notes == []


def test_cut_short_as_it_is_looked_for(tmp_path: Path) -> None:
    """What is copied and cut short between two looks at one log is found in the copies."""
    of_set, notes = _Copied(tmp_path), list[str]()
    of_set.live.write_bytes(_text(0, 1))
    tail = Tail(str(of_set.live), notes.append)
    read, fresh = _polled(tail), Siblings.fresh

    def late(*given: object, **named: object) -> list[Fresh]:
        for number in (1, 2, 3) if of_set.times == 0 else ():
            with of_set.live.open("ab") as file:
                file.write(_text(number, number + 1))
            if number < 3:
                of_set.rotate()
        return fresh(*given, **named)  # type: ignore[arg-type]

    with patch.object(Siblings, "fresh", late):
        read += _polled(tail)
    tail.close()
    assert read == _text(0, 4)
    assert notes == []


def test_a_listing_that_misses_a_file(tmp_path: Path) -> None:
    """One that was being renamed is found at the next listing: no file in which a log goes on."""
    of_set, notes, times = _Renamed(tmp_path), list[str](), 0
    of_set.live.write_bytes(_text(0, 1))
    tail, read = Tail(str(of_set.live), notes.append), b""
    listed = siblings.list_siblings

    def missing(path: str) -> list[Sibling]:
        nonlocal times
        times += 1
        return listed(path) if times > 1 else []

    for number in (1, 2, 3):
        of_set.rotate()
        of_set.live.write_bytes(_text(number, number + 1))
        if number != 2:
            times = number == 1
            with patch.object(siblings, "list_siblings", missing):
                read += _polled(tail)
    tail.close()
    assert read == _text(0, 4)
    assert notes == []


@pytest.mark.parametrize("shape", ["copy", "compressed", "half a copy", "older"])
def test_what_is_not_the_next_member(shape: str, tmp_path: Path) -> None:
    """A copy of what is read, also while it is made, and a backup are no news when they come."""
    log, other = tmp_path / "error.log", tmp_path / "error.log.1"
    log.write_bytes(_text(0, 9))
    notes: list[str] = []
    tail = Tail(str(log), notes.append)
    assert _polled(tail) == _text(0, 9)
    if shape == "compressed":
        other.with_suffix(".1.gz").write_bytes(gzip.compress(_text(0, 9)))
    elif shape == "older":
        other.write_bytes(_text(20, 29))
        os.utime(other, (1, 1))
    else:
        other.write_bytes(_text(0, 5 if shape == "half a copy" else 9))
    assert _polled(tail) == b""
    if shape == "half a copy":
        other.write_bytes(_text(0, 9))
    assert _polled(tail) == b""
    assert notes == []
    tail.close()


def test_a_copy_of_what_was_not_read_yet(tmp_path: Path) -> None:
    """Lines that were copied between two looks, before the log is cut short, come once."""
    log = tmp_path / "error.log"
    log.write_bytes(b"")
    tail = Tail(str(log))
    assert _polled(tail) == b""
    log.write_bytes(_text(0, 3))
    shutil.copy(log, tmp_path / "error.log.1")
    assert _polled(tail) == _text(0, 3)
    os.truncate(log, 0)
    assert _polled(tail) == b""
    log.write_bytes(_text(3, 4))
    assert _polled(tail) == _text(3, 4)
    tail.close()


def test_an_old_child_writes_on(tmp_path: Path) -> None:
    """What is written to a renamed log comes also where it was renamed before we began."""
    log, old = tmp_path / "error.log", tmp_path / "error.log.1"
    old.write_bytes(_text(0, 2))
    log.write_bytes(_text(2, 3))
    tail = Tail(str(log))
    assert _polled(tail) == _text(2, 3)
    for first in (3, 5):
        with old.open("ab") as file:
            file.write(_text(first, first + 1))
        with log.open("ab") as file:
            file.write(_text(first + 1, first + 2))
        assert sorted(_polled(tail).splitlines(True)) == _text(first, first + 2).splitlines(True)
    tail.close()


def test_who_wants_one_file_gets_one(tmp_path: Path) -> None:
    """Alone, a file is followed by its name only."""
    (tmp_path / "error.log.1").write_bytes(b"")
    tail = Tail(str(tmp_path / "error.log.1"), alone=True)
    (tmp_path / "error.log").write_bytes(_text(0, 1))
    assert _polled(tail) == b""
    tail.close()


def test_our_own_output(tmp_path: Path, start: Start) -> None:
    """What is written beside the log under a name of its set is not read again."""
    (tmp_path / "error.log").write_bytes(line(0))
    running = start("-qf", "error.log", "-o", "error.log.7")
    await_lines(tmp_path / "error.log.7", 1)
    for number in (1, 2):
        time.sleep(0.8)
        with (tmp_path / "error.log").open("ab") as log:
            log.write(line(number))
        await_lines(tmp_path / "error.log.7", number + 1)
    running.terminate()
    running.wait()
    assert (tmp_path / "error.log.7").read_bytes().count(b"\n") == 3


#: Arguments of rotatelogs, and the name of what it writes first.
ROTATELOGS: dict[str, tuple[tuple[str, ...], str]] = {
    "circle": (("-n", "5", "error.log", "300B"), "error.log"),
    "epochs": (("error.log", "1"), "error.log.*"),
    "dates": (("error.%Y-%m-%d-%H-%M-%S.log", "1"), "error.*.log"),
}


@pytest.mark.skipif(shutil.which("rotatelogs") is None, reason="apache2-utils is not there")
@pytest.mark.parametrize("with_cursor", [False, True])
@pytest.mark.parametrize("kind", list(ROTATELOGS))
def test_rotatelogs(kind: str, with_cursor: bool, start: Start, tmp_path: Path) -> None:
    """Apache's own program is followed through its files from the first on; that is told."""
    logs, out, told = tmp_path / "logs", tmp_path / "out", tmp_path / "told"
    logs.mkdir()
    words, pattern = ROTATELOGS[kind]
    cursor = ("--cursor-file", "cursor") if with_cursor else ()
    with (
        subprocess.Popen(
            ["rotatelogs", *words], cwd=logs, stdin=subprocess.PIPE, bufsize=0
        ) as writing,
        told.open("wb") as errors,
    ):
        assert writing.stdin
        writing.stdin.write(line(0))
        await_lines(*_first(logs, pattern))
        (name,) = logs.glob(pattern)
        named = str(name.relative_to(tmp_path))
        for number in range(1, 26):
            if number == 1 or (with_cursor and number == 13):
                running = start("-f", *cursor, "-o", "out", named, stderr=errors)
                await_lines(out, number)
            if number == 25:
                await_lines(out, 25)  # what comes now is followed, and a signal is heard
            writing.stdin.write(line(number))
            time.sleep(0.15)
            if with_cursor and number == 12:
                running.terminate()
                running.wait()
        writing.stdin.close()
        await_lines(out, 26)
        running.terminate()
        assert running.wait() == 0
    lines = out.read_bytes().splitlines()
    assert [one.rpartition(b"m")[2] for one in lines] == [b"%d" % number for number in range(26)]
    assert len([*logs.iterdir()]) > 2
    assert told.read_text().count("goes on in") >= 1
    assert "missing" not in told.read_text()


def _first(logs: Path, pattern: str) -> tuple[Path, int]:
    while not (found := [*logs.glob(pattern)]):
        time.sleep(0.01)
    return found[0], 1
