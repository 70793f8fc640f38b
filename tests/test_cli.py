"""`errlog` as a program: exit statuses, streams, and what it says."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import places

ERRLOG = [sys.executable, "-m", "logtool"]
ROOT = places.ROOT
SAMPLE = ROOT / "sample_logs" / "berlin_utc_django" / "error.log"
_QUIET = ROOT / "sample_logs" / "quiet_server" / "error.log"
IN_BERLIN = ("--server-tz", "Europe/Berlin")


def errlog(*arguments: str | Path, **how: object) -> subprocess.CompletedProcess[bytes]:
    """Run errlog to its end."""
    command = [*ERRLOG, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False, **how)  # type: ignore[call-overload, no-any-return]


def test_version() -> None:
    """The version is that of the package."""
    from logtool import __version__

    assert errlog("--version").stdout.decode().split() == ["errlog", __version__]


def test_help_of_every_word() -> None:
    """Every word that --help lists has a help of its own."""
    from logtool.commands import WORDS

    for word in WORDS:
        assert b"Usage: errlog " + word.encode() in errlog(word, "--help").stdout


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["normalise"], 2, "Did you mean 'normalize'?"),
        (["normalize", "--nope"], 2, "No such option"),
        (["normalize", "--server-tz", "Mars/Olympus", str(SAMPLE)], 2, "Mars/Olympus"),
        (["normalize", "--clock", "4711", str(SAMPLE)], 2, "WHO=ZONE"),
        (
            ["normalize", "--clock", "7=UTC", "--clock", "7=Asia/Tokyo", str(SAMPLE)],
            2,
            "UTC and Asia/Tokyo of 7",
        ),
        (["normalize", "--format", "%q", str(SAMPLE)], 2, "--format"),
        (["normalize", "--time", "rfc", str(SAMPLE)], 2, "'rfc' is not one of"),
        (["normalize", "--level", "warnings", str(SAMPLE)], 2, "'trace8'; did you mean warn?"),
        (["normalize", "/nowhere/error.log"], 3, "errlog: /nowhere/error.log: No such file"),
        (["normalize", "/dev/null/x"], 3, "errlog: /dev/null/x: Not a directory"),
    ],
)
def test_faults(arguments: list[str], status: int, said: str) -> None:
    """Wrong usage is 2, what cannot be read is 3; one clear line, no traceback."""
    ran = errlog(*arguments)

    assert ran.returncode == status
    assert said in ran.stderr.decode()
    assert b"Traceback" not in ran.stderr
    assert ran.stdout == b""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["format", "check", 'ErrorLogFormat "[%t] %h %M"'],
            [
                "errlog: Unrecognized error log format directive %h",
                "  [%t] %h %M",
                "        ^",
                "%h is an item of LogFormat, for access logs: the client is %a here.",
            ],
        ),
        (
            ["normalize", "--format", f"{'[%P] ' * 30}%q %M", str(SAMPLE)],
            [
                "errlog: --format: Unrecognized error log format directive %q",
                "  \N{HORIZONTAL ELLIPSIS}P] [%P] [%P] [%P] [%P] [%P] [%P] %q %M",
                f"{' ' * 37}^",
            ],
        ),
    ],
)
def test_a_refused_format_is_shown_with_a_caret_at_the_place(
    arguments: list[str], told: list[str]
) -> None:
    """On lines of their own that fit the terminal, however long the format is."""
    ran = errlog(*arguments)
    assert ran.returncode == 2
    assert ran.stderr.decode().splitlines()[: len(told)] == told


def test_formats_to_check_may_come_from_standard_input() -> None:
    """As `grep` finds them; each is told."""
    lines = b'/etc/a.conf:3:  ErrorLogFormat "%t %M"\n/etc/b.conf:9:#ErrorLogFormat "%M"\n'
    out = errlog("format", "check", "-", input=lines).stdout.decode()
    assert out.startswith("%t %M\n")
    assert "There is no time" not in out
    assert errlog("format", "check", "ErrorLogFormat", "%t %M").stdout.decode() == out


def test_files_and_standard_input_agree() -> None:
    """A file, a redirected file, a pipe and - give the same lines."""
    named = errlog("normalize", *IN_BERLIN, SAMPLE).stdout
    with SAMPLE.open("rb") as redirected:
        assert errlog("normalize", *IN_BERLIN, stdin=redirected).stdout == named
    assert errlog("normalize", *IN_BERLIN, "-", input=SAMPLE.read_bytes()).stdout == named


def test_second_pass_changes_nothing() -> None:
    """Normalising the output gives the output."""
    once = errlog("normalize", *IN_BERLIN, SAMPLE).stdout

    assert errlog("normalize", "--server-tz", "Asia/Tokyo", "-", input=once).stdout == once


def test_summary_is_on_standard_error_and_quiet_silences_it() -> None:
    """Each clock is named; -q says nothing."""
    assert b"Europe/Berlin" in errlog("normalize", *IN_BERLIN, SAMPLE).stderr
    assert errlog("normalize", "-q", *IN_BERLIN, SAMPLE).stderr == b""


def test_output_file(tmp_path: Path) -> None:
    """-o writes the file whole, also over what is there, and leaves nothing beside it."""
    out = tmp_path / "utc.log"
    out.write_text("old")
    out.chmod(0o640)
    expected = errlog("normalize", *IN_BERLIN, SAMPLE).stdout

    ran = errlog("normalize", *IN_BERLIN, "-o", out, SAMPLE)

    assert (ran.returncode, ran.stdout) == (0, b"")
    assert out.read_bytes() == expected
    assert out.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [out]


def test_output_file_in_a_missing_folder(tmp_path: Path) -> None:
    """What cannot be written is 3."""
    ran = errlog("normalize", "-o", tmp_path / "no" / "out", SAMPLE)

    assert ran.returncode == 3
    assert b"No such file" in ran.stderr


def test_output_file_named_as_a_folder(tmp_path: Path) -> None:
    """A name that ends as a folder's is none of a file."""
    ran = errlog("normalize", "-o", f"{tmp_path}/out/", SAMPLE)

    assert ran.returncode == 3
    assert b"out/: there is no such folder" in ran.stderr
    assert not list(tmp_path.iterdir())


def test_who_types_is_told_what_is_awaited() -> None:
    """A terminal as input is read like a pipe, and not in silence; a pipe needs no word."""
    theirs, ours = os.openpty()
    os.write(theirs, b"\x04")  # Ctrl-D
    ran = errlog("normalize", stdin=ours)

    assert (ran.returncode, ran.stdout) == (0, b"")
    assert b"up to Ctrl-D" in ran.stderr
    assert b"Ctrl-D" not in errlog("normalize", input=b"").stderr
    for end in (theirs, ours):
        os.close(end)


def test_full_disk() -> None:
    """A full disk is 3 and one clear line."""
    with Path("/dev/full").open("wb") as full:
        ran = subprocess.run(
            [*ERRLOG, "normalize", *IN_BERLIN, SAMPLE], cwd=ROOT, stdout=full,
            stderr=subprocess.PIPE, check=False,
        )  # fmt: skip

    assert ran.returncode == 3
    assert ran.stderr == b"errlog: standard output: No space left on device\n"


def test_closed_output() -> None:
    """Without a standard output there is one clear line."""
    ran = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m logtool normalize -q {SAMPLE} >&-"], cwd=ROOT,
        capture_output=True, check=False,
    )  # fmt: skip

    assert ran.returncode == 3
    assert ran.stderr == b"errlog: standard output is closed\n"


def test_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    """`errlog normalize … | head` says nothing and ends well."""
    log = tmp_path / "error.log"
    log.write_bytes(SAMPLE.read_bytes() * 100)
    command = [*ERRLOG, "normalize", "-q", *IN_BERLIN, str(log)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.read(10)
        run.stdout.close()

        assert run.stderr.read() == b""
        assert run.wait(60) == 0


def test_interrupt(tmp_path: Path) -> None:
    """Control-C ends it at once, with 130 and no half-written file."""
    out = tmp_path / "out.log"
    command = [*ERRLOG, "normalize", "-o", str(out), "-"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdin is not None
        assert run.stderr is not None
        run.stdin.write(SAMPLE.read_bytes())
        run.stdin.flush()
        while not any(tmp_path.iterdir()) and run.poll() is None:
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)

        assert run.wait(60) == 130
        assert b"Traceback" not in run.stderr.read()
    assert list(tmp_path.iterdir()) == []


def test_strict(tmp_path: Path) -> None:
    """--strict turns a line without a layout, or an assumed clock, into 1."""
    log = tmp_path / "error.log"
    shutil.copy(SAMPLE, log)
    assert errlog("normalize", "--strict", *IN_BERLIN, log).returncode == 0

    log.write_bytes(SAMPLE.read_bytes() + b"a raw line\n")
    assert errlog("normalize", "--strict", *IN_BERLIN, log).returncode == 1
    assert errlog("normalize", *IN_BERLIN, log).returncode == 0

    log.write_bytes(SAMPLE.read_bytes())
    os.utime(log, (0, 0))
    assert errlog("normalize", "--strict", log).returncode == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["normalize"], "the clocks of 160 lines are only assumed; 2 lines without a layout"),
        (["normalize", "--server-tz", "Europe/Berlin"], "2 lines without a layout"),
        (["clocks"], "the clocks of 160 lines are only assumed; 2 lines without a layout"),
        (["clocks", "--server-tz", "Europe/Berlin"], "2 lines without a layout"),
        (
            ["flags"],
            "the clocks of 160 lines are only assumed; 2 lines without a layout; 2 findings",
        ),
        (["pairs"], "the clocks of 160 lines are only assumed; 2 lines without a layout"),
        (["pairs", "--server-tz", "Europe/Berlin"], "2 lines without a layout"),
        (
            ["query", "SELECT count(*) FROM log"],
            "the clocks of 160 lines are only assumed; 2 lines without a layout",
        ),
        (
            ["query", "SELECT utc FROM log LIMIT 1", "--server-tz", "Europe/Berlin"],
            "2 lines without a layout",
        ),
        (
            ["export", "-o", "FOLDER/log.parquet"],
            "the clocks of 160 lines are only assumed; 2 lines without a layout",
        ),
        (["report"], "clocks are only assumed; 2 lines without a layout; 2 findings"),
    ],
)
def test_strict_says_why(words: list[str], why: str, tmp_path: Path) -> None:
    """Also with -q, one line on standard error is the reason of the exit status."""
    log = tmp_path / "error.log"
    log.write_bytes(SAMPLE.read_bytes() + b"a raw line\n" * 2)
    os.utime(log, (0, 0))
    words = [word.replace("FOLDER", str(tmp_path)) for word in words]
    ran = errlog(*words, "-q", "--strict", "--no-neighbours", log)
    assert (ran.returncode, ran.stderr.decode()) == (1, f"errlog: --strict: {why}\n")
    ran = errlog(*words, "-q", "--no-neighbours", log)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_truncated_gzip(tmp_path: Path) -> None:
    """What a truncated file holds is written; the fault is told, and the status is 3."""
    import gzip

    log = tmp_path / "error.log.gz"
    log.write_bytes(gzip.compress(SAMPLE.read_bytes())[:-40])

    ran = errlog("normalize", *IN_BERLIN, log)

    assert ran.returncode == 3
    assert b"ends early" in ran.stderr
    assert ran.stdout.count(b"\n") > 100


def test_sort_merges_files_in_utc_order(tmp_path: Path) -> None:
    """Lines of two logs come in the order of their instants; raw lines stay with their stamp."""
    stamp = "[Fri Jun 05 {}:00:00.000000 2026] [core:error] [pid {}] {}"
    one = [stamp.format("10", 11, "b"), "raw of b", stamp.format("12", 11, "d")]
    two = [stamp.format("13", 22, "a"), stamp.format("15", 22, "c"), "raw of c"]
    for name, lines in (("one.log", one), ("two.log", two)):
        (tmp_path / name).write_text("\n".join(lines))

    ran = errlog(
        "normalize", "-q", "--sort", "--clock", "11=UTC", "--clock", "22=Asia/Dubai",
        tmp_path / "one.log", tmp_path / "two.log",
    )  # fmt: skip

    ends = [line.split()[-1] for line in ran.stdout.decode().splitlines()]
    assert ends == ["a", "b", "b", "c", "c", "d"]


def test_lines_left_as_they_are_are_told_with_the_first(tmp_path: Path) -> None:
    """One line is told with its place, several with that of the first of them."""
    log = tmp_path / "odd.log"
    head = _QUIET.read_bytes().splitlines(keepends=True)[:3]
    for odd, told in (
        ([b"odd\n"], f"1 line with no known layout left as it is ({log}:4)"),
        ([b"odd\n"] * 2, f"2 lines with no known layout left as they are (first: {log}:4)"),
    ):
        log.write_bytes(b"".join([*head, *odd]))
        done = errlog("normalize", log)
        assert told in done.stderr.decode()


def test_a_cut_stamp_is_no_fault_of_a_format(tmp_path: Path) -> None:
    """Of a log of one line it is not known whether the line or the layout is at fault."""
    log = tmp_path / "torn.log"
    log.write_bytes(b"[Thu Jun 04 08:00:00.0")
    done = errlog("normalize", log)
    assert done.stdout == log.read_bytes()
    told = f"1 line with no known layout left as it is ({log}:1); --format names one, if the line "
    assert f"{told}is whole\n" in done.stderr.decode()


def test_an_offset_given_as_zone_is_told_once() -> None:
    """`-03:30 -03:30` would say it twice."""
    done = errlog("normalize", "--server-tz=-03:30", _QUIET)
    assert b"-03:30, likely" in done.stderr
    assert b"-03:30 -03:30" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("normalize",), ("clocks",), ("flags",), ("pairs",), ("report",), ("report", "--by-host"),
        ("export",), ("query", "select 1"), ("view",), ("format", "detect"),
    ],
)  # fmt: skip
def test_an_empty_name_is_refused(words: tuple[str, ...]) -> None:
    """It is a variable that is not set, and would mean the current folder."""
    done = errlog(*words, "", SAMPLE)

    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"errlog: a FILE has an empty name")
    assert done.stderr.count(b"\n") == 1


def test_the_default_of_the_spool_limit_is_told_as_it_is_typed() -> None:
    """Without the brackets of a comment."""
    assert b"[default: 8G]" in errlog("normalize", "--help").stdout


@pytest.mark.parametrize("word", ["flags", "pairs"])
def test_a_log_that_is_read_in_part(word: str, tmp_path: Path) -> None:
    """Where many lines have no layout that is said, with the first of them; not of a few."""
    log = tmp_path / "error.log"
    strange = b"%s <strange> line\n" * 99 % tuple(b"%d" % number for number in range(99))
    log.write_bytes(SAMPLE.read_bytes() + strange)
    told = f"errlog: 99 of 259 lines have no known layout (first: {log}:161)".encode()

    assert told in errlog(word, log).stderr
    assert b"layout" not in errlog(word, "-q", log).stderr
    assert b"layout" not in errlog(word, SAMPLE).stderr
