"""`errlog normalize` while logs grow and pipes flow: what comes out, and how it ends."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from logtool.__main__ import run

ROOT = Path(__file__).parent.parent.parent.parent
SAMPLE = ROOT / "sample_logs" / "berlin_utc_django"
PATIENCE = 120.0

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `errlog normalize` in the folder of the test; nothing outlives that."""
    running = []

    def started(*arguments: str, **given: object) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-m", "logtool", "normalize", *arguments],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, **given,
        )  # type: ignore[call-overload]  # fmt: skip
        running.append(process)
        return process

    yield started
    for process in running:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                pipe.close()


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


class TestFollowedFiles:
    """`-f FILE`."""

    FORM = ("--format", "[%t] [%l] [pid %P] %M")

    def test_several_logs(self, start: Start, tmp_path: Path) -> None:
        """Logs of several zones, one of which comes late, are merged in UTC order."""
        begin = time.time()
        one, two, out = tmp_path / "one.log", tmp_path / "two.log", tmp_path / "out"
        one.write_bytes(line(0))
        running = start("-qf", *self.FORM, "-o", "out", "one.log", "two.log")
        await_lines(out, 1)
        for number in range(1, 4):
            with (one if number % 2 else two).open("ab", 0) as log:
                log.write(line(number, 3600 * number, pid=number % 2))
            time.sleep(1.1)
        lines = await_lines(out, 4)
        running.terminate()

        assert running.wait(PATIENCE) == 0
        assert [text[-2:] for text in lines] == [b"m0", b"m1", b"m2", b"m3"]
        assert are_now(lines[1:], begin)

    @pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
    def test_signals(
        self, start: Start, tmp_path: Path, number: signal.Signals, status: int
    ) -> None:
        """A signal ends it clean, after what it still held, or had not read yet."""
        log, out = tmp_path / "error.log", tmp_path / "out"
        log.write_bytes(line(0))
        running = start("-qf", "--sort", *self.FORM, "error.log", "-o", "out")
        await_lines(out, 1)
        with log.open("ab", 0) as file:
            file.write(line(1))
            await_lines(out, 2)  # what came since is out: it follows, and hears signals
            file.write(line(2) + line(3)[:-1])
        running.send_signal(number)

        assert running.wait(PATIENCE) == status
        lines = out.read_bytes().splitlines()
        assert [text[-2:] for text in lines] == [b"m0", b"m1", b"m2", b"m3"]

    def test_closed_pipe(self, start: Start, tmp_path: Path) -> None:
        """It ends quietly when its reader has gone, though nothing more is logged."""
        (tmp_path / "error.log").write_bytes(line(0))
        running = start(
            "-qf", *self.FORM, "error.log", stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert running.stdout
        assert running.stderr
        running.stdout.readline()
        running.stdout.close()

        assert running.wait(PATIENCE) == 0
        assert running.stderr.read() == b""

    def test_disk_full(self, start: Start, tmp_path: Path) -> None:
        """A full disk is told, with exit status 3."""
        (tmp_path / "error.log").write_bytes(line(0))
        running = start("-qf", *self.FORM, "error.log", "-o", "/dev/full", stderr=subprocess.PIPE)
        assert running.stderr

        assert running.wait(PATIENCE) == 3
        assert running.stderr.read() == b"errlog: /dev/full: No space left on device\n"

    @pytest.mark.parametrize("redirected", [False, True])
    def test_whole_lines_with_a_cursor(
        self, start: Start, tmp_path: Path, *, redirected: bool
    ) -> None:
        """Of a line that a full disk takes a part of, nothing is appended."""
        (tmp_path / "error.log").write_bytes(line(0) * 9)
        out = tmp_path / "out"
        out.write_bytes(b"half a li")
        limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (99, -1))
        to_file = () if redirected else ("-o", "out")
        with out.open("ab") as stdout:
            running = start(
                "-q", *self.FORM, "--cursor-file", "c", "error.log", *to_file,
                stdout=stdout, stderr=subprocess.PIPE, preexec_fn=limit,
            )  # fmt: skip
        assert running.stderr

        assert running.wait(PATIENCE) == 3
        assert b": File too large\n" in running.stderr.read()
        half, one = out.read_bytes().splitlines()
        assert (half, one[-2:]) == (b"half a li", b"m0")

    def test_cursor(self, start: Start, tmp_path: Path) -> None:
        """What is followed with a cursor goes on where it ended."""
        log, out = tmp_path / "error.log", tmp_path / "out"
        log.write_bytes(line(0))
        for number in (1, 3):
            running = start("-qf", *self.FORM, "--cursor-file", "c", "error.log", "-o", "out")
            await_lines(out, number)
            time.sleep(0.5)
            with log.open("ab", 0) as file:
                file.write(line(number))
                await_lines(out, number + 1)
                running.terminate()
                assert running.wait(PATIENCE) == 0
                file.write(line(number + 1))

        assert [text[-2:] for text in out.read_bytes().splitlines()] == [b"m0", b"m1", b"m2", b"m3"]

    @pytest.mark.parametrize(
        "named",
        [
            ("--cursor-file", "c", "error.log"),
            ("error.log*",),
            (".",),
            ("error.log", "error.log.1"),
        ],
    )
    def test_begun_within_a_rotation(
        self, start: Start, tmp_path: Path, named: tuple[str, ...]
    ) -> None:
        """Begun between the renaming of a log and the new one, it gives each line once."""
        log, out = tmp_path / "error.log", tmp_path / "out"
        log.write_bytes(line(0))
        read = 0
        if "c" in named:
            assert start("-q", *self.FORM, "-o", "out", *named).wait(PATIENCE) == 0
            read = 1
        log.rename(tmp_path / "error.log.1")
        with (tmp_path / "error.log.1").open("ab", 0) as file:
            file.write(line(1))
        running = start("-qf", *self.FORM, "-o", "out", *named)
        await_lines(out, read + 1)
        for number in range(2, 8):
            if number % 2:
                with (tmp_path / "error.log.1").open("ab", 0) as file:
                    file.write(line(number))  # a child that has not reopened its log
            else:
                if log.exists():
                    (tmp_path / "error.log.1").rename(tmp_path / f"error.log.{number}")
                    log.rename(tmp_path / "error.log.1")
                log.write_bytes(line(number))
            await_lines(out, number + 1)
        running.terminate()

        assert running.wait(PATIENCE) == 0
        assert [text[-2:] for text in out.read_bytes().splitlines()] == [
            b"m%d" % number for number in range(8)
        ]

    def test_the_log_is_left_out(self, start: Start, tmp_path: Path) -> None:
        """Of a rotated file that is named without its log, only that file is followed."""
        (tmp_path / "error.log.1").write_bytes(line(0))
        (tmp_path / "error.log").write_bytes(line(1))
        running = start("-qf", *self.FORM, "-o", "out", "error.log.1")
        await_lines(tmp_path / "out", 1)
        with (tmp_path / "error.log.1").open("ab", 0) as file:
            file.write(line(2))
        await_lines(tmp_path / "out", 2)
        running.terminate()

        assert running.wait(PATIENCE) == 0
        lines = (tmp_path / "out").read_bytes().splitlines()
        assert [text[-2:] for text in lines] == [b"m0", b"m2"]


class TestFollowedPipe:
    """`-f` as a piped logger."""

    def test_until_it_closes(self, start: Start, tmp_path: Path) -> None:
        """Lines come at once, in UTC, whatever zones their processes are in."""
        begin = time.time()
        running = start("-qf", "-o", "out", stdin=subprocess.PIPE)
        assert running.stdin
        out = tmp_path / "out"
        for number in range(3):
            running.stdin.write(line(number, 3600 * (number - 1), pid=9))
            running.stdin.flush()
            await_lines(out, number + 1)
        running.stdin.write(line(3)[:-1])
        running.stdin.close()

        assert running.wait(PATIENCE) == 0
        lines = out.read_bytes().split(b"\n")
        assert [text[-2:] for text in lines] == [b"m0", b"m1", b"m2", b"m3"]
        assert are_now(lines, begin)

    def test_ended_while_others_write(self, start: Start, tmp_path: Path) -> None:
        """On SIGTERM the process ends, and what comes into the pipe later is still written."""
        reader, writer = os.pipe()
        out = tmp_path / "out"
        running = start("-qf", "-o", "out", stdin=reader)
        os.close(reader)
        os.write(writer, line(0))
        await_lines(out, 1)
        running.terminate()
        status = running.wait(PATIENCE)
        os.write(writer, line(1))
        lines = await_lines(out, 2)
        os.close(writer)

        assert status == 0
        assert [text[-2:] for text in lines] == [b"m0", b"m1"]

    def test_disk_full_for_a_while(self, start: Start, tmp_path: Path) -> None:
        """Lines that cannot be written are dropped, whole, and counted; it goes on with later ones.

        A limit of the file's size stands for the disk's.
        """
        out = tmp_path / "out"
        running = start("-qf", "-o", "out", stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        assert running.stdin
        assert running.stderr
        running.stdin.write(line(0))
        running.stdin.flush()
        await_lines(out, 1)
        first = out.read_bytes()
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (len(first) + 20, -1))
        running.stdin.write(line(1) + line(2))
        running.stdin.flush()
        told = running.stderr.readline()
        whole = out.read_bytes()
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (-1, -1))
        running.stdin.write(line(3))
        running.stdin.close()

        assert running.wait(PATIENCE) == 3
        assert told == (
            b"errlog: out: File too large; lines are dropped until it can be written again\n"
        )
        assert whole == first
        lines = out.read_bytes().splitlines()
        assert [text[-2:] for text in (lines[0], lines[-1])] == [b"m0", b"m3"]
        assert lines[1:-1] == [b"errlog: 2 lines are missing here: File too large"]
        assert running.stderr.read() == (
            b"errlog: out: it can be written again; 2 lines are missing\n"
        )

    def test_disk_full_to_the_end(self, start: Start) -> None:
        """It reads on though nothing can be written, and tells at the end how much is lost."""
        running = start("-qf", "-o", "/dev/full", stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        assert running.stdin
        assert running.stderr
        running.stdin.write(line(0))
        running.stdin.flush()
        running.stderr.readline()
        running.stdin.write(line(1) * 40_000)  # more than a pipe holds
        running.stdin.close()

        assert running.wait(PATIENCE) == 3
        assert running.stderr.read() == (
            b"errlog: /dev/full: 40,001 lines are missing at its end: No space left on device\n"
        )

    def test_no_room_for_notes(self, start: Start, tmp_path: Path) -> None:
        """It goes on though nobody can be told anything."""
        with Path("/dev/full").open("wb") as full:
            running = start("-f", "-o", "out", stdin=subprocess.PIPE, stderr=full)
        running.communicate(SAMPLE.joinpath("error.log").read_bytes(), PATIENCE)

        logs = SAMPLE / "error.log", tmp_path / "out"
        given, written = (log.read_bytes().count(b"\n") for log in logs)
        assert (running.returncode, written) == (0, given)

    def test_after_half_a_line(self, start: Start, tmp_path: Path) -> None:
        """Where an output ends within a line, a new one begins."""
        out = tmp_path / "out"
        out.write_bytes(b"half a li")
        running = start("-qf", "-o", "out", stdin=subprocess.PIPE)
        running.communicate(line(0), PATIENCE)

        assert running.returncode == 0
        half, new = out.read_bytes().splitlines()
        assert (half, new[-2:]) == (b"half a li", b"m0")

    def test_a_file(self, start: Start, tmp_path: Path) -> None:
        """A file as standard input has nothing that arrives."""
        (tmp_path / "error.log").write_bytes(line(0))
        with (tmp_path / "error.log").open("rb") as file:
            running = start("-f", stdin=file, stderr=subprocess.PIPE)
            assert running.wait(PATIENCE) == 2
        assert running.stderr
        assert running.stderr.read() == b"errlog: standard input is a file; name it instead\n"


class TestStream:
    """`--stream`."""

    def test_told_zone(self, start: Start, tmp_path: Path) -> None:
        """With an anchor, a sample comes out as it does when the whole is known."""
        whole, streamed = tmp_path / "whole", tmp_path / "streamed"
        zone = ("-q", "--server-tz", "Europe/Berlin")
        assert run(["normalize", *zone, str(SAMPLE / "error.log"), "-o", str(whole)]) == 0
        running = start("--stream", *zone, "-o", "streamed", stdin=subprocess.PIPE)
        running.communicate((SAMPLE / "error.log").read_bytes(), PATIENCE)

        assert running.returncode == 0
        assert streamed.read_bytes() == whole.read_bytes()

    def test_says_so(self, start: Start) -> None:
        """It says that it trades certainty, and is sure of nothing; lines come before the end."""
        running = start(
            "--stream", "--server-tz", "Europe/Berlin",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert running.stdin
        assert running.stdout
        running.stdin.write((SAMPLE / "error.log").read_bytes())
        running.stdin.flush()
        assert running.stdout.readline().endswith(b"\n")
        _, told = running.communicate(timeout=PATIENCE)

        assert b"likely at most" in told
        assert b", certain" not in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-f", "--stream"], "choose one"),
        (["--stream", "error.log"], "--stream reads standard input"),
        (["--stream", "--sort"], "does not wait"),
        (["-f", "-", "error.log"], "not both"),
    ],
)
def test_refused(arguments: list[str], told: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Options that exclude each other are refused clearly."""
    assert run(["normalize", *arguments]) == 2
    assert told in capfd.readouterr().err


class TestSelected:
    """Options that choose lines."""

    @pytest.mark.parametrize(
        ("options", "pattern"),
        [
            (["-l", "warn"], rb":(?:warn|error|crit|alert|emerg)\]"),
            (["-g", "traceback"], rb"Traceback"),
            (["-S", "2026-11-23 19:58:25", "-U", "2026-11-23 19:58:26"], rb"19:58:25\."),
        ],
    )
    def test_lines(
        self,
        tmp_path: Path,
        options: list[str],
        pattern: bytes,
    ) -> None:
        """The lines chosen are those of the whole that have what was asked for."""
        arguments = ["normalize", "-q", "--server-tz", "Europe/Berlin", str(SAMPLE / "error.log")]
        assert run([*arguments, "-o", str(tmp_path / "whole")]) == 0
        assert run([*arguments, *options, "-o", str(tmp_path / "some")]) == 0
        whole = (tmp_path / "whole").read_bytes().splitlines()
        some = (tmp_path / "some").read_bytes().splitlines()

        assert 0 < len(some) < len(whole)
        assert some == [text for text in whole if re.search(pattern, text)]

    def test_a_period_without_lines(self, capfd: pytest.CaptureFixture[str]) -> None:
        """Where nothing is of the period, it is told, and so is the period that the logs hold."""
        log = str(SAMPLE / "error.log")
        assert run(["normalize", "--server-tz", "Europe/Berlin", "-U", "2026-11-22", log]) == 0
        told = capfd.readouterr()
        assert not told.out
        assert (
            "nothing chosen until 2026-11-22 00:00:00Z; the logs reach from 2026-11-23" in told.err
        )

    def test_of_a_pipe(self, start: Start) -> None:
        """What comes through a pipe is chosen by the instant of its arrival."""
        running = start(
            "-qf", "-S", "-1h", "-l", "error", stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        said, _ = running.communicate(
            line(0, 7200) + line(1).replace(b"error", b"info") + line(2, -7200), PATIENCE
        )

        assert [text[-2:] for text in said.splitlines()] == [b"m0", b"m2"]
