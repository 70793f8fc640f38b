"""Replacing: what takes a place is on the disk before, and comes there in one step."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from logtool import replacing
from logtool.program import run
from logtool.replacing import replaced, replaced_file, write_state
from tests import places

SAMPLE = places.SAMPLE_LOGS / "embedded" / "error.log"


@pytest.fixture(name="steps")
def _steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is flushed and renamed, in order: `flush NAME`, `put NAME`."""
    steps: list[str] = []
    flush, put, exchanged = os.fsync, Path.replace, replacing._exchanged

    def flushed(fd: int) -> None:
        steps.append(f"flush {Path(f'/proc/self/fd/{fd}').readlink().name}")
        flush(fd)

    def renamed(path: Path, target: Path) -> Path:
        steps.append(f"put {target.name}")
        return put(path, target)

    def swapped(one: Path, other: Path) -> bool:
        steps.append(f"put {other.name}")
        return exchanged(one, other)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "replace", renamed)
    monkeypatch.setattr(replacing, "_exchanged", swapped)
    return steps


def _write_file(path: Path) -> None:
    with replaced_file(path) as fd:
        os.write(fd, b"new")


def _write_beside(path: Path) -> None:
    with replaced(path) as made:
        made.write_bytes(b"new")


def _write_folder(path: Path) -> None:
    with replaced(path) as made:
        made.mkdir()
        (made / "new").touch()


def _report(path: Path) -> None:
    assert run(["report", "-q", "-o", str(path), str(SAMPLE)]) == 0


def _normalize(path: Path) -> None:
    assert run(["normalize", "-q", "-o", str(path), str(SAMPLE)]) == 0


def _export(path: Path) -> None:
    assert run(["export", "-q", "-o", str(path), str(SAMPLE)]) == 0


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (_write_file, "x"), (_write_beside, "x"), (lambda path: write_state(path, "new"), "x"),
        (_report, "x.md"), (_normalize, "x"), (_export, "x.csv"), (_export, "x.sqlite"),
    ],
)  # fmt: skip
def test_a_file_is_on_the_disk_before_it_is_there(
    write: Callable[[Path], object], name: str, steps: list[str], tmp_path: Path
) -> None:
    """Its bytes are flushed, then it is renamed, then the folder with its name is flushed."""
    write(tmp_path / name)

    bytes_, put, names = steps
    assert bytes_.startswith((f"flush .{name}.", f"flush {name}"))
    assert (put, names) == (f"put {name}", f"flush {tmp_path.name}")


def test_all_files_of_a_folder_are_on_the_disk_before(steps: list[str], tmp_path: Path) -> None:
    """Files and folders within are flushed before the folder takes its place."""
    target = tmp_path / "x.csv"
    for _ in range(2):
        steps.clear()
        assert run(["export", "-q", "--partition", "-o", str(target), str(SAMPLE)]) == 0
        put = steps.index("put x.csv")
        within = [path.name for path in target.rglob("*")]
        assert sorted(steps[:put]) == sorted(f"flush {name}" for name in (*within, "x.csv"))
        assert steps[put + 1 :] == [f"flush {tmp_path.name}"]


def test_a_folder_comes_in_one_step(steps: list[str], tmp_path: Path) -> None:
    """A folder that replaces another one is exchanged with it; what the old one held is gone."""
    target = tmp_path / "x"
    (target / "sub").mkdir(parents=True)
    (target / "sub" / "old").touch()

    _write_folder(target)

    assert steps.count("put x") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert [path.name for path in target.iterdir()] == ["new"]


def test_where_folders_cannot_be_exchanged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The old one goes aside and the new one comes; it comes back if the new one cannot."""
    monkeypatch.setattr(replacing, "_exchanged", lambda one, other: False)
    target = tmp_path / "before"
    target.mkdir()
    (target / "old").touch()
    put = Path.replace

    def refused(path: Path, to: Path) -> Path:
        if (
            path.name == to.name == "before"
            and path.parent != to.parent
            and (path / "new").exists()
        ):
            raise OSError(28, "No space left on device")
        return put(path, to)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refused)
        with pytest.raises(OSError, match="No space"):
            _write_folder(target)
    assert [path.name for path in target.iterdir()] == ["old"]

    _write_folder(target)
    assert [path.name for path in target.iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["before"]


def test_a_disk_that_fails_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be flushed does not take the place of what is there."""
    target = tmp_path / "x.csv"
    target.write_text("old")

    def fails(fd: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fails)
    for words in (["normalize"], ["report"], ["export"]):
        assert run([*words, "-q", "-o", str(target), str(SAMPLE)]) == 3
        assert capsys.readouterr().err == f"errlog: {target}: Input/output error\n"
        assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_cursor_comes_after_lines(tmp_path: Path, steps: list[str]) -> None:
    """A cursor says that lines were written once they are on the disk; before, where they begin."""
    out, cursor = tmp_path / "utc.log", tmp_path / "cursor"
    words = ["normalize", "-q", "--cursor-file", str(cursor), "-o", str(out), str(SAMPLE)]
    assert run(words) == 0

    first, *_, last = (at for at, step in enumerate(steps) if step == "put cursor")
    assert first < steps.index("flush utc.log") < last


def test_lines_that_do_not_reach_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where lines cannot get to the disk none is called written; that is told, the status is 3."""
    out, cursor = tmp_path / "utc.log", tmp_path / "cursor"
    words = ["normalize", "-q", "--cursor-file", str(cursor), "-o", str(out), str(SAMPLE)]

    def fails(fd: int) -> None:
        if os.path.sameopenfile(fd, file.fileno()):
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as failing, out.open("ab") as file:
        failing.setattr(os, "fsync", fails)
        assert run(words) == 3
    assert f"{out}: Input/output error" in capsys.readouterr().err

    assert run(words) == 0
    assert len(out.read_bytes().splitlines()) == len(SAMPLE.read_bytes().splitlines())


@pytest.mark.parametrize("option", [["normalize", "--cursor-file"], ["report", "--new-since"]])
def test_a_device_is_no_state(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What may give bytes without end is not read to its end."""
    assert run([*option, "/dev/full", str(SAMPLE)]) == 3
    assert capsys.readouterr().err == "errlog: /dev/full: this is no regular file\n"


def test_a_pipe_is_not_replaced(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Where a table would take the place of a named pipe, that is told and it stays."""
    pipe = tmp_path / "log.csv"
    os.mkfifo(pipe)

    assert run(["export", "-q", "-o", str(pipe), str(SAMPLE)]) == 3
    assert capfd.readouterr().err == f"errlog: {pipe}: this is no regular file\n"
    assert pipe.is_fifo()
    assert [*tmp_path.iterdir()] == [pipe]
