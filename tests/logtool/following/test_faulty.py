"""Where a log could not be read to its end, the status is 3, and nothing behind it is lost."""

from __future__ import annotations

import errno
import gzip
import os
from pathlib import Path

import pytest

from logtool.__main__ import run
from logtool.commands import live_opening
from tests.logtool.following.cursor_runs import append, new


@pytest.mark.parametrize("damaged", [True, False])
def test_what_is_damaged_is_told_by_the_status(log: Path, tmp_path: Path, damaged: bool) -> None:
    """All is written that can be read; then 3 if it is damaged, be there a log that grows or not.

    That no file can grow is a mistake in use (2) only where nothing is worse.
    """
    packed, output = tmp_path / "old.log.gz", tmp_path / "out"
    packed.write_bytes(gzip.compress(log.read_bytes())[: -6 if damaged else None])
    follow = ["normalize", "-q", "--no-neighbours", "-o", str(output), "-f"]

    assert run([*follow, str(packed)]) == (3 if damaged else 2)
    assert len(output.read_text().splitlines()) == 3
    ended = ["--until", "2001-01-01"]
    assert run([*follow, *ended, str(log), str(packed)]) == (3 if damaged else 0)


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("number", [1, 2])
def test_a_member_is_forbidden_for_a_time(
    number: int, known: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cursor goes on before it, and gives it and all behind it when it can be read."""
    logs = tmp_path / "logs"
    logs.mkdir()
    members = [logs / f"error.log.{2 - at}" for at in range(2)] + [logs / "error.log"]
    came: list[int] = []
    if known:
        append(members[0], 0, 1)
        came += new(tmp_path, "logs")
    for at, path in enumerate(members):
        append(path, 5 * at + (known and at == 0), 5 * at + 5)
    opens = os.open

    def forbidden(path: str, *given: int, **named: int) -> int:
        if str(path) == str(members[number]):
            raise PermissionError(errno.EACCES, "Permission denied")
        return opens(path, *given, **named)

    for _ in range(2):
        with monkeypatch.context() as forbidding:
            forbidding.setattr(os, "open", forbidden)
            came += new(tmp_path, "logs", status=3)
    append(members[-1], 15, 17)
    came += new(tmp_path, "logs")
    assert came == [*range(17)]


def test_a_member_behind_a_forbidden_one_is_compressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was left out of it is read in its copy, which was there already, once that can be."""
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in (2, 1, 0):
        path = logs / (f"error.log.{number}" if number else "error.log")
        append(path, 4 - 2 * number, 6 - 2 * number)
    packed = logs / "error.log.1.gz"
    packed.write_bytes(gzip.compress((logs / "error.log.1").read_bytes()))
    opens = os.open

    def forbidden(path: str, *given: int, **named: int) -> int:
        if str(path) == str(logs / "error.log.2"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return opens(path, *given, **named)

    append(tmp_path / "other.log", 8, 9)
    names = ("other.log", "logs")
    with monkeypatch.context() as forbidding:
        forbidding.setattr(os, "open", forbidden)
        came = [new(tmp_path, *names, status=3), new(tmp_path, *names, status=3)]
    assert came == [[8], []]
    (logs / "error.log.1").unlink()
    assert new(tmp_path, *names) == [*range(6)]


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("moment", ["_meant", "open_sources"])
def test_rotated_between_finding_and_opening(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, times: int
) -> None:
    """A name that a file had when it was found is no fault: it is looked for again."""
    work, left = getattr(live_opening, moment), times
    log.rename(tmp_path / "error.log.1")
    append(log, 3, 5)

    def then_rotated(*given: object, **named: object) -> object:
        nonlocal left
        done = work(*given, **named)
        if left:
            left -= 1
            (oldest,) = tmp_path.glob("error.log.*")
            oldest.rename(tmp_path / f"error.log.{2 + times - left}")
        return done

    with monkeypatch.context() as rotating:
        rotating.setattr(live_opening, moment, then_rotated)
        assert new(tmp_path, str(tmp_path)) == [*range(5)]
    assert new(tmp_path, str(tmp_path)) == []
