"""What is read is never written to."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.test_cli import ERRLOG, SAMPLE, errlog


@pytest.mark.parametrize(
    "words",
    [
        ["normalize", "-o", "error.log", "error.log"],
        ["normalize", "--sort", "-o", "soft.log", "error.log"],
        ["normalize", "-o", "hard.log", "error.log"],
        ["normalize", "-o", "error.log", "soft.log"],
        ["normalize", "-o", "error.log", "missing.log", "err*.log*"],
        ["normalize", "-o", "error.log.1", "."],
        ["normalize", "--follow", "--output-file", "error.log", "error.log"],
        ["normalize", "--cursor-file", "cursor", "-o", "error.log", "error.log"],
        ["normalize", "--since", "2020-01-01", "-o", "error.log", "error.log"],
        ["report", "-o", "error.txt", "error.txt"],
        ["report", "--by-host", "-o", "web1/error.txt", "."],
        ["export", "-o", "error.csv", "error.csv"],
        ["export", "--partition", "-o", "web1.csv", "web1.csv/error.log"],
    ],
)
def test_an_output_that_is_an_input_is_refused(words: list[str], tmp_path: Path) -> None:
    """It is wrong usage, told in one line, and every file stays as it was."""
    for folder in ("web1", "web1.csv"):
        tmp_path.joinpath(folder).mkdir()
    for name in ("error.log", "error.log.1", "error.txt", "error.csv", "web1/error.txt",
                 "web1.csv/error.log"):  # fmt: skip
        shutil.copy(SAMPLE, tmp_path / name)
    os.link(tmp_path / "error.log", tmp_path / "hard.log")
    tmp_path.joinpath("soft.log").symlink_to("error.log")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    ran = subprocess.run([*ERRLOG, *words], cwd=tmp_path, capture_output=True, check=False)

    assert ran.returncode == 2
    assert b"is to be read" in ran.stderr
    assert ran.stderr.count(b"\n") == 1
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_standard_streams_of_one_file_are_refused(tmp_path: Path) -> None:
    """`errlog normalize < error.log >> error.log` would read what it writes."""
    log = tmp_path / "error.log"
    shutil.copy(SAMPLE, log)

    with log.open("rb") as read, log.open("ab") as written:
        streams = subprocess.run(
            [*ERRLOG, "normalize"], stdin=read, stdout=written, stderr=subprocess.PIPE, check=False
        )
    with log.open("ab") as written:
        named = subprocess.run(
            [*ERRLOG, "normalize", log], stdout=written, stderr=subprocess.PIPE, check=False
        )

    assert (streams.returncode, named.returncode) == (2, 2)
    assert log.read_bytes() == SAMPLE.read_bytes()


def test_a_file_of_the_same_folder_is_written(tmp_path: Path) -> None:
    """Only what is read is spared: an output that is there already is replaced."""
    shutil.copy(SAMPLE, tmp_path / "error.log")
    out = tmp_path / "utc.log"
    out.write_text("old")

    assert errlog("normalize", "-o", out, tmp_path).returncode == 0
    assert out.read_bytes() != b"old"
