"""Where too few files may be open at once, that is one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.logtool.following.cursor_runs import append

ROOT = Path(__file__).parents[3]
TOLD = b"errlog: Too many open files: more are needed than may be open at once; raise the limit "


@pytest.mark.parametrize("limit", range(5, 13))
@pytest.mark.parametrize("words", [["report"], ["query", "SELECT count(*) FROM log"]])
def test_few(limit: int, words: list[str], tmp_path: Path) -> None:
    """Nobody sees how polars ends, or Python, where a module cannot be opened."""
    append(tmp_path / "error.log", 0, 3)
    command = [sys.executable, "-m", "logtool", *words, str(tmp_path / "error.log")]
    ran = subprocess.run(
        ["bash", "-c", f'ulimit -n {limit}; exec "$@"', "bash", *command],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) in [(3, TOLD + b"(ulimit -n)\n"), (0, b"")]


@pytest.mark.parametrize("words", [["normalize", "-q"], ["query", "SELECT line FROM log"]])
def test_many_logs(words: list[str], tmp_path: Path) -> None:
    """More logs than may be open at first are read all the same, where the system allows that."""
    for number in range(99):
        append(tmp_path / f"v{number}-error.log", number % 60, number % 60 + 1)
    command = [sys.executable, "-m", "logtool", *words, str(tmp_path)]
    ran = subprocess.run(
        ["bash", "-c", 'ulimit -S -n 40; exec "$@"', "bash", *command],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.count(b"\n") >= 99
