"""errlog opens no socket, starts no program, and writes nothing but its outputs and its spool."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.trust.running import ROOT, SAMPLE_LOGS

#: Runs errlog under an audit hook (PEP 578) that notes what would reach beyond the process.
_WATCHED = """
import json, os, sys
notes = []
FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "pty.",
             "urllib.", "ftplib.", "smtplib.", "http.client")
CHANGES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.link",
           "os.symlink", "os.truncate", "os.utime", "shutil.rmtree", "tempfile.", "sqlite3.connect")
def watch(event, args):
    if event.startswith(FORBIDDEN):
        notes.append(["forbidden", event, repr(args)])
    elif event.startswith(CHANGES) and not (args and isinstance(args[0], int)):
        notes.append(["change", event, os.path.abspath(os.fsdecode(args[0])) if args and
                      isinstance(args[0], (str, bytes, os.PathLike)) else repr(args)])
    elif event == "open" and isinstance(args[0], (str, bytes)) and args[2] & 0o3:
        notes.append(["write", event, os.path.abspath(os.fsdecode(args[0]))])
    elif event in ("exec", "compile") and sys._getframe(1).f_globals.get("__name__", "") \\
            .split(".")[0] in ("logtool", "parsers"):
        notes.append(["forbidden", event, ""])
sys.dont_write_bytecode = True
from logtool.__main__ import run
sys.addaudithook(watch)
code = run(sys.argv[1:])
os.write(2, b"NOTES" + json.dumps(notes).encode())
os._exit(code)
"""

COMMANDS = (
    ["normalize", "-o", "{}/out.log", "{}/error.log"], ["normalize", "--sort", "{}/error.log"],
    ["normalize", "-"], ["clocks", "{}/error.log"], ["flags", "{}/error.log"],
    ["pairs", "{}/error.log"], ["report", "{}/error.log"],
    ["report", "-o", "{}/out.html", "{}/error.log"], ["export", "-o", "{}/out.csv", "{}/error.log"],
    ["export", "-o", "{}/out.parquet", "{}/error.log"],
    ["query", "SELECT count(*) FROM log", "{}/error.log"],
    ["format", "detect", "{}/error.log"], ["format", "config", "{}/httpd.conf"],
    ["normalize", "--config", "{}/httpd.conf", "{}/error.log"], ["explain", "--list"],
)  # fmt: skip

#: A configuration that asks for what must not be done.
_CONFIG = """
ErrorLog "|/bin/sh -c 'touch {0}/ran'"
CustomLog "|touch {0}/ran" common
Include /proc/self/environ
Include {0}/nowhere/*.conf
ErrorLogFormat "[%t] [%l] $(touch {0}/ran) `touch {0}/ran` %M"
Define X `touch {0}/ran`
"""


def _folder(path: Path) -> Path:
    for name in ("error.log", "access.log"):
        shutil.copy(SAMPLE_LOGS / "berlin_utc_django" / name, path / name)
    (path / "httpd.conf").write_text(_CONFIG.format(path))
    return path


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_audited(command: list[str], tmp_path: Path) -> None:
    """No socket, no program, no eval; files are written only in the output's folder or the spool's.

    The output's own folder holds nothing but the output afterwards.
    """
    folder, spool = tmp_path / "logs", tmp_path / "spool"
    folder.mkdir()
    spool.mkdir()
    before = {path.name for path in _folder(folder).iterdir()}
    words = [word.format(folder) for word in command]

    ran = subprocess.run(
        [sys.executable, "-c", _WATCHED, *words], cwd=ROOT, check=False, capture_output=True,
        input=(folder / "error.log").read_bytes(),
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(spool), "HOME": "/nonexistent"},
    )  # fmt: skip
    assert b"Traceback" not in ran.stderr
    notes = json.loads(ran.stderr.rpartition(b"NOTES")[2])

    allowed = (str(folder), str(spool), "/dev/null")
    assert [note for note in notes if note[0] == "forbidden"] == []
    assert [
        note for note in notes if note[0] != "forbidden" and not note[2].startswith(allowed)
    ] == []
    made = {path.name for path in folder.iterdir()} - before
    assert made == {Path(word).name for word in words if "/out." in word}
    assert list(spool.iterdir()) == []


#: Calls that make, change or remove what is in a folder; files are opened in many ways.
_CHANGES = (
    "openat,open,creat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,"
    "symlink,symlinkat,truncate,chmod,fchmodat,chown,fchownat,utimensat,mknod,mknodat"
)
_OWN_CHILDREN = re.compile(r"^\d+ +(?:clone3?|fork|vfork|kill)\(")
#: Ends and signals; the second line of a call that another thread interrupts, which says only that
#: it ended; and a thread that the process's end kills as it enters a call, which is not made then.
_NO_CALL = re.compile(r"\+\+\+|--- SIG| resumed>|^\d+ +\?\?\?\( <detached \.\.\.>$")
_ONLY_READS = re.compile(r"open(?:at)?\((?!.*O_(?:WRONLY|RDWR|CREAT|TRUNC|TMPFILE))|/dev/null")


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("command", COMMANDS[:9:2], ids=" ".join)
def test_traced(command: list[str], tmp_path: Path) -> None:
    """The kernel sees no socket and no program either, whatever libraries do behind Python.

    Nor does it see anything made, changed or removed outside the output's folder and the spool's.
    """
    folder = tmp_path / "logs"
    folder.mkdir()
    seen = _traced(command, _folder(folder), tmp_path)
    assert not re.search(r"SIGCHLD|kill\(", (tmp_path / "trace").read_text())
    assert bool(seen) is ("-o" in command or command[-1] == "-")


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="a single core has no use of children")
@pytest.mark.parametrize("command", [COMMANDS[0], COMMANDS[4]], ids=" ".join)
def test_children_are_traced(command: list[str], tmp_path: Path) -> None:
    """Child processes of a large log do no more: no socket, no program, no file.

    They are ended by whoever started them, and by nobody else.
    """
    folder = tmp_path / "logs"
    folder.mkdir()
    log = _folder(folder) / "error.log"
    log.write_bytes(log.read_bytes() + (b"x" * 20_000 + b"\n") * 1000)

    seen = _traced(command, folder, tmp_path)

    trace = (tmp_path / "trace").read_text()
    # A call that another process interrupts is told in two lines.
    born = re.findall(r"^\d+ +(?:<\.\.\. )?(?:clone3?|fork)\b.* = (\d+)$", trace, re.MULTILINE)
    killed = re.findall(r"^(\d+) +kill\((\d+), SIGKILL(?:\)| <unfinished)", trace, re.MULTILINE)
    assert len(killed) >= 2
    assert {by for by, _ in killed} == {trace.split(" ", 1)[0]}
    children = {whom for _, whom in killed}
    assert children <= {*born}
    assert [line for line in seen if line.split(" ", 1)[0] in children] == []


def _traced(command: list[str], folder: Path, beside: Path) -> list[str]:
    """What a word makes, changes and removes, all of which is in its folder or in the spool's.

    Each line begins with the number of the process. What reads, forks, or ends a child is left out.
    """
    spool, trace = beside / "spool", beside / "trace"
    spool.mkdir()
    words = [word.format(folder) for word in command]
    calls = "socket,connect,bind,sendto,execve,execveat,fork,vfork,clone,clone3,ptrace,mount,kill,"
    calls += _CHANGES

    ran = subprocess.run(
        ["strace", "-f", "-qq", "-y", "-o", str(trace), "-e", f"trace={calls}", sys.executable,
         "-B", "-m", "logtool", *words],
        cwd=ROOT, check=False, capture_output=True, input=(folder / "error.log").read_bytes(),
        env={"PATH": "/usr/bin:/bin", "TMPDIR": str(spool), "HOME": "/nonexistent"},
    )  # fmt: skip
    if b"ptrace" in ran.stderr.lower():
        pytest.skip("tracing is forbidden here")

    told = trace.read_text().splitlines()
    lines = [line for line in told if not _NO_CALL.search(line)]
    seen = [line for line in lines if not _ONLY_READS.search(line)]
    assert ran.returncode == 0
    assert "execve(" in seen.pop(0)  # the program itself
    seen = [line for line in seen if not _OWN_CHILDREN.search(line)]
    assert [line for line in seen if str(folder) not in line and str(spool) not in line] == []
    return seen
