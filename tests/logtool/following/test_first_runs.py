"""A first run with a cursor that is ended early leaves nothing behind, or is told of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from logtool.__main__ import run
from logtool.following.cursors import Cursor
from tests.logtool.following.cursor_runs import append, killed, new, rename


@pytest.mark.parametrize("later", [[], ["opened_logs"], ["find_clocks"], ["find_clocks"] * 2])
def test_a_first_run_that_was_killed_as_it_began_is_told_of(
    log: Path, tmp_path: Path, later: Sequence[str], capfd: pytest.CaptureFixture[str]
) -> None:
    """What it would have read may have been rotated away, whatever runs are killed before it tells.

    The run after that is as always.
    """
    words = ["normalize", "-q", "--cursor-file", str(tmp_path / "cursor"), str(log)]
    killed(words, "opened_logs")
    rename(log)
    append(log, 3, 5)
    for step in later:
        killed(words, step)
    capfd.readouterr()

    assert run(words) == 3
    lines, told = capfd.readouterr()
    assert lines.count("\n") == 2
    assert (
        "cursor: the run that made it was ended before it had begun; lines may be missing" in told
    )
    assert run(words) == 0
    assert capfd.readouterr() == ("", "")


def test_a_first_run_that_fails_leaves_no_cursor(
    log: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """So the first one that works is told of nothing; a cursor that knows something stays."""
    words = ["normalize", "-q", "--cursor-file", str(tmp_path / "cursor")]
    assert run([*words, str(tmp_path / "none.log")]) == 3
    assert not (tmp_path / "cursor").exists()
    assert new(tmp_path) == [0, 1, 2]
    known = (tmp_path / "cursor").read_bytes()
    assert run([*words, str(tmp_path / "none.log")]) != 0
    assert (tmp_path / "cursor").read_bytes() == known
    append(log, 3, 5)
    capfd.readouterr()
    assert run([*words, str(log)]) == 0
    assert capfd.readouterr().err == ""


def test_a_run_that_fails_leaves_the_cursor_of_one_that_was_quicker(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both put the file there at once; the quicker one has ended as the other takes the lock."""
    cursor = tmp_path / "cursor"

    def quicker(_: str) -> bool:
        monkeypatch.undo()
        assert new(tmp_path) == [0, 1, 2]
        return True

    monkeypatch.setattr(Cursor, "begin", quicker)
    assert run(["normalize", "-q", "--cursor-file", str(cursor), str(tmp_path / "none.log")]) != 0
    append(log, 3, 5)
    assert new(tmp_path) == [3, 4]
