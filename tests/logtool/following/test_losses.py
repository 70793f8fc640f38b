"""What is lost to a run with a cursor is told by one that comes to its end; nothing else is."""

from __future__ import annotations

import gzip
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from logtool.__main__ import run
from logtool.following.tails import PAUSE_S
from tests.logtool.following.cursor_runs import append, copy, killed, new, words
from tests.logtool.following.started import Start, await_lines, line

#: So many members has a circle, and so many lines each.
CIRCLE, LINES = 3, 2


def fill_circle(folder: Path, first: int, last: int) -> None:
    """Write members of a circle, by how many were begun before."""
    for times in range(first, last):
        number = times % CIRCLE
        member = folder / (f"error.log.{number}" if number else "error.log")
        member.write_bytes(b"")
        append(member, LINES * times, LINES * times + LINES)


@pytest.mark.parametrize("steps", [["tell_found"], ["say"], ["tell_found", "say", "find_clocks"]])
@pytest.mark.parametrize("was_empty", [True, False])
def test_a_loss_is_told_however_many_runs_are_killed(
    was_empty: bool, steps: Sequence[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """By the next one that ends, once, though what a killed one saved hides the place of the loss.

    So it is where the last member of a circle was written over, and where it was empty before.
    """
    folder = tmp_path / "logs"
    folder.mkdir()
    fill_circle(folder, 0, 1)
    if was_empty:
        (folder / "error.log").write_bytes(b"")
    new(tmp_path, "logs")
    fill_circle(folder, 1, 2 * CIRCLE)
    for step in steps:
        killed(words(tmp_path, "logs"), step)
    capfd.readouterr()

    assert run(words(tmp_path, "logs")) == 3
    assert capfd.readouterr().err.count("lines may be missing") == 1
    assert new(tmp_path, "logs") == []
    assert not capfd.readouterr().err


@pytest.mark.parametrize("packed", [False, True])
def test_copies_that_a_following_run_has_seen_made(
    packed: bool, tmp_path: Path, start: Start, capfd: pytest.CaptureFixture[str]
) -> None:
    """They are no news to the next run, though the log is empty by then and tells nothing."""
    log, out = tmp_path / "error.log", tmp_path / "out"
    log.write_bytes(line(0))
    running = start("-qf", "--no-neighbours", "--cursor-file", "cursor", "-o", "out", "error.log")
    await_lines(out, 1)
    for number in (3, 2, 1):
        with log.open("ab", 0) as file:
            file.write(line(9 - number))
        await_lines(out, 5 - number)
        copy(log)
        (tmp_path / "error.log.1").rename(member := tmp_path / f"error.log.{number}")
        if packed:
            member.with_name(f"{member.name}.gz").write_bytes(gzip.compress(member.read_bytes()))
            member.unlink()
    time.sleep(3 * PAUSE_S)  # it sees that the log is empty
    running.terminate()
    assert running.wait() == 0
    capfd.readouterr()

    assert new(tmp_path) == []
    with log.open("ab", 0) as file:
        file.write(line(9))
    assert new(tmp_path) == [9]
    assert not capfd.readouterr().err
