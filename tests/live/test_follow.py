"""A real Apache writes; errlog follows, as its piped logger and beside its log file."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.places import ROOT

from .apache import Apache
from .configuration import App, Daemon
from .processes import PATIENCE, command_line, patiently

pytestmark = pytest.mark.live

ERRLOG = (sys.executable, "-m", "logtool", "normalize", "--follow")
_STAMP = re.compile(rb"\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}) \+0000\] ")

SLOW = """
import os, time

def application(environ, start_response):
    number = environ["QUERY_STRING"]
    print("before", number)
    while not os.path.exists({told!r}):
        time.sleep(0.02)
    print("after", number)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "0")])
    return [b""]
"""
#: The file for which it waits, in the folder of the applications.
GO_ON = "go-on"


@dataclass(frozen=True)
class Slow(App):
    """An application whose request outlives a graceful restart."""

    def script(self, folder: Path) -> str:
        """Says something, waits until a file is there, and says something else."""
        return SLOW.format(told=str(folder / GO_ON))


def log_into(running: Path, target: str) -> None:
    """Put another ErrorLog into the configuration that is about to run."""
    config, count = re.subn(
        r"^ErrorLog .*$", f'ErrorLog "{target}"', running.read_text(), flags=re.M
    )
    assert count == 1
    running.write_text(config)


class Plain(Apache):
    """An Apache that writes its error log without the harness's marks."""

    def _prepare(self) -> None:
        super()._prepare()
        log_into(self._running, str(self._raw))


class Piped(Apache):
    """An Apache whose error log is piped into errlog, which writes what the harness reads."""

    def _prepare(self) -> None:
        super()._prepare()
        logger = f"/usr/bin/env PYTHONPATH={ROOT} {' '.join(ERRLOG)} -o {self._raw}"
        log_into(self._running, f"|$exec {logger} 2>>{self.told}")

    @property
    def told(self) -> Path:
        """What the loggers say to people."""
        return self._raw.with_name("told")

    def loggers(self) -> list[int]:
        """Every errlog that this server has started."""
        return [pid for pid in self.pids() if b"logtool\0normalize" in command_line(pid)]


def instants(text: bytes) -> list[datetime]:
    """The instant of each stamped line; every line must have one."""
    found = []
    for line in text.splitlines():
        stamp = _STAMP.match(line)
        assert stamp, line
        found.append(datetime.fromisoformat(stamp[1].decode()).replace(tzinfo=UTC))
    return found


def daemons() -> list[Daemon]:
    """Two groups whose applications move their processes to zones of their own."""
    return [
        Daemon("shop", [App("/shop", "Asia/Kolkata")]),
        Daemon("desk", [App("/desk", "America/St_Johns")]),
    ]


def test_piped_log(folder: Path) -> None:
    """No line is lost over graceful restarts, all are in UTC, and no logger is left behind."""
    began = datetime.now(UTC)
    with Piped(folder, tz="Europe/Berlin", daemons=daemons(), embedded=[Slow("/slow")]) as it:
        slow = threading.Thread(target=it.get, args=("/slow?1",))
        for number in range(5):
            it.get(f"/shop/log?shop{number}")
            it.get(f"/desk/log?desk{number}")
        slow.start()
        patiently(lambda: it.said(b"before 1") == 1, "the slow request does not begin")
        first = it.loggers()
        it.graceful()
        for number in range(5, 10):
            it.get(f"/shop/log?shop{number}")
        assert len(it.loggers()) == 2, "the old child still needs its logger"
        (folder / "apps" / GO_ON).touch()
        slow.join()
        patiently(lambda: it.said(b"after 1") == 1, "what the old child says is lost")
        child = re.search(rb"pid (\d+):tid \d+\] \[client [^]]+\] after 1", it._raw.read_bytes())
        assert child
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(child[1]), signal.SIGKILL)  # Python may keep it from ending by itself
        patiently(lambda: len(it.loggers()) == 1, "the old logger does not end")
        assert not set(first) & set(it.loggers())
        it.restart()
        it.get("/desk/log?last")
        log = it._raw
        patiently(lambda: it.said(b"cart last") == 1, "the last message is lost")
        it.stop()
        patiently(lambda: it.said(b"caught SIGTERM, shutting down") > 0, "the end is lost")
        patiently(lambda: not it.loggers(), "the last logger does not end")

    text = log.read_bytes()
    said = re.findall(rb"cart (\w+) is older", text)
    expected = [b"shop%d" % n for n in range(10)] + [b"desk%d" % n for n in range(5)] + [b"last"]
    assert sorted(said) == sorted(expected)
    for instant in instants(text):
        assert began.timestamp() - 1 <= instant.timestamp() <= time.time()


def test_piped_log_on_a_full_disk(folder: Path) -> None:
    """The logger outlives it, Apache answers on, and what is missing is told in the log.

    A limit of the file's size stands for the disk's.
    """
    with Piped(folder, tz="Europe/Berlin", daemons=daemons()) as it:
        it.get("/shop/log?first")
        patiently(lambda: it.said(b"cart first") == 1, "the first message is lost")
        [logger] = it.loggers()
        resource.prlimit(logger, resource.RLIMIT_FSIZE, (it._raw.stat().st_size + 20, -1))
        it.get("/shop/log?lost")
        patiently(lambda: b"lines are dropped" in it.told.read_bytes(), "that is not told")
        resource.prlimit(logger, resource.RLIMIT_FSIZE, (-1, -1))
        it.get("/shop/log?last")
        patiently(lambda: it.said(b"cart last") == 1, "the last message is lost")
        assert it.loggers() == [logger]
        text = it._raw.read_bytes()

    notes = re.findall(rb"^errlog: .* missing here: File too large$", text, flags=re.M)
    assert len(notes) == 1
    assert instants(text.replace(notes[0] + b"\n", b""))


@contextlib.contextmanager
def follower(*arguments: str, output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """An errlog that follows something for a while."""
    with output.open("wb") as out:
        running = subprocess.Popen(
            [*ERRLOG, "-q", *arguments],
            stdout=out,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        try:
            yield running
        finally:
            running.kill()
            running.wait()


def test_followed_file(folder: Path) -> None:
    """A log is followed across its rotation, from the first line to the last."""
    began = datetime.now(UTC)
    output = folder / "followed"
    with (
        Plain(folder, tz="Pacific/Chatham", daemons=daemons()) as it,
        follower(str(it._raw), "--server-tz", "Pacific/Chatham", output=output) as errlog,
    ):
        patiently(lambda: output.stat().st_size > 0, "errlog does not start")
        for number in range(6):
            it.get(f"/shop/log?shop{number}")
            it.get(f"/desk/log?desk{number}")
            if number % 2:
                it.rotate(f".{number}")
        patiently(lambda: output.read_bytes().count(b"cart desk5") == 1, "a line does not come")
        it.stop()
        patiently(lambda: b"shutting down" in output.read_bytes(), "the end does not come")
        errlog.send_signal(signal.SIGTERM)
        assert errlog.wait(PATIENCE) == 0

    raw = sum(file.read_bytes().count(b"\n") for file in it._raw.parent.glob("error.log*"))
    text = output.read_bytes()
    assert text.count(b"\n") == raw
    for instant in instants(text):
        assert began.timestamp() - 1 <= instant.timestamp() <= time.time()
