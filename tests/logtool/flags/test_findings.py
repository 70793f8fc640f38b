"""Findings: what counts as one occurrence."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from logtool.flags.telling import told
from logtool.library import flags
from logtool.people.terminal import Painter

STAMPED = (
    "[Sun Nov 22 14:26:4{0}.000001 2026] [wsgi:warn] [pid {1}:tid {1}] (2)No such file or "
    "directory: mod_wsgi (pid={1}): Unable to stat Python home /nix."
)
RAW = "Fatal Python error: init_fs_encoding: failed to get the Python codec"
OTHER = "[Sun Nov 22 14:26:45.000001 2026] [core:info] [pid 1:tid 1] AH00096: removed PID file"


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ([STAMPED.format(0, 7), RAW], 1),
        ([RAW], 1),
        ([RAW, *[OTHER] * 30, RAW], 2),
        ([STAMPED.format(0, 7), RAW, *[OTHER] * 30, RAW], 2),
        ([STAMPED.format(0, 7), STAMPED.format(0, 8), RAW, *[OTHER] * 30, RAW], 2),
        ([STAMPED.format(0, 7), RAW, STAMPED.format(1, 8), RAW], 2),
        ([STAMPED.format(0, 7), *[OTHER] * 100, RAW], 2),
        ([RAW, STAMPED.format(0, 7)], 1),
        ([RAW, STAMPED.format(0, 7), STAMPED.format(0, 8)], 2),
        ([RAW, *[OTHER] * 30, RAW, STAMPED.format(0, 7), STAMPED.format(0, 8)], 2),
        ([RAW, STAMPED.format(0, 7), *[OTHER] * 30, RAW], 2),
        ([RAW, STAMPED.format(0, 7), *[OTHER] * 30, RAW, STAMPED.format(1, 8)], 2),
        ([RAW, *[OTHER] * 99, STAMPED.format(0, 7)], 1),
        ([RAW, *[OTHER] * 100, STAMPED.format(0, 7)], 2),
    ],
)
def test_what_a_process_prints_raw_is_no_second_occurrence(
    tmp_path: Path, lines: list[str], count: int
) -> None:
    """One raw line for each process that tells of it near by with a stamp; others stand alone."""
    log = tmp_path / "error.log"
    log.write_text("".join(f"{line}\n" for line in lines))
    found = {finding.rule: finding.count for finding in flags(str(log))}
    assert found["python-home-invalid"] == count


CRASH = (
    "[Sun Nov 22 14:26:46.000001 2026] [core:notice] [pid 1:tid 1] AH00052: child pid 7 exit "
    "signal Segmentation fault (11)"
)
STACK = """\
Fatal Python error: Segmentation fault

Current thread 0x00007f0a3d7fa640 (most recent call first):
  File "/srv/shop/orders.py", line 12 in render
  File "/srv/shop/wsgi.py", line 4 in application
"""


@pytest.mark.parametrize("text", [f"{STACK}{CRASH}\n", f"{OTHER}\n{STACK}{OTHER}\n{CRASH}\n"])
def test_last_words_before_the_parent_tells_of_them(tmp_path: Path, text: str) -> None:
    """Python's own of a crash and httpd's are one, of that process at that time."""
    log = tmp_path / "error.log"
    log.write_text(text)
    (crashed,) = (one for one in flags(str(log), server_tz="UTC") if one.rule == "daemon-crashed")
    assert (crashed.count, crashed.pids) == (1, (7,))
    assert crashed.last_utc == datetime(2026, 11, 22, 14, 26, 46, 1, tzinfo=UTC)
    assert crashed.excerpt[0] == "Fatal Python error: Segmentation fault"


LAST_WORDS = """\
Python path configuration:
  PYTHONHOME = '/srv/apps'
  sys.path = [
  ]
Fatal Python error: init_fs_encoding: failed to get the Python codec of the filesystem encoding
ModuleNotFoundError: No module named 'encodings'
"""
DEATH = """\
[Sun Nov 22 14:26:{0}.000001 2026] [wsgi:info] [pid 1:tid 1] mod_wsgi (pid={1}): Process 'shop' \
has died, deregister and restart it.
[Sun Nov 22 14:26:{0}.000002 2026] [wsgi:info] [pid 1:tid 1] mod_wsgi (pid={1}): Process 'shop' \
terminated by signal {2}
"""


def test_who_printed_raw_words_died_of_what_they_say(tmp_path: Path) -> None:
    """One cause is told once: what cannot start tells no pid, but the parent does, behind it.

    A death with nothing raw before it is one of its own.
    """
    log = tmp_path / "error.log"
    starts = "".join(LAST_WORDS + DEATH.format(20 + at, 70 + at, 1) for at in range(6))
    log.write_text(f"{OTHER}\n{starts}{DEATH.format(40, 90, 7)}")
    found = {one.rule: one for one in flags(str(log), server_tz="UTC")}

    assert found.keys() == {"python-home-invalid", "daemon-exited"}
    home, other = found["python-home-invalid"], found["daemon-exited"]
    assert (home.count, home.pids) == (6, tuple(range(70, 76)))
    assert (home.first_utc, home.last_utc) == (
        datetime(2026, 11, 22, 14, 26, 20, 1, tzinfo=UTC),
        datetime(2026, 11, 22, 14, 26, 25, 2, tzinfo=UTC),
    )
    assert (other.count, other.pids) == (1, (90,))


def test_raw_words_far_before_a_death_are_not_its_own(tmp_path: Path) -> None:
    """A hundred lines behind them another process died of something else."""
    log = tmp_path / "error.log"
    lines = f"{OTHER}\n" * 100
    log.write_text(f"{LAST_WORDS}{lines}{DEATH.format(40, 90, 7)}")
    assert {one.rule for one in flags(str(log), server_tz="UTC")} == {
        "python-home-invalid",
        "daemon-exited",
    }


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (
            "OSError: Apache/mod_wsgi request data read error: Partial results are valid",
            "happened in",
        ),
        ("OSError: [Errno 24] Too many open files: '/srv/x'", "guilty"),
    ],
)
def test_nobody_is_guilty_of_a_notice(text: str, word: str, tmp_path: Path) -> None:
    """A client that goes away is no fault of the code that was reading from it."""
    lines = (
        "Traceback (most recent call last):",
        '  File "/srv/app.wsgi", line 3, in f',
        "    read()",
        text,
    )
    head = "[Sun Nov 22 14:26:42.534839 2026] [wsgi:error] [pid 1:tid 2] [client 127.0.0.1:5] "
    log = tmp_path / "error.log"
    log.write_text("".join(head + line + "\n" for line in lines))
    (one,) = flags(str(log), server_tz="UTC")
    assert f"  {word}: /srv/app.wsgi:3 in f" in list(told([one], Painter(on=False), 80))


def test_a_line_number_that_no_program_has(tmp_path: Path) -> None:
    """Whoever wrote it, the file is told without it."""
    log = tmp_path / "error.log"
    head = "[Sun Nov 22 14:26:42.534839 2026] [wsgi:error] [pid 1:tid 2] [client 127.0.0.1:5] "
    place = f'  File "/srv/app.wsgi", line {"9" * 30}, in f'
    lines = ("Traceback (most recent call last):", place, "OSError: [Errno 24] Too many open files")
    log.write_text("".join(head + line + "\n" for line in lines))
    (one,) = flags(str(log), server_tz="UTC")
    assert "  guilty: /srv/app.wsgi in f" in list(told([one], Painter(on=False), 80))
