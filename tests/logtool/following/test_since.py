"""A run with a cursor finds its place while its set is rotated."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from logtool.following import ends, since
from logtool.following.marks import Mark
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
