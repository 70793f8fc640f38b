"""What is lost to a run with a cursor is told by one that comes to its end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from logtool.__main__ import run
from tests.logtool.following.cursor_runs import append, killed, new, words

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
