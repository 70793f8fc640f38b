"""Which files the FILE arguments mean, and in what order."""

from __future__ import annotations

import errno
import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from logtool.__main__ import run
from logtool.errors import ReadError
from logtool.sources.opening import open_sources
from logtool.sources.paths import (
    Listing,
    Member,
    apart_of,
    expand,
    expand_and_list,
    in_true_order,
    missing_members,
)


def _noting(list_: Callable[[Path], Listing], listed: list[Path]) -> Callable[[Path], Listing]:
    def noted(directory: Path) -> Listing:
        listed.append(directory)
        return list_(directory)

    return noted


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

    def test_other_names_are_known_by_their_lines(self, tmp_path: Path) -> None:
        """Where no name has `error`, what holds no line of an error log is left alone."""
        (tmp_path / "shadow").write_text("root:*:19000:0:99999:7:::\n")
        (tmp_path / "dpkg.log").write_text("2026-11-23 20:58:23 startup archives unpack\n")
        (tmp_path / "shop.log").write_text(
            "[Mon Nov 23 20:58:23.123456 2026] [core:error] [pid 1:tid 1] a\n"
        )
        line = b"[Mon Nov 23 10:00:23 2026] [error] a\n"
        (tmp_path / "shop.log.1.gz").write_bytes(gzip.compress(line))
        (tmp_path / "shop.log.2.gz").write_bytes(gzip.compress(line)[:15])  # cannot be read
        (tmp_path / "shop.log.3").touch()

        members = ["shop.log.3", "shop.log.2.gz", "shop.log.1.gz", "shop.log"]
        assert _names(expand([str(tmp_path)])) == members

    def test_directory_with_a_log_that_may_not_be_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is among the logs, for who opens it tells so; what is no log by its name is not."""
        line = "[Mon Nov 23 20:58:23.123456 2026] [core:error] [pid 1:tid 1] a\n"
        for name in ("shop.log", "blog.log.1", "key.pem", "access.log"):
            (tmp_path / name).write_text(line if name == "shop.log" else "")
        monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name == "shop.log")

        assert sorted(_names(expand([str(tmp_path)]))) == ["blog.log.1", "shop.log"]

    def test_what_is_no_file_is_told(self, tmp_path: Path) -> None:
        """What has an error log's name and is none is left out with its reason, and not opened.

        It is a fault where a log may have been; what never holds what was logged is only told.
        """
        names: dict[str, Callable[[Path], None]] = {
            "error.log.1": lambda path: path.symlink_to("nothing"),
            "error.log.2": lambda path: path.symlink_to("error.log.2"),
            "error.pipe": os.mkfifo,
            "error.zero": lambda path: path.symlink_to("/dev/zero"),
            "error.dir": lambda path: path.symlink_to("/"),
            "other.log": lambda path: path.symlink_to("nothing"),
        }
        for name, make in names.items():
            make(tmp_path / name)
        (tmp_path / "error.log").write_bytes(b"[Mon Nov 23 10:00:23 2026] [error] a\n")

        told = {
            "error.log.1": "a link to nothing",
            "error.log.2": os.strerror(errno.ELOOP),
            "error.log": "",
        }
        apart = {
            "error.pipe": "a named pipe, which is read only where it is named itself",
            "error.zero": "a device",
        }
        members = expand([str(tmp_path)], all_needed=False, others=True)
        assert {Path(one.path).name: one.lack for one in members} == told
        assert not any(member.has_moved for member in members)
        assert _names(expand([str(tmp_path)])) == ["error.log"]
        notes: list[str] = []
        with open_sources([str(tmp_path)], tell=notes.append, all_needed=False) as sources:
            faults = [str(fault) for source in sources for fault in source.faults]
        assert notes == [f"{tmp_path}/{name}: {kind}; left out" for name, kind in apart.items()]
        assert sorted(faults) == [
            f"{tmp_path}/{name}: {lack}; left out" for name, lack in sorted(told.items()) if lack
        ]

    @pytest.mark.parametrize("word", ["normalize", "report"])
    def test_what_is_no_log_of_the_past_is_no_fault(
        self, word: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """A named pipe beside logs is told, with status 0; a link to nothing with 3."""
        os.mkfifo(tmp_path / "error.pipe")
        (tmp_path / "error.log").write_bytes(b"[Mon Nov 23 10:00:23 2026] [error] a\n")
        assert run([word, str(tmp_path)]) == 0
        assert capfd.readouterr().err.count("error.pipe: a named pipe") == 1

        (tmp_path / "error.log.1").symlink_to("nothing")
        assert run([word, str(tmp_path)]) == 3
        assert "error.log.1: a link to nothing" in capfd.readouterr().err

    def test_a_pipe_that_is_named_too(self, tmp_path: Path) -> None:
        """It is not said to be left out."""
        os.mkfifo(tmp_path / "error.pipe")
        (tmp_path / "error.log").write_bytes(b"[Mon Nov 23 10:00:23 2026] [error] a\n")
        named = [str(tmp_path), str(tmp_path / "error.pipe")]

        assert [*apart_of(named, expand_and_list(named)[1])] == []

    def test_nothing_but_a_pipe(self, tmp_path: Path) -> None:
        """A directory in which only that has an error log's name holds none, and says so."""
        os.mkfifo(tmp_path / "error.pipe")

        with pytest.raises(ReadError, match=r"no error log .*; error\.pipe is a named pipe"):
            expand([str(tmp_path)])

    def test_nothing_but_what_is_no_file(self, tmp_path: Path) -> None:
        """A directory where an error log's name leads nowhere is told of so, if that is asked."""
        (tmp_path / "error.log").symlink_to("nothing")

        with pytest.raises(ReadError, match="no error log"):
            expand([str(tmp_path)])
        with (
            pytest.raises(ReadError, match=r"error\.log: a link to nothing"),
            open_sources([str(tmp_path)], all_needed=False),
        ):
            pass

    def test_other_members_of_a_set_that_are_no_files(self, tmp_path: Path) -> None:
        """Where lines tell which logs are meant, names of their sets do."""
        (tmp_path / "shop.log").write_bytes(b"[Mon Nov 23 10:00:23 2026] [error] a\n")
        (tmp_path / "shop.log.1").symlink_to("nothing")
        (tmp_path / "blog.log").symlink_to("nothing")

        members = expand([str(tmp_path)], all_needed=False, others=True)
        assert [(Path(one.path).name, one.lack) for one in members] == [
            ("shop.log.1", "a link to nothing"), ("shop.log", ""),
        ]  # fmt: skip

    def test_a_directory_is_listed_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """To find what is read tells what is left out too."""
        line = b"[Mon Nov 23 10:00:23 2026] [error] a\n"
        (tmp_path / "error.log").write_bytes(line)
        (tmp_path / "shop.log").write_bytes(line)
        listed: list[Path] = []
        monkeypatch.setattr(Listing, "of", _noting(Listing.of, listed))
        notes: list[str] = []

        with open_sources([str(tmp_path)], tell=notes.append):
            assert [Path(note.partition(":")[0]).name for note in notes] == ["shop.log"]
        assert listed == [tmp_path]

    def test_logs_further_down_are_told(self, tmp_path: Path) -> None:
        """A folder of folders is no log; where there is one, and what reads it, is told."""
        (tmp_path / "web1").mkdir()
        (tmp_path / "web1" / "error.log").touch()

        with pytest.raises(ReadError, match=r"in web1/ \(report --by-host"):
            expand([str(tmp_path)])

    def test_empty_directory_is_told(self, tmp_path: Path) -> None:
        """A directory without logs is an error that names it."""
        with pytest.raises(ReadError, match=f"{tmp_path}: no error log"):
            expand([str(tmp_path)])

    def test_glob_without_match_is_told(self, tmp_path: Path) -> None:
        """A glob that matches nothing is an error, not silence."""
        with pytest.raises(ReadError, match="no file matches"):
            expand([str(tmp_path / "*.log")])

    def test_what_names_nothing_may_be_left_out(self, tmp_path: Path) -> None:
        """A glob or a folder without a log is a member that says why, beside others."""
        (tmp_path / "error.log").touch()
        (tmp_path / "empty").mkdir()

        members = expand([f"{tmp_path}/{x}" for x in ("zz*", "empty", ".")], all_needed=False)

        assert [member.lack for member in members] == [
            "no file matches", "no error log in this directory", "",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("there", "told"),
    [
        (["error.log.1", "error.log.3"], ["a/error.log.2 is"]),
        (["error.log", "error.log.2.gz", "error.log.3.gz"], ["a/error.log.1 is"]),
        (
            ["error.log", *(f"error.log.{n}.gz" for n in (1, 2, 5, 6, 8))],
            ["a/error.log.3 to .4 are", "a/error.log.7 is"],
        ),
        (["error.log", "error.log.1", "error.log.1.gz", "error.log.2"], []),
        (["error.log.4", "error.log.5"], []),  # who asks for these asks for no others
        (["error.log.0", "error.log.1"], []),
        (["error.log-20260101", "error.log-20260103", "error.log"], []),  # no line, no file
        (["error.log.443", "error.log.8080"], []),
    ],
    ids=" ".join,
)
def test_missing_members(there: list[str], told: list[str]) -> None:
    """Gaps between the numbers of a rotated set are told, whatever its members are packed with."""
    told = [f"{one} not among the members that are read; lines of that time are missing"
            for one in told]  # fmt: skip

    assert [*missing_members(f"a/{name}" for name in there)] == told


def test_missing_member_is_told_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """On standard error, as a note that -q silences; the rest is read."""
    for number, name in enumerate(("error.log.1", "error.log.3")):
        stamp = f"[Mon Nov 23 20:5{9 - number}:23.000000 2026] [core:notice] [pid 7:tid 7]"
        (tmp_path / name).write_text(f"{stamp} m\n")
    words = ["normalize", "--server-tz", "UTC", str(tmp_path)]

    assert run(words) == 0
    out, told = capfd.readouterr()
    assert out.count("\n") == 2
    assert told.count("error.log.2 is not among the members") == 1
    assert run([*words, "-q"]) == 0
    assert capfd.readouterr()[1] == ""
