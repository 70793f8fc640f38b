"""What is read is never written to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from logtool.commands.sparing import spare_inputs
from tests.test_cli import ERRLOG, SAMPLE, errlog


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["normalize", "-o", "error.log", "error.log"], "error.log: this file"),
        (
            ["normalize", "--sort", "-o", "soft.log", "error.log"],
            "soft.log: what is there is error.log, which",
        ),
        (
            ["normalize", "-o", "hard.log", "error.log"],
            "hard.log: what is there is error.log, which",
        ),
        (
            ["normalize", "-o", "error.log", "soft.log"],
            "error.log: what is there is soft.log, which",
        ),
        (["normalize", "-o", "error.log", "missing.log", "err*.log*"], "error.log: this file"),
        (["normalize", "-o", "error.log.1", "."], "error.log.1: this file"),
        (
            ["normalize", "--follow", "--output-file", "error.log", "error.log"],
            "error.log: this file",
        ),
        (
            ["normalize", "--cursor-file", "cursor", "-o", "error.log", "error.log"],
            "error.log: this file",
        ),
        (
            ["normalize", "--since", "2020-01-01", "-o", "error.log", "error.log"],
            "error.log: this file",
        ),
        (["report", "-o", "error.txt", "error.txt"], "error.txt: this file"),
        (["report", "--by-host", "-o", "web1/error.txt", "."], "web1/error.txt: this file"),
        (
            ["report", "--host-pattern", "web.", "-o", "web1/error.txt", "."],
            "web1/error.txt: this file",
        ),
        (["export", "-o", "error.csv", "error.csv"], "error.csv: this file"),
        (
            ["export", "--partition", "-o", "web1.csv", "web1.csv/error.log"],
            "web1.csv: what is there is web1.csv/error.log, which",
        ),
    ],
)
def test_an_output_that_is_an_input_is_refused(words: list[str], told: str, tmp_path: Path) -> None:
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
    assert ran.stderr.decode() == f"errlog: {told} is to be read; write to another place\n"
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

    for ran, name in ((streams, "standard input"), (named, log)):
        told = f"standard output: what is there is {name}, which is to be read"
        assert ran.returncode == 2
        assert told in ran.stderr.decode()
    assert log.read_bytes() == SAMPLE.read_bytes()


def test_a_file_of_the_same_folder_is_written(tmp_path: Path) -> None:
    """Only what is read is spared: an output that is there already is replaced."""
    shutil.copy(SAMPLE, tmp_path / "error.log")
    out = tmp_path / "utc.log"
    out.write_text("old")

    assert errlog("normalize", "-o", out, tmp_path).returncode == 0
    assert out.read_bytes() != b"old"


def test_what_is_no_file_is_spared_by_nobody() -> None:
    """A device, as a terminal is one, may be read and written to at once."""
    with Path(os.devnull).open("r+b") as device:
        ran = subprocess.run(
            [*ERRLOG, "normalize", "-q"],
            stdin=device,
            stdout=device,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_closed_input_is_no_file_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-` is standard input, also where that is closed and a file is called so."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "__stdin__", None)
    for name in ("-", "out.log"):
        tmp_path.joinpath(name).touch()
        spare_inputs(f"./{name}", ["-"])


def test_a_folder_called_as_standard_output_is_read(tmp_path: Path) -> None:
    """Only in words is standard output a name."""
    folder = tmp_path / "standard output"
    folder.mkdir()
    shutil.copy(SAMPLE, folder / "error.log")

    ran = subprocess.run(
        [*ERRLOG, "normalize", "-q", folder.name], cwd=tmp_path, capture_output=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, b"")


@pytest.mark.parametrize(
    "words",
    [
        ["normalize", "loop.log"],
        ["normalize", "-o", "loop.log", "error.log"],
        ["normalize", "-o", "out.log", "--cursor-file", "loop.log", "error.log"],
        ["report", "--new-since", "loop.log", "error.log"],
        ["export", "-o", "loop.csv", "error.log"],
    ],
)
def test_links_that_lead_to_each_other(words: list[str], tmp_path: Path) -> None:
    """What the system says of them is told, and they stay as they are."""
    shutil.copy(SAMPLE, tmp_path / "error.log")
    loop = next(tmp_path / word for word in words if word.startswith("loop"))
    loop.symlink_to(loop.name)

    with (tmp_path / "told").open("wb") as out:
        ran = subprocess.run(
            [*ERRLOG, *words], cwd=tmp_path, stdout=out, stderr=subprocess.PIPE, check=False
        )
    assert ran.returncode == 3
    assert ran.stderr.decode().endswith(f"{loop.name}: Too many levels of symbolic links\n")
    assert loop.is_symlink()
