"""Lives: a pid that begins anew is another process, with a clock of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import logtool
from logtool.library import flags

#: Who writes what at which second of a life, and whether by UTC; the server is in Asia/Kolkata.
LIFE = (
    (0, 5, False, "mpm_event:notice", "AH00489: Apache configured -- resuming normal operations"),
    (1, 7, False, "wsgi:info", "mod_wsgi (pid=7): Starting process 'kol' with uid=33."),
    (2, 7, False, "wsgi:info", "mod_wsgi (pid=7): Initializing Python."),
    (3, 8, False, "wsgi:info", "mod_wsgi (pid=8): Initializing Python."),
    *((at, 7 + at % 2, at % 2 == 0, "wsgi:error", f"hello {at}") for at in range(4, 40)),
    (40, 5, False, "mpm_event:notice", "AH00491: caught SIGTERM, shutting down"),
)  # fmt: skip
KOLKATA = timedelta(hours=5, minutes=30)


def container(log: Path, lives: int) -> None:
    """The log of an Apache that was started so often, each time with the same pids."""
    begin, text = datetime(2026, 11, 23, 10, tzinfo=UTC), ""
    for life in range(lives):
        for second, pid, utc, module, message in LIFE:
            at = begin + timedelta(minutes=life, seconds=second) + (timedelta() if utc else KOLKATA)
            stamp = f"{at:%a %b %d %H:%M:%S.%f %Y}"
            text += f"[{stamp}] [{module}] [pid {pid}:tid {pid}] {message}\n"
    log.write_text(text)


def test_no_clock_flips_from_one_life_to_the_next(tmp_path: Path) -> None:
    """A daemon that sets its zone once does not flip, though the next one has its pid."""
    container(log := tmp_path / "error.log", 6)
    table = logtool.clocks(str(log), server_tz="Asia/Kolkata")

    assert {clock.runs for clock in table} == {1}
    assert len({clock.process for clock in table if clock.pid == 7}) == 6
    assert "clock-flips-in-process" not in {
        finding.rule for finding in flags(str(log), server_tz="Asia/Kolkata")
    }


def test_each_life_is_a_process(tmp_path: Path) -> None:
    """Parents, daemons and children are counted once for each life that its lines tell of."""
    container(log := tmp_path / "error.log", 2)
    table = logtool.clocks(str(log), server_tz="Asia/Kolkata")

    assert len({clock.process for clock in table}) == 3 * 2
    assert sorted({clock.pid for clock in table}) == [5, 7, 8]
