"""Apart: what children read makes the report that one process makes, whatever happens to them."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from benchmarks.large_log import lives

#: Runs a report of small logs as of large ones; `how` changes what the children meet.
DRIVER = """
import os, signal, sys
from logtool.program import prepare, run

prepare()
from logtool.reports import apart, making

how = sys.argv[1]
make, windows = apart.children_for, apart.windows_of
made = []

def children_for(*given):
    apart._WORTH = 0
    made.append(make(*given))
    return made[-1]

def watched(logs):
    for number, window in enumerate(windows(logs)):
        if how == "killed" and number == 4:
            os.kill(made[0]._children[1]._pid, signal.SIGKILL)
        if how == "changed" and number == 4:
            with open(logs[-1].source.name, "r+b") as log:
                log.seek(5 << 20)
                log.write(b"X")
        yield window

making.children_for = (lambda *given: None) if how == "here" else children_for
apart.windows_of = watched
status = run(["report", "--server-tz", "Europe/Berlin", *sys.argv[2:]])
assert how == "here" or made[0] is not None, "there were no children"
sys.exit(status)
"""


@pytest.fixture(name="logs", scope="module")
def _logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three members of a rotated set, the oldest compressed, one with lines that nobody knows."""
    folder = tmp_path_factory.mktemp("logs")
    texts = [b"".join(islice(some, 560)) for some in [lives(vary=True)] for _ in range(3)]
    assert all(len(text) > 9 << 20 for text in texts)
    (folder / "error.log.2.gz").write_bytes(gzip.compress(texts[0], 1))
    (folder / "error.log.1").write_bytes(texts[1] + b"what is that?\n\xff\xfe\n")
    (folder / "error.log").write_bytes(texts[2][:-40])
    return folder


def _report(how: str, logs: Path, out: Path, *options: str) -> dict[str, Any]:
    """The report as JSON, without when it was made."""
    told = out / f"{how}.json"
    command = [sys.executable, "-c", DRIVER, how, "-q", str(logs), "-o", str(told), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(told.read_text())
    return {name: value for name, value in found.items() if name != "made_utc"}


def test_children_make_the_same_report(logs: Path, tmp_path: Path) -> None:
    """Every number, of logs that are compressed and that are not."""
    assert _report("apart", logs, tmp_path) == _report("here", logs, tmp_path)


def test_children_choose_lines(logs: Path, tmp_path: Path) -> None:
    """Children leave out the lines that are not asked for."""
    options = ("--level", "warn", "--grep", "shop|Trace")
    told = _report("apart", logs, tmp_path, *options)

    assert told == _report("here", logs, tmp_path, *options)
    assert told["hosts"][0]["lines"] > 0


def test_a_child_that_dies(logs: Path, tmp_path: Path) -> None:
    """What a dead child leaves undone is done here."""
    assert _report("killed", logs, tmp_path) == _report("here", logs, tmp_path)


def test_a_log_that_changes_in_between(logs: Path, tmp_path: Path) -> None:
    """A log that is written over between two readings is read on, and no fault of errlog's."""
    whole = _report("here", logs, tmp_path)["hosts"][0]
    changed = _report("changed", logs, tmp_path)["hosts"][0]

    assert abs(changed["lines"] - whole["lines"]) <= 1
    assert [one["name"] for one in changed["files"]] == [one["name"] for one in whole["files"]]


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--grep", "(", "errlog: --grep: '(' is no regular expression"),
        ("--rules", "{}/none.toml", "none.toml"),
    ],
)
def test_what_is_refused_is_told_at_once(
    option: str, value: str, told: str, tmp_path: Path
) -> None:
    """A bad expression or rule file is told before any log is read."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # nobody writes into it: whoever reads it waits for ever
    command = [sys.executable, "-m", "logtool", "report", str(pipe), option, value.format(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode in (2, 3)
    assert told in done.stderr
    assert len(done.stderr.splitlines()) <= 3
