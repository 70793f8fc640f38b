"""Lives: an occurrence is of one life of a process, though its pid comes again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from logtool.flags.finding import Finding
from logtool.flags.lives import stands_alone
from logtool.library import flags

PARENT = "[mpm_event:notice] [pid 5:tid 5] "
BEGUN = PARENT + "AH00489: Apache/2.4.71 configured -- resuming normal operations"
GRACEFUL = PARENT + "AH00493: SIGUSR1 received.  Doing graceful restart"
ENDED = PARENT + "AH00491: caught SIGTERM, shutting down"
BORN = "[wsgi:info] [pid 7:tid 7] mod_wsgi (pid=7): Starting process 'kol' with uid=33."
CRASH = "[core:notice] [pid 5:tid 5] AH00052: child pid 7 exit signal Segmentation fault (11)"
SIGNAL = "[wsgi:info] [pid 5:tid 5] mod_wsgi (pid=7): Process 'kol' terminated by signal 11"
SAID = "[wsgi:warn] [pid 7:tid 7] mod_wsgi (pid=7): Unable to stat Python home /nix."
RAW = "Fatal Python error: init_fs_encoding: failed to get the Python codec"
FORGED = "[wsgi:error] [pid 7:tid 7] AH00489: Apache/2 configured -- resuming normal operations"
FIRST = datetime(2026, 11, 22, 14, tzinfo=UTC)


def flagged(folder: Path, lines: Sequence[str], seconds: float) -> dict[str, Finding]:
    """What is flagged in lines that are written so many seconds one after the other."""
    log = folder / "error.log"
    text, now = "", FIRST
    for line in lines:
        now += timedelta(seconds=seconds)
        text += f"{line}\n" if line == RAW else f"[{now:%a %b %d %H:%M:%S.%f %Y}] {line}\n"
    log.write_text(text)
    return {finding.rule: finding for finding in flags(str(log), server_tz="UTC")}


@pytest.mark.parametrize("seconds", [0.001, 4, 900])
@pytest.mark.parametrize("life", [(BORN, BEGUN, CRASH, SIGNAL, ENDED), (BEGUN, CRASH, ENDED)])
def test_each_life_ends_once(tmp_path: Path, life: tuple[str, ...], seconds: float) -> None:
    """In a container each start's daemon has the same pid, and each of them that crashes counts."""
    found = flagged(tmp_path, life * 10, seconds)["daemon-crashed"]
    last = len(life) * 9 + life.index(CRASH) + 1

    assert found.count == 10 if seconds < 60 else found.count >= 10
    assert found.first_utc == FIRST + timedelta(seconds=(life.index(CRASH) + 1) * seconds)
    assert found.last_utc is not None
    assert found.last_utc >= FIRST + timedelta(seconds=last * seconds)


def test_nobody_dies_twice(tmp_path: Path) -> None:
    """Where nothing tells of a start, the second death of a pid is that of another process."""
    assert flagged(tmp_path, [CRASH, SIGNAL, CRASH, SIGNAL], 1)["daemon-crashed"].count == 2


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ([SAID, SAID], 1),
        ([SAID, BORN, SAID, SAID], 2),
        ([BEGUN, SAID, BEGUN, SAID], 2),
        # Who restarts gracefully lets old processes go on.
        ([BEGUN, SAID, GRACEFUL, BEGUN, SAID], 1),
        ([BEGUN, SAID, GRACEFUL, BEGUN, SAID, BEGUN, SAID], 2),
        ([SAID, FORGED, SAID], 1),
        ([SAID, RAW], 1),
        # Daemons of a start speak before it says that it has begun.
        ([BORN, SAID, BEGUN, RAW], 1),
        ([BEGUN, SAID, ENDED, BORN, SAID, BEGUN, RAW], 2),
        ([BEGUN, SAID, ENDED, BEGUN, RAW], 2),
    ],
)
def test_a_life_lasts_until_its_pid_begins_anew(
    tmp_path: Path, lines: list[str], count: int
) -> None:
    """What a process says again is one occurrence until Apache starts, or a process of its pid."""
    assert flagged(tmp_path, lines, 1)["python-home-invalid"].count == count


def test_first_lines_of_daemons_stand_alone() -> None:
    """So no line near them is read; what only speaks of such a line may be part of an event."""
    messages = [
        "mod_wsgi (pid=7): Starting process 'shop' with uid=33, gid=33 and threads=5.",
        "mod_wsgi (pid=7): Starting daemon process 'shop'.",
        "mod_wsgi (pid=7): Stopping process 'shop'.",
        "ValueError: Starting process 'shop'",
        None,
    ]
    told = pl.DataFrame({"message": messages}).select(stands_alone()).to_series()

    assert told.to_list() == [True, True, False, False, False]
