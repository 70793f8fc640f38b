"""`errlog normalize` while logs grow and pipes flow: what comes out, and how it ends."""

from __future__ import annotations

import errno
import itertools
import os
import re
import resource
import shutil
import signal
import subprocess
import time
from functools import partial
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

    @pytest.mark.parametrize(
        ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0), (signal.SIGHUP, 129)]
    )
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

    def test_end_of_a_period(self, tmp_path: Path) -> None:
        """Who wants lines before some time waits for no others after it."""
        log, out = tmp_path / "error.log", tmp_path / "out"
        log.write_bytes(line(0))

        assert run(["normalize", "-qf", *self.FORM, str(log), "-U", "-1m", "-o", str(out)]) == 0
        assert out.read_bytes() == b""

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
    @pytest.mark.parametrize("with_cursor", [False, True])
    def test_whole_lines(
        self, start: Start, tmp_path: Path, *, redirected: bool, with_cursor: bool
    ) -> None:
        """Of a line that a full disk takes a part of, nothing is appended.

        With a cursor nothing at all is: the next run gives it.
        """
        (tmp_path / "error.log").write_bytes(line(0) * 9)
        out = tmp_path / "out"
        out.write_bytes(b"half a li")
        limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (99, -1))
        to_file = () if redirected else ("-o", "out")
        with out.open("ab") as stdout:
            running = start(
                *(("-q", "--cursor-file", "c") if with_cursor else ("-qf",)),
                *self.FORM, "error.log", *to_file,
                stdout=stdout, stderr=subprocess.PIPE, preexec_fn=limit,
            )  # fmt: skip
        assert running.stderr

        assert running.wait(PATIENCE) == 3
        assert b": File too large\n" in running.stderr.read()
        half, *rest = out.read_bytes().splitlines()
        assert (half, [text[-2:] for text in rest]) == (b"half a li", [b"m0"] * (not with_cursor))

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


@pytest.mark.parametrize("named", ["*.log", "a.log b.log"])
@pytest.mark.parametrize(("is_let", "option"), [(False, "-f"), (True, "-f"), (False, "-qf")])
def test_one_that_cannot_be_read(
    named: str, is_let: bool, option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """It is told and waited for, and keeps no other from being followed; else the status is 3."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.log", "b.log"):
        Path(name).write_bytes(line(0).replace(b"m0", name.encode()))
    looks, opens = itertools.count(), os.open

    def wait(waiting: Waiting, seconds: float) -> bool:
        if next(looks) == 1:
            waiting.signal = signal.SIGTERM
        elif is_let:
            monkeypatch.setattr(os, "open", opens)
        return False

    def forbidden(path: str, *given: int, **others: int) -> int:
        if str(path) == "b.log":
            raise PermissionError(errno.EACCES, "Permission denied")
        return opens(path, *given, **others)

    monkeypatch.setattr(Waiting, "wait", wait)
    monkeypatch.setattr(os, "open", forbidden)
    status = run(["normalize", option, "--server-tz", "UTC", *named.split()])

    told = capfd.readouterr()
    assert status == (0 if is_let else 3)
    assert told.out.count("a.log") == 1
    assert told.out.count("b.log") == is_let
    assert told.err.count("b.log: Permission denied; waiting for it") == 1


@pytest.mark.parametrize("more", [(), ("--server-tz", "Europe/Berlin")])
def test_a_backlog_of_strangers(more: tuple[str, ...], start: Start, tmp_path: Path) -> None:
    """A log that comes with lines of unknown processes gets the clocks that all of them tell."""
    error = tmp_path / "err"
    with error.open("wb") as stderr:
        running = start("-f", *more, "--no-neighbours", "error.log", "-o", "out", stderr=stderr)
        while not error.read_bytes():
            time.sleep(0.02)
    shutil.copy2(SAMPLE / "error.log", tmp_path / "new")
    lines = len((tmp_path / "new").read_bytes().splitlines())
    whole = start(*more, "--no-neighbours", "new", "-o", "whole", stderr=subprocess.PIPE)
    assert whole.wait(PATIENCE) == 0
    assert whole.stderr
    found = whole.stderr.read().splitlines()
    (tmp_path / "new").rename(tmp_path / "error.log")
    came = await_lines(tmp_path / "out", lines)
    with (tmp_path / "error.log").open("ab", 0) as log:
        log.write(line(7, offset_s=7200))
    now = await_lines(tmp_path / "out", lines + 1)[-1:]
    running.terminate()
    running.wait(PATIENCE)

    assert came == (tmp_path / "whole").read_bytes().splitlines()
    assert are_now(now, time.time() - PATIENCE)
    assert error.read_bytes().splitlines()[1:] == found


def test_a_backlog_that_is_rotated_at_once(start: Start, tmp_path: Path) -> None:
    """Its clocks are not taken from the file that has its name by then."""
    error, log = tmp_path / "err", tmp_path / "error.log"
    with error.open("wb") as stderr:
        running = start("-f", "--no-neighbours", "error.log", "-o", "out", stderr=stderr)
        while not error.read_bytes():
            time.sleep(0.02)
    shutil.copy2(SAMPLE / "error.log", tmp_path / "old")
    (tmp_path / "new").write_bytes(line(7))
    (tmp_path / "old").rename(log)
    log.rename(tmp_path / "error.log.1")
    (tmp_path / "new").rename(log)
    await_lines(tmp_path / "out", len((tmp_path / "error.log.1").read_bytes().splitlines()) + 1)
    running.terminate()
    running.wait(PATIENCE)

    assert b"1 line with a time" not in error.read_bytes()


@pytest.mark.parametrize("more", [[], ["--cursor-file", "c"]])
def test_one_that_is_foreign(
    more: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """One that is compressed as is not read here is told, and left out for good."""
    monkeypatch.chdir(tmp_path)
    Path("a.log").write_bytes(line(0))
    Path("b.log").write_bytes(b"PK\x03\x04and\nmore\n")

    def wait(waiting: Waiting, seconds: float) -> bool:
        waiting.signal = signal.SIGTERM
        return False

    monkeypatch.setattr(Waiting, "wait", wait)
    status = run(["normalize", "-qf", "--server-tz", "UTC", *more, "a.log", "b.log"])

    told = capfd.readouterr()
    assert (status, told.out.count("\n"), told.err.count("\n")) == (3, 1, 1)
    assert told.err.startswith("errlog: b.log: a zip archive, which is not read here; ")


def test_the_place_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where lines may be missing since the cursor was saved, the status is 3 with `-f` too."""
    monkeypatch.chdir(tmp_path)
    words = ["normalize", "-q", "--server-tz", "UTC", "--cursor-file", "c", "a.log"]
    Path("a.log").write_bytes(line(0) + line(1))
    assert run(words) == 0
    Path("a.log").unlink()
    Path("a.log").write_bytes(line(2))

    def wait(waiting: Waiting, seconds: float) -> bool:
        waiting.signal = signal.SIGTERM
        return False

    monkeypatch.setattr(Waiting, "wait", wait)
    assert run([*words, "-f"]) == 3
    assert "the file where the last run ended is gone" in capfd.readouterr().err


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

    def test_a_filter_that_no_line_passes(self, capfd: pytest.CaptureFixture[str]) -> None:
        """It is told, unless nothing but errors is to be."""
        log = str(SAMPLE / "error.log")
        for options, nothing in (((), "nothing chosen: no line passes"), (("-q",), "")):
            assert run(["normalize", "-g", "no such text", *options, log]) == 0
            told = capfd.readouterr()
            assert (told.out, bool(told.err)) == ("", bool(nothing))
            assert nothing in told.err

    def test_of_a_pipe(self, start: Start) -> None:
        """What comes through a pipe is chosen by the instant of its arrival."""
        running = start(
            "-qf", "-S", "-1h", "-l", "error", stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        said, _ = running.communicate(
            line(0, 7200) + line(1).replace(b"error", b"info") + line(2, -7200), PATIENCE
        )

        assert [text[-2:] for text in said.splitlines()] == [b"m0", b"m2"]
