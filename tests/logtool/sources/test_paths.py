"""Which files the FILE arguments mean, and in what order."""

from __future__ import annotations

from pathlib import Path

import pytest

from logtool.errors import ReadError
from logtool.sources.paths import Member, expand, in_true_order


def _names(members: list[Member]) -> list[str]:
    return [Path(member.path).name for member in members]


class TestTrueOrder:
    """Rotated sets come oldest first."""

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            # logrotate's numbers; ten is older than two
            (
                ["error.log", "error.log.1", "error.log.10.gz", "error.log.2.gz"],
                ["error.log.10.gz", "error.log.2.gz", "error.log.1", "error.log"],
            ),
            # dateext, with and without separators, time of day, epoch, extension kept last
            (
                ["error.log", "error.log-20260606", "error.log-20260605.gz"],
                ["error.log-20260605.gz", "error.log-20260606", "error.log"],
            ),
            (
                ["error.2026-06-06.log", "error.2026-06-05.log", "error.log"],
                ["error.2026-06-05.log", "error.2026-06-06.log", "error.log"],
            ),
            (
                ["error_log.20260605.1000", "error_log.20260605.0900"],
                ["error_log.20260605.0900", "error_log.20260605.1000"],
            ),
            # rotatelogs' epochs
            (
                ["error.log.1780704000", "error.log.1780617600"],
                ["error.log.1780617600", "error.log.1780704000"],
            ),
            # two logs: each set stays together, where its first member stood
            (
                ["b/error.log", "a/error.log", "b/error.log.1"],
                ["b/error.log.1", "b/error.log", "a/error.log"],
            ),
            # no rotation: as given
            (["z.log", "a.log"], ["z.log", "a.log"]),
        ],
    )
    def test_order(self, given: list[str], expected: list[str]) -> None:
        """The age in a name decides, not the order of the arguments."""
        assert [member.path for member in in_true_order(given)] == expected

    def test_sets_are_told_apart(self) -> None:
        """Members of one set share a number, other logs have another."""
        members = in_true_order(["error.log", "other.log", "error.log.1"])

        assert [member.sequence for member in members] == [0, 0, 1]


class TestExpand:
    """Arguments become files."""

    def test_nothing_means_standard_input(self) -> None:
        """Without a FILE the log comes from standard input."""
        assert [member.path for member in expand([])] == ["-"]

    def test_glob_and_file_name_each_file_once(self, tmp_path: Path) -> None:
        """A file that a glob and a plain argument both name is read once."""
        for name in ("error.log", "error.log.1"):
            (tmp_path / name).touch()

        paths = expand([str(tmp_path / "error.log*"), str(tmp_path / "error.log")])

        assert _names(paths) == ["error.log.1", "error.log"]

    def test_link_to_a_named_file_is_not_read_again(self, tmp_path: Path) -> None:
        """Rotatelogs -L keeps a second name for the current file."""
        (tmp_path / "error.log.1780617600").touch()
        (tmp_path / "error.log").symlink_to("error.log.1780617600")

        assert len(expand([str(tmp_path / "error.log*")])) == 1

    def test_directory_means_its_error_logs(self, tmp_path: Path) -> None:
        """Access logs beside the error logs are left alone."""
        for name in ("error.log", "error.log.1", "access.log", ".hidden-error"):
            (tmp_path / name).touch()

        assert _names(expand([str(tmp_path)])) == ["error.log.1", "error.log"]

    def test_empty_directory_is_told(self, tmp_path: Path) -> None:
        """A directory without logs is an error that names it."""
        with pytest.raises(ReadError, match=f"{tmp_path}: no error log"):
            expand([str(tmp_path)])

    def test_glob_without_match_is_told(self, tmp_path: Path) -> None:
        """A glob that matches nothing is an error, not silence."""
        with pytest.raises(ReadError, match="no file matches"):
            expand([str(tmp_path / "*.log")])
