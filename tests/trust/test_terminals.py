"""On a terminal nothing of a log acts, be it lines as they are written or the names of files."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from logtool.commands.progress import Progress
from logtool.following.coming import Coming, coming_log
from tests.logtool.tui.pilots import DJANGO, Flight, fly
from tests.trust.hostile import NAME, RAW_CONTROL, hostile_log
from tests.trust.running import ERRLOG, ROOT, errlog

#: A name that is no UTF-8 and of two lines, the second of which speaks for errlog.
FORGED = b"errlog: all is well"
NAME_OF_BYTES = b"x\n" + FORGED + b"\xff" + os.fsencode(NAME)
#: errlog's own colours, and how it wipes away how far it has come.
_OWN = re.compile("\x1b\\[[0-9;]*m|\r\x1b\\[K")
#: `{}` is the log; what is written to a terminal are lines of it.
OF_LINES = (
    ["normalize", "{}"], ["normalize", "--sort", "{}"], ["normalize", "-x", "-v", "{}"],
    ["normalize", "-l", "debug", "{}"], ["normalize", "--time", "keep", "{}"],
)  # fmt: skip
#: And here what was found in it.
OF_FINDINGS = (
    ["clocks", "{}"], ["flags", "-v", "{}"], ["pairs", "-x", "{}"], ["report", "{}"],
    ["query", "SELECT * FROM log", "{}"], ["query", "SELECT array_agg(message) FROM log", "{}"],
    ["query", 'SELECT 1 AS "\x1b[2J" FROM log', "{}"], ["format", "detect", "{}"],
    ["clocks", "{}", "/nowhere/\x1b[2J\nerrlog: all is well"],
)  # fmt: skip

#: errlog that tells at once how far it is.
IMPATIENT = (
    sys.executable, "-c", "import sys, logtool.commands.progress as p; p._PATIENCE = p._PAUSE = 0;"
    "from logtool.__main__ import run; sys.exit(run(sys.argv[1:]))",
)  # fmt: skip


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hostile log with a hostile name of bytes."""
    path = os.fsencode(tmp_path_factory.mktemp("hostile")) + b"/" + NAME_OF_BYTES
    Path(os.fsdecode(path)).write_bytes(hostile_log())
    return Path(os.fsdecode(path))


def _on_a_terminal(*words: str, program: Sequence[str] = ERRLOG) -> tuple[int, str]:
    """The exit status of a word, and what it writes to a terminal."""
    ours, theirs = pty.openpty()
    shown: list[bytes] = []

    def read() -> None:
        while True:
            try:
                shown.append(os.read(ours, 1 << 16))
            except OSError:  # nobody holds the other end any more
                return

    ran = subprocess.Popen([*program, *words], cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    reader = threading.Thread(target=read)
    reader.start()
    status = ran.wait()
    reader.join()
    os.close(ours)
    return status, b"".join(shown).decode().replace("\r\n", "\n")


@pytest.mark.parametrize("words", [*OF_LINES, *OF_FINDINGS], ids=lambda words: ascii(words[:2]))
def test_nothing_acts(words: list[str], log: Path) -> None:
    """No control of a log's lines or name but tabs reaches a terminal; no line is forged by it."""
    status, shown = _on_a_terminal(*(str(log) if word == "{}" else word for word in words))

    assert status in (0, 3)
    assert "a mistake in errlog" not in shown
    assert set(RAW_CONTROL.findall(_OWN.sub("", shown))) <= ({"\t"} if words in OF_LINES else set())
    assert not [line for line in shown.split("\n") if line.startswith(FORGED.decode())]


def test_elsewhere_every_byte_is_kept(log: Path) -> None:
    """What goes into a file or a pipe is what stood in the log."""
    written = errlog("normalize", "-q", log).stdout

    assert len(RAW_CONTROL.findall(written.decode())) == len(
        RAW_CONTROL.findall(hostile_log().decode())
    )


@pytest.mark.parametrize("ending", ["html", "md", "json", "csv"])
def test_reports_of_a_name_of_bytes(ending: str, log: Path, tmp_path: Path) -> None:
    """A name that is no UTF-8 stands in a report as text, its bytes written out."""
    target = tmp_path / f"x.{ending}"
    ran = errlog("report", "-o", target, log)

    assert (ran.returncode, ran.stderr.count(b"mistake")) == (0, 0)
    assert "\\xff" in target.read_text()
    assert not [line for line in target.read_bytes().split(b"\n") if line.startswith(FORGED)]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "db"])
def test_tables_of_a_name_of_bytes(ending: str, log: Path, tmp_path: Path) -> None:
    """So it does in a table, which is made as that of any other log."""
    ran = errlog("export", "-q", "-o", tmp_path / f"x.{ending}", log)

    assert (ran.returncode, ran.stderr) == (0, b"")


def test_progress_tells_names_safely(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """How far a long reading has come is told with the file's name, written out."""
    monkeypatch.setattr("logtool.commands.progress._PATIENCE", 0.0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Progress(shown=True) as progress:
        progress.tell("reading", coming_log(0, Coming("-", NAME)), 1)

    told = capsys.readouterr().err
    assert "reading" in told
    assert RAW_CONTROL.findall(_OWN.sub("", told)) == []


@pytest.mark.parametrize(
    "words",
    [["normalize"], ["normalize", "-l", "debug"], ["clocks"], ["flags"], ["pairs"], ["report"]],
    ids=lambda words: words[-1],
)
def test_progress_is_wiped_away_before_anything_is_written(words: list[str]) -> None:
    """Each word that reads for long tells how far it is, and no line of its own stands behind."""
    status, shown = _on_a_terminal(*words, str(DJANGO), program=IMPATIENT)

    assert status == 0
    assert "finding clocks in" in shown
    assert re.findall("(?:finding clocks in|counting|writing) [^\r]*\n", shown) == []


def test_view_of_a_name_of_bytes(log: Path, tmp_path: Path) -> None:
    """The screen shows such a log, and no control of its name."""

    async def steps(flight: Flight) -> None:
        assert "AH00489" in flight.dump()
        for keys in ("C", "escape", "P", "escape", "i", "escape", "enter"):
            await flight.press(keys)
            assert not RAW_CONTROL.findall(flight.dump())

    fly([log], steps, state=tmp_path / "state")
