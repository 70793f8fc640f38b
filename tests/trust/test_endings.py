"""Killed or interrupted at any moment: quiet, no trace left, every file the old or the new one."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from logtool.following.begun import Begun
from tests.trust.running import ROOT, SAMPLE_LOGS, errlog

SAMPLE = SAMPLE_LOGS / "berlin_utc_django" / "error.log"

#: Runs errlog, and says when an interrupt is its own matter: before, Python tells it at length.
_SAID = """
import os, sys
from logtool.__main__ import main
from logtool.machine.ending import end_at_once
end_at_once()
os.write(int(sys.argv.pop(1)), b"!")
main()
"""
#: Has itself interrupted as soon as a module is asked for.
_AT_A_MODULE = """
import os, signal, sys
from logtool.__main__ import main

class Interrupt:
    def find_spec(name, *_):
        if name == sys.argv[1]:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupt)
main()
"""
#: Has itself ended as soon as so many files have their place, with a thread that does not block
#: signals.
_WHEN_REPLACED = """
import os, signal, sys, threading
from logtool import replacing
from logtool.__main__ import main

flush, left = replacing._flush_names, int(sys.argv.pop(1))

def flush_and_end(folder):
    global left
    flush(folder)
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGTERM)

replacing._flush_names = flush_and_end
threading.Thread(target=threading.Event().wait, daemon=True).start()
main()
"""
#: Has itself sent a signal as soon as some of a log was written, before that is counted.
_WHEN_WRITTEN = """
import os, signal, sys
from logtool.__main__ import main

write, number = os.write, int(sys.argv.pop(1))

def write_and_end(fd, data):
    count = write(fd, data)
    if count > 1000:
        os.kill(os.getpid(), number)
    return count

os.write = write_and_end
main()
"""
#: Runs errlog, and says whether polars was loaded, and what threads there are.
_THREADS = """
import sys, threading
from logtool.__main__ import run
from logtool.machine.ending import end_at_once
end_at_once()
run(sys.argv[1:])
print("polars" in sys.modules, [thread.name for thread in threading.enumerate()], file=sys.stderr)
"""
#: `{}` is the folder of the output.
WORDS = (
    ["normalize", "-o", "{}/x.log"], ["normalize", "--sort", "-o", "{}/x.log"], ["clocks"],
    ["flags"], ["pairs"], ["report", "-o", "{}/x.html", "--new-since", "{}/state"],
    ["query", "SELECT level, count(*), max(message) FROM log GROUP BY 1"],
    *(["export", "-o", f"{{}}/x.{ending}"] for ending in ("csv", "parquet", "db")),
    ["export", "--partition", "-o", "{}/x.parquet"], ["clocks", "--explain", "900"],
    ["format", "detect"], ["flags", "--json"], ["report"],
)  # fmt: skip


@pytest.fixture(scope="module")
def long_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log that takes a while."""
    log = tmp_path_factory.mktemp("long") / "error.log"
    log.write_bytes(SAMPLE.read_bytes() * 100)
    return log


def _processor_s(pid: int) -> float:
    """How much processor time a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize(
    ("number", "moments"), [(signal.SIGINT, (0.0, 0.2, 0.5)), (signal.SIGTERM, (0.3,))]
)
@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_interrupted(
    words: list[str],
    number: signal.Signals,
    moments: tuple[float, ...],
    long_log: Path,
    tmp_path: Path,
) -> None:
    """Whatever is being computed: no word, nothing left behind; 128 and the signal's number.

    A run that is done before it hears the signal ends well.
    """
    for moment in moments:
        out, spool = tmp_path / f"out {moment}", tmp_path / f"spool {moment}"
        out.mkdir()
        spool.mkdir()
        said, say = os.pipe()
        script = [sys.executable, "-c", _SAID, str(say), *(word.format(out) for word in words)]
        script += [] if words[0] == "format" else ["-q"]
        with subprocess.Popen(
            [*script, str(long_log)], cwd=ROOT, env={**os.environ, "TMPDIR": str(spool)},
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, pass_fds=[say],
        ) as ran:  # fmt: skip
            os.close(say)
            os.read(said, 1)
            os.close(said)
            before = _processor_s(ran.pid)
            while ran.poll() is None and _processor_s(ran.pid) < before + moment:
                time.sleep(0.005)
            ran.send_signal(number)
            assert ran.stderr is not None
            assert ran.stderr.read() == b""
        assert ran.returncode in (128 + number, 0)
        assert list(spool.iterdir()) == []
        made = {path.name for path in out.iterdir()}
        asked = {Path(word).name for word in words if word.startswith("{}")}
        # Of two files, the first may be in its place when the signal comes.
        assert made == asked if ran.returncode == 0 else made <= {*asked} - {"state"}


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_signals_are_ours(words: list[str], tmp_path: Path) -> None:
    """Where polars is loaded, which takes SIGINT for itself, another thread waits for signals."""
    words = [word.format(tmp_path) for word in words]
    ran = subprocess.run(
        [sys.executable, "-c", _THREADS, *words, str(SAMPLE)],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    loaded, threads = ran.stderr.splitlines()[-1].split(" ", 1)
    assert loaded == "False" or "'ending'" in threads


@pytest.mark.parametrize("module", ["logtool.machine.ending", "logtool.program", "click"])
def test_interrupted_while_modules_are_loaded(module: str) -> None:
    """From the first that `errlog` loads when it is called: no word."""
    ran = subprocess.run(
        [sys.executable, "-c", _AT_A_MODULE, module], cwd=ROOT, capture_output=True, check=False
    )
    assert ran.returncode in (128 + signal.SIGINT, -signal.SIGINT)
    assert (ran.stdout, ran.stderr) == (b"", b"")


def test_little_is_loaded_before_an_interrupt_is_heard() -> None:
    """Python tells at length of one that comes while modules are loaded, so they are few."""
    told = "import sys; before = {*sys.modules}; import logtool; print(*{*sys.modules} - before)"
    ran = subprocess.run(
        [sys.executable, "-S", "-c", told], cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert "logtool" in ran.stdout.split()
    assert not {*ran.stdout.split()} & {"typing", "re", "enum", "collections", "contextlib"}


#: What stands in a file, or in the files of a folder.
Held = bytes | dict[str, bytes]

#: What a file goes through before it is in its place.
_CALLS = "write,pwrite64,fchmod,fsync,fdatasync,rename,renameat,renameat2,unlink,mkdir,rmdir"
#: With what a file is written, its name and what stands in it before.
_KEPT_STATE = (
    "import sys; from pathlib import Path; from logtool.tui.model.state import *; "
    "write_state(Path(sys.argv[1]), State(('new', 7), 'x' * 9000))"
)
_OLD_CURSOR = b'{"errlog_cursor": 1, "saved": 1.0, "logs": {}}'
_OLD_NEWS = b'{"kind": "errlog-state/1", "known": ["old"]}'
_OLD_FOLDER = {"day=2020-01-01/0.csv": b"old\n", "day=2020-01-02/0.csv": b"older\n"}
_RUN = ["-m", "logtool"]
FILES: dict[str, tuple[list[str], str, Held]] = {
    "output": ([*_RUN, "normalize", "-o", "{}/x.log"], "x.log", b"old\n"),
    "report": ([*_RUN, "report", "-o", "{}/x.json"], "x.json", b"{}"),
    "table": ([*_RUN, "export", "-o", "{}/x.csv"], "x.csv", b"old\n"),
    "folder": ([*_RUN, "export", "--partition", "-o", "{}/x.csv"], "x.csv", _OLD_FOLDER),
    "cursor": ([*_RUN, "normalize", "--cursor-file", "{}/c"], "c", _OLD_CURSOR),
    "news": ([*_RUN, "report", "--new-since", "{}/s"], "s", _OLD_NEWS),
    "view": (["-c", _KEPT_STATE, "{}/v.json"], "v.json", b"{}"),
}


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("name", FILES)
def test_killed_at_every_call(name: str, tmp_path: Path) -> None:
    """Killed before any call that writes, renames or removes: all is as it was, or all new."""
    words, file, old = FILES[name]
    log, trace = tmp_path / "error.log", tmp_path / "trace"
    log.write_bytes(SAMPLE.read_bytes())

    def run(*inject: str) -> tuple[int, Held, list[str]]:
        folder = tmp_path / "out"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        _put(folder / file, old)
        strace = ["strace", "-f", "-qq", "-o", str(trace), "-e", f"trace={_CALLS}"]
        errlog = [sys.executable, "-B", *(word.format(folder) for word in words), str(log)]
        ran = subprocess.run(
            [*strace, *inject, *errlog], cwd=ROOT, check=False, capture_output=True
        )
        if b"ptrace" in ran.stderr.lower():
            pytest.skip("tracing is forbidden here")
        beside = [path.name for path in folder.iterdir() if path.name != file]
        return ran.returncode, _held(folder / file), beside

    status, new, beside = run()
    assert (status, beside) == (0, [])
    before = _without_times(old) if isinstance(old, bytes) else old
    assert new != before
    for call, nth in _chosen(_calls(trace.read_text())):
        status, left, beside = run("-e", f"inject={call}:signal=KILL:when={nth}")
        # How often threads write to each other differs from run to run.
        assert status == -signal.SIGKILL or not call.startswith("rename"), (call, nth)
        assert left in (before, new, *(_told_before(new) if name == "cursor" else ())), (call, nth)
        assert all(trace.startswith(f".{file}.") for trace in beside), (call, nth)
        assert len(beside) <= 1, (call, nth)


def _told_before(new: Held) -> Iterator[bytes]:
    """What a first run tells a cursor before it writes: of which logs it reads, and where to."""
    assert isinstance(new, bytes)
    nothing_read = re.sub(rb'"place": \d+', b'"place": 0', new)
    yield nothing_read
    to_a_pipe = json.dumps(asdict(Begun.at(-1)), indent=1).replace("\n", "\n ")
    yield nothing_read.replace(b'"begun": null', f'"begun": {to_a_pipe}'.encode())


def _put(path: Path, held: Held) -> None:
    if isinstance(held, bytes):
        path.write_bytes(held)
        return
    for name, text in held.items():
        (path / name).parent.mkdir(parents=True)
        (path / name).write_bytes(text)


def _held(path: Path) -> Held:
    if path.is_file():
        return _without_times(path.read_bytes())
    files = [one for one in path.rglob("*") if one.is_file()]
    return {str(one.relative_to(path)): one.read_bytes() for one in files}


def _calls(trace: str) -> list[tuple[str, int]]:
    """The calls in a trace, each with how often its thread had made it by then."""
    found: list[tuple[str, int]] = []
    made: Counter[tuple[str, str]] = Counter()
    for thread, call in re.findall(r"^(\d+) +(\w+)\(", trace, re.MULTILINE):
        made[thread, call] += 1
        found.append((call, made[thread, call]))
    return found


def _chosen(calls: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """The first and the last few of them, and those around a renaming."""
    renames = [at for at, (call, _) in enumerate(calls) if call.startswith("rename")]
    assert renames
    near = {at + step for at in renames for step in (-3, -2, -1, 0, 1)}
    ends = {0, 1, 2, len(calls) - 2, len(calls) - 1}
    return list(dict.fromkeys(calls[at] for at in sorted(near | ends) if 0 <= at < len(calls)))


def _without_times(text: bytes) -> bytes:
    """A file without what differs from one run to the next."""
    return re.sub(rb'"(saved|made_utc)": [^,]*', b"", text)


def test_old_cursor_is_one(tmp_path: Path) -> None:
    """What stands in for a cursor above is taken for one, and gets a mark."""
    cursor = tmp_path / "c"
    cursor.write_bytes(_OLD_CURSOR)
    assert errlog("normalize", "-q", "--cursor-file", cursor, SAMPLE).returncode == 0
    assert json.loads(cursor.read_bytes())["logs"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("redirected", [False, True])
def test_ended_as_a_cursor_run_writes(
    number: signal.Signals, tmp_path: Path, *, redirected: bool
) -> None:
    """What a run has appended so far is taken back, so that the next one doubles nothing."""
    output, cursor = tmp_path / "x.log", tmp_path / "c"
    output.write_bytes(b"old\n")
    words = ["normalize", "-q", "--cursor-file", str(cursor), str(SAMPLE)]
    words += [] if redirected else ["-o", str(output)]
    with output.open("ab") as stdout:
        ran = subprocess.run(
            [sys.executable, "-c", _WHEN_WRITTEN, str(int(number)), *words],
            cwd=ROOT, check=False, stdout=stdout, stderr=subprocess.PIPE,
        )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (128 + number, b"")
    assert output.read_bytes() == b"old\n"


@pytest.mark.parametrize("saved", [2, 3, 4])
def test_ended_as_the_cursor_has_been_saved(saved: int, tmp_path: Path) -> None:
    """What the cursor calls given out is not taken back: no run would give it again.

    It is made, told of the log, and of where that is written to, before it says so.
    """
    output, cursor = tmp_path / "x.log", tmp_path / "c"
    words = ["normalize", "-q", "-o", str(output), "--cursor-file", str(cursor)]
    lines = SAMPLE.read_bytes().count(b"\n")
    ran = subprocess.run(
        [sys.executable, "-c", _WHEN_REPLACED, str(saved), *words, str(SAMPLE)],
        cwd=ROOT, check=False, capture_output=True,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (128 + signal.SIGTERM, b"")
    assert output.read_bytes().count(b"\n") == (lines if saved == 4 else 0)

    assert errlog(*words, SAMPLE).returncode == 0
    assert output.read_bytes().count(b"\n") == lines
