"""A run with a cursor finds its place while its set is rotated."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from logtool.following import ends, since
from logtool.following.marks import Mark
from logtool.sources.paths import Member
from tests.logtool.following.cursor_runs import append, new, rename


def test_renamed_as_it_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that gets another name between a look at its set and one at its files is no loss.

    One that was empty is known by nothing but its inode, and where it stands.
    """
    log = tmp_path / "error.log"
    log.touch()
    assert new(tmp_path) == []
    append(log, 0, 2)

    def renamed(
        mark: Mark, name: str, candidates: Sequence[str], given: Sequence[str]
    ) -> str | None:
        if log.stat().st_ino == mark.inode:
            rename(log)
            append(log, 2, 3)
        return ends.end_of(mark, name, candidates, given)

    monkeypatch.setattr(since, "end_of", renamed)

    assert new(tmp_path) == [0, 1, 2]


def test_looked_for_in_the_midst_of_a_rotation(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member that has no name for a moment, as its next one is not given yet, is not missed."""
    came = new(tmp_path)
    names = [log, *(tmp_path / f"error.log.{number}" for number in range(1, 5))]
    log.rename(names[4])
    for number, name in enumerate((names[2], names[1], log), 3):
        append(name, number, number + 1)

    def rotated(name: str, members: Sequence[Member]) -> list[str]:
        found = ends.candidates_of(name, members)
        if not names[3].exists():
            for number in (2, 1, 0):
                names[number].rename(names[number + 1])
            append(log, 6, 7)
        return found

    monkeypatch.setattr(since, "candidates_of", rotated)

    assert came + new(tmp_path) == [*range(7)]
