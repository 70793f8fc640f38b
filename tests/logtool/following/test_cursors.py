"""A cursor finds the place where the last run ended, also after a rotation."""

from __future__ import annotations

import errno
import gzip
import os
import resource
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from logtool import replacing
from logtool.__main__ import run
from logtool.commands import live_files, live_opening
from logtool.following.cursors import opened_cursor
from tests.logtool.following.cursor_runs import LINE, append, compress, copy, new, rename

#: What no run remembers: a line that was written at no offset.
_SEEN = '{"device": 1, "inode": 2, "line": 3, "pid": 4, "offset_s": null}'
_ODD = f'{{"errlog_cursor": 1, "logs": {{}}, "saved": 0, "seen": [{_SEEN}]}}'
#: Nor does any begin to write before the beginning.
_BEGUN = '{"inode": 1, "size": -2, "tail_size": 0, "tail_sha256": ""}'
_BEFORE = f'{{"errlog_cursor": 1, "logs": {{}}, "saved": 0, "begun": {_BEGUN}}}'


def test_only_what_is_new(log: Path, tmp_path: Path) -> None:
    """The next run gives what was appended, and nothing if nothing was."""
    first = new(tmp_path)
    append(log, 3, 5)

    assert [first, new(tmp_path), new(tmp_path)] == [[0, 1, 2], [3, 4], []]


@pytest.mark.parametrize("rotate", [rename, compress, copy])
def test_rotation(log: Path, tmp_path: Path, rotate: Callable[[Path], None]) -> None:
    """What was written before the rotation, and after it, comes once."""
    new(tmp_path)
    append(log, 3, 5)
    rotate(log)
    append(log, 5, 7)

    assert [new(tmp_path), new(tmp_path)] == [[3, 4, 5, 6], []]


@pytest.mark.parametrize("moment", ["open_logs", "find_clocks", "chooser", "tell_found"])
@pytest.mark.parametrize("more", [0, 1, 28])
@pytest.mark.parametrize("known", [False, True])
def test_cut_short_while_it_is_read(
    log: Path, tmp_path: Path, moment: str, more: int, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever in a run the log is copied and cut short, each line comes once, then or later."""
    came = new(tmp_path) if known else []
    append(log, 3, 20)
    module = live_opening if moment == "open_logs" else live_files
    work = getattr(module, moment)

    def rotated(*given: object, **named: object) -> object:
        append(log, 20, 22)
        copy(log)
        append(log, 22, 22 + more)
        return work(*given, **named)

    with monkeypatch.context() as rotating:
        rotating.setattr(module, moment, rotated)
        came += new(tmp_path, status=None)
    append(log, 22 + more, 50)
    came += new(tmp_path)

    assert came == [*range(50)]
    assert new(tmp_path) == []


@pytest.mark.parametrize("name", ["error.log.old", "error.log~", "error.1.log", "x"])
def test_renamed_to_any_name(log: Path, tmp_path: Path, name: str) -> None:
    """The rest of a log is found under any name in its folder; runs go on from the new one."""
    new(tmp_path)
    append(log, 3, 5)
    log.rename(tmp_path / name)
    append(log, 5, 7)

    assert new(tmp_path) == [3, 4, 5, 6]
    append(log, 7, 8)
    assert [new(tmp_path), new(tmp_path)] == [[7], []]


@pytest.mark.parametrize("rotate", [os.rename, shutil.copy])
def test_renamed_among_the_logs_given(
    log: Path, tmp_path: Path, rotate: Callable[[Path, Path], None]
) -> None:
    """A name that is given too, and new, is the log's own: no line of it comes twice."""
    came = new(tmp_path, "error*")
    for last in (10, 20):
        append(log, last - 7, last)
        rotate(log, tmp_path / "error.log.old")
        log.write_bytes(b"")
        append(log, last, last + 3)
        came += new(tmp_path, "error*", status=None)
        came += new(tmp_path, "error*")

    assert came == [*range(23)]


def test_a_copy_of_what_was_read(log: Path, tmp_path: Path) -> None:
    """A copy that somebody made of a log is nothing new, also once the log has moved on."""
    new(tmp_path, "error*")
    shutil.copy(log, tmp_path / "error.log.bak")
    (tmp_path / "error-old.log.gz").write_bytes(gzip.compress(log.read_bytes()))
    append(log, 3, 5)
    first = new(tmp_path, "error*")
    rename(log)
    append(log, 5, 7)

    assert [first, new(tmp_path, "error*"), new(tmp_path, "error*")] == [[3, 4], [5, 6], []]


def test_a_log_that_comes(log: Path, tmp_path: Path) -> None:
    """A log that appears among others begins at its beginning, and those go on."""
    new(tmp_path, "*.log")
    append(log, 3, 4)
    append(tmp_path / "vhost.log", 20, 22)
    came = [new(tmp_path, "*.log"), new(tmp_path, "*.log")]
    append(tmp_path / "vhost.log", 22, 23)
    log.rename(tmp_path / "error.log.1")
    later = new(tmp_path, "*.log")
    append(log, 4, 5)

    assert [*came, later, new(tmp_path, "*.log")] == [[3, 20, 21], [], [22], [4]]


@pytest.mark.parametrize("missing", ["none.log", "none*"])
def test_one_log_is_missing(
    log: Path, tmp_path: Path, missing: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A log that is not there keeps no other from being read; it is named each time."""
    came = [new(tmp_path, log.name, missing, status=3), new(tmp_path, log.name, missing, status=3)]
    assert capfd.readouterr().err.count(f"{tmp_path / missing}: ") == 2
    append(tmp_path / "none.log", 3, 5)
    came.append(new(tmp_path, log.name, missing))

    assert came == [[0, 1, 2], [], [3, 4]]


def test_one_log_is_forbidden(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A log that cannot be read for a time keeps its place, and no other from being read."""
    other = tmp_path / "other.log"
    append(other, 20, 22)
    came = [new(tmp_path, "*.log")]
    append(log, 3, 5)
    append(other, 22, 24)
    opens = os.open

    def forbidden(path: str, *given: int, **named: int) -> int:
        if str(path) == str(log):
            raise PermissionError(errno.EACCES, "Permission denied")
        return opens(path, *given, **named)

    with monkeypatch.context() as forbidding:
        forbidding.setattr(os, "open", forbidden)
        came.append(new(tmp_path, "*.log", status=3))
        told = capfd.readouterr().err
        append(other, 24, 25)
        came.append(new(tmp_path, "*.log", status=3))
    came.append(new(tmp_path, "*.log"))

    assert told == f"errlog: {log}: Permission denied; left out\n"
    assert came == [[0, 1, 2, 20, 21], [22, 23], [24], [3, 4]]


def test_one_log_is_foreign(log: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """One that is compressed as is not read here is told, and keeps no other from being read."""
    (tmp_path / "error.log.1.zip").write_bytes(b"PK\x03\x04and more")
    came = [new(tmp_path, "*.log*", status=3)]
    append(log, 3, 5)
    came.append(new(tmp_path, "*.log*", status=3))

    told = capfd.readouterr().err.splitlines()
    assert came == [[0, 1, 2], [3, 4]]
    assert len(told) == 2
    assert all(text.startswith(f"errlog: {log}.1.zip: a zip archive, which") for text in told)


def test_a_log_became_foreign(log: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What may be in a file that is never read is lost: the next one is read all the same."""
    new(tmp_path)
    log.write_bytes(b"PK\x03\x04and more")
    log.rename(log.with_name("error.log.1"))
    append(log, 3, 5)

    assert new(tmp_path, status=3) == [3, 4]
    assert (
        "the file where the last run ended is gone; lines may be missing" in capfd.readouterr().err
    )
    append(log, 5, 6)
    assert new(tmp_path) == [5]


def test_two_rotations(log: Path, tmp_path: Path) -> None:
    """Logs that came and went in between are read."""
    new(tmp_path)
    rename(log)
    append(log, 3, 5)
    log.with_name("error.log.1").rename(log.with_name("error.log.2"))
    rename(log)
    append(log, 5, 6)

    assert new(tmp_path) == [3, 4, 5]


def test_gaps_that_are_none(log: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What was read before is not called missing where an old child has written since."""
    append(tmp_path / "error.log.2", 10, 12)
    append(tmp_path / "error.log.1", 20, 22)
    words = ["normalize", "--cursor-file", str(tmp_path / "cursor"), f"{log}*"]
    assert run(words) == 0
    append(tmp_path / "error.log.2", 12, 14)
    append(log, 30, 31)
    before = capfd.readouterr()
    assert run(words) == 0
    after = capfd.readouterr()

    assert (before.out.count("\n"), after.out.count("\n")) == (7, 3)
    assert "not among" not in before.err + after.err


def test_gaps_are_told_once(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """However often files are opened that are being renamed."""
    append(tmp_path / "error.log.2", 10, 12)
    seen = iter([(1, 1), (1, 2), (1, 3), (1, 4)])
    monkeypatch.setattr(live_opening, "_identity", lambda path: next(seen, (0, 0)))
    assert run(["normalize", "--cursor-file", str(tmp_path / "cursor"), f"{log}*"]) == 0

    assert capfd.readouterr().err.count("error.log.1 is not among the members") == 1
    assert next(seen, None) is None


def test_half_a_line_waits(log: Path, tmp_path: Path) -> None:
    """Half a line is left to the next run."""
    text = LINE.format(3, 3)
    with log.open("a") as file:
        file.write(text[:30])
    first = new(tmp_path)
    with log.open("a") as file:
        file.write(text[30:])

    assert [first, new(tmp_path)] == [[0, 1, 2], [3]]


def test_gone(log: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Where the last place is gone, that is told as a fault, and what is there is read."""
    new(tmp_path)
    log.unlink()
    append(log, 9, 11)
    cursor = str(tmp_path / "cursor")

    assert run(["normalize", "-q", "--cursor-file", cursor, str(log)]) == 3
    told = capfd.readouterr()
    assert "where the last run ended is gone; lines may be missing" in told.err
    assert told.out.count("\n") == 2


def test_other_logs(log: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A cursor of other logs is refused, and stays as it is."""
    new(tmp_path)
    before = (tmp_path / "cursor").read_bytes()
    other = tmp_path / "other.log"
    append(other, 0, 1)

    assert run(["normalize", "--cursor-file", str(tmp_path / "cursor"), str(other)]) == 2
    assert f"was saved for {log}, not for {other}" in capfd.readouterr().err
    assert (tmp_path / "cursor").read_bytes() == before


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"errlog_cursor": 1, "logs": 3, "saved": 0}', _ODD, _BEFORE]
)
def test_no_cursor(log: Path, tmp_path: Path, text: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A file that is no cursor is refused, not overwritten."""
    (tmp_path / "cursor").write_text(text)

    assert run(["normalize", "--cursor-file", str(tmp_path / "cursor"), str(log)]) == 2
    assert "this is no cursor file of errlog; remove it" in capfd.readouterr().err
    assert (tmp_path / "cursor").read_text() == text


def test_standard_input(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Standard input has no place to come back to."""
    assert run(["normalize", "--cursor-file", str(tmp_path / "cursor")]) == 2
    assert "standard input has no place" in capfd.readouterr().err


def test_fifo(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nor has a pipe that is named."""
    os.mkfifo(tmp_path / "fifo")
    assert run(["normalize", "--cursor-file", str(tmp_path / "c"), str(tmp_path / "fifo")]) == 2
    assert "fifo is a pipe: no place" in capfd.readouterr().err


def test_output_is_appended(log: Path, tmp_path: Path) -> None:
    """With a cursor, the output file grows from run to run."""
    arguments = ["normalize", "-q", "-o", str(tmp_path / "out")]
    for _ in range(2):
        run([*arguments, "--cursor-file", str(tmp_path / "cursor"), str(log)])
        append(log, 3, 4)

    assert (tmp_path / "out").read_text().count("\n") == 4


def test_one_run_at_a_time(log: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A run that begins while another is at work with the same cursor is refused."""
    new(tmp_path)
    append(log, 3, 5)
    words = ["normalize", "-q", "--cursor-file", str(tmp_path / "cursor"), str(log)]
    with opened_cursor(str(tmp_path / "cursor")) as cursor:
        assert cursor
        assert run(words) == 3
        cursor.save()
        assert run(words) == 3
    told = capfd.readouterr().err

    assert told.count(f"errlog: {tmp_path}/cursor: another run is at work with it\n") == 2
    assert new(tmp_path) == [3, 4]


def test_one_first_run_at_a_time(
    log: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """So it is when there was no cursor yet; a run that then fails leaves all to the next one."""
    words = ["normalize", "-q", "--cursor-file", str(tmp_path / "cursor"), str(log)]
    with opened_cursor(str(tmp_path / "cursor")):
        assert run(words) == 3

    assert capfd.readouterr() == (
        "",
        f"errlog: {tmp_path}/cursor: another run is at work with it\n",
    )
    assert {path.name for path in tmp_path.iterdir()} == {"error.log"}
    assert new(tmp_path) == [0, 1, 2]


def test_one_run_while_the_cursor_is_saved(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is right after the cursor was replaced."""
    ended: list[int] = []
    words = ["normalize", "-q", "--cursor-file", str(tmp_path / "cursor"), str(log)]

    def flush(folder: Path) -> None:
        monkeypatch.undo()
        ended.append(run(words))

    with opened_cursor(str(tmp_path / "cursor")) as cursor:
        assert cursor
        monkeypatch.setattr(replacing, "_flush_names", flush)
        cursor.save()
    assert ended == [3]


def test_folder_that_is_not_ours(
    log: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where no cursor can be made that is told, in one line."""
    assert run(["normalize", "-q", "--cursor-file", f"{tmp_path}/none/cursor", str(log)]) == 3
    assert capfd.readouterr().err.count("\n") == 1


def test_disk_full(log: Path, tmp_path: Path) -> None:
    """What a run has written that failed is taken back, so that it comes once; nothing else is.

    A limit of the file's size stands for the disk's.
    """
    output = tmp_path / "out"
    words = ["normalize", "-q", "--no-neighbours", "-o", str(output)]
    words += ["--cursor-file", str(tmp_path / "cursor"), str(log)]
    assert run(words) == 0
    first = output.read_bytes()
    append(log, 3, 9)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handled = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(first) + 150, before[1]))
    try:
        assert run(words) == 3
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handled)
    failed = output.read_bytes()

    assert run(words) == 0
    assert failed == first
    assert [text[-2:] for text in output.read_bytes().splitlines()] == [
        f"m{number}".encode() for number in range(9)
    ]
