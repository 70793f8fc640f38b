"""The harness itself: what it says about a real Apache's log must be sane."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from .apache import Apache
from .capture import Capture
from .configuration import App, Daemon
from .processes import alive

pytestmark = pytest.mark.live

STAMP = re.compile(
    rb"\w{3} \w{3} \d\d \d\d:\d\d:\d\d(\.\d+)? 20\d\d|20\d\d-\d\d-\d\d[ T]\d\d:\d\d:"
)
#: How long a process may have to wait between its stamp and its write: the machine's affair.
RACE = timedelta(minutes=1)
#: A file's times are those of the kernel's last tick, in seconds.
A_TICK = 0.02


def instants(capture: Capture) -> list[datetime]:
    """The instants of the stamped lines."""
    return [datetime.fromisoformat(text) for text in capture.truth if text != "-"]


class TestCapture:
    """Each scenario's log comes with a truth that can be true."""

    def test_each_line_has_its_truth(self, capture: Capture) -> None:
        """There are as many instants as lines, and every line with a stamp has one."""
        for log, truth in ((capture.log, capture.truth), *capture.older):
            lines = log.read_bytes().splitlines()
            assert len(lines) == len(truth)
            for line, instant in zip(lines, truth, strict=True):
                assert (instant != "-") == bool(STAMP.search(line)), line

    def test_no_mark_is_left(self, capture: Capture) -> None:
        """The log is as Apache would have written it alone."""
        assert b"truth<" not in capture.log.read_bytes()

    def test_time_does_not_run_backwards(self, capture: Capture) -> None:
        """In file order, instants step back by a lost race at most: by far less than a zone."""
        steps = [before - after for before, after in pairwise(instants(capture))]
        assert max(steps) <= RACE

    def test_the_last_write_is_the_last_line(self, capture: Capture) -> None:
        """The file's modification time is the last line's instant, or what that waited later."""
        last = max(instants(capture)).timestamp()
        assert last - A_TICK <= capture.log.stat().st_mtime <= last + RACE.total_seconds()

    def test_zones_show(self, capture: Capture) -> None:
        """At least one process left the server's zone: there are several clocks to find."""
        offsets = {
            round((stamp - instant) / timedelta(minutes=15))
            for stamp, instant in zip(stamps(capture), instants(capture), strict=True)
        }
        assert len(offsets) >= 2


def stamps(capture: Capture) -> list[datetime]:
    """The local times of the stamped lines, as if they were UTC."""
    found = []
    lines = capture.log.read_bytes().splitlines()
    for line, instant in zip(lines, capture.truth, strict=True):
        if instant != "-":
            match = re.search(rb"(\w{3}) (\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? (20\d\d)\b", line)
            if match:
                text = b" ".join(match.groups()).decode()
                found.append(datetime.strptime(text + "Z", "%b %d %H:%M:%S %Y%z"))
            else:
                match = re.search(rb"20\d\d-\d\d-\d\d[ T]\d\d:\d\d:\d\d", line)
                assert match
                found.append(datetime.fromisoformat(match[0].decode() + "Z"))
    return found


class TestApache:
    """The server starts, restarts and ends when told."""

    def test_nothing_outlives_it(self, folder: Path) -> None:
        """After the block no process of the server is left."""
        with Apache(folder, daemons=[Daemon("talk", [App("/talk")])], detach=True) as server:
            assert server.get("/talk/log") == 200
            assert server.get("/index.html", tls=False) == 200
            pids = server.pids()
            assert len(pids) >= 3
            server.graceful()
            assert not set(server.daemon_pids("talk")) & set(pids)
        assert not any(alive(pid) for pid in pids)

    def test_a_wrong_configuration_is_told(self, folder: Path) -> None:
        """A server that does not start says why."""
        with pytest.raises(RuntimeError, match="Unrecognized error log format directive"):
            Apache(folder, error_log_format="%x %M").__enter__()
