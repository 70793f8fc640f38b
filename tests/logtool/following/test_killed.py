"""A cursor run that is killed (SIGKILL, a power cut) doubles nothing and loses nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.logtool.following.cursor_runs import append, compress, copy, rename
from tests.logtool.following.started import ROOT, Start, await_lines, line

#: Kills itself once it has written so many bytes of a log, in pieces that a disk may be given.
_KILLED = """
import os, sys
from logtool.__main__ import main

write, left = os.write, int(sys.argv.pop(1))

def write_some(fd, data):
    global left
    if bytes(data[:1]) == b"{":  # the cursor
        return write(fd, data)
    count = write(fd, data[:left])
    left -= count
    if not left:
        os.kill(os.getpid(), 9)
    return count

os.write = write_some
main()
"""
#: Kills itself as soon as it has found the clocks.
_KILLED_EARLY = """
import os
from logtool.__main__ import main
from logtool.commands import live_files

find = live_files.find_clocks

def find_and_die(*given, **named):
    find(*given, **named)
    os.kill(os.getpid(), 9)

live_files.find_clocks = find_and_die
main()
"""
#: Lets a rotation come as soon as it has found the clocks.
_ROTATED = """
import os, sys
from logtool.__main__ import main
from logtool.commands import live_files

find, names = live_files.find_clocks, [sys.argv.pop(1) for _ in range(2)]

def find_and_rotate(*given, **named):
    table = find(*given, **named)
    os.rename(*names)
    return table

live_files.find_clocks = find_and_rotate
main()
"""
#: Bytes of a line that a run writes.
_SIZE = len("[2026-11-23 10:00:00.000000 +0000] [core:notice] [pid 1:tid 1] m10\n")


class Folder:
    """A log, a cursor and what runs write."""

    def __init__(self, path: Path) -> None:
        """In this folder; the log has no line yet, the output two that are not of a run."""
        self.path, self.log, self.out = path, path / "error.log", path / "out"
        self.out.write_bytes(b"old 1\nold 2\n")

    def run(self, *script: str, redirected: bool, more: tuple[str, ...] = ()) -> tuple[int, str]:
        """Run to the end, or to that of a script; gives the status and what is told."""
        start = [sys.executable, *(("-c", *script) if script else ("-m", "logtool"))]
        words = ["normalize", "-q", "--no-neighbours", "--cursor-file", "cursor", "error.log*"]
        words += [*more, *([] if redirected else ["-o", "out"])]
        with self.out.open("ab") as stdout:
            ran = subprocess.run(
                [*start, *words], cwd=self.path, env={**os.environ, "PYTHONPATH": str(ROOT)},
                check=False, stdout=stdout if redirected else subprocess.DEVNULL,
                stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
        return ran.returncode, ran.stderr

    def kill(self, size: int, *, redirected: bool) -> None:
        """Run until so many bytes of the log are written."""
        killed = -signal.SIGKILL, ""
        assert self.run(_KILLED, str(size), redirected=redirected) == killed

    @property
    def numbers(self) -> list[int]:
        """Of the lines in the output, which must be whole."""
        first, second, *lines = self.out.read_bytes().splitlines()
        assert (first, second) == (b"old 1", b"old 2")
        ours = [line for line in lines if line.startswith(b"[2026")]
        assert all(len(line) + 1 == _SIZE for line in ours)
        return [int(line.rpartition(b"m")[2]) for line in ours]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """One whose log has three lines, m10 to m12."""
    made = Folder(tmp_path)
    append(made.log, 10, 13)
    return made


@pytest.mark.parametrize("redirected", [False, True])
@pytest.mark.parametrize("size", [1, _SIZE - 1, _SIZE, 2 * _SIZE + 30, 3 * _SIZE])
def test_killed_as_it_writes(folder: Folder, size: int, *, redirected: bool) -> None:
    """What stands there already is not written again, and half a line gets its other half."""
    folder.kill(size, redirected=redirected)
    append(folder.log, 13, 15)

    assert folder.run(redirected=redirected) == (0, "")
    assert folder.numbers == [10, 11, 12, 13, 14]
    assert folder.run(redirected=redirected) == (0, "")
    assert folder.numbers == [10, 11, 12, 13, 14]


def test_killed_again_and_again(folder: Folder) -> None:
    """However many runs are killed, also after one that ended."""
    for size in (30, _SIZE, 40, 30):
        folder.kill(size, redirected=False)
    assert folder.run(redirected=False) == (0, "")
    append(folder.log, 13, 15)
    folder.kill(70, redirected=False)
    folder.kill(3, redirected=False)
    assert folder.run(redirected=False) == (0, "")

    assert folder.numbers == [10, 11, 12, 13, 14]


@pytest.mark.parametrize("size", [2 * _SIZE, 2 * _SIZE + 30])
def test_others_have_written_since(folder: Folder, size: int) -> None:
    """What others have appended is left where it is, and lines that may be double are told."""
    folder.kill(size, redirected=False)
    with folder.out.open("ab") as file:
        file.write(b"another's\n")
    before = folder.out.read_bytes()
    status, told = folder.run(redirected=False)

    assert folder.out.read_bytes().startswith(before)
    assert status == 0
    assert told.startswith("errlog: out: ")
    assert told.endswith("lines may stand there twice\n")
    assert told.count("\n") == 1
    after = folder.out.read_bytes()[len(before) :].splitlines()
    assert [line[-2:] for line in after] == [b"12"]


def test_a_run_that_writes_otherwise(folder: Folder) -> None:
    """Where a killed run wrote another form of time, nothing is taken away: that is told."""
    folder.kill(2 * _SIZE, redirected=False)
    before = folder.out.read_bytes()
    status, told = folder.run(redirected=False, more=("--time", "iso"))

    assert (status, told.count("lines may stand there twice\n")) == (0, 1)
    assert folder.out.read_bytes().startswith(before)
    assert folder.out.read_bytes()[len(before) :].count(b"\n") == 3


@pytest.mark.parametrize("change", ["renamed", "shortened", "changed"])
def test_another_output(folder: Folder, change: str) -> None:
    """Where the output is not the one that a killed run wrote to, that is told."""
    folder.kill(2 * _SIZE, redirected=False)
    if change == "renamed":
        folder.out.rename(folder.path / "out.1")
    elif change == "shortened":
        os.truncate(folder.out, 3)
    else:
        folder.out.write_bytes(folder.out.read_bytes().replace(b"old 2", b"new 2"))
    status, told = folder.run(redirected=False)

    assert (status, told.count("\n")) == (0, 1)
    assert "what a run wrote that did not end may come again" in told


def test_to_a_pipe(folder: Folder) -> None:
    """What a killed run gave to a pipe cannot be known: the next one tells that it comes again."""
    script = ["sh", "-c", '"$@" | cat > got', "sh", sys.executable]
    words = ["normalize", "-q", "--no-neighbours", "--cursor-file", "cursor", "error.log"]
    where = {"cwd": folder.path, "env": {**os.environ, "PYTHONPATH": str(ROOT)}}
    subprocess.run([*script, "-c", _KILLED, str(_SIZE), *words], check=True, **where)  # type: ignore[call-overload]
    told = [
        subprocess.run(
            [*script, "-m", "logtool", *words], check=True, stderr=subprocess.PIPE, **where
        ).stderr  # type: ignore[call-overload]
        for _ in range(2)
    ]

    again = b"what a run wrote that did not end may come again"
    assert [text.count(again) for text in told] == [1, 0]


@pytest.mark.parametrize("rotate", [rename, compress, copy])
@pytest.mark.parametrize("script", [(_KILLED_EARLY,), (_KILLED, str(_SIZE + 9))])
def test_rotated_after_the_first_run_was_killed(
    folder: Folder, script: tuple[str, ...], rotate: Callable[[Path], None]
) -> None:
    """The rotated part is read all the same."""
    words = ("normalize", "-q", "--no-neighbours", "--cursor-file", "cursor", "error.log")
    command = [sys.executable, "-c", *script, *words, "-o", "out"]
    where = {"cwd": folder.path, "env": {**os.environ, "PYTHONPATH": str(ROOT)}}
    assert subprocess.run(command, check=False, **where).returncode == -signal.SIGKILL  # type: ignore[call-overload]
    append(folder.log, 13, 15)
    rotate(folder.log)
    append(folder.log, 15, 17)
    command = [sys.executable, "-m", "logtool", *words, "-o", "out"]

    assert subprocess.run(command, check=False, **where).returncode == 0  # type: ignore[call-overload]
    assert folder.numbers == [*range(10, 17)]


@pytest.mark.parametrize("later", [compress, rename, copy])
@pytest.mark.parametrize("older", [compress, rename])
def test_a_set_of_which_the_first_run_was_killed(
    folder: Folder, older: Callable[[Path], None], later: Callable[[Path], None]
) -> None:
    """All members are read that it should have read, whatever names they have by now."""
    older(folder.log)
    for member in folder.path.glob("error.log.1*"):
        member.rename(str(member).replace("log.1", "log.2"))
    append(folder.log, 13, 15)
    assert folder.run(_KILLED_EARLY, redirected=False) == (-signal.SIGKILL, "")
    for member in folder.path.glob("error.log.2*"):
        member.rename(str(member).replace("log.2", "log.3"))
    later(folder.log)
    append(folder.log, 15, 17)

    assert folder.run(redirected=False) == (0, "")
    assert folder.numbers == [*range(10, 17)]
    append(folder.log, 17, 18)
    assert folder.run(redirected=False) == (0, "")
    assert folder.numbers == [*range(10, 18)]


def test_a_member_that_was_compressed_since(folder: Folder) -> None:
    """One that the first run, which was killed, should have read is read from its copy."""
    rename(folder.log)
    append(folder.log, 13, 15)
    assert folder.run(_KILLED_EARLY, redirected=False) == (-signal.SIGKILL, "")
    subprocess.run(["gzip", "error.log.1"], cwd=folder.path, check=True)
    shutil.copy(folder.path / "error.log.1.gz", folder.path / "error.log.2.gz")
    (folder.path / "error.log.1.gz").unlink()

    assert folder.run(redirected=False) == (0, "")
    assert folder.numbers == [*range(10, 15)]


@pytest.mark.parametrize("older", [compress, rename])
def test_rotated_as_the_next_run_reads(folder: Folder, older: Callable[[Path], None]) -> None:
    """A member that gets another name as it is read does not come again."""
    older(folder.log)
    (member,) = folder.path.glob("error.log.1*")
    append(folder.log, 13, 15)
    assert folder.run(_KILLED_EARLY, redirected=False) == (-signal.SIGKILL, "")
    names = member.name, member.name.replace("log.1", "log.2")
    assert folder.run(_ROTATED, *names, redirected=False) == (0, "")
    append(folder.log, 15, 17)

    assert folder.run(redirected=False) == (0, "")
    assert folder.numbers == [*range(10, 17)]


def test_what_a_run_read_before_one_was_killed(folder: Folder) -> None:
    """Nothing that an earlier run gave comes again, also of members that were rotated since."""
    rename(folder.log)
    append(folder.log, 13, 15)
    assert folder.run(redirected=False) == (0, "")
    append(folder.log, 15, 17)
    (folder.path / "error.log.1").rename(folder.path / "error.log.2")
    rename(folder.log)
    append(folder.log, 17, 18)
    folder.kill(_SIZE, redirected=False)
    subprocess.run(["gzip", "error.log.2"], cwd=folder.path, check=True)

    assert folder.run(redirected=False) == (0, "")
    assert folder.numbers == [*range(10, 18)]


def test_killed_as_it_follows(start: Start, tmp_path: Path) -> None:
    """Of what came since the cursor was saved, and of what came meanwhile, each line comes once."""
    log, out = tmp_path / "error.log", tmp_path / "out"
    words = ("-qf", "--server-tz", "UTC", "--no-neighbours", "--cursor-file", "c", "error.log")
    log.write_bytes(line(0))
    for number in (1, 3, 5):
        running = start(*words, "-o", "out")
        await_lines(out, number)
        with log.open("ab", 0) as file:
            file.write(line(number))
            await_lines(out, number + 1)
            running.kill()
            running.wait()
            file.write(line(number + 1))
    running = start(*words, "-o", "out")
    await_lines(out, 7)
    running.kill()
    running.wait()

    assert [text[-2:] for text in out.read_bytes().splitlines()] == [
        f"m{number}".encode() for number in range(7)
    ]
