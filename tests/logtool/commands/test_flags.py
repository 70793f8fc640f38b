"""`errlog flags`: its JSON, and the audit log that it finds by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from logtool.clocks.evidence import neighbours
from logtool.commands import flags

LOG = (
    "[Sun Nov 22 14:26:42.534839 2026] [wsgi:error] [pid 14666:tid 14697] [remote 127.0.0.1:4] "
    "ImportError: /srv/app/x.so: failed to map segment from shared object\n"
)
DENIAL = (
    "type=AVC msg=audit(1795357602.868:2087): avc:  denied  { map } for  pid=14666 "
    'comm="httpd" path="/srv/app/x.so" dev="dm-1" ino=6 tclass=file permissive=0\n'
)
KEYS = (
    "rule severity title count first_utc last_utc not_before_utc file line function pids log_file "
    "log_line excerpt cause cure see notes"
)


Found = Callable[..., list[dict[str, object]]]


@pytest.fixture(name="found")
def _found(capfd: pytest.CaptureFixture[str]) -> Found:
    """The findings as JSON, for some arguments."""

    def run(*arguments: str) -> list[dict[str, object]]:
        some = ["-q", "--json", "--server-tz", "UTC", *arguments]
        assert flags.command.main(some, standalone_mode=False) == 0
        return [json.loads(line) for line in capfd.readouterr().out.splitlines()]

    return run


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """An error log with the audit log of its host beside it."""
    path = tmp_path / "apache2" / "error.log"
    path.parent.mkdir()
    path.write_text(LOG)
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit" / "audit.log").write_text(DENIAL)
    return path


def test_json_keys(found: Found, log: Path) -> None:
    """Each finding has the keys that scripts rely on; the place in the log is never null."""
    (finding,) = found("--no-neighbours", str(log))
    assert KEYS.split() == list(finding)
    assert (finding["rule"], finding["count"]) == ("selinux-mmap-denied", 1)
    assert (finding["log_file"], finding["log_line"]) == (str(log), 1)
    assert finding["notes"] == []


def test_named_audit_log(found: Found, log: Path) -> None:
    """A denial of the same process is told with its finding."""
    audit = str(log.parent.parent / "audit" / "audit.log")
    (finding,) = found("--no-neighbours", "--audit-log", audit, str(log))
    assert finding["notes"] == ["AVC: pid 14666 was denied map on /srv/app/x.so"]


@pytest.mark.parametrize("named", ["error.log", "error*", "."])
def test_audit_log_of_the_host(
    found: Found, log: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """For logs of this host its audit log is read without being named, however they are named."""
    here = partial(neighbours.find_denials, var_log=log.parent.parent)
    monkeypatch.setattr(flags, "find_denials", here)
    (finding,) = found(str(log.parent / named))
    assert finding["notes"] == ["AVC: pid 14666 was denied map on /srv/app/x.so"]
    (finding,) = found("--no-neighbours", str(log))
    assert finding["notes"] == []


def test_plain_exceptions_are_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Tracebacks that are no known problem are counted; not for who asks for something else."""
    log = tmp_path / "error.log"
    stamp = "[Sun Nov 22 14:26:42.534839 2026] [wsgi:error] [pid 14666:tid 14697]"
    raised = (
        "Traceback (most recent call last):",
        '  File "/srv/a.py", line 1, in f',
        "KeyError: 1",
    )
    log.write_text("".join(f"{stamp} {text}\n" for text in raised * 2))
    plain = ["-q", "--server-tz", "UTC", "--no-neighbours", str(log)]

    def told(*options: str) -> str:
        assert flags.command.main([*options, *plain], standalone_mode=False) == 0
        return " ".join(capfd.readouterr().out.split())

    assert told() == (
        "no known problem found 2 tracebacks of Python in all: errlog report tells their "
        "exceptions, or X in view"
    )
    assert told("--json") == ""
    assert told("--rule", "heap-corrupted") == told("-g", "KeyError") == "no known problem found"


@pytest.mark.parametrize(
    ("unread", "read", "answer"),
    [
        (3, 0, "no line was understood: 3 lines with no known layout"),
        (1, 0, "no line was understood: 1 line with no known layout"),
        (0, 0, "no known problem found"),
        (1, 9, "no known problem found"),
        (30, 9, "no known problem found, but 30 of 39 lines have no known layout"),
    ],
)
def test_lines_that_nobody_reads(
    unread: int, read: int, answer: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where no line was understood it is not known that there is no problem, also with -q."""
    log = tmp_path / "error.log"
    stamp = "[Sun Nov 22 14:26:42.534839 2026] [core:info] [pid 14666:tid 14697] "
    log.write_text("2026/11/22 14:26:42 [warn] 7#7: of another server\n" * unread)
    with log.open("a") as more:
        more.write(f"{stamp}hello\n" * read)

    plain = ["-q", "--server-tz", "UTC", "--no-neighbours", str(log)]
    assert flags.command.main(plain, standalone_mode=False) == 0

    assert " ".join(capfd.readouterr().out.split()) == answer
