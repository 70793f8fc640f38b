"""Apart: a child process finds what is found without it, also where it dies."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from parsers.blocks import BLOCK_SIZE
from tests.logtool.flags.test_sieved import lines_with_problems

#: Runs `errlog flags` of a log; `how` changes who finds what.
DRIVER = """
import os, signal, sys
from logtool.machine.preparing import prepare
from logtool.program import run

prepare()
from logtool.commands import flags
from logtool.flags.apart import Child
from logtool.passes import children, first, logs, working

how = sys.argv[1]
logs._WORTH_CHILDREN = 4 << 20
found = Child.found

def watched(child, table):
    if how == "killed":
        os.kill(child._workers._children[0]._pid, signal.SIGKILL)
    problems = found(child, table)
    with open(os.environ["TOLD"], "w") as told:
        told.write("here" if problems is None else "apart")
    return problems

Child.found = watched
if how == "here":
    for module in (children, first, working):
        module.can_work_apart = lambda: False
sys.exit(run(["flags", "-q", "--server-tz", "Europe/Berlin", "--no-neighbours", *sys.argv[2:]]))
"""


@pytest.fixture(name="log", scope="module")
def _log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("logs") / "error.log"
    path.write_bytes(lines_with_problems()[: 3 * BLOCK_SIZE])
    return path


def _flags(how: str, log: Path, *options: str) -> tuple[str, str]:
    """What is told of a log, and who found it."""
    told = log.parent / how
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, how, str(log), *options],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"TOLD": str(told)},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout, told.read_text()


@pytest.mark.parametrize("options", [(), ("--json",), ("--rule", "memory-exhausted")])
def test_a_child_finds_the_same(options: tuple[str, ...], log: Path) -> None:
    """Every byte, as text and as JSON, of all rules and of one."""
    expected, by = _flags("here", log, *options)
    assert by == "here"
    assert "memory-exhausted" in expected
    assert _flags("apart", log, *options) == (expected, "apart")


def test_a_child_that_dies(log: Path) -> None:
    """What a dead child leaves undone is done here."""
    assert _flags("killed", log) == (_flags("here", log)[0], "here")


def test_who_asks_for_lines_has_no_child(log: Path) -> None:
    """Polars is loaded before the log is read then."""
    options = ("--grep", "MemoryError")
    assert _flags("apart", log, *options) == _flags("here", log, *options)
