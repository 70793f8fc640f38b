"""Tails lose and double nothing, whatever rotation does."""

from __future__ import annotations

import gzip
import os
import random
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from logtool.following import parts
from logtool.following.tails import Tail
from logtool.sources import heads


def came(tail: Tail) -> bytes:
    """Everything that one look finds."""
    return b"".join(arrived.text for arrived in tail.poll())


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log with a line that is there before it is followed."""
    path = tmp_path / "error.log"
    path.write_bytes(b"old\n")
    return path


@pytest.fixture
def notes() -> list[str]:
    """What people were told."""
    return []


@pytest.fixture
def tail(log: Path, notes: list[str]) -> Tail:
    """A tail that begins behind the first line."""
    tail = Tail(str(log), notes.append)
    assert tail.current is not None
    tail.current.skip(4)
    return tail


def append(path: Path, text: bytes) -> None:
    """Write at the end, as httpd does."""
    with path.open("ab", 0) as file:
        file.write(text)


class TestGrowing:
    """A log that only grows."""

    def test_new_lines(self, log: Path, tail: Tail) -> None:
        """What is appended comes once."""
        append(log, b"one\ntwo\n")

        assert [came(tail), came(tail)] == [b"one\ntwo\n", b""]

    def test_half_a_line_waits(self, log: Path, tail: Tail) -> None:
        """A line comes when its newline does."""
        append(log, b"one\ntw")
        first = came(tail)
        append(log, b"o\n")

        assert [first, came(tail)] == [b"one\n", b"two\n"]

    def test_half_a_line_at_the_end(self, log: Path, tail: Tail) -> None:
        """When no more is waited for, half a line is given."""
        append(log, b"tw")

        assert came(tail) == b""
        assert [arrived.text for arrived in tail.ended()] == [b"tw"]

    def test_endless_line(self, log: Path, tail: Tail) -> None:
        """A line without end does not fill the memory."""
        append(log, b"x" * (3 << 20))

        assert came(tail) == b"x" * (3 << 20)

    def test_arrival(self, log: Path, tail: Tail) -> None:
        """Lines came after the look before, and not after this one."""
        before = time.time_ns() // 1000
        came(tail)
        append(log, b"one\n")
        (arrived,) = tail.poll()

        assert before <= arrived.since_us <= arrived.now_us <= time.time_ns() // 1000


class TestRename:
    """Rotation by another name."""

    def test_old_then_new(self, log: Path, tail: Tail) -> None:
        """What was written before the rename comes before what the new file holds."""
        append(log, b"one\n")
        log.rename(log.with_name("error.log.1"))
        append(log, b"two\n")

        assert came(tail) == b"one\ntwo\n"

    def test_children_write_on(self, log: Path, tail: Tail) -> None:
        """A child that still has the old file open is heard after the new one has begun."""
        with log.open("ab", 0) as child:
            log.rename(log.with_name("error.log.1"))
            append(log, b"two\n")
            first = came(tail)
            child.write(b"late\n")

            assert [first, came(tail)] == [b"two\n", b"late\n"]

    def test_between_two_looks(self, log: Path, tail: Tail) -> None:
        """Files that came and went since the last look are read, oldest first."""
        for number in range(5):
            append(log, b"in %d\n" % number)
            for old in range(5, 0, -1):
                if (path := log.with_name(f"error.log.{old}")).exists():
                    path.rename(log.with_name(f"error.log.{old + 1}"))
            log.rename(log.with_name("error.log.1"))
        append(log, b"now\n")

        assert came(tail) == b"".join(b"in %d\n" % number for number in range(5)) + b"now\n"

    def test_what_was_there_before(self, log: Path, notes: list[str]) -> None:
        """Rotated files that were there at the start are nothing new."""
        log.with_name("error.log.1").write_bytes(b"ancient\n")
        tail = Tail(str(log), notes.append)
        came(tail)
        log.with_name("error.log.1").rename(log.with_name("error.log.2"))
        log.rename(log.with_name("error.log.1"))
        append(log, b"new\n")

        assert came(tail) == b"new\n"

    def test_compressed_meanwhile(self, log: Path, tail: Tail) -> None:
        """A file that was read is no news when it is compressed; one that was not is read."""
        came(tail)
        log.rename(log.with_name("error.log.1"))
        append(log, b"one\n")
        came(tail)
        for name, text in (("error.log.3.gz", b"old\n"), ("error.log.2.gz", b"missed\n")):
            log.with_name(name).write_bytes(gzip.compress(text))
        log.with_name("error.log.1").unlink()
        log.rename(log.with_name("error.log.1"))
        append(log, b"two\n")

        assert came(tail) == b"missed\ntwo\n"

    def test_gone(self, log: Path, tail: Tail, notes: list[str]) -> None:
        """A log that vanishes is told once; when there is one again, it is read."""
        log.unlink()
        came(tail)
        came(tail)
        append(log, b"back\n")

        assert came(tail) == b"back\n"
        assert notes == [f"{log}: No such file or directory; waiting for it"]


class TestCopyTruncate:
    """Rotation by a copy."""

    def test_grown_before_the_copy(self, log: Path, tail: Tail, notes: list[str]) -> None:
        """What was not read before the log was cut short is read in the copy."""
        append(log, b"one\ntw")
        came(tail)
        append(log, b"o\nthree\n")
        shutil.copy(log, log.with_name("error.log.1"))
        os.truncate(log, 0)
        append(log, b"four\n")

        assert came(tail) == b"two\nthree\nfour\n"
        assert notes == []

    def test_longer_than_before(self, log: Path, tail: Tail) -> None:
        """A log that was written anew is known by its beginning, however long it is."""
        came(tail)
        shutil.copy(log, log.with_name("error.log.1"))
        os.truncate(log, 0)
        append(log, b"longer than it was\n")

        assert came(tail) == b"longer than it was\n"

    def test_without_copy(self, log: Path, tail: Tail, notes: list[str]) -> None:
        """Lines may be missing where there is no copy, and that is told."""
        append(log, b"one\n")
        came(tail)
        os.truncate(log, 0)
        append(log, b"new\n")

        assert came(tail) == b"new\n"
        assert notes == [f"{log}: was cut short; lines written just before may be missing"]

    def test_twice_between_two_looks(self, log: Path, tail: Tail) -> None:
        """Copies that were made between two looks are read, oldest first."""
        for number in range(3):
            append(log, b"in %d\n" % number)
            for old in (2, 1):
                if (path := log.with_name(f"error.log.{old}")).exists():
                    path.rename(log.with_name(f"error.log.{old + 1}"))
            shutil.copy(log, log.with_name("error.log.1"))
            os.truncate(log, 0)
        append(log, b"now\n")

        assert came(tail) == b"in 0\nin 1\nin 2\nnow\n"

    def test_again_as_it_is_read(
        self, log: Path, tail: Tail, notes: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was read of the next lines, at the old place, is not taken for the old ones' rest.

        That the log is empty again when it is asked how it begins says nothing.
        """
        append(log, b"one\n")
        first = came(tail)
        shutil.copy(log, log.with_name("error.log.2"))
        os.truncate(log, 0)
        append(log, b"longer than it was\ntwo\n")
        begins_so = heads.begins_so

        def rotated(fd: int, head: bytes) -> bool:
            if log.stat().st_size:
                shutil.copy(log, log.with_name("error.log.1"))
                os.truncate(log, 0)
            return begins_so(fd, head)

        with monkeypatch.context() as rotating:
            rotating.setattr(parts, "begins_so", rotated)
            then = came(tail)
        append(log, b"three\n")

        assert (first, then + came(tail)) == (b"one\n", b"longer than it was\ntwo\nthree\n")
        assert notes == []

    def test_copy_is_no_news(self, log: Path, tail: Tail) -> None:
        """When the log is renamed later, copies of what was read are not read again."""
        append(log, b"one\n")
        came(tail)
        shutil.copy(log, log.with_name("error.log.2"))
        os.truncate(log, 0)
        append(log, b"two\n")
        first = came(tail)
        log.rename(log.with_name("error.log.1"))
        append(log, b"three\n")

        assert [first, came(tail)] == [b"two\n", b"three\n"]


def test_late(tmp_path: Path) -> None:
    """A log that comes late is read from its beginning, also if it was rotated at once."""
    notes: list[str] = []
    tail = Tail(str(tmp_path / "error.log"), notes.append)
    first = came(tail)
    append(tmp_path / "error.log.1", b"one\n")
    append(tmp_path / "error.log", b"two\n")

    assert [first, came(tail)] == [b"", b"one\ntwo\n"]


class Server(threading.Thread):
    """Writes numbered lines from several children, and rotates its log under them."""

    KEPT = 60
    #: It is so many rotations ahead of who reads at most: what is older may have gone.
    AHEAD = 20

    def __init__(self, log: Path, rotations: int, rotate: Callable[[Server, Path], None]) -> None:
        super().__init__(daemon=True)
        self.looks = 0
        self.log, self.rotations, self.rotate = log, rotations, rotate
        self.random = random.Random(6)
        self.written: list[bytes] = []
        self.children = [log.open("ab", 0) for _ in range(3)]

    def run(self) -> None:
        """Write and rotate."""
        for number in range(self.rotations):
            if number % self.AHEAD == 0:
                self._wait_for_a_look()
            for _ in range(self.random.randrange(40)):
                self._write(self.random.choice(self.children))
            time.sleep(0.004)
            self.rotate(self, self.log)
            self._write(self.children[0])  # still into the old file
            # A graceful restart: children reopen the log one after the other.
            for number, child in enumerate(self.children):
                self._write(child)
                child.close()
                self.children[number] = self.log.open("ab", 0)
                self._write(self.random.choice(self.children))
        for child in self.children:
            child.close()

    def _wait_for_a_look(self) -> None:
        before = self.looks
        while self.looks < before + 2:  # the first may have begun before
            time.sleep(0.002)

    def _write(self, child: object) -> None:
        line = b"line %d %s\n" % (len(self.written), b"x" * self.random.randrange(300))
        self.written.append(line)
        child.write(line)  # type: ignore[attr-defined]

    def shift(self) -> None:
        """Rename the rotated logs, and drop the oldest."""
        for old in range(self.KEPT, 0, -1):
            path = self.log.with_name(f"{self.log.name}.{old}")
            if path.exists():
                path.rename(self.log.with_name(f"{self.log.name}.{old + 1}"))
        self.log.with_name(f"{self.log.name}.{self.KEPT + 1}").unlink(missing_ok=True)


def rename(server: Server, log: Path) -> None:
    """As logrotate does with `create`."""
    server.shift()
    log.rename(log.with_name(f"{log.name}.1"))
    log.touch()


def copy_and_truncate(server: Server, log: Path) -> None:
    """As logrotate does with `copytruncate`."""
    server.shift()
    shutil.copy(log, log.with_name(f"{log.name}.1"))
    os.truncate(log, 0)


@pytest.mark.parametrize("rotate", [rename, copy_and_truncate])
def test_thousand_rotations(tmp_path: Path, rotate: Callable[[Server, Path], None]) -> None:
    """No line is lost or doubled while a busy log is rotated a thousand times."""
    log = tmp_path / "error.log"
    log.touch()
    notes: list[str] = []
    tail = Tail(str(log), notes.append)
    server = Server(log, 1000, rotate)
    server.start()
    read = b""
    while server.is_alive():
        read += came(tail)
        server.looks += 1
        time.sleep(0.01)
    read += came(tail)
    tail.close()

    lines = read.splitlines(keepends=True)
    assert len(lines) > 20_000
    assert sorted(lines) == sorted(server.written)
    assert [note for note in notes if "missing" in note] == []
