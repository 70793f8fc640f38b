"""Siblings: which files beside a log are new."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from logtool.following import siblings
from logtool.following.siblings import Siblings


def test_a_file_that_a_listing_missed_is_not_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory read while its files are renamed may lack one; what was read stays read."""
    found = Siblings(str(tmp_path / "error.log"))
    (tmp_path / "error.log.1").write_bytes(b"one\n")
    for fd in (fresh := found.fresh()):
        os.close(fd)
    assert len(fresh) == 1
    with monkeypatch.context() as busy:
        busy.setattr(siblings, "list_siblings", lambda path: [])
        assert found.fresh() == []
    assert found.fresh() == []
