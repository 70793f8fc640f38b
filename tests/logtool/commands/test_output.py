"""Output of a command whose reader leaves early."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_cli import ERRLOG, ROOT, SAMPLE

CRASH = ROOT / "sample_logs" / "daemon_crash_and_rebirth" / "error.log"


@pytest.fixture
def unread() -> Iterator[int]:
    """A pipe that nobody reads."""
    reads, writes = os.pipe()
    os.close(reads)
    yield writes
    os.close(writes)


def unread_run(unread: int, *arguments: object) -> tuple[int, str]:
    """Run errlog without a reader; gives its exit status and standard error."""
    command = [*ERRLOG, *map(str, arguments), "-q", "--no-neighbours"]
    ran = subprocess.run(command, cwd=ROOT, stdout=unread, stderr=subprocess.PIPE, check=False)
    return ran.returncode, ran.stderr.decode()


@pytest.mark.parametrize(
    "words",
    [
        ["normalize"],
        ["normalize", "-l", "debug"],
        ["clocks"],
        ["flags"],
        ["pairs"],
        ["report"],
        ["query", "SELECT * FROM log"],
    ],
    ids=" ".join,
)
def test_strict_without_a_reader(words: list[str], unread: int, tmp_path: Path) -> None:
    """`errlog … --strict | head` looks at all lines, and its exit status tells what it found."""
    log = tmp_path / "error.log"
    log.write_bytes(SAMPLE.read_bytes() + b"a raw line\n")
    words = [*words, "--server-tz", "Europe/Berlin"]

    status, said = unread_run(unread, *words, "--strict", log)

    assert status == 1
    assert said.startswith("errlog: --strict: 1 line without a layout")


@pytest.mark.parametrize("words", [["normalize"], ["clocks"], ["flags"]], ids=" ".join)
def test_standard_error_may_be_closed(words: list[str]) -> None:
    """What is told there is heard by nobody; the rest is as ever."""
    command = [*ERRLOG, *words, "--no-neighbours", str(SAMPLE)]
    heard = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    shell = ["sh", "-c", 'exec "$@" 2>&-', "sh", *command]
    assert subprocess.run(shell, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout == heard


def test_report_without_a_reader(unread: int, tmp_path: Path) -> None:
    """--fail-on keeps its exit status; what nobody read is told as new the next time."""
    state = tmp_path / "state"

    assert unread_run(unread, "report", "--fail-on", "notice", "--new-since", state, CRASH) == (
        1,
        "",
    )
    assert not state.exists()
