"""A crash is told with what the process was, a consequence with what it follows from."""

from __future__ import annotations

from pathlib import Path

import pytest

import logtool
from tests.logtool.clocks.scenes import born, line, resuming

CHILD = "[client 127.0.0.1:5] AH00128: File does not exist: /srv/x"


def crash(second: int, pid: int) -> str:
    """The parent tells of a process that died."""
    text = f"AH00052: child pid {pid} exit signal Segmentation fault (11)"
    return line(f"2026-11-11 12:00:{second:02}", 1, text, "core:notice")


@pytest.mark.parametrize(
    ("crashed", "notes"),
    [
        ([7], ["daemon of shop: 7"]),
        ([8], ["child of Apache (an application runs there only in embedded mode): 8"]),
        (
            [7, 8, 9],
            [
                "daemon of shop: 7",
                "child of Apache (an application runs there only in embedded mode): 8",
                "perhaps a child of Apache, for no daemon here says that it has this pid: 9",
            ],
        ),
        ([9], ["perhaps a child of Apache, for no daemon here says that it has this pid: 9"]),
    ],
)
def test_who_crashed(crashed: list[int], notes: list[str], tmp_path: Path) -> None:
    """The log's other lines tell what a process was; who wrote none is no daemon."""
    log = tmp_path / "error.log"
    lines = [
        born("2026-11-11 12:00:00", 7, "shop"),
        resuming("2026-11-11 12:00:01"),
        line("2026-11-11 12:00:02", 8, CHILD, "core:error"),
        *(crash(second, pid) for second, pid in enumerate(crashed, 3)),
    ]
    log.write_text("\n".join(lines) + "\n")
    (found,) = logtool.flags(str(log), server_tz="UTC")
    assert (found.rule, found.count, list(found.notes)) == ("daemon-crashed", len(crashed), notes)


def test_where_no_daemon_speaks(tmp_path: Path) -> None:
    """That no daemon says that it has a pid says nothing then."""
    log = tmp_path / "error.log"
    seen = line("2026-11-11 12:00:02", 8, CHILD, "core:error")
    log.write_text("\n".join([resuming("2026-11-11 12:00:01"), seen, crash(3, 9)]) + "\n")
    (found,) = logtool.flags(str(log), server_tz="UTC")
    assert (found.rule, found.notes) == ("daemon-crashed", ())


def test_a_daemon_of_which_no_group_is_known(tmp_path: Path) -> None:
    """It is a daemon, of whichever."""
    log = tmp_path / "error.log"
    said = line("2026-11-11 12:00:02", 7, "[remote 192.0.2.1:5] hello", "wsgi:error")
    log.write_text("\n".join([resuming("2026-11-11 12:00:01"), said, crash(3, 7)]) + "\n")
    (found,) = logtool.flags(str(log), server_tz="UTC")
    assert (found.rule, found.notes) == ("daemon-crashed", ("daemon: 7",))


@pytest.mark.parametrize(("count", "more"), [(8, ""), (9, " and 1 more"), (12, " and 4 more")])
def test_many_are_counted(count: int, more: str, tmp_path: Path) -> None:
    """Of many processes some are named."""
    log = tmp_path / "error.log"
    pids = range(20, 20 + count)
    lines = [
        resuming("2026-11-11 12:00:01"),
        *(line("2026-11-11 12:00:02", pid, CHILD, "core:error") for pid in pids),
        *(crash(3 + pid - 20, pid) for pid in pids),
    ]
    log.write_text("\n".join(lines) + "\n")
    (found,) = logtool.flags(str(log), server_tz="UTC")
    assert found.notes[0].endswith(f": 20, 21, 22, 23, 24, 25, 26, 27{more}")


def test_a_pid_of_another_server(tmp_path: Path) -> None:
    """What a process of one server is says nothing of one that another server's parent tells of."""
    logs = [tmp_path / name / "error.log" for name in ("one", "other")]
    lines = (
        [born("2026-11-11 12:00:00", 7, "shop"), resuming("2026-11-11 12:00:01", 2)],
        [resuming("2026-11-11 12:00:01"), crash(3, 7)],
    )
    for log, own in zip(logs, lines, strict=True):
        log.parent.mkdir()
        log.write_text("\n".join(own) + "\n")
    (found,) = logtool.flags([*map(str, logs)], server_tz="UTC")
    assert (found.rule, found.pids, found.notes) == ("daemon-crashed", (7,), ())


NO_HOME = "mod_wsgi (pid={0}): Unable to stat Python home /nix. Python interpreter may not"
NO_ANSWER = "[client 127.0.0.1:5] Timeout when reading response headers from daemon process 'shop'"
BUSY = "AH00484: server reached MaxRequestWorkers setting, consider raising it"
KILLED = "AH00046: child process 8 still did not exit, sending a SIGKILL"
FOLLOWS = (
    "likely a consequence of python-home-invalid, which happened at that time: mend that first",
)


@pytest.mark.parametrize(
    ("minute", "notes"), [(0, ()), (2, FOLLOWS), (7, FOLLOWS), (8, FOLLOWS), (9, ())]
)
@pytest.mark.parametrize(
    ("rule", "text", "level"),
    [
        ("daemon-timeout", NO_ANSWER, "wsgi:error"),
        ("max-request-workers", BUSY, "mpm_event:error"),
        ("process-killed", KILLED, "core:error"),
    ],
)
def test_consequences(
    rule: str, text: str, level: str, minute: int, notes: tuple[str, ...], tmp_path: Path
) -> None:
    """What happens while no daemon can start, or shortly after, follows from that."""
    log = tmp_path / "error.log"
    events = [
        (minute, 8, text, level),
        *((at, at + 20, NO_HOME.format(at + 20), "wsgi:warn") for at in range(1, 4)),
    ]
    lines = [
        line(f"2026-11-11 12:{at:02}:00", pid, said, severity)
        for at, pid, said, severity in sorted(events)
    ]
    log.write_text("\n".join([resuming("2026-11-11 12:00:00"), *lines]) + "\n")
    found = {one.rule: one.notes for one in logtool.flags(str(log), server_tz="UTC")}
    assert found == {"python-home-invalid": (), rule: notes}


def test_what_went_on_before_is_no_consequence(tmp_path: Path) -> None:
    """All of it must be explained."""
    log = tmp_path / "error.log"
    lines = [
        resuming("2026-11-11 12:00:00"),
        line("2026-11-11 12:00:30", 8, NO_ANSWER, "wsgi:error"),
        line("2026-11-11 12:01:00", 9, NO_HOME.format(9), "wsgi:warn"),
        line("2026-11-11 12:01:30", 8, NO_ANSWER, "wsgi:error"),
    ]
    log.write_text("\n".join(lines) + "\n")
    found = {one.rule: one.notes for one in logtool.flags(str(log), server_tz="UTC")}
    assert found == {"python-home-invalid": (), "daemon-timeout": ()}
