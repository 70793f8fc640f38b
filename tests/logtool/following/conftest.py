"""What tests of `errlog normalize` while logs grow need."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.logtool.following.cursor_runs import append
from tests.logtool.following.started import ROOT, Start


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `errlog normalize` in the folder of the test; nothing outlives that."""
    running = []

    def started(*arguments: str, **given: object) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-m", "logtool", "normalize", *arguments],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, **given,
        )  # type: ignore[call-overload]  # fmt: skip
        running.append(process)
        return process

    yield started
    for process in running:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                pipe.close()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of three lines."""
    path = tmp_path / "error.log"
    append(path, 0, 3)
    return path
