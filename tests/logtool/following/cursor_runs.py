"""Cursor runs: `errlog normalize --cursor-file` of a log of numbered lines, and its rotation."""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path

import pytest

from logtool.__main__ import run
from logtool.commands import live_files

LINE = "[2026-11-23 10:00:{:02}.000000 +0000] [core:notice] [pid 1:tid 1] m{}\n"


def append(path: Path, first: int, last: int) -> None:
    """Write numbered lines."""
    with path.open("a") as file:
        file.writelines(LINE.format(number, number) for number in range(first, last))


def words(tmp_path: Path, *names: str) -> list[str]:
    """The command of a run."""
    files = [str(tmp_path / name) for name in names or ("error.log",)]
    output = ["--no-neighbours", "-o", str(tmp_path / "out")]
    return ["normalize", "-q", *output, "--cursor-file", str(tmp_path / "cursor"), *files]


def new(tmp_path: Path, *names: str, status: int | None = 0) -> list[int]:
    """The numbers of the lines that a run gives; it ends with a status, unless that is None."""
    output = tmp_path / "out"
    output.unlink(missing_ok=True)
    ended = run(words(tmp_path, *names))
    assert status in (None, ended)
    return [int(line.rpartition("m")[2]) for line in output.read_text().splitlines()]


def killed(words: list[str], step: str) -> None:
    """Run errlog in a child that is ended where it would take a step of `live_files`."""
    if (child := os.fork()) == 0:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(live_files, step, lambda *_: os._exit(9))
            run(words)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def rename(log: Path) -> None:
    """Rotate by another name."""
    log.rename(log.with_name("error.log.1"))


def compress(log: Path) -> None:
    """Rotate into a compressed file."""
    log.with_name("error.log.1.gz").write_bytes(gzip.compress(log.read_bytes()))
    log.unlink()


def copy(log: Path) -> None:
    """Rotate by a copy."""
    shutil.copy(log, log.with_name("error.log.1"))
    os.truncate(log, 0)
