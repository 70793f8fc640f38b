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
    for one in (fresh := found.fresh({})):
        os.close(one.fd)
    assert len(fresh) == 1
    with monkeypatch.context() as busy:
        busy.setattr(siblings, "list_siblings", lambda path: [])
        assert found.fresh({}) == []
    assert found.fresh({}) == []


def test_a_file_that_was_begun_anew_before_others_read_it(tmp_path: Path) -> None:
    """They say how it began: what they read of it is not new, as how it began before would tell."""
    (member := tmp_path / "error.log.1").write_bytes(b"one\n")
    status, found = member.stat(), Siblings(str(tmp_path / "error.log"))
    member.write_bytes(b"two\n")
    found.was_read((status.st_dev, status.st_ino), 4, b"two\n")
    member.write_bytes(b"two\nthree\n")
    for one in (fresh := found.fresh({})):
        os.close(one.fd)
    assert [one.place for one in fresh] == [4]


class TestCopyWhileOthersAreRenamed:
    """Rotation goes on while the copy is looked for that it made of a log before it cut that."""

    @pytest.fixture
    def found(self, tmp_path: Path) -> Siblings:
        """Siblings of a log whose copy has come."""
        found = Siblings(str(tmp_path / "error.log"))
        (tmp_path / "error.log.1").write_bytes(b"one\ntwo\n")
        return found

    def test_directory_that_changes_while_it_is_read(
        self, tmp_path: Path, found: Siblings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Listings that lack the copy, no two of them alike, are not the last word."""
        listed, calls = siblings._listed, iter(range(20))

        def half_listed(path: str) -> list[siblings.Sibling]:
            if (call := next(calls, None)) is None:
                return listed(path)
            (tmp_path / f"error.log.{call + 3}").touch()
            return [one for one in listed(path) if not one.path.endswith(".1")]

        monkeypatch.setattr(siblings, "_listed", half_listed)
        fd = found.copy_of(b"one\n", 4)
        assert fd is not None
        os.close(fd)

    def test_copy_that_is_renamed_behind_the_listing(
        self, tmp_path: Path, found: Siblings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is looked for under its new name."""
        list_siblings = siblings.list_siblings

        def listed_too_early(path: str) -> list[siblings.Sibling]:
            listed = list_siblings(path)
            if (copy := tmp_path / "error.log.1").exists():
                copy.rename(tmp_path / "error.log.2")
            return listed

        monkeypatch.setattr(siblings, "list_siblings", listed_too_early)
        fd = found.copy_of(b"one\n", 4)
        assert fd is not None
        os.close(fd)

    def test_no_copy(self, found: Siblings) -> None:
        """What begins otherwise, or holds less than was read, is none."""
        assert found.copy_of(b"two\n", 4) is None
        assert found.copy_of(b"one\n", 9) is None
