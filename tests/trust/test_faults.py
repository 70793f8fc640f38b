"""Faults of disks, pipes, files and users: each is injected, told in one line, loses nothing."""

from __future__ import annotations

import errno
import gzip
import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.trust.running import ERRLOG, ROOT, SAMPLE_LOGS, errlog

SAMPLE = SAMPLE_LOGS / "berlin_utc_django" / "error.log"
HTTPD_CONF = ROOT / "tests" / "trust" / "httpd.conf"
LINES = SAMPLE.read_bytes().count(b"\n")
IN_BERLIN = ("--server-tz", "Europe/Berlin")
#: Every word that answers on standard output, with what it needs.
WORDS: tuple[tuple[str, ...], ...] = (
    ("normalize", str(SAMPLE)), ("clocks", str(SAMPLE)), ("flags", str(SAMPLE)),
    ("pairs", str(SAMPLE)), ("report", str(SAMPLE)), ("query", "SELECT * FROM log", str(SAMPLE)),
    ("explain", "--list"), ("export", "--columns"), ("report", "--json-schema"),
    ("format", "check", "%M"), ("format", "detect", str(SAMPLE)), ("--help",),
    ("normalize", "--help"), ("format", "config", str(HTTPD_CONF)),
    ("explain", "clock-differs-from-server"),
    ("normalize", "--sort", str(SAMPLE)), ("normalize", "-l", "error", str(SAMPLE)),
    ("clocks", "--json", str(SAMPLE)), ("pairs", "--json", str(SAMPLE)),
)  # fmt: skip
_NAMES = [" ".join(word for word in words if not word.startswith("/")) for words in WORDS]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount or to drop privileges")


def _shell(script: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run errlog by a shell, as `"$@"` in a script."""
    command = ["bash", "-c", script, "bash", *ERRLOG, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False)


@pytest.mark.parametrize("words", WORDS, ids=_NAMES)
def test_full_output(words: tuple[str, ...]) -> None:
    """A full disk behind standard output is 3 and one clear line, whatever the word."""
    ran = _shell('"$@" >/dev/full', *words)

    assert ran.returncode == 3
    assert ran.stderr.splitlines()[-1] == b"errlog: standard output: No space left on device"
    assert b"Traceback" not in ran.stderr


@pytest.mark.parametrize("words", WORDS, ids=_NAMES)
def test_closed_output(words: tuple[str, ...]) -> None:
    """A closed standard output is 3 and one clear line, whatever the word."""
    ran = _shell('"$@" >&-', *words)

    assert ran.returncode == 3
    assert ran.stderr.splitlines()[-1] == b"errlog: standard output is closed"
    assert b"Traceback" not in ran.stderr


@pytest.mark.parametrize("words", WORDS, ids=_NAMES)
def test_closed_error(words: tuple[str, ...]) -> None:
    """Without a standard error the answer is the same, and nothing strange is mixed into it."""
    assert _shell('"$@" 2>&-', *words).stdout.count(b"\n") == errlog(*words).stdout.count(b"\n")


@pytest.mark.parametrize("words", WORDS, ids=_NAMES)
def test_nobody_reads(words: tuple[str, ...]) -> None:
    """A reader that leaves at once is no fault, and nothing is said of it."""
    ran = _shell('exec 3>&2; { "$@" 2>&3; echo $? >&3; } | true', *words)

    assert ran.stderr.splitlines()[-1:] == [b"0"]
    assert b"Broken pipe" not in ran.stderr
    assert b"Traceback" not in ran.stderr


def test_closed_input() -> None:
    """A closed standard input is told; no other log is read in its place."""
    ran = _shell('"$@" <&-', "normalize", "-q", str(SAMPLE), "-")

    assert ran.returncode == 3
    assert ran.stdout.count(b"\n") == LINES
    assert ran.stderr == b"errlog: standard input: byte 0: cannot be read: Bad file descriptor\n"


#: Runs errlog on a log; the system refuses something with a number.
_REFUSED = """
import os, sys
import logtool.commands.normalize as words
from logtool.__main__ import run
def refuse(*given, **named):
    raise OSError(int(sys.argv[2]), os.strerror(int(sys.argv[2])))
words.find_clocks = refuse
sys.exit(run(["normalize", sys.argv[1]]))
"""


@pytest.mark.parametrize(
    ("number", "told"),
    [(errno.EMFILE, b"Too many open files"), (errno.ENOMEM, b"Cannot allocate memory"),
     (errno.EIO, b"standard output: Input/output error")],
)  # fmt: skip
def test_fault_without_a_name(number: int, told: bytes) -> None:
    """Where nobody says of which file it is, only what writing gives is told of the output."""
    ran = subprocess.run(
        [sys.executable, "-c", _REFUSED, SAMPLE, str(number)], cwd=ROOT, capture_output=True,
        check=False,
    )  # fmt: skip

    assert (ran.returncode, ran.stderr) == (3, b"errlog: " + told + b"\n")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few pages."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no tmpfs can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@as_root
@pytest.mark.parametrize(
    "words",
    [
        ["normalize", "-o", "{}/out.log"], ["report", "-o", "{}/x.html"],
        *(["export", "-o", f"{{}}/x.{ending}"] for ending in ("csv", "db", "parquet", "jsonl")),
    ],
    ids=lambda words: " ".join(words),
)  # fmt: skip
def test_full_disk_leaves_the_target(words: list[str], small_disk: Path) -> None:
    """A disk that fills while a file is written: 3, the old file untouched, nothing beside it."""
    words = [word.format(small_disk) for word in words]
    target = Path(words[-1])
    target.write_bytes(b"old\n")
    (small_disk / "filler").write_bytes(b"x" * 56 * 1024)

    ran = errlog(*words, *IN_BERLIN, SAMPLE)

    assert ran.returncode == 3
    assert ran.stderr.splitlines()[-1].startswith(b"errlog: " + os.fsencode(target))
    assert b"Traceback" not in ran.stderr
    assert target.read_bytes() == b"old\n"
    assert sorted(path.name for path in small_disk.iterdir()) == sorted(["filler", target.name])


@as_root
def test_full_spool(small_disk: Path) -> None:
    """A pipe that does not fit into the temporary folder is 3, and the folder is named."""
    env = {**os.environ, "TMPDIR": str(small_disk)}
    ran = errlog("normalize", "-", input=SAMPLE.read_bytes() * 50, env=env)

    assert ran.returncode == 3
    assert b"cannot be kept in " + os.fsencode(small_disk) in ran.stderr
    assert ran.stdout == b""
    assert list(small_disk.iterdir()) == []


@as_root
def test_spool_that_its_end_fills(small_disk: Path) -> None:
    """A pipe of which the last bytes do not fit into the temporary folder is not cut short."""
    (small_disk / "filler").write_bytes(b"x" * 60 * 1024)
    env = {**os.environ, "TMPDIR": str(small_disk)}
    ran = errlog("normalize", "-", input=SAMPLE.read_bytes()[:6000], env=env)

    assert (ran.returncode, ran.stdout) == (3, b"")
    assert b"cannot be kept in " + os.fsencode(small_disk) in ran.stderr


def test_spool_limit() -> None:
    """A pipe larger than --spool-limit is refused before anything is written."""
    ran = errlog("normalize", "--spool-limit", "10K", "-", input=SAMPLE.read_bytes())

    assert (ran.returncode, ran.stdout) == (3, b"")
    assert b"--spool-limit" in ran.stderr


@pytest.mark.parametrize(
    ("limit", "told"), [("1M", b"1 MiB"), ("1537k", b"1537 KiB"), ("0", b"0 bytes")]
)
def test_endless_device(limit: str, told: bytes) -> None:
    """A device that never ends stops at the limit, which is told as it is said."""
    ran = errlog("normalize", "--spool-limit", limit, "/dev/zero")

    assert (ran.returncode, ran.stdout) == (3, b"")
    assert b": more than " + told + b" came through the pipe; " in ran.stderr
    assert ran.stderr.count(b"\n") == 1


def test_empty_device() -> None:
    """A device that holds nothing is an empty log."""
    assert errlog("normalize", "-q", "/dev/null").returncode == 0


def test_terminal_that_fails() -> None:
    """A terminal whose other end has gone gives a read error, told in one line."""
    ours, theirs = pty.openpty()
    os.close(ours)
    ran = errlog("normalize", "-q", "-", stdin=theirs)
    os.close(theirs)

    assert ran.returncode in (0, 3)
    assert b"Traceback" not in ran.stderr


def test_fifo_closed_half_way(tmp_path: Path) -> None:
    """A writer that dies in the middle of a line leaves what it wrote."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    command = [*ERRLOG, "normalize", "-q", *IN_BERLIN, str(fifo)]
    half = SAMPLE.read_bytes()[:-30]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as ran:
        fifo.write_bytes(half)
        assert ran.stdout is not None
        assert ran.stdout.read().count(b"\n") == half.count(b"\n")
    assert ran.returncode == 0


@pytest.mark.parametrize("place", [0.1, 0.5, 0.99])
def test_broken_gzip(place: float, tmp_path: Path) -> None:
    """Flipped bytes in a compressed log: the lines before them, 3, and the place of the fault."""
    stored = bytearray(gzip.compress(SAMPLE.read_bytes()))
    at = int(len(stored) * place)
    stored[at : at + 8] = bytes(byte ^ 0xFF for byte in stored[at : at + 8])
    log = tmp_path / "error.log.gz"
    log.write_bytes(stored)

    ran = errlog("normalize", "-q", *IN_BERLIN, log)

    assert ran.returncode == 3
    assert b"Traceback" not in ran.stderr
    assert os.fsencode(log) + b": byte " in ran.stderr


#: Runs errlog, and changes the log between the two passes.
_BETWEEN = """
import os, sys
import logtool.commands.normalize as words
from logtool.__main__ import run
find, log, what = words.find_clocks, sys.argv[1], sys.argv[2]
def then_change(*given, **named):
    table = find(*given, **named)
    if what == "shrink": os.truncate(log, 5000)
    elif what == "empty": os.truncate(log, 0)
    elif what == "vanish": os.unlink(log)
    elif what == "grow": open(log, "ab").write(b"[Mon Nov 23 20:59:59 2026] more\\n")
    elif what == "change": open(log, "r+b").write(b"x" * 9000)
    return table
words.find_clocks = then_change
sys.exit(run(["normalize", "--server-tz", "Europe/Berlin", log]))
"""


@pytest.mark.parametrize(
    ("what", "status"),
    [("shrink", 3), ("empty", 3), ("vanish", 0), ("grow", 0), ("change", 3)],
)
def test_log_changes_between_the_passes(what: str, status: int, tmp_path: Path) -> None:
    """What is cut off or written over is told; a deleted or growing log comes out as it was."""
    log = tmp_path / "error.log"
    shutil.copy(SAMPLE, log)
    ran = subprocess.run(
        [sys.executable, "-c", _BETWEEN, log, what], cwd=ROOT, capture_output=True, check=False
    )

    assert ran.returncode == status, ran.stderr
    assert b"Traceback" not in ran.stderr
    if what in ("vanish", "grow"):
        assert ran.stdout == errlog("normalize", *IN_BERLIN, SAMPLE).stdout
    if status:
        lost = b"written over" if what == "change" else b"cut short"
        assert lost + b" while being read" in ran.stderr


#: Words that read logs, as they are asked about `error.log` and `error.log.1`; `{}` is a folder.
READERS = (
    ["normalize"], ["normalize", "--sort"], ["normalize", "-l", "info"], ["clocks"], ["flags"],
    ["pairs"], ["report"], ["query", "SELECT line, utc FROM log"], ["format", "detect"],
    ["clocks", "--json"], ["flags", "--json"], ["pairs", "--json"],
    *(["report", "-o", f"{{}}/x.{ending}"] for ending in ("html", "json")),
    *(["export", "-o", f"{{}}/x.{ending}"] for ending in ("csv", "parquet", "db")),
)  # fmt: skip


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder into which everybody may look; those of pytest are its user's alone."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@as_root
@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_one_member_is_forbidden(words: list[str], public: Path) -> None:
    """Without the right to read one member the others are read; it is named, and the end is 3."""
    for name in ("error.log", "error.log.1"):
        shutil.copy(SAMPLE, public / name)
        (public / name).chmod(0o644)
    (public / "error.log.1").chmod(0)
    script = "import os, sys; sys.dont_write_bytecode = True; "
    # Loaded while the modules can be read.
    script += "from logtool.program import run; run(sys.argv[3:] + [sys.argv[1]]); "
    script += "print('-----', flush=True); os.setegid(65534); os.seteuid(65534); "
    script += "sys.exit(run(sys.argv[3:] + sys.argv[1:3]))"
    logs = [str(public / "error.log"), str(public / "error.log.1")]
    out = public / "out"
    out.mkdir()
    out.chmod(0o777)
    given = [*logs, *(word.format(out) for word in words)]

    ran = subprocess.run(
        [sys.executable, "-c", script, *given], cwd=ROOT, capture_output=True, check=False
    )

    assert ran.returncode == 3, ran.stderr
    assert b"Traceback" not in ran.stderr
    assert ran.stderr.count(b"errlog: %s: Permission denied; left out\n" % logs[1].encode()) == 1
    alone, among = ran.stdout.split(b"-----\n")
    if words[0] in ("normalize", "query"):
        assert among == alone
    if "-o" in words:
        (written,) = out.iterdir()
        assert written.stat().st_size > 0
        assert written.owner() == "nobody"
    else:
        assert among.count(b"\n") >= alone.count(b"\n") > 0


@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_one_log_is_missing(words: list[str], tmp_path: Path) -> None:
    """A log that is not there keeps no other from being read; where there is none, nothing is."""
    missing = tmp_path / "missing.log"
    words = [word.format(tmp_path) for word in words]

    ran = errlog(*words, SAMPLE, missing)

    assert ran.returncode == 3
    assert [*tmp_path.iterdir()] if "-o" in words else ran.stdout
    told = b"errlog: " + os.fsencode(missing) + b": No such file or directory"
    assert ran.stderr.count(told + b"; left out\n") == 1

    ran = errlog(*words, missing)
    assert (ran.returncode, ran.stdout, ran.stderr) == (3, b"", told + b"\n")


def _waiting(target: Path, *options: str) -> subprocess.Popen[bytes]:
    """An errlog that writes a file and waits for the rest of its pipe."""
    command = [*ERRLOG, "normalize", "-q", *options, "-o", str(target), "-"]
    ran = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert ran.stdin is not None
    ran.stdin.write(SAMPLE.read_bytes())
    ran.stdin.flush()
    while len(list(target.parent.iterdir())) < 2 and ran.poll() is None:
        time.sleep(0.02)
    return ran


def test_killed(tmp_path: Path) -> None:
    """Kill -9 while it writes: the old file is untouched, one temporary file is the only trace."""
    target = tmp_path / "out.log"
    target.write_bytes(b"old\n")
    with _waiting(target) as ran:
        ran.kill()

    assert target.read_bytes() == b"old\n"
    (trace,) = set(tmp_path.iterdir()) - {target}
    assert trace.name.startswith(".out.log.")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted(number: signal.Signals, status: int, tmp_path: Path) -> None:
    """An interrupt ends it at once, without a word or a trace."""
    target = tmp_path / "out.log"
    target.write_bytes(b"old\n")
    with _waiting(target) as ran:
        ran.send_signal(number)
        assert ran.stderr is not None
        assert ran.stderr.read().strip() == b""
        assert ran.wait(120) == status

    assert list(tmp_path.iterdir()) == [target]
    assert target.read_bytes() == b"old\n"
