"""Files that are renamed as they are opened are found again; what is not there is told."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from logtool.errors import ReadError
from logtool.sources import opening
from logtool.sources.opening import open_sources
from logtool.sources.source import Source

#: Of a set, from the youngest to the oldest.
NAMES = ["error.log", "error.log.1", "error.log.2"]


def _rotate(folder: Path) -> None:
    """Rename all members, and drop the oldest, as logrotate does."""
    for older, younger in [(2, 1), (1, 0)]:
        (folder / NAMES[younger]).replace(folder / NAMES[older])
    (folder / NAMES[0]).write_bytes(b"line 3\n")


def _read(argument: str, *, all_needed: bool) -> tuple[list[bytes], list[str]]:
    """The lines of a set, and what is told."""
    told: list[str] = []
    with open_sources([argument], tell=told.append, all_needed=all_needed) as sources:
        assert [fault for source in sources for fault in source.faults] == []
        return [bytes(block.data[: block.size]) for one in sources for block in one.blocks()], told


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A set of three, each with a line."""
    for number, name in enumerate(NAMES[::-1]):
        (tmp_path / name).write_bytes(b"line %d\n" % number)
    return tmp_path


def _watched(monkeypatch: pytest.MonkeyPatch, before: Callable[[str], None]) -> list[str]:
    """Has something done before each file is opened; gives the paths of those that were."""
    opened: list[str] = []

    def opens(path: str, spool_limit: int, sequence: int, *, needed: bool, lack: str) -> Source:
        before(path)
        opened.append(path)
        return Source(path, spool_limit, sequence, needed=needed, lack=lack)

    monkeypatch.setattr(opening, "Source", opens)
    return opened


@pytest.mark.parametrize("all_needed", [False, True])
@pytest.mark.parametrize("argument", ["", "*"])
@pytest.mark.parametrize("moment", range(3))
def test_rotated_as_it_is_opened(
    moment: int,
    argument: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    all_needed: bool,
) -> None:
    """Of a directory and of a glob the lines that are there come once, whatever had which name."""
    opened = _watched(monkeypatch, lambda path: _rotate(folder) if len(opened) == moment else None)
    lines, told = _read(str(folder / argument), all_needed=all_needed)

    assert (lines, told) == ([b"line 1\n", b"line 2\n", b"line 3\n"], [])


@pytest.mark.parametrize("all_needed", [False, True])
def test_rotated_again_and_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, all_needed: bool
) -> None:
    """However often that is within some seconds, each line that is there in the end comes once."""

    def rotate(path: str) -> None:
        if len(opened) < 100:
            _rotate(folder)
            (folder / NAMES[0]).write_bytes(b"%d\n" % len(opened))

    opened = _watched(monkeypatch, rotate)
    monkeypatch.setattr(opening, "_PATIENCE_S", 100.0)
    assert _read(str(folder), all_needed=all_needed) == ([b"97\n", b"98\n", b"99\n"], [])


@pytest.mark.parametrize("all_needed", [False, True])
def test_one_has_gone(folder: Path, monkeypatch: pytest.MonkeyPatch, *, all_needed: bool) -> None:
    """A member that is dropped as the set is opened is not asked for any more."""
    _watched(monkeypatch, lambda path: (folder / NAMES[2]).unlink(missing_ok=True))

    assert _read(str(folder), all_needed=all_needed) == ([b"line 1\n", b"line 2\n"], [])


def test_what_was_named_by_its_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that goes for good as it is opened, and was asked for, is told."""
    _watched(monkeypatch, lambda path: Path(path).unlink(missing_ok=True))

    with pytest.raises(ReadError, match=r"error\.log: No such file or directory"):
        _read(str(folder / NAMES[0]), all_needed=True)


def test_a_pipe_is_opened_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a file beside it is renamed: what comes through it cannot be read again."""
    fifo = folder / "fifo"
    os.mkfifo(fifo)
    writing = threading.Thread(target=fifo.write_bytes, args=(b"through it\n",), daemon=True)
    writing.start()
    opened = _watched(monkeypatch, lambda path: _rotate(folder) if path == str(fifo) else None)
    paths = [str(folder / NAMES[0]), str(fifo)]
    with open_sources(paths) as sources:
        lines = [bytes(block.data[: block.size]) for one in sources for block in one.blocks()]
    writing.join()

    assert opened == paths
    assert lines == [b"line 2\n", b"through it\n"]


def test_missing(tmp_path: Path) -> None:
    """A missing file is named, before anything is read."""
    with (
        pytest.raises(ReadError, match="nowhere: No such file"),
        open_sources([str(tmp_path / "nowhere")]),
    ):
        pass


def test_error_logs_that_a_directory_leaves_out_are_told(tmp_path: Path) -> None:
    """With `error` in some names only those are read; of a set left out its youngest is told."""
    line = b"[Mon Nov 23 20:58:23.000001 2026] [core:notice] [pid 7:tid 7] AH00094: Command line\n"
    for name in ("error.log", "shop.log.1", "shop.log", "web.log", "access.log"):
        (tmp_path / name).write_bytes(line)
    (tmp_path / "notes.txt").write_text("To do: nothing\n")

    def told(*arguments: Path) -> list[str]:
        notes: list[str] = []
        with open_sources([*map(str, arguments)], tell=notes.append):
            return [note.partition(": an error log too")[0] for note in notes if "too" in note]

    shop, web = tmp_path / "shop.log", tmp_path / "web.log"
    assert told(tmp_path) == [str(shop), str(web)]
    assert told(tmp_path, web) == [str(shop)]
    (tmp_path / "error.log").unlink()
    assert told(tmp_path) == []
