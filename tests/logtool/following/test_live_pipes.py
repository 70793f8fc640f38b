"""`errlog normalize` on pipes: of a logger that follows, and of a stream."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from logtool.__main__ import run
from logtool.commands.waiting import Waiting
from tests.logtool.following.started import (
    PATIENCE,
    SAMPLE,
    Start,
    are_now,
    await_lines,
    line,
)


def _of_session(leader: int) -> list[int]:
    """The processes of a session by now."""
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(ProcessLookupError):
            found += [int(path.name)] * (os.getsid(int(path.name)) == leader)
    return found


def _interrupt_and_write_on(running: subprocess.Popen[bytes]) -> None:
    """Send SIGINT once lines are read, and go on with 96 MB as fast as they are read."""
    assert running.stdin
    text = line(0) * 2500  # about 100 kB
    for number in range(1000):
        if number == 40:  # more than a pipe holds has been taken: it hears signals
            running.send_signal(signal.SIGINT)
        os.write(running.stdin.fileno(), text)


def _on_a_full_disk(
    start: Start, out: Path, left: int, options: Sequence[str] = (), **given: object
) -> tuple[subprocess.Popen[bytes], bytes, bytes]:
    """A logger that has written a line, and two more lines came for which there is no room.

    Gives it, what it has written, and what it told first. Some bytes may be left on the disk, for
    which a limit of the file's size stands.
    """
    given |= {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    running = start(*(options or ("-qf", "-o", out.name)), **given)
    assert running.stdin
    assert running.stderr
    running.stdin.write(line(0))
    running.stdin.flush()
    await_lines(out, 1)
    first = out.read_bytes()
    resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (len(first) + left, -1))
    running.stdin.write(line(1) + line(2))
    running.stdin.flush()
    return running, first, running.stderr.readline()


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
        """Lines that have no room are dropped, whole, and counted; it goes on with later ones."""
        out = tmp_path / "out"
        running, first, told = _on_a_full_disk(start, out, left=20)
        assert running.stdin
        assert running.stderr
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

    def test_asked_to_end_while_the_disk_is_full(self, start: Start, tmp_path: Path) -> None:
        """The child that goes on tells in the file what is missing, once there is room."""
        out = tmp_path / "out"
        running, first, _ = _on_a_full_disk(start, out, left=0, start_new_session=True)
        assert running.stdin
        assert running.stderr
        running.terminate()
        assert running.wait(PATIENCE) == 3
        assert running.stderr.read() == (  # the child does not hold it open
            b"errlog: out: 2 lines are missing at its end: File too large\n"
        )
        (child,) = _of_session(running.pid)
        running.stdin.close()
        time.sleep(1.5)  # the first try fails
        assert out.read_bytes() == first
        resource.prlimit(child, resource.RLIMIT_FSIZE, (-1, -1))

        await_lines(out, 2)
        note = b"errlog: 2 lines are missing here: File too large\n"
        assert out.read_bytes() == first + note

    @pytest.mark.parametrize("ended", [True, False])
    def test_redirected_while_the_disk_is_full(
        self, start: Start, tmp_path: Path, *, ended: bool
    ) -> None:
        """The child tells what is missing also where the file is standard output (`>> out`)."""
        out = tmp_path / "out"
        with out.open("ab") as stdout:
            given = {"stdout": stdout, "start_new_session": True}
            running, first, _ = _on_a_full_disk(start, out, left=0, options=("-qf",), **given)
        assert running.stdin
        if ended:
            running.terminate()
        else:
            running.stdin.close()
        assert running.wait(PATIENCE) == 3
        (child,) = _of_session(running.pid)
        running.stdin.close()
        resource.prlimit(child, resource.RLIMIT_FSIZE, (-1, -1))

        await_lines(out, 2)
        note = b"errlog: 2 lines are missing here: File too large\n"
        assert out.read_bytes() == first + note

    def test_closed_while_the_disk_is_full(self, start: Start, tmp_path: Path) -> None:
        """As Apache does it at times: closed first, asked to end then; a child tells it later."""
        out = tmp_path / "out"
        running, first, _ = _on_a_full_disk(start, out, left=0, start_new_session=True)
        assert running.stdin
        assert running.stderr
        running.stdin.close()
        assert running.wait(PATIENCE) == 3
        assert running.stderr.read() == (  # the child does not hold it open
            b"errlog: out: 2 lines are missing at its end: File too large\n"
        )
        assert out.read_bytes() == first
        (child,) = _of_session(running.pid)
        resource.prlimit(child, resource.RLIMIT_FSIZE, (-1, -1))

        await_lines(out, 2)
        note = b"errlog: 2 lines are missing here: File too large\n"
        assert out.read_bytes() == first + note

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

    @pytest.mark.parametrize("options", [("-f",), ("-f", "--sort"), ("--stream",)])
    def test_interrupted_while_others_write(self, options: tuple[str, ...], start: Start) -> None:
        """A signal ends it though a quick writer never leaves the pipe empty."""
        running = start("-q", *options, "-o", "out", stdin=subprocess.PIPE)
        with pytest.raises(BrokenPipeError):
            _interrupt_and_write_on(running)

        assert running.wait(PATIENCE) == 130

    def test_a_file(self, start: Start, tmp_path: Path) -> None:
        """A file as standard input has nothing that arrives."""
        (tmp_path / "error.log").write_bytes(line(0))
        with (tmp_path / "error.log").open("rb") as file:
            running = start("-f", stdin=file, stderr=subprocess.PIPE)
            assert running.wait(PATIENCE) == 2
        assert running.stderr
        assert running.stderr.read() == b"errlog: standard input is a file; name it instead\n"


class TestFifo:
    """A FIFO that is named is read as standard input is."""

    @pytest.mark.parametrize("option", ["-f", "--stream"])
    def test_named(self, option: str, start: Start, tmp_path: Path) -> None:
        """Lines come out while it is written, and its end is the end."""
        os.mkfifo(tmp_path / "fifo")
        begin = time.time()
        running = start("-q", option, "--server-tz", "UTC", "-o", "out", "fifo")
        with (tmp_path / "fifo").open("wb", 0) as fifo:
            fifo.write(line(0))
            if option == "-f":  # another output appears when it is whole
                await_lines(tmp_path / "out", 1)
            fifo.write(line(1))

        assert running.wait(PATIENCE) == 0
        lines = (tmp_path / "out").read_bytes().splitlines()
        assert [text[-2:] for text in lines] == [b"m0", b"m1"]
        assert are_now(lines, begin)

    @pytest.mark.parametrize("option", ["-f", "--stream"])
    @pytest.mark.parametrize("names", [("fifo", "error.log"), ("*",), ("error.log", "fi*")])
    def test_beside_others(
        self, option: str, names: tuple[str, ...], tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """One among others cannot be followed, and that is told before it is read."""
        os.mkfifo(tmp_path / "fifo")
        (tmp_path / "error.log").write_bytes(line(0))

        assert run(["normalize", option, *(str(tmp_path / name) for name in names)]) == 2
        told = capfd.readouterr().err
        assert "read a FIFO alone" in told
        assert f"{tmp_path / 'fifo'} is one" in told

    @pytest.mark.parametrize(
        "options",
        [("-f", "--cursor-file", "cursor"), ("-f", "--stream"), ("--stream", "--sort")],
    )
    def test_options_that_exclude_each_other(
        self, options: tuple[str, ...], start: Start, tmp_path: Path
    ) -> None:
        """They are told though nobody writes."""
        os.mkfifo(tmp_path / "fifo")
        running = start(*options, "fifo", stderr=subprocess.PIPE)
        _, told = running.communicate(timeout=PATIENCE)

        assert running.returncode == 2
        assert told.count(b"\n") == 1

    @pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
    @pytest.mark.parametrize("option", ["-f", "--stream"])
    def test_signal_before_anybody_writes(
        self,
        option: str,
        number: signal.Signals,
        status: int,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """It ends as it does while lines come."""
        os.mkfifo(tmp_path / "fifo")
        wait = Waiting.wait

        def signalled(waiting: Waiting, seconds: float) -> bool:
            os.kill(os.getpid(), number)
            return wait(waiting, seconds)

        monkeypatch.setattr(Waiting, "wait", signalled)
        before = os.fstat(0)

        assert run(["normalize", "-q", option, str(tmp_path / "fifo")]) == status
        assert os.path.samestat(os.fstat(0), before)


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
        ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0), (signal.SIGHUP, 129)]
    )
    def test_signals(self, start: Start, number: signal.Signals, status: int) -> None:
        """A signal ends it clean, after what it still held."""
        running = start(
            "--stream", "-q", "--server-tz", "UTC", stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert running.stdin
        assert running.stdout
        running.stdin.write(line(0))
        running.stdin.flush()
        first = running.stdout.readline()  # it hears signals
        running.stdin.write(line(1))
        running.stdin.flush()
        running.send_signal(number)

        rest, _ = running.communicate(timeout=PATIENCE)
        assert running.returncode == status
        assert [text[-2:] for text in (first + rest).splitlines()] == [b"m0", b"m1"]


@pytest.mark.parametrize("arguments", [(), ("--stream",)])
def test_nothing_is_of_the_future(
    arguments: tuple[str, ...], start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two clocks an hour apart that one is in this host's zone by which all lines have been."""
    monkeypatch.setenv("TZ", "UTC")
    begin = time.time()
    running = start(*arguments, "-q", "-o", "out", stdin=subprocess.PIPE)
    text = b"".join(line(number, 3600 * (number % 2), pid=7 + number % 2) for number in range(20))
    running.communicate(text, PATIENCE)

    assert running.returncode == 0
    lines = (tmp_path / "out").read_bytes().splitlines()
    assert len(lines) == 20
    assert are_now(lines, begin)
