"""Each kind of evidence alone makes a log exact, and is named, in the commands that users run."""

from __future__ import annotations

import base64
import gzip
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from logtool.__main__ import run
from logtool.clocks.seen.log_ids import PERIOD_US
from tests.exactness import WRONG_US, normalize, write_at
from tests.logtool.clocks.scenes import at, born, line, resuming

SERVER, APPLICATION = ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/St_Johns")
BEGIN = datetime(2026, 6, 5, 8, 42, 36, 978307, tzinfo=UTC)
PARENT, DAEMON = 4001, 4007
#: An instant and a line stamped in the clock of who wrote it.
Line = tuple[datetime, str]


@dataclass
class Made:
    """A log in the making.

    Attributes:
        log: its path; what a setting puts beside it lies in the same folder.
        lines: its lines.
        mtime_us: its modification time, µs UTC.
        gzip_s: the time in gzip's header, if it is packed.
    """

    log: Path
    lines: list[Line]
    mtime_us: int = WRONG_US
    gzip_s: int | None = None

    def write(self) -> None:
        """Write the log as the settings have it."""
        content = "".join(f"{text}\n" for _, text in self.lines).encode()
        if self.gzip_s is not None:
            content = gzip.compress(content, mtime=self.gzip_s)
        self.log.write_bytes(content)
        write_at(self.log, self.mtime_us)


#: Changes a log, or puts something beside it; gives the arguments that a user then types.
Setting = Callable[[Made], list[str]]


def local(instant: datetime, zone: ZoneInfo) -> str:
    """The local time in a zone, as `line` takes it."""
    return instant.astimezone(zone).replace(tzinfo=None).isoformat(" ")


def conversation() -> Iterator[Line]:
    """A server and its application speak by turns, in two zones."""
    yield BEGIN, resuming(local(BEGIN, SERVER), PARENT)
    yield BEGIN, born(local(BEGIN, SERVER), DAEMON)
    for turn in range(1, 9):
        here = BEGIN + timedelta(seconds=70 * turn, milliseconds=turn)
        yield here, line(local(here, SERVER), PARENT, f"turn {turn}", "core:error")
        here += timedelta(milliseconds=40)
        yield here, line(local(here, APPLICATION), DAEMON, f"[Errno 13] Permission denied: {turn}")


def nothing(made: Made) -> list[str]:
    """Nothing but this host's zone, which happens to be the server's."""
    os.environ["TZ"] = SERVER.key
    return []


def written(made: Made) -> list[str]:
    """Some lines bear their offset."""
    for row, (instant, text) in enumerate(made.lines):
        if "turn" in text:
            stamp = instant.astimezone(SERVER)
            made.lines[row] = instant, f"[{stamp:%F %T.%f %z}] {text.partition('] ')[2]}"
    return []


def server_tz(made: Made) -> list[str]:
    """The user names the server's zone."""
    return ["--server-tz", SERVER.key]


def clock(made: Made) -> list[str]:
    """The user names a daemon group's zone."""
    return ["--clock", f"app={APPLICATION.key}"]


def audit(made: Made) -> list[str]:
    """The audit log has the daemon's denials."""
    records = [
        f"type=AVC msg=audit({instant.timestamp():.3f}:{number}): avc:  denied  {{ write }} for  "
        f'pid={DAEMON} comm="httpd" name="media" dev="dm-0" ino=1 tclass=dir permissive=0\n'
        for number, (instant, text) in enumerate(made.lines)
        if "denied" in text
    ]
    path = made.log.with_name("audit.log")
    path.write_text("".join(records))
    return ["--audit-log", str(path)]


def access(made: Made) -> list[str]:
    """An access log lies beside the log."""
    stamps = [f"{instant.astimezone(SERVER):%d/%b/%Y:%H:%M:%S %z}" for instant, _ in made.lines]
    requests = [f'192.0.2.7 - - [{stamp}] "GET / HTTP/1.1" 200 5\n' for stamp in stamps]
    made.log.with_name("access.log").write_text("".join(requests))
    return []


def named_access(made: Made) -> list[str]:
    """The user names the access log."""
    access(made)
    return ["--access-log", str(made.log.with_name("access.log"))]


def access_of_clients(made: Made) -> list[str]:
    """An access log lies beside the log, in which the server writes of a client's requests."""
    access(made)
    made.lines = [
        (instant, text.replace("turn", "[client 192.0.2.7:81] turn"))
        for instant, text in made.lines
    ]
    return []


def mtime(made: Made) -> list[str]:
    """The file was written last when its last line was."""
    made.mtime_us = _us(made.lines[-1][0])
    return []


def gzip_header(made: Made) -> list[str]:
    """In its header gzip has the time of the last line; the file's own time is a copy's."""
    made.gzip_s = int(made.lines[-1][0].timestamp())
    made.log = made.log.with_name("error.log.1.gz")
    return []


def rotatelogs(made: Made) -> list[str]:
    """The file's name holds the epoch of its beginning, as rotatelogs puts it there."""
    made.log = made.log.with_name(f"error.{int(BEGIN.timestamp())}")
    return []


def core_ids(made: Made) -> list[str]:
    """Lines carry httpd's own log ids, whose time bits come round every 71.58 minutes."""
    return _with_ids(made, lambda instant: (_us(instant) % PERIOD_US).to_bytes(4, "little"), 8)


def unique_ids(made: Made) -> list[str]:
    """Lines carry ids of mod_unique_id, which begin with the epoch."""
    return _with_ids(made, lambda instant: (_us(instant) // 1_000_000).to_bytes(4, "big"), 18)


def _with_ids(made: Made, head: Callable[[datetime], bytes], length: int) -> list[str]:
    for row, (instant, text) in enumerate(made.lines):
        raw = head(instant) + bytes([row] * (length - 4))
        name = base64.b64encode(raw).decode().rstrip("=").replace("+", "-").replace("/", "_")
        if length == 8:
            name = base64.b64encode(raw).decode().rstrip("=")
        place = text.index("] ", text.index("[pid")) + 2
        made.lines[row] = instant, f"{text[:place]}[{name}] {text[place:]}"
    return ["--format", r"[%{u}t] [%-m:%l] [pid %P:tid %T] [%L] %E: [client\ %a] %M"]


def stamps_in_utc(made: Made) -> list[str]:
    """The application's messages begin with their instant in UTC."""
    return _with_stamps(made, lambda instant: f"{instant:%FT%T}.{instant:%f}Z")


def stamps_with_offset(made: Made) -> list[str]:
    """The application's messages begin with their instant in another zone, and its offset."""
    tokyo = ZoneInfo("Asia/Tokyo")
    return _with_stamps(made, lambda instant: f"{instant.astimezone(tokyo):%F %T%z}")


def _with_stamps(made: Made, stamp: Callable[[datetime], str]) -> list[str]:
    for row, (instant, text) in enumerate(made.lines):
        if "denied" in text:
            made.lines[row] = instant, text.replace("[Errno", f"{stamp(instant)} ERROR [Errno")
    return []


def configuration(made: Made) -> list[str]:
    """Apache's envvars export TZ."""
    path = made.log.with_name("apache2.conf")
    path.write_text(f"ErrorLog {made.log}\n")
    made.log.with_name("envvars").write_text(f"export TZ={SERVER.key}\n")
    return ["--config", str(path)]


def autumn(made: Made) -> list[str]:
    """A server in Berlin leaves summer time while it writes; no other zone does so that night."""
    return _through(made, "Europe/Berlin", datetime(2026, 10, 24, 23, tzinfo=UTC))


def spring(made: Made) -> list[str]:
    """A server in Berlin enters summer time while it writes."""
    return _through(made, "Europe/Berlin", datetime(2026, 3, 28, 23, tzinfo=UTC))


def any_autumn(made: Made) -> list[str]:
    """A server in New York leaves summer time; Chicago does so an hour later, and looks alike."""
    return _through(made, "America/New_York", datetime(2026, 11, 1, 4, tzinfo=UTC))


def _through(made: Made, name: str, begin: datetime) -> list[str]:
    zone, made.lines = ZoneInfo(name), []
    for turn in range(40):
        here = begin + timedelta(minutes=7 * turn, milliseconds=turn)
        made.lines.append((here, line(local(here, zone), PARENT, "turn", "core:error")))
        here += timedelta(milliseconds=40)
        made.lines.append((here, line(local(here, ZoneInfo("Asia/Tokyo")), DAEMON)))
    return []


def _us(instant: datetime) -> int:
    return at(f"{instant:%F %T.%f}")


@pytest.mark.parametrize(
    ("setting", "kind", "confidences"),
    [
        (written, "written", {"certain", "likely", "written"}),
        (server_tz, "server-tz", {"certain"}),
        (clock, "clock", {"certain"}),
        (audit, "audit", {"likely"}),
        (access, "access-log", {"likely"}),
        (named_access, "access-log", {"certain"}),
        (access_of_clients, "access-log", {"certain"}),
        (mtime, "mtime", {"likely"}),
        (gzip_header, "mtime", {"likely"}),
        (rotatelogs, "rotatelogs", {"likely"}),
        (core_ids, "log-id", {"certain"}),
        (unique_ids, "log-id", {"certain"}),
        (stamps_in_utc, "instant", {"likely"}),
        (stamps_with_offset, "instant", {"likely"}),
        (configuration, "config", {"likely"}),
        (autumn, "summer-time", {"likely"}),
        (spring, "summer-time", {"likely"}),
        (any_autumn, "summer-time", {"assumed"}),
        (nothing, "host", {"assumed"}),
    ],
)
def test_one_kind_of_evidence(
    setting: Setting,
    kind: str,
    confidences: set[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A log that only one thing ties to UTC comes out exact, and that thing is told."""
    monkeypatch.setenv("TZ", "Pacific/Marquesas")
    made = Made(tmp_path / "error.log", list(conversation()))
    arguments = setting(made)
    made.write()
    assert run(["clocks", "--json", *arguments, str(made.log)]) == 0
    found = [json.loads(text) for text in capfd.readouterr().out.splitlines()]
    assert {one["confidence"] for one in found} == confidences
    assert all(kind in {fact["kind"] for fact in one["evidence"]} for one in found)

    out = normalize(tmp_path / "out", "--time", "iso", *arguments, made.log)
    instants = [f"[{instant:%FT%T.%f}Z]".encode() for instant, _ in made.lines]
    assert [text.partition(b" ")[0] for text in out] == instants
